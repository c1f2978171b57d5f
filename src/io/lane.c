// SPDX-License-Identifier: GPL-2.0-only
/* Where commands wait for a worker that takes many at once. */
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "io/io.h"
#include "io/lane.h"
#include "io/submit.h"

void reloop_lane_init(struct reloop_lane *lane, work_func_t func)
{
	init_llist_head(&lane->cmds);
	INIT_WORK(&lane->work, func);
}

/*
 * Whether this task, or an interrupt of it, need not wake a worker, because the
 * task itself looks into the lane next.
 */
static bool takes_itself(struct reloop_io *io, enum reloop_lane_index index)
{
	/* A loop device below may make it wait for what is in the lane. */
	return index == RELOOP_LANE_FINISH && !io->is_nested &&
	       READ_ONCE(io->flusher) == current;
}

/*
 * An issuer comes by every few microseconds as long as it is busy. One that has
 * not come for so long waits, perhaps for what was left to it.
 */
#define LEFT_NS		(50 * NSEC_PER_USEC)

enum left_state {
	LEFT_NOTHING,		/* the timer is off */
	LEFT_SOME,		/* it will wake the worker */
	LEFT_TAKEN,		/* an issuer has come, and may come again */
};

/*
 * Who has issued on this processor most recently, and to which device. Both are
 * only compared. If they do not belong together, because a task was preempted
 * between, something is left in vain.
 */
struct issuer {
	const struct task_struct *task;
	const struct reloop_io *io;
};

static DEFINE_PER_CPU(struct issuer, last_issuer);

void reloop_left_expect(struct reloop_io *io)
{
	this_cpu_write(last_issuer.task, current);
	this_cpu_write(last_issuer.io, io);
}

/*
 * Whether an issuer was interrupted, which takes what is in the lane later. What
 * others have left to any issuer may block, which an urgent one must not.
 */
static bool leaves(struct reloop_io *io)
{
	struct reloop_left *left = &io->left;

	if (in_task() || this_cpu_read(last_issuer.task) != current ||
	    this_cpu_read(last_issuer.io) != io || io->is_nested ||
	    reloop_submit_is_urgent() || reloop_hint_skip(&left->hint))
		return false;
	/* Pairs with the end of left_expire(). */
	if (cmpxchg(&left->state, LEFT_NOTHING, LEFT_SOME) == LEFT_NOTHING)
		hrtimer_start(&left->timer, ns_to_ktime(LEFT_NS),
			      HRTIMER_MODE_REL_PINNED);
	return true;
}

/* An issuer, or a flusher, takes what is to be finished. */
static struct llist_node *take_here(struct reloop_io *io)
{
	struct llist_node *cmds;

	cmds = reloop_lane_take(&io->lanes[RELOOP_LANE_FINISH]);
	if (cmds && READ_ONCE(io->left.state) == LEFT_SOME) {
		reloop_hint_learn(&io->left.hint, false);
		cmpxchg(&io->left.state, LEFT_SOME, LEFT_TAKEN);
	}
	return cmds;
}

struct llist_node *reloop_left_take(struct reloop_io *io)
{
	if (likely(READ_ONCE(io->left.state) == LEFT_NOTHING) ||
	    reloop_submit_is_urgent())
		return NULL;

	return take_here(io);
}

static enum hrtimer_restart left_expire(struct hrtimer *timer)
{
	struct reloop_io *io = container_of(timer, struct reloop_io,
					    left.timer);
	struct reloop_lane *lane = &io->lanes[RELOOP_LANE_FINISH];

	if (cmpxchg(&io->left.state, LEFT_TAKEN, LEFT_SOME) == LEFT_TAKEN) {
		hrtimer_forward_now(timer, ns_to_ktime(LEFT_NS));
		return HRTIMER_RESTART;
	}
	/* Whoever adds a command from here on starts the timer again. */
	xchg(&io->left.state, LEFT_NOTHING);
	if (!llist_empty(&lane->cmds)) {
		reloop_hint_learn(&io->left.hint, true);
		queue_work(io->finisher, &lane->work);
	}
	return HRTIMER_NORESTART;
}

void reloop_left_init(struct reloop_left *left)
{
	hrtimer_setup(&left->timer, left_expire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED);
}

void reloop_left_exit(struct reloop_left *left)
{
	hrtimer_cancel(&left->timer);
}

/*
 * Whoever adds the first command wakes the worker, which takes all. While a
 * task itself takes what it has added, or something is left to an issuer,
 * everybody else still wakes the worker.
 */
void reloop_lane_add(struct reloop_io *io, enum reloop_lane_index index,
		     struct llist_node *node)
{
	struct reloop_lane *lane = &io->lanes[index];
	bool is_finish = index == RELOOP_LANE_FINISH;
	bool is_first;

	rcu_read_lock();
	is_first = llist_add(node, &lane->cmds);
	if (!takes_itself(io, index) && !(is_finish && leaves(io)) &&
	    (is_first || (is_finish && (READ_ONCE(io->flusher) ||
					READ_ONCE(io->left.state)))))
		queue_work(is_finish ? io->finisher : io->workqueue,
			   &lane->work);
	rcu_read_unlock();
}

void reloop_lane_flush_begin(struct reloop_io *io)
{
	WRITE_ONCE(io->flusher, current);
}

struct llist_node *reloop_lane_flush_end(struct reloop_io *io)
{
	if (READ_ONCE(io->flusher) == current)
		WRITE_ONCE(io->flusher, NULL);
	/* From here on others wake the worker. */
	return take_here(io);
}
