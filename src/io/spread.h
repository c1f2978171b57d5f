/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a worker issues what a task could issue itself, on another processor.
 * That takes more of all processors together, but one program with many
 * requests in flight may get more done. Whether it does is measured, for one
 * task of each device: if several have much to do, they have several
 * processors.
 */
#ifndef RELOOP_SPREAD_H
#define RELOOP_SPREAD_H

#include <linux/cache.h>
#include <linux/types.h>

#include "io/trial.h"

struct reloop_io;

/**
 * struct reloop_spread - what is measured; zeroed, nothing yet
 * @task: whose requests are. Only compared, never dereferenced.
 * @is_on: a worker issues them
 * @stamp: when they were last measured, in jiffies
 * @count: how many there have been since then
 * @began: when counting began, in nanoseconds
 * @waits: how often the task had waited by then
 * @trial: the first way is that the task issues, the second that a worker does
 *
 * Other tasks only look at the first three.
 */
struct reloop_spread {
	const struct task_struct *task;
	bool is_on;
	unsigned long stamp;
	unsigned int count ____cacheline_aligned_in_smp;
	u64 began;
	unsigned long waits;
	struct reloop_trial trial;
};

/**
 * reloop_spread_is_on() - whether a worker issues what this task submits
 * @io: of the device
 *
 * The submitter's context.
 */
bool reloop_spread_is_on(const struct reloop_io *io);

/**
 * reloop_spread_count() - measure what this task has submitted
 * @io: of the device
 * @requests: how many
 *
 * The submitter's context.
 */
void reloop_spread_count(struct reloop_io *io, unsigned int requests);

#endif /* RELOOP_SPREAD_H */
