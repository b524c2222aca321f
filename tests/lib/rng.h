/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeded random numbers of the tests (splitmix64): the same on every host. Any state is a good seed: struct rng r = {seed}.
 */
#ifndef TESTS_LIB_RNG_H
#define TESTS_LIB_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_u64(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint32_t rng_next(struct rng *r)
{
	return (uint32_t)(rng_u64(r) >> 32);
}

/* 0 to n - 1; n is 1 to 2^32. */
static inline uint32_t rng_below(struct rng *r, uint64_t n)
{
	return (uint32_t)(rng_next(r) * n >> 32);
}

/* lo to hi, both included. */
static inline uint32_t rng_range(struct rng *r, uint32_t lo, uint32_t hi)
{
	return lo + rng_below(r, (uint64_t)hi - lo + 1);
}

/* The same with signs. */
static inline int32_t rng_in(struct rng *r, int32_t low, int32_t high)
{
	return (int32_t)(low + (int64_t)rng_below(r, (uint64_t)((int64_t)high - low) + 1));
}

/* True once in n. */
static inline bool rng_one_in(struct rng *r, uint32_t n)
{
	return rng_below(r, n) == 0;
}

/* True in percent of 100 cases. */
static inline bool rng_chance(struct rng *r, uint32_t percent)
{
	return rng_below(r, 100) < percent;
}

#endif
