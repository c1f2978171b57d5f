/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands that are polled are in a list of the device, by their requests'
 * queuelist. Whoever polls one takes it off the list meanwhile. If it completes
 * just then, its end is left to the poller, which may still look at the kiocb.
 *
 * While anything is in the list, the device's poll_work is pending or running.
 * It runs in the block layer's own workqueue, which is never frozen, does not
 * depend on free memory, and also looks for requests that take too long. In the
 * device's workqueue, all workers may be waiting for what is in the list.
 *
 * All of these functions may be called in any context.
 */
#ifndef RELOOP_POLLED_H
#define RELOOP_POLLED_H

#include <linux/workqueue.h>

struct reloop_cmd;
struct reloop_io;

/**
 * reloop_polled_init() - initialize the list, empty
 * @io: zeroed
 * @poll: polls each command in the list once; may neither sleep nor wait
 */
void reloop_polled_init(struct reloop_io *io, work_func_t poll);

/**
 * reloop_polled_add() - put a command into the list
 * @cmd: queued by the store with IOCB_HIPRI; the caller has the issuer's
 *       reference
 */
void reloop_polled_add(struct reloop_cmd *cmd);

/**
 * reloop_polled_remove() - remove a command that has completed
 * @cmd: both references are dropped
 *
 * Return: false if its end is left to whoever polls it.
 */
bool reloop_polled_remove(struct reloop_cmd *cmd);

/**
 * reloop_polled_take() - take a command off the list, to poll it
 * @io: initialized
 *
 * reloop_polled_put() must follow.
 *
 * Return: the command that has not been polled for the longest time, or NULL.
 */
struct reloop_cmd *reloop_polled_take(struct reloop_io *io);

/**
 * reloop_polled_put() - put a command back into the list
 * @cmd: from reloop_polled_take()
 *
 * Return: false if it has completed, and belongs to the caller.
 */
bool reloop_polled_put(struct reloop_cmd *cmd);

/**
 * reloop_polled_count() - how many commands are in the list
 * @io: initialized
 */
unsigned int reloop_polled_count(struct reloop_io *io);

#endif /* RELOOP_POLLED_H */
