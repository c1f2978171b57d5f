// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <limits.h>

#include "io/trial.h"

#define ROUNDS 1000

/* How often in ROUNDS the second way is taken, if the ways cost @first and @second. */
static int count_second(struct reloop_trial *trial, unsigned int first, unsigned int second)
{
	int count = 0;

	for (int i = 0; i < ROUNDS; i++) {
		count += trial->is_second;
		reloop_trial_next(trial, trial->is_second ? second : first);
	}
	return count;
}

static void check_choice(void)
{
	static const struct {
		unsigned int first, second;
		bool is_second;
	} costs[] = {
		{ 100, 10, true },
		{ 100, 87, true },
		{ 100, 90, false },
		{ 100, 100, false },
		{ 100, 1000, false },
		{ 0, 0, false },
		{ UINT_MAX, UINT_MAX, false },
		{ UINT_MAX, 1, true },
	};

	for (unsigned int i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		struct reloop_trial trial = { 0 };
		int count;

		count = count_second(&trial, costs[i].first, costs[i].second);
		/* Of more than sixty, one is a trial of the other way. */
		if (!costs[i].is_second)
			count = ROUNDS - count;
		CHECK(count > ROUNDS * 97 / 100 && count < ROUNDS, "%u or %u: %d of %d",
		      costs[i].first, costs[i].second, count, ROUNDS);
	}
}

/* What has become cheaper is found soon, whichever it is. */
static void check_change(void)
{
	struct reloop_trial trial = { 0 };

	count_second(&trial, 100, 200);
	CHECK(count_second(&trial, 100, 50) > ROUNDS * 9 / 10, "the second has become cheaper");
	CHECK(count_second(&trial, 40, 50) < ROUNDS / 10, "the first has become cheaper");
	CHECK(count_second(&trial, 100, 50) > ROUNDS * 8 / 10, "the second has become cheaper again");
}

int main(void)
{
	check_choice();
	check_change();
	return check_end();
}
