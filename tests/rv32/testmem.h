/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory and devices around the core under test. The RTL and the simulator
 * have one each, loaded alike, so that a lost or misplaced store shows.
 *
 *   TESTMEM_BASE   RAM, for fetches and data
 *   TESTMEM_ALIAS  the same RAM for data only, without write protection
 *   TESTMEM_HIGH   the same, but writes change only upper halfwords, and only where the lower one
 *                  is zero, as it is in the word in which a straddling fence.i ends
 *   TESTMEM_DEVICE registers, below
 *
 * Everything else answers with an access fault.
 */
#ifndef TESTS_RV32_TESTMEM_H
#define TESTS_RV32_TESTMEM_H

#include <stdbool.h>
#include <stdint.h>

#define TESTMEM_BASE 0x00010000u
#define TESTMEM_ALIAS 0x40010000u
#define TESTMEM_HIGH 0x50010000u
#define TESTMEM_BYTES 0x00010000u
#define TESTMEM_WORDS (TESTMEM_BYTES / 4)
#define TESTMEM_DEVICE 0x20000000u

/* Device registers, as word offsets. They read as last written. */
enum testmem_reg {
	TESTMEM_EXIT,  /* ends the program; the value is its exit status */
	TESTMEM_PUTC,  /* prints a character */
	TESTMEM_IRQ,   /* level of the software and external lines, as bits of mip */
	TESTMEM_TIMER, /* lowers the timer line; it rises after this many cycles (0: never) */
	TESTMEM_REGS,
};

struct testmem {
	uint32_t ram[TESTMEM_WORDS];
	uint32_t reg[TESTMEM_REGS];
	bool poisoned[TESTMEM_WORDS]; /* fetches of these words fault */
	uint32_t fetch_bytes;	      /* instructions can be fetched from the first bytes ... */
	uint32_t protected_bytes;     /* ... and these cannot be written at TESTMEM_BASE */
};

/* Word accesses; addresses are word aligned. Return 0, or -1 for an access fault. */
int testmem_fetch(const struct testmem *m, uint32_t addr, uint32_t *word);
int testmem_load(const struct testmem *m, uint32_t addr, uint32_t *word);
/* @be has a bit for each byte that is written. */
int testmem_store(struct testmem *m, uint32_t addr, unsigned int be, uint32_t word);

#endif
