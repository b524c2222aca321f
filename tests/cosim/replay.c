// SPDX-License-Identifier: Apache-2.0
/* The command line of random tests: see replay.h. */
#include <stdio.h>
#include <stdlib.h>

#include "replay.h"

struct replay replay_parse(int argc, char **argv, uint32_t count)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;

	if (argc > 2)
		count = (uint32_t)strtoul(argv[2], NULL, 0);
	printf("replay: %s %llu %u\n", argv[0], (unsigned long long)seed, count);
	return (struct replay){.rng = {seed}, .count = count};
}
