// SPDX-License-Identifier: Apache-2.0
/* The whole chip through the simulation API: sim-test firmware.bin [check] [jitter] [slow]. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "groups.h"

int chip_setup(void **state)
{
	struct chip *chip = malloc(sizeof(*chip));

	assert_non_null(chip);
	chip_open(chip);
	*state = chip;
	return 0;
}

int chip_teardown(void **state)
{
	chip_close(*state);
	free(*state);
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2) {
		fprintf(stderr, "usage: %s firmware.bin [check] [jitter] [slow]\n", argv[0]);
		return 2;
	}
	chip_firmware = argv[1];
	for (i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "check"))
			chip_params.flags |= QUERN_SIM_CHECK;
		if (!strcmp(argv[i], "jitter"))
			chip_params.flags |= QUERN_SIM_JITTER;
		if (!strcmp(argv[i], "slow"))
			chip_params.bus_bytes_per_cycle = 4;
	}
	return run_register_tests() + run_cdma_tests() + run_job_tests() ? EXIT_FAILURE : EXIT_SUCCESS;
}
