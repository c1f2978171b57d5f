// SPDX-License-Identifier: GPL-2.0-only
/* A volatile write cache is put before an image, and goes with the attachment. */
#include <linux/err.h>
#include <linux/errseq.h>
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "store/apart.h"
#include "store/run.h"
#include "store/sectors.h"
#include "store/volatile.h"

static int side_check(const struct file *file, const struct file *side, u64 end)
{
	const struct inode *inode = side->f_mapping->host;

	if ((side->f_mode & (FMODE_READ | FMODE_WRITE)) !=
	    (FMODE_READ | FMODE_WRITE))
		return -EBADF;
	if (!S_ISREG(inode->i_mode) || !side->f_op->read_iter ||
	    !side->f_op->write_iter || inode == file->f_mapping->host ||
	    i_size_read(inode) < end)
		return -EINVAL;

	return 0;
}

/*
 * Those of a disk of their own, and tmpfs, do. A server in user space may be asked
 * before it has been sent what the page cache has no more (FUSE).
 */
static bool side_tells_holes(const struct inode *inode)
{
	int flags = inode->i_sb->s_type->fs_flags;

	return inode->i_sb->s_magic == TMPFS_MAGIC ||
	       (flags & (FS_REQUIRES_DEV | FS_HAS_SUBTYPE)) == FS_REQUIRES_DEV;
}

static void side_examine(struct reloop_volatile *vol)
{
	struct inode *inode = reloop_run_inode(vol->side);

	/* Not those of before, which nobody may have asked for yet. */
	errseq_check_and_advance(&inode->i_mapping->wb_err, &vol->side_errors);
	vol->side_tells_holes = side_tells_holes(inode);
	vol->side_cached = !(vol->side->f_mode & FMODE_CAN_ODIRECT);
	vol->side_blocks = !(vol->side->f_mode & FMODE_NOWAIT);
}

static void vol_free(struct reloop_volatile *vol)
{
	kvfree(vol->buffer);
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
	vol->buffer = kvmalloc(RELOOP_VOLATILE_PIECE, GFP_KERNEL_ACCOUNT);
	if (!vol->there || !vol->dirty || !vol->buffer) {
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
	int ret;

	if (sectors > RELOOP_VOLATILE_MAX >> SECTOR_SHIFT)
		return ERR_PTR(-EFBIG);
	ret = side_check(file, side,
			 sectors ? offset + (sectors << SECTOR_SHIFT) : 0);
	if (ret)
		return ERR_PTR(ret);

	vol = vol_alloc(file, side, offset, sectors);
	if (!vol)
		return ERR_PTR(-ENOMEM);

	side_examine(vol);
	return vol;
}

static int flush_last(void *data)
{
	struct reloop_volatile *vol = data;
	int ret;

	ret = reloop_volatile_flush(vol);
	if (ret)
		pr_err("%pD: what was written since the last flush is lost: %d\n",
		       vol->file, ret);
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
