// SPDX-License-Identifier: GPL-2.0-only
/* Which of two ways is cheaper, by measure; pure C. */
#include "io/trial.h"

#define WAIT_MIN	4
#define WAIT_MAX	128

static bool is_second_better(const struct reloop_trial *trial)
{
	return trial->costs[1] < trial->costs[0] - trial->costs[0] / 8;
}

static void end_trial(struct reloop_trial *trial)
{
	bool is_second = is_second_better(trial);

	trial->is_trial = false;
	if (is_second == trial->is_second)
		trial->wait = WAIT_MIN;
	else if (trial->wait < WAIT_MAX)
		trial->wait *= 2;
	trial->skip = trial->wait;
	trial->is_second = is_second;
}

void reloop_trial_next(struct reloop_trial *trial, u32 cost)
{
	trial->costs[trial->is_second] = cost;
	if (trial->is_trial) {
		end_trial(trial);
	} else if (trial->is_second && !is_second_better(trial)) {
		trial->is_second = false;
		trial->skip = trial->wait;
	} else if (trial->skip) {
		trial->skip--;
	} else {
		trial->is_trial = true;
		trial->is_second = !trial->is_second;
		if (!trial->wait)
			trial->wait = WAIT_MIN;
	}
}
