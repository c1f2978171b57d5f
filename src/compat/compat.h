/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included into every file of the module. Gives older kernels the names
 * of the newest one, 7.3, which src/ is written for. Each block stands for one
 * difference and is switched by a probe of the kernel's headers, see
 * Kbuild.probes.
 */
#ifndef RELOOP_COMPAT_H
#define RELOOP_COMPAT_H

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/blkdev.h>
#include <linux/blk-mq.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/version.h>

/* 6.4: polling a disk never sleeps. */
#ifndef BLK_POLL_NOSLEEP
#define BLK_POLL_NOSLEEP	0
#endif

/* 6.5: the mode in which a block device is opened has its own type. */
#ifndef COMPAT_HAVE_BLK_MODE
#define blk_mode_t	fmode_t
#define BLK_OPEN_READ	FMODE_READ
#define BLK_OPEN_WRITE	FMODE_WRITE
#define BLK_OPEN_EXCL	FMODE_EXCL

static inline int compat_prepare_to_claim(struct block_device *bdev,
					  void *holder, const void *holder_ops)
{
	return bd_prepare_to_claim(bdev, holder);
}

#define bd_prepare_to_claim	compat_prepare_to_claim
#endif

/*
 * 6.9: an open block device is a file; before that, since 6.7, a handle. When
 * compat_disk_close() returns, it is closed.
 */
#if defined(COMPAT_HAVE_BDEV_FILE)
static inline void *compat_disk_open(struct gendisk *disk, blk_mode_t mode)
{
	return bdev_file_open_by_dev(disk_devt(disk), mode, NULL, NULL);
}

static inline void compat_disk_close(void *opened, blk_mode_t mode)
{
	__fput_sync(opened);
}
#elif defined(COMPAT_HAVE_BDEV_HANDLE)
static inline void *compat_disk_open(struct gendisk *disk, blk_mode_t mode)
{
	return bdev_open_by_dev(disk_devt(disk), mode, NULL, NULL);
}

static inline void compat_disk_close(void *opened, blk_mode_t mode)
{
	bdev_release(opened);
}
#elif defined(COMPAT_HAVE_BLK_MODE)
static inline void *compat_disk_open(struct gendisk *disk, blk_mode_t mode)
{
	return blkdev_get_by_dev(disk_devt(disk), mode, NULL, NULL);
}

static inline void compat_disk_close(void *opened, blk_mode_t mode)
{
	blkdev_put(opened, NULL);
}
#else
static inline void *compat_disk_open(struct gendisk *disk, blk_mode_t mode)
{
	return blkdev_get_by_dev(disk_devt(disk), mode, NULL);
}

static inline void compat_disk_close(void *opened, blk_mode_t mode)
{
	blkdev_put(opened, mode);
}
#endif

/* 6.5: ->open takes the disk, ->release takes no mode. */
#ifdef COMPAT_HAVE_BLK_MODE
#define COMPAT_DISK_OPEN(_open)						\
static int compat_##_open(struct gendisk *disk, blk_mode_t mode)	\
{									\
	return _open(disk, mode);					\
}

#define COMPAT_DISK_RELEASE(_release)					\
static void compat_##_release(struct gendisk *disk)			\
{									\
	_release(disk);							\
}
#else
#define COMPAT_DISK_OPEN(_open)						\
static int compat_##_open(struct block_device *bdev, fmode_t mode)	\
{									\
	return _open(bdev->bd_disk, mode);				\
}

#define COMPAT_DISK_RELEASE(_release)					\
static void compat_##_release(struct gendisk *disk, fmode_t mode)	\
{									\
	_release(disk);							\
}
#endif

/* 6.6: a media change is the only event that can be forced. */
#ifndef COMPAT_HAVE_MEDIA_CHANGE_1
#define disk_force_media_change(disk) \
	disk_force_media_change(disk, DISK_EVENT_MEDIA_CHANGE)
#endif

/* 6.11: the page cache of a block device has its own member. */
static inline struct address_space *compat_bdev_mapping(struct block_device *bdev)
{
#ifdef COMPAT_HAVE_BD_MAPPING
	return bdev->bd_mapping;
#else
	return bdev->bd_inode->i_mapping;
#endif
}

/*
 * The unit in which the page cache of a block device is read: @bytes is at least
 * a page, and more only on 6.15 and later. Nothing may be cached.
 */
static inline void compat_bdev_set_unit(struct block_device *bdev, unsigned int bytes)
{
	struct address_space *mapping = compat_bdev_mapping(bdev);

	mapping->host->i_blkbits = blksize_bits(bytes);
#ifdef COMPAT_HAVE_MIN_ORDER
	if (mapping_min_folio_order(mapping) != get_order(bytes))
		mapping_set_folio_min_order(mapping, get_order(bytes));
#endif
}

