/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An overlay: what is written to it lies in its file, all else is read from a
 * base, which nobody may write to meanwhile. What it is on disk is in
 * reloop_qcow2.h.
 *
 * Bindings of one attachment share it, so that a change of the binding, of the
 * cache mode say, keeps what is not on disk yet.
 */
#ifndef RELOOP_OVERLAY_H
#define RELOOP_OVERLAY_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <uapi/reloop.h>

#include "store/gate.h"
#include "store/pieces.h"

struct reloop_store_ops;

/**
 * struct reloop_overlay - an overlay that is attached
 * @file: its file; a reference
 * @base: a reference; kept from being written to where it is a regular file
 * @size: of the disk, in bytes
 * @base_end: where on the disk there is nothing of the base any more, in bytes
 * @base_cached: the base has no direct I/O
 * @base_blocks: reading the base may block, whatever it is told
 * @base_dev: number of the device that stat(2) says the base is on
 * @base_inode: its inode number there
 * @writable: whether anything can change
 * @pieces: which lie in @file
 * @gate: writes pass it, from before they ask where their pieces are until the
 *	  pieces are known to be there; who changes pieces as a whole shuts it
 * @page: a piece that is being copied; of who has shut @gate
 * @flush_lock: one flush at a time, since each writes @pieces; taken before
 *		@gate
 * @refs: the bindings', and those of who waits for the last flush
 * @opened: among all overlays that are attached
 * @is_closed: it is not any more
 * @lost: of reloop_overlay_flush_last(): 0, or -EIO, -ENOSPC or -EDQUOT, as the last
 *	  flush has failed and what was written since the one before is lost
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
	refcount_t refs;
	struct list_head opened;
	bool is_closed;
	int lost;
};

/* An image that is an overlay. */
extern const struct reloop_store_ops reloop_overlay_store;

/**
 * reloop_overlay_open() - take a file for an overlay
 * @file: its file
 * @base: its base
 * @writable: whether it is to be written to
 * @any_base: whether the base may be another than the overlay has noted
 * @reason: receives what is the matter, also where it is no error
 *
 * Refuses all that no overlay can be; see enum reloop_reason. May sleep; calls
 * into the file systems.
 *
 * Return: the overlay, with one reference, and not writable where it cannot be;
 * or ERR_PTR: as enum reloop_reason says; -EBADF when the base is not open for
 * reading; -EBUSY when the file is attached as an overlay already, and one of
 * the two is to be written to; -ENOMEM; what the file systems answer.
 */
struct reloop_overlay *reloop_overlay_open(struct file *file, struct file *base,
					   bool writable, bool any_base,
					   enum reloop_reason *reason);

/**
 * reloop_overlay_get() - another reference
 * @overlay: alive
 *
 * Any context.
 */
static inline void reloop_overlay_get(struct reloop_overlay *overlay)
{
	refcount_inc(&overlay->refs);
}

/**
 * reloop_overlay_flush_last() - it is about to be detached
 * @overlay: without requests that have data, now and later
 * @sync: false where nobody wants anything durable
 *
 * What is not on disk yet is written, which may fail: then @lost and the log
 * say so. May sleep.
 */
void reloop_overlay_flush_last(struct reloop_overlay *overlay, bool sync);

/**
 * reloop_overlay_close() - it is detached
 * @overlay: after reloop_overlay_flush_last(); without requests, now and later
 *
 * Who attaches the file again afterwards, or the base, has both for himself.
 * May sleep.
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
 * @sync: false to have it in the file only
 * @lost: as in reloop_store_flush()
 *
 * Frees the space of what has become zero, afterwards. May sleep; with
 * memalloc_noio_save() in force, by who has not passed the gate.
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_overlay_flush(struct reloop_overlay *overlay, bool sync, bool *lost);

#endif /* RELOOP_OVERLAY_H */
