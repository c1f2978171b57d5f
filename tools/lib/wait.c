// SPDX-License-Identifier: GPL-2.0-only
#include "lib/wait.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "lib/deadline.h"
#include "lib/progress.h"

#define PAUSE_NS (5 * 1000 * 1000)

bool wait_more(uint64_t deadline)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (deadline_ms(0) >= deadline)
		return false;
	progress_tick();
	nanosleep(&pause, NULL);
	return true;
}

bool wait_parse_seconds(const char *text, unsigned int *ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0 && seconds <= INT_MAX / 1000))
		return false;
	/* 1.001 is a little less than that in binary. */
	*ms = seconds * 1000 + 0.5;
	return true;
}
