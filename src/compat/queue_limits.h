/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue limits API of 6.11, for kernels that set limits one by one and
 * whose features are flags of the queue. It has only what reloop sets.
 */
#ifndef RELOOP_COMPAT_QUEUE_LIMITS_H
#define RELOOP_COMPAT_QUEUE_LIMITS_H

#include <linux/blkdev.h>
#include <linux/blk-mq.h>

#define blk_features_t		unsigned int
#define BLK_FEAT_WRITE_CACHE	BIT(0)
#define BLK_FEAT_FUA		BIT(1)
#define BLK_FEAT_ROTATIONAL	BIT(2)
#define BLK_FEAT_STABLE_WRITES	BIT(3)

struct compat_queue_limits {
	unsigned int features;
	unsigned int dma_alignment;
	unsigned int max_hw_sectors;
	unsigned int logical_block_size;
	unsigned int physical_block_size;
	unsigned int io_min;
	unsigned int max_hw_discard_sectors;
	unsigned int max_write_zeroes_sectors;
	unsigned int discard_granularity;
	unsigned short max_segments;
};

#define queue_limits			compat_queue_limits
#define queue_limits_start_update	compat_limits_start_update
#define queue_limits_commit_update	compat_limits_commit_update
#define queue_limits_cancel_update	compat_limits_cancel_update

/* reloop_limits_set() sets all other fields and features. */
static inline struct compat_queue_limits
compat_limits_start_update(struct request_queue *q)
{
	return (struct compat_queue_limits){
		.features = blk_queue_stable_writes(q) ? BLK_FEAT_STABLE_WRITES : 0,
	};
}

static inline void compat_limits_cancel_update(struct request_queue *q)
{
}

static inline void compat_set_rotational(struct request_queue *q, bool rot)
{
	if (rot)
		blk_queue_flag_clear(QUEUE_FLAG_NONROT, q);
	else
		blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
}

static inline void compat_set_stable_writes(struct request_queue *q, bool stable)
{
	if (stable)
		blk_queue_flag_set(QUEUE_FLAG_STABLE_WRITES, q);
	else
		blk_queue_flag_clear(QUEUE_FLAG_STABLE_WRITES, q);
}

static inline int
compat_limits_commit_update(struct request_queue *q,
			    const struct compat_queue_limits *lim)
{
	/* Setting it again would undo the user's setting of max_sectors_kb. */
	if (q->limits.max_hw_sectors != lim->max_hw_sectors)
		blk_queue_max_hw_sectors(q, lim->max_hw_sectors);
	blk_queue_max_segments(q, lim->max_segments);
	blk_queue_dma_alignment(q, lim->dma_alignment);

	/* The first raises the others if necessary, but never lowers them. */
	blk_queue_logical_block_size(q, lim->logical_block_size);
	blk_queue_physical_block_size(q, lim->physical_block_size);
	blk_queue_io_min(q, lim->io_min);

	blk_queue_max_discard_sectors(q, lim->max_hw_discard_sectors);
	blk_queue_max_write_zeroes_sectors(q, lim->max_write_zeroes_sectors);
	q->limits.discard_granularity = lim->discard_granularity;

	blk_queue_write_cache(q, lim->features & BLK_FEAT_WRITE_CACHE,
			      lim->features & BLK_FEAT_FUA);
	compat_set_rotational(q, lim->features & BLK_FEAT_ROTATIONAL);
	compat_set_stable_writes(q, lim->features & BLK_FEAT_STABLE_WRITES);

	return 0;
}

static inline struct gendisk *
compat_alloc_disk(struct blk_mq_tag_set *set,
		  const struct compat_queue_limits *lim, void *queuedata)
{
	struct gendisk *disk = blk_mq_alloc_disk(set, queuedata);

	if (!IS_ERR(disk))
		compat_limits_commit_update(disk->queue, lim);

	return disk;
}

#undef blk_mq_alloc_disk
#define blk_mq_alloc_disk	compat_alloc_disk

static inline void blk_queue_disable_discard(struct request_queue *q)
{
	blk_queue_max_discard_sectors(q, 0);
}

static inline void blk_queue_disable_write_zeroes(struct request_queue *q)
{
	blk_queue_max_write_zeroes_sectors(q, 0);
}

#endif /* RELOOP_COMPAT_QUEUE_LIMITS_H */