/* 6.7, and stable kernels since: a mapping has the flag of its sb or disk. */
#ifdef COMPAT_HAVE_STABLE_MAPPING
static inline void compat_bdev_set_stable_writes(struct block_device *bdev, bool stable)
{
	if (stable)
		mapping_set_stable_writes(compat_bdev_mapping(bdev));
	else
		mapping_clear_stable_writes(compat_bdev_mapping(bdev));
}
#else
static inline bool mapping_stable_writes(const struct address_space *mapping)
{
	return mapping->host->i_sb->s_iflags & SB_I_STABLE_WRITES;
}

static inline void compat_bdev_set_stable_writes(struct block_device *bdev, bool stable)
{
}
#endif

/* 6.10: the properties of a block device are flags. */
static inline void compat_bdev_forget_ro(struct block_device *bdev)
{
#ifdef COMPAT_HAVE_BDEV_FLAGS
	bdev_clear_flag(bdev, BD_READ_ONLY);
#else
	bdev->bd_read_only = false;
#endif
}

/* 6.9 and 6.11: limits are changed as a whole, and features are limits. */
#ifndef COMPAT_HAVE_LIMIT_FEATURES
#include "queue_limits.h"
#endif

/* 6.11, partly 7.x: settings in queue/ are kept apart from the driver's. */
static inline void compat_limits_forget_user(struct queue_limits *lim)
{
	lim->features &= ~BLK_FEAT_STABLE_WRITES;
#ifdef COMPAT_HAVE_LIMIT_FEATURES
	lim->flags &= ~BLK_FLAG_WRITE_CACHE_DISABLED;
	lim->max_user_discard_sectors = UINT_MAX;
#endif
#ifdef COMPAT_HAVE_USER_UNMAP
	lim->max_user_wzeroes_unmap_sectors = UINT_MAX;
#endif
}

/* 6.14: requests are merged unless a driver says otherwise. */
#ifdef COMPAT_HAVE_SHOULD_MERGE
#define BLK_MQ_F_STACKING	(BLK_MQ_F_STACKING | BLK_MQ_F_SHOULD_MERGE)
#endif

/* 6.11: a feature; since then, polling without a queue for it fails. */
static inline bool compat_bdev_can_poll(struct block_device *bdev)
{
#ifdef COMPAT_HAVE_LIMIT_FEATURES
	return bdev_get_queue(bdev)->limits.features & BLK_FEAT_POLL;
#else
	return test_bit(QUEUE_FLAG_POLL, &bdev_get_queue(bdev)->queue_flags);
#endif
}

/*
 * 6.14: while a queue is frozen, allocations of the freezer start no I/O, which
 * could wait for the frozen queue.
 */
#ifndef COMPAT_HAVE_FREEZE_MEMFLAGS
static inline unsigned int compat_freeze_queue(struct request_queue *q)
{
	unsigned int memflags = memalloc_noio_save();

	blk_mq_freeze_queue(q);
	return memflags;
}

static inline void compat_unfreeze_queue(struct request_queue *q,
					 unsigned int memflags)
{
	blk_mq_unfreeze_queue(q);
	memalloc_noio_restore(memflags);
}

#define blk_mq_freeze_queue	compat_freeze_queue
#define blk_mq_unfreeze_queue	compat_unfreeze_queue
#endif

/*
 * 6.3: all queues of a tag set share what guards ->queue_rq(), and since 7.x
 * only its owner waits for it before it is freed.
 */
#ifdef COMPAT_HAVE_SET_SRCU
#define compat_queue_srcu(q)	((q)->tag_set->srcu)
#else
#define compat_queue_srcu(q)	((q)->srcu)
#define blk_mq_wait_quiesce_done(set)	((void)(set))
#endif

/* 6.9: a plug keeps a time stamp, which a preempted task drops. */
#ifndef COMPAT_HAVE_PLUG_TS
static inline void blk_plug_invalidate_ts(void)
{
}
#endif

/* 6.13, and the stable 6.12 kernels: a list of requests has its own type. */
#ifdef COMPAT_HAVE_RQ_LIST
#define compat_rq_list		struct rq_list
#else
#define compat_rq_list		struct request *
#endif

