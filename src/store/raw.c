// SPDX-License-Identifier: GPL-2.0-only
/* A store that holds the data as it is: a regular file or a block device. */
#include <linux/falloc.h>
#include <linux/pagemap.h>

#include "store/store.h"

/*
 * A block device cannot grow: what lies behind its end was there before it
 * shrank, or vanished. It answers that it has no space, or no such argument,
 * or that it has zeroed what is still there.
 */
static bool is_behind_end(const struct reloop_binding *binding, loff_t end)
{
	const struct inode *inode = binding->file->f_mapping->host;

	return S_ISBLK(inode->i_mode) && end > i_size_read(inode);
}

ssize_t reloop_store_rw(struct kiocb *iocb, struct iov_iter *iter,
			const struct reloop_binding *binding)
{
	const struct file_operations *fop = binding->file->f_op;
	loff_t pos = iocb->ki_pos;
	ssize_t ret;

	iocb->ki_filp = binding->file;
	if (iov_iter_rw(iter) == READ)
		return fop->read_iter(iocb, iter);

	ret = fop->write_iter(iocb, iter);
	/* Once it is queued the kiocb, and the binding, may be gone. */
	if (unlikely(ret == -ENOSPC) && is_behind_end(binding, pos + 1))
		return -EIO;
	return ret;
}

bool reloop_store_has_old(const struct reloop_binding *binding)
{
	const struct address_space *mapping = binding->file->f_mapping;

	return S_ISBLK(mapping->host->i_mode) && mapping->nrpages;
}

void reloop_store_forget(const struct reloop_binding *binding, loff_t pos,
			 loff_t len)
{
	invalidate_inode_pages2_range(binding->file->f_mapping,
				      pos >> PAGE_SHIFT,
				      (pos + len - 1) >> PAGE_SHIFT);
}

bool reloop_store_can_poll(const struct reloop_binding *binding)
{
	struct block_device *bdev = reloop_binding_bdev(binding);

	return binding->file->f_op->iopoll && bdev && compat_bdev_can_poll(bdev);
}

void reloop_store_poll(struct kiocb *iocb)
{
	iocb->ki_filp->f_op->iopoll(iocb, NULL,
				    BLK_POLL_ONESHOT | BLK_POLL_NOSLEEP);
}

int reloop_store_flush(const struct reloop_binding *binding)
{
	int ret = vfs_fsync(binding->file, 0);

	/* A file without fsync() has no cache of its own to write back. */
	return ret == -EINVAL ? 0 : ret;
}

int reloop_store_sync(const struct reloop_binding *binding, loff_t pos,
		      loff_t len)
{
	return vfs_fsync_range(binding->file, pos, pos + len - 1, 1);
}

static int raw_fallocate(const struct reloop_binding *binding, int mode,
			 loff_t pos, loff_t len)
{
	if (is_behind_end(binding, pos + len))
		return -EIO;

	return vfs_fallocate(binding->file, mode | FALLOC_FL_KEEP_SIZE, pos,
			     len);
}

int reloop_store_punch(const struct reloop_binding *binding, loff_t pos,
		       loff_t len)
{
	return raw_fallocate(binding, FALLOC_FL_PUNCH_HOLE, pos, len);
}

int reloop_store_zero(const struct reloop_binding *binding, loff_t pos,
		      loff_t len)
{
	return raw_fallocate(binding, FALLOC_FL_ZERO_RANGE, pos, len);
}
