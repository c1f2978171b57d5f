// SPDX-License-Identifier: GPL-2.0-only
/* From a binding to the limits of the request queue. */
#include "limits.h"

/*
 * Both discard and write zeroes become fallocate() on the backing file. A
 * file system is asked for as much as it may be; its first refusal turns the
 * limit off.
 */
static void limits_set_discard(struct queue_limits *lim,
			       const struct reloop_binding *binding)
{
	struct inode *inode = binding->file->f_mapping->host;
	unsigned int sectors = 0;

	if (binding->punch_granularity)
		sectors = S_ISBLK(inode->i_mode) ?
			  bdev_write_zeroes_sectors(I_BDEV(inode)) :
			  UINT_MAX >> SECTOR_SHIFT;

	lim->max_hw_discard_sectors = sectors;
	lim->max_write_zeroes_sectors = sectors;
	lim->discard_granularity = sectors ? binding->punch_granularity : 0;
}

static void limits_set_block_size(struct queue_limits *lim, unsigned int size)
{
	lim->logical_block_size = size;
	lim->physical_block_size = size;
	lim->io_min = size;
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
	if (reloop_binding_is_direct(binding))
		lim->dma_alignment = max_t(unsigned int, SECTOR_SIZE - 1,
					   binding->dio_mem_mask);

	if (!reloop_binding_is_read_only(binding) &&
	    binding->file->f_op->fsync)
		lim->features |= BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;

	bdev = reloop_binding_bdev(binding);
	if (bdev && bdev_rot(bdev))
		lim->features |= BLK_FEAT_ROTATIONAL;
}
