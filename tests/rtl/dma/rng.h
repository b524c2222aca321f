/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded random numbers (xorshift64*), the same on every host. */
#ifndef TESTS_RTL_DMA_RNG_H
#define TESTS_RTL_DMA_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline void rng_seed(struct rng *r, uint64_t seed)
{
	r->state = (seed + 1) * 0x9e3779b97f4a7c15ull;
}

static inline uint64_t rng_u64(struct rng *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1dull;
}

/* 0 to n - 1; n > 0 */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return (uint32_t)((rng_u64(r) >> 32) * n >> 32);
}

/* lo to hi, both included */
static inline uint32_t rng_range(struct rng *r, uint32_t lo, uint32_t hi)
{
	return lo + rng_below(r, hi - lo + 1);
}

/* True in pct of 100 cases. */
static inline bool rng_chance(struct rng *r, uint32_t pct)
{
	return rng_below(r, 100) < pct;
}

#endif
