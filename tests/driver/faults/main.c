// SPDX-License-Identifier: Apache-2.0
/*
 * Faults, in the VM whose server runs with --faults: faults [TEST...]. Without names all tests but those that
 * leave no device behind ("unplugged", "server-dies"), or need a machine where it is behind a port ("bus-...").
 *
 * QUERN_FW_START   "ADDRESS BYTES" of the firmware's first steps, as images.py says
 * QUERN_FW_IMAGES  folder of images that are to be tried
 * QUERN_FW_DEADLY  image that dies of jobs of DEADLY_COMMANDS commands
 * QUERN_SEED       of what is random
 * QUERN_KILLS      how many processes are killed; 1000
 */
#include "guard.h"
#include "tests.h"

int main(int argc, char **argv)
{
	guard_add(job_tests, num_job_tests);
	guard_add(firmware_tests, num_firmware_tests);
	guard_add(kill_tests, num_kill_tests);
	guard_add(bind_tests, num_bind_tests);
	guard_add(wedged_tests, num_wedged_tests);
	guard_add(closing_tests, num_closing_tests);
	guard_add(dying_tests, num_dying_tests);
	guard_add(pci_tests, num_pci_tests);
	if (argc > 1) {
		guard_add(bus_tests, num_bus_tests);
		guard_add(gone_tests, num_gone_tests);
	}
	return guard_run("faults", argc, argv);
}
