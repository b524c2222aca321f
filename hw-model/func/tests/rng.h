/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded random numbers of the unit tests (splitmix64): the same on every host. */
#ifndef HW_MODEL_FUNC_TESTS_RNG_H
#define HW_MODEL_FUNC_TESTS_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint32_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 32);
}

/* low <= result <= high */
static inline int32_t rng_in(struct rng *r, int32_t low, int32_t high)
{
	return (int32_t)(low + (int64_t)(rng_next(r) % ((uint64_t)((int64_t)high - low) + 1)));
}

/* True once in n. */
static inline int rng_one_in(struct rng *r, uint32_t n)
{
	return rng_next(r) % n == 0;
}

#endif
