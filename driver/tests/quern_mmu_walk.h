/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A walker of page tables that shares nothing with the code that writes them: it reads the tables
 * where the chip would, and its bits are those of the RISC-V privileged specification.
 */
#ifndef QUERN_MMU_WALK_H
#define QUERN_MMU_WALK_H

#include <linux/types.h>

struct device;

struct quern_walk {
	bool mapped;
	bool writable;
	bool broken; /* bits that no walker would accept */
	unsigned int level;
	u64 bus;
};

/* Translate va by the tables below root, a bus address. */
struct quern_walk quern_mmu_walk(struct device *dev, dma_addr_t root, u64 va);

/* Tables that can be reached from root, itself included. */
unsigned int quern_mmu_count_tables(struct device *dev, dma_addr_t root);

/* The processor's view of a table, or NULL if no memory is there. */
const u64 *quern_mmu_table_at(struct device *dev, dma_addr_t bus);

#endif
