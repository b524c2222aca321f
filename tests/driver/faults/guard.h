/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests that may make the driver say what has gone wrong. The kernel must not find anything wrong with the driver: a report
 * in its log fails the test.
 */
#ifndef TESTS_DRIVER_FAULTS_GUARD_H
#define TESTS_DRIVER_FAULTS_GUARD_H

#include "lib/check.h"

void guard_add(const struct test *tests, unsigned int num);
/* run_tests() for what was added. */
int guard_run(const char *suite, int argc, char **argv);

#endif
