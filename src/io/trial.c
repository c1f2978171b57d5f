// SPDX-License-Identifier: GPL-2.0-only
/* Which of two ways is cheaper, by measure; pure C. */
#include "io/trial.h"

#define WAIT_MIN	4
#define WAIT_MAX	128

static bool is_second_better(const struct reloop_trial *trial)
{
	return trial->costs[1] < trial->costs[0] - trial->costs[0] / 8;
}

/* The way that is tried is the better one. */
static bool is_success(const struct reloop_trial *trial)
{
	return is_second_better(trial) == trial->is_second;
}

static void begin_trial(struct reloop_trial *trial)
{
	trial->stage = 1;
	trial->is_second = !trial->is_second;
	if (!trial->wait)
		trial->wait = WAIT_MIN;
}

static void end_trial(struct reloop_trial *trial)
{
	if (is_success(trial))
		trial->wait = WAIT_MIN;
	else if (trial->wait < WAIT_MAX)
		trial->wait *= 2;
	trial->stage = 0;
	trial->skip = trial->wait;
	trial->is_second = is_second_better(trial);
}

void reloop_trial_next(struct reloop_trial *trial, unsigned int cost)
{
	trial->costs[trial->is_second] = cost;
	if (trial->stage == 1 && is_success(trial)) {
		trial->stage = 2;
	} else if (trial->stage) {
		end_trial(trial);
	} else if (trial->is_second && !is_second_better(trial)) {
		trial->is_second = false;
		trial->skip = trial->wait;
	} else if (trial->skip) {
		trial->skip--;
	} else {
		begin_trial(trial);
	}
}
