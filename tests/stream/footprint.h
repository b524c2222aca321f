/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command touches, as a list of accesses. The generator takes from it whether a command is legal, whether it is
 * free of races and which tokens it needs.
 */
#ifndef TESTS_STREAM_FOOTPRINT_H
#define TESTS_STREAM_FOOTPRINT_H

#include <stdbool.h>
#include <stdint.h>

#define FOOTPRINT_MAX 16384

enum access_space { ACCESS_SPM, ACCESS_ACC, ACCESS_HOST };

struct access {
	uint8_t space; /* enum access_space */
	bool write;
	uint32_t len;	/* bytes; entries of ACC */
	uint64_t start; /* scratchpad byte, accumulator entry, device virtual address */
};

struct footprint {
	uint32_t count;
	bool overflow; /* more accesses than fit, or more work than a test wants */
	struct access access[FOOTPRINT_MAX];
};

/* The accesses of a command whose fields pass quern_cmd_check(). Vectors are listed whole. */
void footprint_of(struct footprint *f, const uint32_t *w, uint32_t n, const uint64_t *region);

#endif
