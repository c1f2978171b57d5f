// SPDX-License-Identifier: GPL-2.0-only
#include "lib/wait.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "words/terminal.h"

#define PAUSE_NS (5 * 1000 * 1000)

uint64_t wait_deadline_ms(unsigned int from_now_ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000 + from_now_ms;
}

bool wait_more(uint64_t deadline_ms)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (wait_deadline_ms(0) >= deadline_ms)
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
	*ms = seconds * 1000;
	return true;
}
