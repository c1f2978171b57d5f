/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the data path and what holds the data.
 *
 * A store knows a binding and nothing of devices, requests or ioctls. All
 * positions and lengths are in bytes of the backing file, the binding's
 * offset included. Where nothing else is said functions may sleep and are called
 * with memalloc_noio_save() in force, because memory reclaim may be waiting.
 */
#ifndef RELOOP_STORE_H
#define RELOOP_STORE_H

#include <linux/fs.h>
#include <linux/uio.h>

#include "store/binding.h"

/**
 * reloop_store_rw() - read or write
 * @iocb: ki_pos, ki_flags, ki_ioprio and ki_complete set by the caller; a
 *        NULL ki_complete makes the call synchronous
 * @iter: the memory, its direction and length
 * @binding: where to
 *
 * For a write to a regular file the caller brackets the transfer with
 * kiocb_start_write() and kiocb_end_write().
 *
 * Return: the number of bytes transferred, which may be less than asked for
 * and is 0 past the end of the file; -EIOCBQUEUED when ki_complete will be
 * called with one of the other answers, from any context, possibly before
 * this returns; -EIO for a write behind the end of a block device; a negative
 * errno of the file system.
 */
ssize_t reloop_store_rw(struct kiocb *iocb, struct iov_iter *iter,
			const struct reloop_binding *binding);

/**
 * reloop_store_has_old() - whether pages may be older than what was written
 * @binding: where to
 *
 * A file system drops what its page cache has of a direct write when that
 * ends. A block device does so only before, if it ends later, and somebody may
 * have read it meanwhile. Any context.
 *
 * Return: whether reloop_store_forget() is to be called when a direct write
 * ends.
 */
bool reloop_store_has_old(const struct reloop_binding *binding);

/**
 * reloop_store_forget() - drop what the page cache has of a range
 * @binding: where
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * May sleep.
 */
void reloop_store_forget(const struct reloop_binding *binding, loff_t pos,
			 loff_t len);

/**
 * reloop_store_can_poll() - whether reads and writes may be polled for
 * @binding: where to
 *
 * If so, IOCB_HIPRI may be set together with IOCB_DIRECT and IOCB_NOWAIT, and
 * what is queued then may complete only when it is polled. Any context.
 */
bool reloop_store_can_poll(const struct reloop_binding *binding);

/**
 * reloop_store_poll() - look whether something has completed
 * @iocb: queued with IOCB_HIPRI; may have completed, as long as its owner
 *        leaves it as it is
 *
 * Whatever has completed gets its ki_complete called. Does not sleep.
 */
void reloop_store_poll(struct kiocb *iocb);

/**
 * reloop_store_flush() - make everything written so far durable
 * @binding: where
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_store_flush(const struct reloop_binding *binding);

/**
 * reloop_store_sync() - make what was written to a range durable
 * @binding: where
 * @pos: first byte
 * @len: number of bytes, not 0
 *
 * What IOCB_DSYNC asks for, but not every file system looks at that: of a
 * kiocb (ocfs2 asks the file), or at all (servers in user space).
 *
 * Return: 0 or a negative errno of the file system.
 */
int reloop_store_sync(const struct reloop_binding *binding, loff_t pos,
		      loff_t len);

/**
 * reloop_store_punch() - make a range read as zeroes and free its space
 * @binding: where
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: 0, -EOPNOTSUPP when the store cannot, -EIO behind the end of a block
 * device, a negative errno of the file system.
 */
int reloop_store_punch(const struct reloop_binding *binding, loff_t pos,
		       loff_t len);

/**
 * reloop_store_zero() - make a range read as zeroes and keep its space
 * @binding: where
 * @pos: first byte
 * @len: number of bytes
 *
 * Return: as reloop_store_punch().
 */
int reloop_store_zero(const struct reloop_binding *binding, loff_t pos,
		      loff_t len);

#endif /* RELOOP_STORE_H */
