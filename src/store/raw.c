// SPDX-License-Identifier: GPL-2.0-only
/* A store that holds the data as is: a regular file or a block device. */
#include <linux/falloc.h>
#include <linux/fs.h>

#include "store/run.h"
#include "store/store.h"

static int raw_flush(const struct reloop_binding *binding, bool *lost)
{
	int ret = vfs_fsync(binding->file, 0);

	/* A file without fsync() has no cache of its own to write back. */
	if (ret == -EINVAL)
		return 0;

	*lost = ret;
	return ret;
}

static int raw_fallocate(const struct reloop_binding *binding, int mode,
			 loff_t pos, loff_t len)
{
	if (reloop_run_is_behind_end(binding->file, pos + len))
		return -EIO;

	return vfs_fallocate(binding->file, mode | FALLOC_FL_KEEP_SIZE, pos,
			     len);
}

static int raw_punch(const struct reloop_binding *binding, loff_t pos,
		     loff_t len)
{
	return raw_fallocate(binding, FALLOC_FL_PUNCH_HOLE, pos, len);
}

static int raw_zero(const struct reloop_binding *binding, loff_t pos,
		    loff_t len)
{
	return raw_fallocate(binding, FALLOC_FL_ZERO_RANGE, pos, len);
}

const struct reloop_store_ops reloop_raw_store = {
	.map	= reloop_raw_map,
	.flush	= raw_flush,
	.punch	= raw_punch,
	.zero	= raw_zero,
};
