/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of random tests: PROGRAM [SEED [COUNT]]. */
#ifndef TESTS_COSIM_REPLAY_H
#define TESTS_COSIM_REPLAY_H

#include <stdint.h>

#include "lib/rng.h"

struct replay {
	struct rng rng;
	uint32_t count;
};

/* What the arguments say, count if they say nothing of it; prints the line that runs the same again. */
struct replay replay_parse(int argc, char **argv, uint32_t count);

#endif /* TESTS_COSIM_REPLAY_H */
