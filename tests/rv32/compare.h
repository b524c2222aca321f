/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The comparison inside lockstep.c's clock cycle.
 */
#ifndef TESTS_RV32_COMPARE_H
#define TESTS_RV32_COMPARE_H

#include "lockstep.h"

/* Fails the run with a message; the first one stays. */
void compare_fail(struct lockstep *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Follows an instruction or an interrupt of this cycle in the simulator and compares. */
void compare_cycle(struct lockstep *l);

/* Compares all CSRs; call after the clock edge. */
void compare_csrs(struct lockstep *l);

#endif
