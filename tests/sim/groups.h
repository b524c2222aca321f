/* SPDX-License-Identifier: Apache-2.0 */
/* The groups of tests in this folder; each returns the number of failures. A test gets a new chip. */
#ifndef TESTS_SIM_GROUPS_H
#define TESTS_SIM_GROUPS_H

#include "chip.h"

int chip_setup(void **state);
int chip_teardown(void **state);

#define CHIP_TEST(function) cmocka_unit_test_setup_teardown(function, chip_setup, chip_teardown)

int run_register_tests(void);
int run_cdma_tests(void);
int run_job_tests(void);

#endif /* TESTS_SIM_GROUPS_H */
