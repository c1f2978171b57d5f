/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A volatile write cache. What is written to an image stays in a second file,
 * the side, until it is flushed. When the power of the device is cut, no more
 * of it reaches the image than is chosen then. Data has the same position in
 * the image and in the side.
 *
 * The bindings of one attachment share it, as they do an overlay.
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
 * @offset: where in both files the device begins, in bytes
 * @sectors: size of the device
 * @side_cached: the side has no direct I/O
 * @side_errors: state of the side's writeback errors when it was attached
 * @side_blocks: reading and writing the side may block, even if asked not to
 * @there: a bit for each sector: it has been written to, so the side has it.
 *         Stays set, so a reader that has seen it can rely on it
 * @dirty: a bit for each sector: it has been written to since it was last
 *         copied to the image; @there is set as well. Cleared with @gate shut,
 *         or when no write can come any more
 * @zero: a bit for each sector: it was made zero, and no write to it has begun
 *        since. Set with @gate shut, cleared inside it
 * @unflushed: number of dirty sectors; 0 once the power is cut
 * @gate: writes pass it before they ask where to write and leave it when their
 *        sectors are known to be there; whoever copies or zeroes sectors shuts
 *        it
 * @is_cut: the power is cut, so all I/O fails; set with @gate shut
 * @buffer: what is being copied; under @flush_lock
 * @flush_lock: one flush at a time; taken before @gate
 * @end_lock: keeps a power cut and the end of the attachment apart; taken
 *            before @flush_lock
 * @is_closed: it is being detached, so writes fail; set under @end_lock, with
 *             @gate shut
 * @lost: valid with @is_closed: as in struct reloop_overlay
 * @refs: references of the bindings and of those who cut the power or wait for
 *        the last flush
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
	struct mutex end_lock; /* cut or detach */
	bool is_closed;
	int lost;
	refcount_t refs;
};

/* The store of an image with such a cache. */
extern const struct reloop_store_ops reloop_volatile_store;

/**
 * reloop_volatile_open() - put a cache in front of an image
 * @file: the image, which can be read and written
 * @side: the second file
 * @offset: where in the image the device begins, in bytes
 * @sectors: size of the device
 *
 * May sleep; calls into the file systems.
 *
 * Return: the cache, with one reference; or ERR_PTR: -EBADF if the side is not
 * open for reading and writing; -EINVAL if it is not a regular file, or is the
 * image itself, or ends before the device does; -EIO if its file system has
 * lost some of its data and has not reported that yet; -EFBIG if the device is
 * larger than %RELOOP_VOLATILE_MAX; -ENOMEM.
 */
struct reloop_volatile *reloop_volatile_open(struct file *file,
					     struct file *side, u64 offset,
					     sector_t sectors);

/**
 * reloop_volatile_get() - take another reference
 * @vol: alive
 *
 * Any context.
 */
static inline void reloop_volatile_get(struct reloop_volatile *vol)
{
	refcount_inc(&vol->refs);
}

/**
 * reloop_volatile_close() - detach a cache
 * @vol: alive
 *
 * From now on writes fail. Unless the power was cut, flushes what is not
 * flushed yet. If that fails, @vol's @lost and the log say so. May sleep; waits
 * for a power cut that is under way.
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
 * reloop_volatile_flush() - bring what was written before to the image
 * @vol: alive
 *
 * Also makes it durable there. Ends even if others go on writing. May sleep;
 * called with memalloc_noio_save() in force. The caller must not have passed
 * the gate.
 *
 * Return: 0; -EIO if the power is cut, or if the file system of the side has
 * lost something, which stays so; a negative errno of a file system, and then
 * the next flush copies again everything that this one has not made durable.
 */
int reloop_volatile_flush(struct reloop_volatile *vol);

/**
 * reloop_volatile_copy_all() - do the work of a flush
 * @vol: alive; its flush_lock is held
 * @after_cut: go on although the power is cut
 *
 * May sleep, as reloop_volatile_flush().
 *
 * Return: as reloop_volatile_flush().
 */
int reloop_volatile_copy_all(struct reloop_volatile *vol, bool after_cut);

/**
 * reloop_volatile_cut() - cut the power
 * @vol: alive
 * @cut: @keep and @argument have been checked; nothing else in it is read.
 *       Receives @kept, @dropped and @block_size
 * @block_size: the logical block size, in bytes; a block is kept as a whole or
 *              not at all
 *
 * Waits for writes and for a flush that are under way, but not for requests
 * that have not reached the store. May sleep; the caller holds no lock that a
 * detach takes.
 *
 * Return: 0; -EALREADY if the power was cut before; -ENXIO if the image is
 * detached; -ENOSPC, -EDQUOT or -EIO of the file system, and then the power is
 * cut all the same, and less is kept.
 */
int reloop_volatile_cut(struct reloop_volatile *vol,
			struct reloop_powercut *cut, unsigned int block_size);

/**
 * reloop_volatile_is_cut() - whether the power is cut
 * @vol: alive
 *
 * Any context.
 */
static inline bool reloop_volatile_is_cut(const struct reloop_volatile *vol)
{
	return READ_ONCE(vol->is_cut);
}

/**
 * reloop_volatile_is_over() - whether all writes fail
 * @vol: alive; the answer lasts only while the caller is inside the gate
 *
 * Any context.
 */
static inline bool reloop_volatile_is_over(const struct reloop_volatile *vol)
{
	return reloop_volatile_is_cut(vol) || READ_ONCE(vol->is_closed);
}

/**
 * reloop_volatile_unflushed() - how much a power cut could lose
 * @vol: alive
 *
 * Any context.
 *
 * Return: a number of bytes, which may already be out of date.
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
