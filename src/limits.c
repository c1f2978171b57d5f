// SPDX-License-Identifier: GPL-2.0-only
/* From a binding to the limits of the request queue. */
#include <linux/statfs.h>

#include "limits.h"

/*
 * Both discard and write zeroes become fallocate() on the backing file. On a
 * block device that ends in its write zeroes, and is refused where the range
 * is not aligned to its blocks. Whether a file system can punch holes is only
 * found out by doing it: the first refusal turns the limit off.
 */
static void limits_set_discard(struct queue_limits *lim,
			       const struct reloop_binding *binding)
{
	struct file *file = binding->file;
	struct inode *inode = file->f_mapping->host;
	struct block_device *bdev;
	unsigned int sectors = 0, granularity = 0;
	struct kstatfs statfs;

	if (S_ISBLK(inode->i_mode)) {
		bdev = I_BDEV(inode);
		if (!(binding->offset & (bdev_logical_block_size(bdev) - 1))) {
			sectors = bdev_write_zeroes_sectors(bdev);
			granularity = bdev_discard_granularity(bdev) ?:
				      bdev_physical_block_size(bdev);
		}
	} else if (file->f_op->fallocate &&
		   !vfs_statfs(&file->f_path, &statfs)) {
		sectors = UINT_MAX >> SECTOR_SHIFT;
		granularity = statfs.f_bsize;
	}

	lim->max_hw_discard_sectors = sectors;
	lim->max_write_zeroes_sectors = sectors;
	lim->discard_granularity = sectors ? granularity : 0;
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
