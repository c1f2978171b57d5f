/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives a command to the store. Called by life.c and damage.c; calls the store
 * and the gate.
 */
#ifndef RELOOP_TRANSFER_H
#define RELOOP_TRANSFER_H

#include <linux/fs.h>

struct reloop_cmd;

/* What the store calls when it is done; any context. */
typedef void (*reloop_complete_func)(struct kiocb *iocb, long result);

/**
 * reloop_transfer_begin() - give a command to the store
 * @cmd: set up, and not with the store
 * @complete: ki_complete of direct I/O, called with the kiocb of @cmd in
 *            process, soft or hard interrupt context, possibly before this
 *            function returns
 *
 * May sleep for memory, even if the store is asked not to block. Called with
 * memalloc_noio_save() in force. reloop_transfer_end() must follow, whatever
 * this returns.
 *
 * Return: for a read or a write, the number of bytes transferred, which may be
 * less than asked for; for anything else, 0; -EIOCBQUEUED if @complete will be
 * called with one of the other results; -EAGAIN if it would have to block and
 * must not; -EOPNOTSUPP if the store cannot do it; a negative errno of the
 * store.
 */
ssize_t reloop_transfer_begin(struct reloop_cmd *cmd,
			      reloop_complete_func complete);

/**
 * reloop_transfer_first() - give the first bytes of a command to the store
 * @cmd: set up, and not with the store; a read or write, neither direct nor
 *       nowait
 * @bytes: how many of the bytes that are left of the request, whole sectors
 * @page: for a write, what to write instead, from its beginning; or NULL
 *
 * May sleep. Called with memalloc_noio_save() in force. reloop_transfer_end()
 * must follow, whatever this returns.
 *
 * Return: the number of bytes transferred, which may be less; a negative errno
 * of the store.
 */
ssize_t reloop_transfer_first(struct reloop_cmd *cmd, unsigned int bytes,
			      struct page *page);

/**
 * reloop_transfer_end() - give back what a command needed while with the store
 * @cmd: the store is done with it; its result may become less, see
 *       reloop_store_written()
 *
 * Any context.
 */
void reloop_transfer_end(struct reloop_cmd *cmd);

#endif /* RELOOP_TRANSFER_H */
