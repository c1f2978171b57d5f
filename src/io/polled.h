/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands that are polled are in a list of the device, by their requests'
 * queuelist. Who polls one takes it off the list meanwhile. If it completes
 * just then, it is left to him, since he may still look at the kiocb.
 *
 * While anything is in the list, the device's poll_work is pending or running.
 * It runs in the block layer's own workqueue, which is never frozen, does not
 * depend on free memory, and looks for requests that take too long as well. In
 * the device's, all workers may be waiting for what is in the list.
 *
 * All of this may be called in any context.
 */
#ifndef RELOOP_POLLED_H
#define RELOOP_POLLED_H

#include <linux/workqueue.h>

struct reloop_cmd;
struct reloop_io;

/**
 * reloop_polled_init() - a list with nothing in it
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
 * reloop_polled_remove() - a command has completed
 * @cmd: both references are dropped
 *
 * Return: false if it is left to who polls it.
 */
bool reloop_polled_remove(struct reloop_cmd *cmd);

/**
 * reloop_polled_take() - take a command off the list, to poll it
 * @io: initialised
 *
 * reloop_polled_put() is to follow.
 *
 * Return: the command that has not been polled for the longest time, or NULL.
 */
struct reloop_cmd *reloop_polled_take(struct reloop_io *io);

/**
 * reloop_polled_put() - back to the list
 * @cmd: from reloop_polled_take()
 *
 * Return: false if it has completed, and is the caller's.
 */
bool reloop_polled_put(struct reloop_cmd *cmd);

/**
 * reloop_polled_count() - how many commands are in the list
 * @io: initialised
 */
unsigned int reloop_polled_count(struct reloop_io *io);

#endif /* RELOOP_POLLED_H */
