/* SPDX-License-Identifier: Apache-2.0 */
/* Good calls of every kind on what the pool has, as the fuzzer makes them; and what becomes of the pool after them. */
#ifndef TESTS_DRIVER_FUZZ_CALLS_H
#define TESTS_DRIVER_FUZZ_CALLS_H

#include "fields.h"
#include "fuzz_pool.h"

struct fuzz_call {
	const char *name;
	unsigned long request;
	unsigned int weight;
	void (*make)(struct request *r, struct pool_file *file, struct rng *rng);
	/* After success; may be NULL. */
	void (*done)(const struct request *r, struct pool_file *file);
};

/* The driver's ioctls and those of the DRM core that reach its objects. */
extern const struct fuzz_call fuzz_calls[];
extern const unsigned int num_fuzz_calls;

#endif
