// SPDX-License-Identifier: GPL-2.0-only
#include "rng.h"

uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t rng_mix(uint64_t first, uint64_t second)
{
	struct rng rng = { .state = first };

	rng.state = rng_next(&rng) ^ second;
	return rng_next(&rng);
}

unsigned int rng_below(struct rng *rng, unsigned int limit)
{
	return rng_next(rng) % limit;
}

bool rng_one_in(struct rng *rng, unsigned int count)
{
	return rng_below(rng, count) == 0;
}
