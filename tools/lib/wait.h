/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for a condition that has no event: try, sleep a little, until a deadline. */
#ifndef RELOOP_WAIT_H
#define RELOOP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Sleeps some milliseconds. Returns false at once if @deadline, from deadline_ms(), has passed. */
bool wait_more(uint64_t deadline);

/* Parses seconds, possibly with a fraction. Returns false if @text is something else. */
bool wait_parse_seconds(const char *text, unsigned int *ms);

#endif
