/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An overlay: written data lies in its file, everything else is read from a
 * base, which nobody may write to meanwhile. reloop_qcow2.h has the on-disk
 * format.
 *
 * The bindings of one attachment share it, so that a change of the binding, for
 * example of the cache mode, keeps what is not on disk yet.
 */
#ifndef RELOOP_OVERLAY_H
#define RELOOP_OVERLAY_H

#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/time64.h>
#include <uapi/reloop.h>

#include "store/gate.h"
#include "store/pieces.h"

struct reloop_store_ops;

/**
 * struct reloop_overlay - an overlay that is attached
 * @file: its file; a reference
 * @base: its base; a reference; if it is a regular file, nobody can write to it
 * @size: of the disk, in bytes
 * @base_end: where on the disk the base ends, in bytes
 * @base_cached: the base has no direct I/O
 * @base_blocks: reading the base may block, even if asked not to
 * @base_dev: number of the device that the base is on, according to stat(2)
 * @base_inode: inode number of the base, according to stat(2)
 * @writable: whether anything can change
 * @pieces: the pieces that lie in @file
 * @gate: writes pass it before they ask where their pieces are and leave it
 *        when the pieces are known to be there; whoever changes whole pieces
 *        shuts it
 * @page: a piece that is being copied; belongs to whoever has shut @gate
 * @flush_lock: one flush at a time, since each writes @pieces; taken before
 *              @gate
 * @free_failed: when the space of zero pieces could last not be freed, in
 *               seconds of the monotonic clock; written under @flush_lock, or
 *               by the last flush, after which there is none
 * @free_next: with which chunk to begin to free space; under @flush_lock
 * @refs: references of the bindings and of those who wait for the last flush
 * @opened: entry in the list of all attached overlays
 * @is_closed: it is no longer attached
 * @lost: result of reloop_overlay_flush_last(): 0; -EIO, -ENOSPC or -EDQUOT if
 *        the last flush failed and what was written since the previous one is
 *        lost
 */
struct reloop_overlay {
	struct file *file;
	struct file *base;
	u64 size;
	u64 base_end;
	bool base_cached;
	bool base_blocks;
	dev_t base_dev;
	u64 base_inode;
	bool writable;
	struct reloop_pieces pieces;
	struct reloop_gate gate;
	void *page;
	struct mutex flush_lock; /* one flush at a time */
	time64_t free_failed;
	unsigned long free_next;
	refcount_t refs;
	struct list_head opened;
	bool is_closed;
	int lost;
};

/* The store of an image that is an overlay. */
extern const struct reloop_store_ops reloop_overlay_store;

/**
 * reloop_overlay_open() - open a file as an overlay
 * @file: its file
 * @base: its base
 * @writable: whether it is to be written to
 * @any_base: whether the base may differ from the one that the overlay has
 *            noted
 * @reason: receives what is wrong, even if that is no error
 *
 * Refuses anything that cannot be an overlay; see enum reloop_reason. May
 * sleep; calls into the file systems.
 *
 * Return: the overlay, with one reference, and not writable if it cannot be; or
 * ERR_PTR: as enum reloop_reason says; -EBADF if the base is not open for
 * reading; -EBUSY if the file is already attached as an overlay and one of the
 * two is to be written to; -ENOMEM; -EINTR if the task was killed; an error of
 * the file systems.
 */
struct reloop_overlay *reloop_overlay_open(struct file *file, struct file *base,
					   bool writable, bool any_base,
					   enum reloop_reason *reason);

/**
 * reloop_overlay_get() - take another reference
 * @overlay: alive
 *
 * Any context.
 */
static inline void reloop_overlay_get(struct reloop_overlay *overlay)
{
	refcount_inc(&overlay->refs);
}

/**
 * reloop_overlay_flush_last() - flush an overlay that is about to be detached
 * @overlay: has no requests with data and gets no more
 * @sync: false if nobody wants anything to be durable
 * @wb_told: how far flushes have reported errors of write-back of the file
 *
 * Writes what is not on disk yet. If that fails, the overlay's @lost and the
 * log say so. May sleep.
 */
void reloop_overlay_flush_last(struct reloop_overlay *overlay, bool sync,
			       errseq_t wb_told);

/**
 * reloop_overlay_close() - detach an overlay
 * @overlay: after reloop_overlay_flush_last(); has no requests and gets no more
 *
 * Whoever attaches the file or the base afterwards does not share it with this
 * overlay. May sleep.
 */
void reloop_overlay_close(struct reloop_overlay *overlay);

/**
 * reloop_overlay_put() - drop a reference; the last one frees it
 * @overlay: alive; closed, if anything has been written to it
 *
 * May sleep.
 */
void reloop_overlay_put(struct reloop_overlay *overlay);

/**
 * reloop_overlay_flush() - make everything written so far durable
 * @overlay: alive
 * @sync: false to only write it to the file
 * @lost: as in reloop_store_flush()
 *
 * Then frees the space of what has become zero. May sleep; called with
 * memalloc_noio_save() in force. The caller must not have passed the gate.
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_overlay_flush(struct reloop_overlay *overlay, bool sync, bool *lost);

#endif /* RELOOP_OVERLAY_H */
