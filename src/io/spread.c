// SPDX-License-Identifier: GPL-2.0-only
/* Whether a worker issues what a task could issue itself. */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "io/io.h"
#include "io/spread.h"
#include "io/submit.h"

#define REQUESTS_MEASURED	256
/* Who waits for three of four has no lack of processor. */
#define WAITS_MAX		(REQUESTS_MEASURED * 3 / 4)
/* A task that takes longer for so many has something else to do as well. */
#define TASK_TIMEOUT		(HZ / 2)

/* By the stage of a trial, which may be slow, and so begins with few. */
static const unsigned int requests_measured[] = { REQUESTS_MEASURED, 16, 64 };

/* An urgent task must not need a worker. */
bool reloop_spread_is_on(const struct reloop_io *io)
{
	return READ_ONCE(io->spread.is_on) &&
	       READ_ONCE(io->spread.task) == current &&
	       !reloop_submit_is_urgent();
}

/* A task that issues, and does not wait for nearly all of that to end. */
static bool is_busy(const struct reloop_spread *spread)
{
	return current->nvcsw - spread->waits <= WAITS_MAX;
}

static bool is_slow(const struct reloop_spread *spread)
{
	return time_after(jiffies, READ_ONCE(spread->stamp) + TASK_TIMEOUT);
}

/* If several tasks do this at once, something is measured in vain. */
static bool may_take_over(const struct reloop_spread *spread)
{
	return !READ_ONCE(spread->task) || is_slow(spread);
}

static void measure(struct reloop_spread *spread, u64 now)
{
	u64 ns = div_u64(now - spread->began, spread->count ?: 1);

	reloop_trial_next(&spread->trial, min_t(u64, ns, UINT_MAX));
}

static void begin(struct reloop_spread *spread, u64 now)
{
	WRITE_ONCE(spread->is_on, spread->trial.is_second);
	WRITE_ONCE(spread->stamp, jiffies);
	spread->began = now;
	spread->waits = current->nvcsw;
	spread->count = 0;
}

void reloop_spread_count(struct reloop_io *io, unsigned int requests)
{
	struct reloop_spread *spread = &io->spread;
	bool is_new = READ_ONCE(spread->task) != current;
	u64 now;

	/* For kernel threads a worker issues anyway. */
	if ((current->flags & PF_KTHREAD) ||
	    (is_new && !may_take_over(spread)))
		return;
	spread->count += requests;
	if (!is_new && spread->count < requests_measured[spread->trial.stage])
		return;
	now = ktime_get_ns();
	if (is_new || is_slow(spread) || num_online_cpus() == 1 ||
	    (!spread->trial.is_second && !is_busy(spread)))
		spread->trial = (struct reloop_trial){ };
	else
		measure(spread, now);
	WRITE_ONCE(spread->task, current);
	begin(spread, now);
}
