/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded damage to files, and the bookkeeping that lets a crash name the case that caused it. */
#ifndef TESTS_COMPILER_FRONT_MUTATE_H
#define TESTS_COMPILER_FRONT_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rng.h"

/* Independent sequences for each (seed, index). */
struct rng rng_make(uint64_t seed, uint64_t index);

/*
 * A damaged copy, malloc'd with exactly *bytes bytes so that AddressSanitizer sees every overrun: one to eight
 * changes of bits, bytes, 16-bit and 32-bit words to values that readers trip over, copied blocks, or a cut.
 * NULL when out of memory.
 */
uint8_t *mutate(struct rng *r, const uint8_t *file, size_t file_bytes, size_t *bytes);

/*
 * Names the running case for the replay line, and gives it this many seconds of processor time; a crash or a timeout prints the
 * line and ends the process.
 */
void case_begin(const char *program, uint64_t seed, uint64_t index, const char *file, unsigned int seconds);
void case_end(void);

#endif
