/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for a condition that has no event: try, wait a little, until a deadline. */
#ifndef RELOOP_WAIT_H
#define RELOOP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Sleeps some milliseconds; false, at once, when @deadline, of deadline_ms(), has passed. */
bool wait_more(uint64_t deadline);

/* Seconds, with a fraction perhaps; false if that is not what @text says. */
bool wait_parse_seconds(const char *text, unsigned int *ms);

#endif
