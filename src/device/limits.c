// SPDX-License-Identifier: GPL-2.0-only
/* Derives the limits of the request queue from a binding. */
#include <linux/magic.h>
#include <linux/pagemap.h>

#include "device/limits.h"
#include "io/io.h"
#include "store/run.h"

/*
 * Discard and write zeroes both become fallocate() on the backing file. The
 * limits allow as much as possible of a file system; its first refusal turns
 * them off. A block device uses its own write zeroes, for whole blocks of its
 * own only. Callers of write zeroes rely on the zeroes, so it is offered only
 * if no request can be smaller than such a block.
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
 * FUA becomes a sync of the range that was written, which saves file systems on
 * a disk from flushing the whole file. It gains nothing with others. It also
 * has to be waited for, so direct writes, which complete later, leave flushing
 * to the block layer. An image in two files has to be flushed as a whole anyway.
 */
static bool limits_have_fua(const struct reloop_binding *binding)
{
	const struct inode *inode = binding->file->f_mapping->host;

	if (reloop_binding_has_direct(binding) ||
	    reloop_binding_second(binding))
		return false;

	return S_ISBLK(inode->i_mode) || reloop_run_is_on_disk(inode);
}

/* Without FUA the block layer sends a flush after the write instead. */
static blk_features_t
limits_cache_features(const struct reloop_binding *binding)
{
	if (limits_have_fua(binding))
		return BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;

	return BLK_FEAT_WRITE_CACHE;
}

/* btrfs makes checksums even when it does not say so, as on 6.1. */
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
 * Whether the memory of a write must not change until the write has ended,
 * because the file system or disk below makes a checksum of it. With two files
 * it does not matter which of them a write goes to.
 */
static bool limits_need_stable_writes(const struct reloop_binding *binding)
{
	/* Writes through the page cache copy the memory. */
	return reloop_binding_has_direct(binding) &&
	       (file_needs_stable_writes(binding->file) ||
		file_needs_stable_writes(reloop_binding_second(binding)));
}

void reloop_limits_set(struct queue_limits *lim,
		       const struct reloop_binding *binding)
{
	struct block_device *bdev;

	lim->max_segments = RELOOP_MAX_SEGMENTS;
	/* As in the kernel's own driver: larger requests gain nothing. */
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

	/* Direct I/O passes the memory of a request to the backing file. */
	if (reloop_binding_has_direct(binding))
		lim->dma_alignment = clamp_t(unsigned int,
					     binding->dio_mem_mask,
					     SECTOR_SIZE - 1, PAGE_SIZE - 1);

	/*
	 * Without a write cache the block layer answers flushes itself and
	 * removes FUA from writes, so ignoring them costs nothing.
	 */
	if (!reloop_binding_is_read_only(binding) &&
	    (binding->file->f_op->fsync || binding->vol) &&
	    !binding->ignore_flush)
		lim->features |= limits_cache_features(binding);

	/* Never cleared: the user may have set it, in queue/. */
	if (limits_need_stable_writes(binding))
		lim->features |= BLK_FEAT_STABLE_WRITES;

	bdev = reloop_binding_bdev(binding);
	if (bdev && bdev_rot(bdev))
		lim->features |= BLK_FEAT_ROTATIONAL;
}
