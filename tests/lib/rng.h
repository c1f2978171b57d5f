/* SPDX-License-Identifier: GPL-2.0-only */
/* Pseudo-random numbers that are the same on every machine: splitmix64. */
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

/* The state for part @second of a run whose seed is @first. */
uint64_t rng_mix(uint64_t first, uint64_t second);

#endif
