/* SPDX-License-Identifier: Apache-2.0 */
/* Random page tables of 15 address spaces in a small piece of bus memory, and what they translate to. */
#ifndef TESTS_RTL_MMU_TABLES_H
#define TESTS_RTL_MMU_TABLES_H

#include <quern/sv39.h>

#include "lib/rng.h"
#include "mmu_pins.h"

#define TABLES_BUS 0x780000000ull /* bus address of the first table */
#define TABLES_PAGES 64		  /* 16 roots, 16 tables of level 1, 32 of level 0 */

struct tables {
	uint64_t pte[TABLES_PAGES][QUERN_SV39_PTES];
	uint32_t root[MMU_ASIDS];
	struct rng rng;
};

struct translation {
	uint8_t fault;
	uint64_t paddr;
};

void tables_init(struct tables *t, uint64_t seed);
/* Changes some entries at random; with grant_only, nothing that was usable is taken away or moved. */
void tables_change(struct tables *t, bool grant_only);
/* A virtual address that the tables say something about, now and then one that they do not. */
uint64_t tables_vaddr(struct tables *t);
/* 16 bytes of table memory; false: the bus has nothing there. */
bool tables_read(const struct tables *t, uint64_t bus, uint8_t data[16]);
struct translation tables_translate(struct tables *t, uint8_t asid, uint64_t vaddr, bool write);

#endif /* TESTS_RTL_MMU_TABLES_H */
