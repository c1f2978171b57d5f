// SPDX-License-Identifier: GPL-2.0-only
/* Puts a volatile write cache in front of an image, and removes it. */
#include <linux/err.h>
#include <linux/errseq.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "store/apart.h"
#include "store/run.h"
#include "store/sectors.h"
#include "store/volatile.h"

static int side_check(const struct file *file, const struct file *side, u64 end)
{
	const struct inode *inode = file_inode(side);

	if ((side->f_mode & (FMODE_READ | FMODE_WRITE)) !=
	    (FMODE_READ | FMODE_WRITE))
		return -EBADF;
	if (!S_ISREG(inode->i_mode) || !side->f_op->read_iter ||
	    !side->f_op->write_iter || i_size_read(inode) < end ||
	    reloop_run_inode(side) == reloop_run_inode(file))
		return -EINVAL;

	return 0;
}

static void vol_free(struct reloop_volatile *vol)
{
	kvfree(vol->buffer);
	kvfree(vol->zero);
	kvfree(vol->dirty);
	kvfree(vol->there);
	fput(vol->side);
	fput(vol->file);
	kfree(vol);
}

static struct reloop_volatile *vol_alloc(struct file *file, struct file *side,
					 u64 offset, sector_t sectors)
{
	struct reloop_volatile *vol;

	vol = kzalloc(sizeof(*vol), GFP_KERNEL);
	if (!vol)
		return NULL;

	vol->file = get_file(file);
	vol->side = get_file(side);
	vol->offset = offset;
	vol->sectors = sectors;
	reloop_gate_init(&vol->gate);
	mutex_init(&vol->flush_lock);
	mutex_init(&vol->end_lock);
	refcount_set(&vol->refs, 1);
	vol->there = reloop_sectors_alloc(sectors);
	vol->dirty = reloop_sectors_alloc(sectors);
	vol->zero = reloop_sectors_alloc(sectors);
	vol->buffer = kvmalloc(RELOOP_VOLATILE_PIECE, GFP_KERNEL_ACCOUNT);
	if (!vol->there || !vol->dirty || !vol->zero || !vol->buffer) {
		vol_free(vol);
		return NULL;
	}
	return vol;
}

struct reloop_volatile *reloop_volatile_open(struct file *file,
					     struct file *side, u64 offset,
					     sector_t sectors)
{
	struct reloop_volatile *vol;
	errseq_t *wb_err, errors;
	int ret;

	if (sectors > RELOOP_VOLATILE_MAX >> SECTOR_SHIFT)
		return ERR_PTR(-EFBIG);
	ret = side_check(file, side,
			 sectors ? offset + (sectors << SECTOR_SHIFT) : 0);
	if (ret)
		return ERR_PTR(ret);

	/* An error that nobody has been told of yet would fail every flush. */
	wb_err = reloop_run_wb_err(side);
	errors = errseq_sample(wb_err);
	if (errseq_check(wb_err, errors))
		return ERR_PTR(-EIO);

	vol = vol_alloc(file, side, offset, sectors);
	if (!vol)
		return ERR_PTR(-ENOMEM);

	vol->side_errors = errors;
	vol->side_cached = !(side->f_mode & FMODE_CAN_ODIRECT);
	vol->side_blocks = !(side->f_mode & FMODE_NOWAIT);
	return vol;
}

static int flush_last(void *data)
{
	struct reloop_volatile *vol = data;
	int ret;

	ret = reloop_volatile_flush(vol);
	if (ret)
		reloop_run_tell_loss(vol->file, ret);
	return ret;
}

void reloop_volatile_close(struct reloop_volatile *vol)
{
	mutex_lock(&vol->end_lock);
	reloop_gate_shut(&vol->gate);
	WRITE_ONCE(vol->is_closed, true);
	reloop_gate_open(&vol->gate);
	if (!reloop_volatile_is_cut(vol))
		vol->lost = reloop_run_apart(flush_last, vol);
	mutex_unlock(&vol->end_lock);
}

void reloop_volatile_put(struct reloop_volatile *vol)
{
	if (refcount_dec_and_test(&vol->refs))
		vol_free(vol);
}
