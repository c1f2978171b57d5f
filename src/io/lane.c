// SPDX-License-Identifier: GPL-2.0-only
/* Where commands wait for a worker that takes many at once. */
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "io/io.h"
#include "io/lane.h"

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
 * Whoever adds the first command wakes the worker, which takes all. While a
 * task itself takes what it has added, everybody else still wakes the worker.
 */
void reloop_lane_add(struct reloop_io *io, enum reloop_lane_index index,
		     struct llist_node *node)
{
	struct reloop_lane *lane = &io->lanes[index];
	bool is_finish = index == RELOOP_LANE_FINISH;
	bool is_first;

	rcu_read_lock();
	is_first = llist_add(node, &lane->cmds);
	if (!takes_itself(io, index) &&
	    (is_first || (is_finish && READ_ONCE(io->flusher))))
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
	return reloop_lane_take(&io->lanes[RELOOP_LANE_FINISH]);
}
