/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of tests, and what they have in common. */
#ifndef TESTS_DRIVER_FAULTS_TESTS_H
#define TESTS_DRIVER_FAULTS_TESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/check.h"

extern const struct test job_tests[];
extern const unsigned int num_job_tests;
extern const struct test firmware_tests[];
extern const unsigned int num_firmware_tests;
extern const struct test bind_tests[];
extern const unsigned int num_bind_tests;
extern const struct test kill_tests[];
extern const unsigned int num_kill_tests;
extern const struct test wedged_tests[];
extern const unsigned int num_wedged_tests;
extern const struct test closing_tests[];
extern const unsigned int num_closing_tests;
extern const struct test dying_tests[];
extern const unsigned int num_dying_tests;
extern const struct test pci_tests[];
extern const unsigned int num_pci_tests;
extern const struct test bus_tests[];
extern const unsigned int num_bus_tests;
extern const struct test gone_tests[];
extern const unsigned int num_gone_tests;

/* Resets of the chip since the driver was bound, from debugfs. */
uint32_t num_resets(void);

/* What is left in use of the driver's and the system's memory; compare a state with an earlier one of the same place. */
struct usage {
	uint64_t contexts;     /* the driver's slots */
	uint64_t shmem_kb;     /* buffer objects live there */
	uint64_t files;	       /* users of the module */
	uint64_t available_kb; /* memory of the system, without caches; 0 where kmemleak looks for what is lost */
};

struct usage usage_now(void);
/* Fails if more is in use than before, giving deferred work a second. */
void expect_usage(const struct usage *before);

#endif