/*
 * 6.7: the block layer enters a request in the table of those in flight when it
 * is started. Before, it entered only those of ->queue_rq(), and drivers
 * entered the rest, as the NVMe driver did; otherwise nobody who looks for
 * requests in flight would find them. No header tells.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline void compat_start_request(struct request *rq)
{
	rq->mq_hctx->tags->rqs[rq->tag] = rq;
	blk_mq_start_request(rq);
}

#define blk_mq_start_request	compat_start_request
#endif

/* The first request in a plug, or NULL. */
static inline const struct request *
compat_plug_first(const struct blk_plug *plug)
{
#ifdef COMPAT_HAVE_RQ_LIST
	return plug->mq_list.head;
#else
	return plug->mq_list;
#endif
}

/* A request that the owner of a plug has allocated ahead, or NULL. */
static inline const struct request *
compat_plug_cached(const struct blk_plug *plug)
{
#ifdef COMPAT_HAVE_RQ_LIST
	return plug->cached_rqs.head;
#else
	return plug->cached_rq;
#endif
}

/*
 * 6.6 until 7.x: a direct write whose end may sleep leaves its end to the
 * issuer, which asks for that with a flag. On other kernels, the store takes
 * care of it.
 */
#ifdef IOCB_DIO_CALLER_COMP
static inline void compat_dio_ask(struct kiocb *iocb)
{
	iocb->ki_flags |= IOCB_DIO_CALLER_COMP;
	iocb->dio_complete = NULL;
}

static inline bool compat_dio_is_left(const struct kiocb *iocb)
{
	return (iocb->ki_flags & IOCB_DIO_CALLER_COMP) && iocb->dio_complete;
}

static inline ssize_t compat_dio_finish(struct kiocb *iocb)
{
	ssize_t (*finish)(void *data) = iocb->dio_complete;

	iocb->dio_complete = NULL;
	return finish(iocb->private);
}
#else
static inline void compat_dio_ask(struct kiocb *iocb)
{
}

static inline bool compat_dio_is_left(const struct kiocb *iocb)
{
	return false;
}

static inline ssize_t compat_dio_finish(struct kiocb *iocb)
{
	return -EIO;
}
#endif

/* 6.14: buffered I/O that leaves nothing in the page cache. */
#ifdef IOCB_DONTCACHE
#define COMPAT_IOCB_DONTCACHE	IOCB_DONTCACHE

static inline bool compat_can_dontcache(const struct file *file)
{
	return file->f_op->fop_flags & FOP_DONTCACHE;
}
#else
#define COMPAT_IOCB_DONTCACHE	0

static inline bool compat_can_dontcache(const struct file *file)
{
	return false;
}
#endif

/* 6.13: a timer gets its function when it is initialized. */
#ifndef COMPAT_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*func)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = func;
}
#endif

/* 7.x: a device is asked whether it rotates, not whether it does not. */
#ifndef COMPAT_HAVE_BDEV_ROT
static inline bool bdev_rot(struct block_device *bdev)
{
	return !bdev_nonrot(bdev);
}
#endif

/* 7.x: the bytes done of the first bio_vec are called its offset. */
#ifndef COMPAT_HAVE_BI_OFFSET
#define bi_offset	bi_bvec_done
#endif

/* 7.x */
#ifndef COMPAT_HAVE_RQ_NR_BVEC
static inline unsigned int blk_rq_nr_bvec(struct request *rq)
{
	struct req_iterator iter;
	struct bio_vec bvec;
	unsigned int nr = 0;

	rq_for_each_bvec(bvec, rq, iter)
		nr++;

	return nr;
}
#endif

/* 6.6, and the stable 6.1 kernels */
#ifndef COMPAT_HAVE_KIOCB_WRITE
static inline void kiocb_start_write(struct kiocb *iocb)
{
	struct super_block *sb = file_inode(iocb->ki_filp)->i_sb;

	sb_start_write(sb);
	/* The write may end in another task: lockdep must forget this one. */
	__sb_writers_release(sb, SB_FREEZE_WRITE);
}

static inline void kiocb_end_write(struct kiocb *iocb)
{
	struct super_block *sb = file_inode(iocb->ki_filp)->i_sb;

	__sb_writers_acquired(sb, SB_FREEZE_WRITE);
	sb_end_write(sb);
}
#endif

/*
 * 6.11: LOOP_CLR_FD by the sole opener takes effect at the close, as in the
 * kernel's own driver. No header tells, so this checks the version.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define COMPAT_DETACH_AT_ONCE	true
#else
#define COMPAT_DETACH_AT_ONCE	false
#endif

/* The kernel's own driver may be left out of the configuration. */
#ifdef CONFIG_BLK_DEV_LOOP_MIN_COUNT
#define COMPAT_LOOP_MIN_COUNT	CONFIG_BLK_DEV_LOOP_MIN_COUNT
#else
#define COMPAT_LOOP_MIN_COUNT	8
#endif

#endif /* RELOOP_COMPAT_H */
