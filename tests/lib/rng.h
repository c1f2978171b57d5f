/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that are the same everywhere: splitmix64. */
#ifndef RNG_H
#define RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *rng);
unsigned int rng_below(struct rng *rng, unsigned int limit);
bool rng_one_in(struct rng *rng, unsigned int count);

/* A state for a part of what @first is the seed of. */
uint64_t rng_mix(uint64_t first, uint64_t second);

#endif
