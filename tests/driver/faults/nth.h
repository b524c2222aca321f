/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Nth allocation, page allocation or copy from or to user memory that a thread asks the kernel for fails. N counts all
 * three together, so that a sweep over N meets every place.
 */
#ifndef TESTS_DRIVER_FAULTS_NTH_H
#define TESTS_DRIVER_FAULTS_NTH_H

#include <stdbool.h>
#include <stdint.h>

/* Makes the kernel fail everything that it can; skips the test if it has no fault injection. */
void nth_prepare(void);
/*
 * The same, but only what the driver asks for itself or a few calls away. Deep below a probe 6.12 does not survive all of its
 * own failures: interrupts without a directory in /proc make it warn when they go.
 */
void nth_prepare_near(void);
/* From here on, in this thread. */
void nth_arm(uint32_t nth);
/* No more; whether it came to that. */
bool nth_disarm(void);

#endif
