/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random programs for the lock-step test, covering every instruction.
 *
 * A program fills the first half of the RAM: vector table, trap handler, a
 * prologue that sets every register, then random instructions. The second half
 * is data, around which x2, x8 and x9 mostly point. The handler mostly resumes
 * at a random place taken from a table in the data, so that no random loop lasts.
 */
#ifndef TESTS_RV32_GEN_H
#define TESTS_RV32_GEN_H

#include "lib/rng.h"
#include "testmem.h"

/* Fills @m and returns the address to boot from. */
uint32_t gen_program(struct testmem *m, struct rng *rng);

#endif
