// SPDX-License-Identifier: GPL-2.0-only
/* From a binding to the limits of the request queue. */
#include <linux/magic.h>
#include <linux/pagemap.h>

#include "device/limits.h"
#include "io/io.h"
#include "store/run.h"

/*
 * Both discard and write zeroes become fallocate() on the backing file. A
 * file system is asked for as much as it may be; its first refusal turns the
 * limit off. A block device answers with its own write zeroes, for whole
 * blocks of its own only: callers may count on zeroes, so these are offered
 * where no request can be less than a block.
 */
static void limits_set_discard(struct queue_limits *lim,
			       const struct reloop_binding *binding)
{
	struct inode *inode = binding->file->f_mapping->host;
	unsigned int discard = 0, zeroes = 0, block;

	if (S_ISBLK(inode->i_mode) && !binding->vol) {
		block = bdev_logical_block_size(I_BDEV(inode));
		discard = bdev_write_zeroes_sectors(I_BDEV(inode));
		if (binding->block_size >= block &&
		    !(binding->offset & (block - 1)))
			zeroes = discard;
	} else if (binding->punch_granularity) {
		discard = UINT_MAX >> SECTOR_SHIFT;
		zeroes = discard;
	}

	lim->max_hw_discard_sectors = discard;
	lim->max_write_zeroes_sectors = zeroes;
	lim->discard_granularity = discard ? binding->punch_granularity : 0;
}

static void limits_set_block_size(struct queue_limits *lim, unsigned int size)
{
	lim->logical_block_size = size;
	lim->physical_block_size = size;
	lim->io_min = size;
}

/*
 * FUA becomes a sync of what was written, which spares file systems on a disk
 * the flush of the whole file. It gains nothing with those of other kinds, nor
 * with servers in user space, which have subtypes; and it has to be waited
 * for, so direct writes, which complete later, are flushed by the block layer. For
 * an image in two files all of it has to be flushed anyway.
 */
static bool limits_have_fua(const struct reloop_binding *binding)
{
	const struct inode *inode = binding->file->f_mapping->host;
	int flags = inode->i_sb->s_type->fs_flags;

	if (reloop_binding_has_direct(binding) ||
	    reloop_binding_second(binding))
		return false;

	return S_ISBLK(inode->i_mode) ||
	       (flags & (FS_REQUIRES_DEV | FS_HAS_SUBTYPE)) == FS_REQUIRES_DEV;
}

/* Without FUA the block layer sends a flush after the write instead. */
static blk_features_t
limits_cache_features(const struct reloop_binding *binding)
{
	if (limits_have_fua(binding))
		return BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;

	return BLK_FEAT_WRITE_CACHE;
}

/* btrfs takes checksums where it does not say so, too: that of 6.1 does not. */
static bool file_needs_stable_writes(const struct file *file)
{
	struct inode *inode;

	if (!file)
		return false;
	inode = reloop_run_inode(file);
	if (S_ISBLK(inode->i_mode))
		return bdev_stable_writes(I_BDEV(inode));

	return mapping_stable_writes(inode->i_mapping) ||
	       inode->i_sb->s_magic == BTRFS_SUPER_MAGIC;
}

/*
 * Whether the memory of a write must stay as it is until the write has ended: the
 * file system or the disk below takes a checksum of it. Which of two files it goes
 * to does not matter.
 */
static bool limits_need_stable_writes(const struct reloop_binding *binding)
{
	/* What goes through the page cache is copied. */
	return reloop_binding_has_direct(binding) &&
	       (file_needs_stable_writes(binding->file) ||
		file_needs_stable_writes(reloop_binding_second(binding)));
}

void reloop_limits_set(struct queue_limits *lim,
		       const struct reloop_binding *binding)
{
	struct block_device *bdev;

	lim->max_segments = RELOOP_MAX_SEGMENTS;
	/* The kernel's own driver's choice: larger requests gain nothing. */
	lim->max_hw_sectors = 2560;
	lim->features &= ~(BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA |
			   BLK_FEAT_ROTATIONAL);
	lim->dma_alignment = SECTOR_SIZE - 1;

	if (!binding) {
		limits_set_block_size(lim, SECTOR_SIZE);
		lim->max_hw_discard_sectors = 0;
		lim->max_write_zeroes_sectors = 0;
		lim->discard_granularity = 0;
		return;
	}

	limits_set_block_size(lim, binding->block_size);
	limits_set_discard(lim, binding);

	/* Direct I/O hands the memory of a request to the backing file. */
	if (reloop_binding_has_direct(binding))
		lim->dma_alignment = clamp_t(unsigned int,
					     binding->dio_mem_mask,
					     SECTOR_SIZE - 1, PAGE_SIZE - 1);

	/*
	 * Without a write cache the block layer answers flushes itself and
	 * takes FUA off writes: to ignore them costs nothing.
	 */
	if (!reloop_binding_is_read_only(binding) &&
	    (binding->file->f_op->fsync || binding->vol) &&
	    !binding->ignore_flush)
		lim->features |= limits_cache_features(binding);

	/* Never taken away: the user may have asked for it, in queue/. */
	if (limits_need_stable_writes(binding))
		lim->features |= BLK_FEAT_STABLE_WRITES;

	bdev = reloop_binding_bdev(binding);
	if (bdev && bdev_rot(bdev))
		lim->features |= BLK_FEAT_ROTATIONAL;
}
