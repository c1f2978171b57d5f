/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_DEADLINE_H
#define RELOOP_DEADLINE_H

#include <stdint.h>

/* A point on the monotonic clock. */
uint64_t deadline_ms(unsigned int from_now_ms);

/* Milliseconds until then, or 0. */
unsigned int deadline_left(uint64_t deadline);

#endif
