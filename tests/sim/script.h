/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests' firmware does: a list of accesses that the host writes into the TCM, executed by the control core. So
 * a test in C on the host drives every register that only the core may touch.
 */
#ifndef TESTS_SIM_SCRIPT_H
#define TESTS_SIM_SCRIPT_H

#include <stdint.h>

#define SCRIPT_ADDR 0x4000 /* in the TCM */
#define SCRIPT_MAX 256
#define SCRIPT_STACK "0x10000" /* for the assembler */

enum script_op {
	SCRIPT_END = 0,	   /* raise vector 0 and sleep for ever */
	SCRIPT_WRITE = 1,  /* store value */
	SCRIPT_READ = 2,   /* load into result */
	SCRIPT_POLL = 3,   /* load into result until (result & mask) == value */
	SCRIPT_SLEEP = 4,  /* wfi; the cycle counter's low word into result */
	SCRIPT_SPIN = 5,   /* for ever */
	SCRIPT_WRITE8 = 6, /* store the low byte of value */
	SCRIPT_JUMP = 7,   /* to addr */
};

struct script_step {
	uint32_t op;
	uint32_t addr; /* of the core */
	uint32_t value;
	uint32_t mask;
	uint32_t result;
};

#endif /* TESTS_SIM_SCRIPT_H */
