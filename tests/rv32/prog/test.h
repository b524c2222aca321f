/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the test programs that run on the core share. A program's main()
 * returns 0 for success; a failed CHECK ends it with the line number.
 */
#ifndef TESTS_RV32_PROG_TEST_H
#define TESTS_RV32_PROG_TEST_H

#include <stddef.h>
#include <stdint.h>

#include "testmem.h"

void test_exit(unsigned int status) __attribute__((noreturn));

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			test_exit(__LINE__);                                                                           \
	} while (0)

#define device ((volatile uint32_t *)TESTMEM_DEVICE)

#define csr_read(csr)                                                                                                  \
	({                                                                                                             \
		uint32_t value_;                                                                                       \
		__asm__ volatile("csrr %0, " #csr : "=r"(value_)::"memory");                                           \
		value_;                                                                                                \
	})
#define csr_write(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"rK"(value) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"rK"(bits) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"rK"(bits) : "memory")

#define MIE_SOFTWARE (1u << 3)
#define MIE_TIMER (1u << 7)
#define MIE_EXTERNAL (1u << 11)
#define MSTATUS_MIE (1u << 3)
#define MSTATUS_MPIE (1u << 7)

/* Reproducible numbers for test data */
static inline uint32_t test_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#endif
