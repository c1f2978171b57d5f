// SPDX-License-Identifier: GPL-2.0-only
/* Reads and writes a file: a regular file or a block device. */
#include <linux/err.h>
#include <linux/pagemap.h>
#include <linux/uio.h>
#include <linux/xarray.h>

#include "store/run.h"

ssize_t reloop_run_rw(struct kiocb *iocb, struct iov_iter *iter)
{
	struct file *file = iocb->ki_filp;
	loff_t pos = iocb->ki_pos;
	ssize_t ret;

	if (iov_iter_rw(iter) == READ)
		return file->f_op->read_iter(iocb, iter);

	ret = file->f_op->write_iter(iocb, iter);
	/* Once the kiocb is queued, it and the file may be gone. */
	if (unlikely(ret == -ENOSPC) && reloop_run_is_behind_end(file, pos + 1))
		return -EIO;
	return ret;
}

static int run_copy(struct file *file, loff_t pos, void *buf, size_t len,
		    unsigned int direction)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct iov_iter iter;
	struct kiocb iocb;
	ssize_t done;

	init_sync_kiocb(&iocb, file);
	/* Through the page cache, however the file was opened. */
	iocb.ki_flags = direction == ITER_SOURCE ? IOCB_WRITE : 0;
	iocb.ki_pos = pos;
	iov_iter_kvec(&iter, direction, &vec, 1, len);
	while (iov_iter_count(&iter)) {
		done = reloop_run_rw(&iocb, &iter);
		if (done <= 0)
			return done ?: -EIO;
	}
	return 0;
}

int reloop_run_read(struct file *file, loff_t pos, void *buf, size_t len)
{
	return run_copy(file, pos, buf, len, ITER_DEST);
}

int reloop_run_write(struct file *file, loff_t pos, const void *buf,
		     size_t len)
{
	int ret;

	file_start_write(file);
	ret = run_copy(file, pos, (void *)buf, len, ITER_SOURCE);
	file_end_write(file);

	return ret;
}

int reloop_run_sync(struct file *file)
{
	int ret = vfs_fsync(file, 1);

	/* A file without fsync() has no cache of its own to write back. */
	return ret == -EINVAL ? 0 : ret;
}

int reloop_run_sync_range(struct file *file, loff_t pos, loff_t len)
{
	return vfs_fsync_range(file, pos, pos + len - 1, 1);
}

struct file *reloop_run_get_plain(struct file *file)
{
	bool is_stacked = reloop_run_inode(file) != file_inode(file);
	unsigned int flags = O_APPEND | (is_stacked ? O_DIRECT : 0);
	struct file *plain;

	if (!S_ISREG(file_inode(file)->i_mode) || !(file->f_flags & flags))
		return get_file(file);

	plain = dentry_open(&file->f_path, file->f_flags & ~flags,
			    file->f_cred);
	/* NFS: the name has another file by now. No program knows that errno. */
	return plain == ERR_PTR(-EOPENSTALE) ? ERR_PTR(-ESTALE) : plain;
}

bool reloop_run_is_cached(const struct file *file, loff_t pos, size_t len)
{
	struct address_space *mapping = file->f_mapping;
	pgoff_t last = (pos + len - 1) >> PAGE_SHIFT, i;
	void *entry;

	if (!mapping->nrpages || !S_ISREG(mapping->host->i_mode) ||
	    !(file->f_mode & FMODE_NOWAIT))
		return false;

	/* Whether it is there is all that may be asked without a reference. */
	for (i = pos >> PAGE_SHIFT; i <= last; i++) {
		entry = xa_load(&mapping->i_pages, i);
		/* A value is what reclaim has left of a page. */
		if (!entry || xa_is_value(entry))
			return false;
	}
	return true;
}

void reloop_run_unmark(const struct file *file, loff_t pos, size_t len)
{
	pgoff_t last = (pos + len - 1) >> PAGE_SHIFT, i;
	struct folio *folio;

	for (i = pos >> PAGE_SHIFT; i <= last; i++) {
		folio = filemap_get_folio(file->f_mapping, i);
		/* NULL for none until 6.2. */
		if (IS_ERR_OR_NULL(folio))
			continue;
		if (folio_test_readahead(folio))
			folio_clear_readahead(folio);
		folio_put(folio);
	}
}

void reloop_run_forget(const struct file *file, loff_t pos, loff_t len)
{
	invalidate_inode_pages2_range(reloop_run_inode(file)->i_mapping,
				      pos >> PAGE_SHIFT,
				      (pos + len - 1) >> PAGE_SHIFT);
}

int reloop_run_name(const struct file *file, char name[RELOOP_RUN_NAME_MAX])
{
	return scnprintf(name, RELOOP_RUN_NAME_MAX, "%pD4", file);
}

void reloop_run_tell_loss(const struct file *file, int error)
{
	char name[RELOOP_RUN_NAME_MAX];
	int len = reloop_run_name(file, name);

	pr_err("%*pE: what was written since the last flush is lost: %d\n",
	       len, name, error);
}

bool reloop_run_can_poll(const struct file *file)
{
	struct block_device *bdev = reloop_run_bdev(file);

	return file->f_op->iopoll && bdev && compat_bdev_can_poll(bdev);
}

void reloop_run_poll(struct kiocb *iocb)
{
	iocb->ki_filp->f_op->iopoll(iocb, NULL,
				    BLK_POLL_ONESHOT | BLK_POLL_NOSLEEP);
}

struct block_device *reloop_run_bdev(const struct file *file)
{
	return reloop_run_inode_bdev(file->f_mapping->host);
}
