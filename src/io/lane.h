/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where commands wait for a worker that takes many at once; and two kinds of
 * tasks that themselves take what waits to be finished. The flusher does so
 * when it has submitted its plug. And to an issuer that is interrupted by the
 * end of a command it is left until the next one that it issues: a program
 * with many writes in flight would otherwise take turns with a worker, write by
 * write.
 */
#ifndef RELOOP_LANE_H
#define RELOOP_LANE_H

#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/workqueue.h>

#include "io/hint.h"

struct reloop_io;

/* The lanes of a device. */
enum reloop_lane_index {
	RELOOP_LANE_BATCH,	/* reads and writes that do not block */
	RELOOP_LANE_WRITE,	/* writes that may block */
	RELOOP_LANE_FINISH,	/* what the store is done with */
	RELOOP_NR_LANES
};

/**
 * struct reloop_lane - commands on their way to one worker
 * @cmds: the commands, the newest first
 * @work: takes all of them
 * @plug: whether to issue them under a plug
 */
struct reloop_lane {
	struct llist_head cmds;
	struct work_struct work;
	struct reloop_hint plug;
};

/**
 * struct reloop_left - what is left to issuers
 * @state: enum left_state
 * @hint: whether to leave anything
 * @timer: wakes the worker if no issuer comes
 */
struct reloop_left {
	int state;
	struct reloop_hint hint;
	struct hrtimer timer;
};

/**
 * reloop_lane_init() - initialize a lane, empty
 * @lane: zeroed
 * @func: takes everything that is in it
 *
 * Any context.
 */
void reloop_lane_init(struct reloop_lane *lane, work_func_t func);

/**
 * reloop_lane_add() - give a command to the worker of a lane
 * @io: of the device, started
 * @index: the lane
 * @node: of the command
 *
 * Any context. The device may go away after its last command, so
 * reloop_io_exit() waits for RCU.
 */
void reloop_lane_add(struct reloop_io *io, enum reloop_lane_index index,
		     struct llist_node *node);

/**
 * reloop_lane_take() - take everything that is in a lane
 * @lane: of the device
 *
 * Any context.
 *
 * Return: the commands of the lane, the oldest first, or NULL.
 */
static inline struct llist_node *reloop_lane_take(struct reloop_lane *lane)
{
	return llist_reverse_order(llist_del_all(&lane->cmds));
}

/**
 * reloop_left_init() - initialize what is left to issuers: nothing
 * @left: zeroed
 *
 * Any context.
 */
void reloop_left_init(struct reloop_left *left);

/**
 * reloop_left_exit() - no issuer will come any more
 * @left: initialized
 *
 * May sleep. The lane is empty.
 */
void reloop_left_exit(struct reloop_left *left);

/**
 * reloop_left_expect() - this task issues a command, and perhaps more later
 * @io: of the device
 *
 * Before each command, in the issuer's context.
 */
void reloop_left_expect(struct reloop_io *io);

/**
 * reloop_left_take() - take what was left to an issuer
 * @io: of the device
 *
 * After each command, where the issuer may sleep.
 *
 * Return: the commands that the caller must finish, the oldest first, or NULL.
 */
struct llist_node *reloop_left_take(struct reloop_io *io);

/**
 * reloop_lane_flush_begin() - this task is about to submit what its plug has
 *         collected
 * @io: of the device
 *
 * What completes meanwhile, the task finishes itself, without a worker. If
 * several tasks do this at once, only the last one is known; the others leave
 * it to the worker. reloop_lane_flush_end() must follow.
 */
void reloop_lane_flush_begin(struct reloop_io *io);

/**
 * reloop_lane_flush_end() - this task has submitted what its plug had collected
 * @io: of the device
 *
 * Return: the commands that the caller must finish, the oldest first, or NULL.
 */
struct llist_node *reloop_lane_flush_end(struct reloop_io *io);

#endif /* RELOOP_LANE_H */
