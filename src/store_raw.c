// SPDX-License-Identifier: GPL-2.0-only
/* A store that holds the data as it is: a regular file or a block device. */
#include <linux/falloc.h>

#include "store.h"

ssize_t reloop_store_rw(struct kiocb *iocb, struct iov_iter *iter,
			const struct reloop_binding *binding)
{
	const struct file_operations *fop = binding->file->f_op;

	iocb->ki_filp = binding->file;
	if (iov_iter_rw(iter) == WRITE)
		return fop->write_iter(iocb, iter);

	return fop->read_iter(iocb, iter);
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

int reloop_store_punch(const struct reloop_binding *binding, loff_t pos,
		       loff_t len)
{
	return vfs_fallocate(binding->file,
			     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			     pos, len);
}

int reloop_store_zero(const struct reloop_binding *binding, loff_t pos,
		      loff_t len)
{
	return vfs_fallocate(binding->file,
			     FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
			     pos, len);
}
