/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives one command to the store. Called by life.c and damage.c; calls the
 * store and the gate.
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
 * @complete: ki_complete of direct I/O, which is called with the kiocb of @cmd:
 *            in process, soft or hard interrupt context, possibly before this
 *            returns
 *
 * May sleep, for memory even where the store is asked not to block. Called with
 * memalloc_noio_save() in force. reloop_transfer_end() is to follow, whatever
 * it returns.
 *
 * Return: the number of bytes transferred of a read or a write, which may be
 * less than asked for; 0 of anything else; -EIOCBQUEUED when @complete will be
 * called with one of the other answers; -EAGAIN where it would have to block
 * and must not; -EOPNOTSUPP when the store cannot; a negative errno of the
 * store.
 */
ssize_t reloop_transfer_begin(struct reloop_cmd *cmd,
			      reloop_complete_func complete);

/**
 * reloop_transfer_first() - give the store the first bytes of a command
 * @cmd: set up, and not with the store; reads or writes, neither direct nor nowait
 * @bytes: how many, whole sectors, of what is left of the request
 * @page: of a write, what is to be written instead, from its beginning; or NULL
 *
 * May sleep. Called with memalloc_noio_save() in force. reloop_transfer_end() is
 * to follow, whatever it returns.
 *
 * Return: the number of bytes transferred, which may be less; a negative errno of
 * the store.
 */
ssize_t reloop_transfer_first(struct reloop_cmd *cmd, unsigned int bytes,
			      struct page *page);

/**
 * reloop_transfer_end() - give back what a command has needed with the store
 * @cmd: the store is done with it; its result may become less, see
 *	 reloop_store_written()
 *
 * Any context.
 */
void reloop_transfer_end(struct reloop_cmd *cmd);

#endif /* RELOOP_TRANSFER_H */
