/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that depend on the seed only. */
#ifndef TESTS_DRIVER_RNG_H
#define TESTS_DRIVER_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline struct rng rng_seed(uint64_t seed)
{
	return (struct rng){.state = (seed + 1) * 0x9e3779b97f4a7c15ull | 1};
}

static inline uint64_t rng_next(struct rng *rng)
{
	rng->state ^= rng->state << 13;
	rng->state ^= rng->state >> 7;
	rng->state ^= rng->state << 17;
	return rng->state * 0x2545f4914f6cdd1dull;
}

/* Below bound, which is not zero. */
static inline uint32_t rng_below(struct rng *rng, uint32_t bound)
{
	return (uint32_t)((rng_next(rng) >> 33) % bound);
}

#endif
