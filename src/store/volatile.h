/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A volatile write cache: what is written to an image stays in a second file, the
 * side, until it is flushed; and when the power of the device is cut, no more of
 * it gets to the image than is chosen then. What is at some place of the image is
 * at the same place of the side.
 *
 * Bindings of one attachment share it, as they do an overlay.
 */
#ifndef RELOOP_VOLATILE_H
#define RELOOP_VOLATILE_H

#include <linux/atomic.h>
#include <linux/blkdev.h>
#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <uapi/reloop.h>

#include "store/gate.h"

struct reloop_store_ops;

/* Bytes that are copied to the image at a time. */
#define RELOOP_VOLATILE_PIECE	SZ_64K

/**
 * struct reloop_volatile - an image with a volatile write cache
 * @file: the image; a reference
 * @side: the second file; a reference
 * @offset: where in both the device begins, in bytes
 * @sectors: its size
 * @side_cached: the side has no direct I/O
 * @side_errors: what had gone wrong with the writing back of the side before
 * @side_blocks: reading and writing the side may block, whatever it is told
 * @there: a bit for each sector: it has been written to, so the side has it.
 *	   Stays set, so a reader who has looked at it can rely on it
 * @dirty: likewise: it has been written to since it was copied to the image for
 *	   the last time; @there is set as well. Cleared with @gate shut, or when
 *	   no write can come any more
 * @zero: likewise: it was made zero, and no write to it has begun since; set with
 *	  @gate shut, cleared in it
 * @unflushed: how many are dirty, and 0 when the power is cut
 * @gate: writes pass it, from before they ask where to until their sectors are
 *	  known to be there; who copies sectors or makes them zero shuts it
 * @is_cut: nothing goes any more; set with @gate shut
 * @buffer: what is being copied; under @flush_lock
 * @flush_lock: one flush at a time; taken before @gate
 * @end_lock: a power cut and the end of the attachment from each other; taken
 *	      before @flush_lock
 * @is_closed: nothing is written to it any more, for it is being detached; set
 *	       under @end_lock, with @gate shut
 * @lost: valid with @is_closed: as with an overlay
 * @refs: the bindings', and those of who cuts its power or waits for the last
 *	  flush
 */
struct reloop_volatile {
	struct file *file;
	struct file *side;
	u64 offset;
	sector_t sectors;
	errseq_t side_errors;
	bool side_cached;
	bool side_blocks;
	unsigned long *there;
	unsigned long *dirty;
	unsigned long *zero;
	atomic_long_t unflushed;
	struct reloop_gate gate;
	bool is_cut;
	void *buffer;
	struct mutex flush_lock; /* one flush at a time */
	struct mutex end_lock; /* see above */
	bool is_closed;
	int lost;
	refcount_t refs;
};

/* An image with such a cache. */
extern const struct reloop_store_ops reloop_volatile_store;

/**
 * reloop_volatile_open() - put a cache before an image
 * @file: the image, which can be read and written
 * @side: the second file
 * @offset: where in the image the device begins, in bytes
 * @sectors: its size
 *
 * May sleep; calls into the file systems.
 *
 * Return: the cache, with one reference; or ERR_PTR: -EBADF when the side is not
 * open for reading and writing; -EINVAL when it is no regular file, or the image
 * itself, or ends before the device does; -EIO when its file system has lost
 * something of it that nobody has asked for yet; -EFBIG when the device is larger
 * than %RELOOP_VOLATILE_MAX; -ENOMEM.
 */
struct reloop_volatile *reloop_volatile_open(struct file *file,
					     struct file *side, u64 offset,
					     sector_t sectors);

/**
 * reloop_volatile_get() - another reference
 * @vol: alive
 *
 * Any context.
 */
static inline void reloop_volatile_get(struct reloop_volatile *vol)
{
	refcount_inc(&vol->refs);
}

/**
 * reloop_volatile_close() - it is being detached
 * @vol: alive
 *
 * From now on writes fail. Unless its power was cut, what is not flushed is, which
 * may fail: then @lost and the log say so. May sleep; waits for a power cut that is
 * under way.
 */
void reloop_volatile_close(struct reloop_volatile *vol);

/**
 * reloop_volatile_put() - drop a reference; the last one frees it
 * @vol: alive; closed, if anything has been written to it
 *
 * May sleep.
 */
void reloop_volatile_put(struct reloop_volatile *vol);

/**
 * reloop_volatile_flush() - bring to the image what was written before
 * @vol: alive
 *
 * And make it durable there. Ends also while others go on writing. May sleep; with
 * memalloc_noio_save() in force, by who has not passed the gate.
 *
 * Return: 0; -EIO when the power is cut, and from then on when the file system of the
 * side has lost something; a negative errno of a file system, and then the next flush
 * copies again all that this one has not made durable.
 */
int reloop_volatile_flush(struct reloop_volatile *vol);

/**
 * reloop_volatile_copy_all() - what a flush does
 * @vol: alive; the lock of flushes is held
 * @after_cut: go on, though the power is cut
 *
 * May sleep, as there.
 *
 * Return: as there.
 */
int reloop_volatile_copy_all(struct reloop_volatile *vol, bool after_cut);

/**
 * reloop_volatile_cut() - cut the power
 * @vol: alive
 * @cut: @keep and @argument are checked; what else is in it is not looked at.
 *	 Receives @kept and @dropped
 * @block_size: the logical block size, of which no block is kept in part, in
 *		bytes
 *
 * Waits for writes and for a flush that are under way, and for no request that is
 * not with the store. May sleep; holds no lock that a detach takes.
 *
 * Return: 0; -EALREADY when it was cut before; -ENXIO when it is detached; -ENOSPC,
 * -EDQUOT or -EIO of the file system, and then the power is cut all the same, and
 * less is kept.
 */
int reloop_volatile_cut(struct reloop_volatile *vol,
			struct reloop_powercut *cut, unsigned int block_size);

/**
 * reloop_volatile_is_cut() - whether its power is cut
 * @vol: alive
 *
 * Any context.
 */
static inline bool reloop_volatile_is_cut(const struct reloop_volatile *vol)
{
	return READ_ONCE(vol->is_cut);
}

/**
 * reloop_volatile_is_over() - whether it takes no more writes
 * @vol: alive; in the gate, for an answer that stays
 *
 * Any context.
 */
static inline bool reloop_volatile_is_over(const struct reloop_volatile *vol)
{
	return reloop_volatile_is_cut(vol) || READ_ONCE(vol->is_closed);
}

/**
 * reloop_volatile_unflushed() - how much a power cut could take
 * @vol: alive
 *
 * Any context.
 *
 * Return: a number of bytes, which may be old already.
 */
static inline u64 reloop_volatile_unflushed(const struct reloop_volatile *vol)
{
	return (u64)atomic_long_read(&vol->unflushed) << SECTOR_SHIFT;
}

/**
 * reloop_volatile_pos() - where a sector is
 * @vol: alive
 * @sector: of the device
 *
 * Any context.
 *
 * Return: the position in the image and in the side, in bytes.
 */
static inline loff_t reloop_volatile_pos(const struct reloop_volatile *vol,
					 unsigned long sector)
{
	return vol->offset + ((u64)sector << SECTOR_SHIFT);
}

#endif /* RELOOP_VOLATILE_H */
