/* SPDX-License-Identifier: Apache-2.0 */
/* Random LOAD, STORE and FILL commands that stay inside an area of scratchpad and host memory. */
#ifndef TESTS_RTL_DMA_GEN_H
#define TESTS_RTL_DMA_GEN_H

#include "bench.h"

struct gen_area {
	uint32_t spm_lo, spm_hi;   /* bytes */
	uint32_t host_lo, host_hi; /* offsets in the window at HOST_VA */
	const uint64_t *region;	   /* bases; any value */
};

/* A random command for the engine. */
void gen_command(struct rng *r, const struct gen_area *a, enum bench_engine e, uint32_t w[16]);
/* Host bytes that it moves. */
uint64_t gen_bytes(const uint32_t w[16]);

#endif
