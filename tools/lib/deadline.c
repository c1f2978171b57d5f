// SPDX-License-Identifier: GPL-2.0-only
#include "lib/deadline.h"

#include <time.h>

uint64_t deadline_ms(unsigned int from_now_ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000 + from_now_ms;
}

unsigned int deadline_left(uint64_t deadline)
{
	uint64_t now = deadline_ms(0);

	return deadline > now ? deadline - now : 0;
}
