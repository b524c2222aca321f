// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* A walker of page tables for tests. */
#include <linux/bits.h>
#include <linux/dma-direct.h>
#include <linux/io.h>
#include <linux/mm.h>

#include "quern_mmu_walk.h"

#define PTE_V BIT_ULL(0)
#define PTE_R BIT_ULL(1)
#define PTE_W BIT_ULL(2)
#define PTE_X BIT_ULL(3)
#define PTE_U BIT_ULL(4)
#define PTE_G BIT_ULL(5)
#define PTE_A BIT_ULL(6)
#define PTE_D BIT_ULL(7)
#define PTE_RWX (PTE_R | PTE_W | PTE_X)
#define PTE_LEAF (PTE_V | PTE_R | PTE_U | PTE_A | PTE_D) /* of a page that can be read */

const u64 *quern_mmu_table_at(struct device *dev, dma_addr_t bus)
{
	phys_addr_t phys = dma_to_phys(dev, bus);

	return pfn_valid(PHYS_PFN(phys)) ? phys_to_virt(phys) : NULL;
}

static u64 quern_walk_bus(u64 pte)
{
	return (pte >> 10 & GENMASK_ULL(43, 0)) << 12;
}

static struct quern_walk quern_walk_leaf(u64 pte, unsigned int level, u64 va)
{
	u64 within = (4096ULL << 9 * level) - 1;
	struct quern_walk walk = { .mapped = true, .level = level };

	walk.writable = pte & PTE_W;
	walk.bus = quern_walk_bus(pte) | (va & within);
	/* Nothing but what the driver means: no bits for processors, none that are reserved. */
	walk.broken = (pte & (GENMASK_ULL(9, 0) | GENMASK_ULL(63, 54)) & ~PTE_W) != PTE_LEAF ||
		      quern_walk_bus(pte) & within;
	return walk;
}

struct quern_walk quern_mmu_walk(struct device *dev, dma_addr_t root, u64 va)
{
	struct quern_walk walk = { .broken = true };
	u64 bus = root;

	for (int level = 2; level >= 0; level--) {
		const u64 *table = quern_mmu_table_at(dev, bus);
		u64 pte;

		if (!table)
			return walk;
		pte = READ_ONCE(table[va >> (12 + 9 * level) & 511]);
		if (!pte)
			return (struct quern_walk){ .level = level };
		if (pte & PTE_RWX)
			return quern_walk_leaf(pte, level, va);
		if ((pte & (GENMASK_ULL(9, 0) | GENMASK_ULL(63, 54))) != PTE_V)
			return walk;
		bus = quern_walk_bus(pte);
	}
	return walk;
}

static unsigned int quern_walk_count(struct device *dev, u64 bus, int level)
{
	const u64 *table = quern_mmu_table_at(dev, bus);
	unsigned int num = 1;

	for (unsigned int i = 0; level && table && i < 512; i++)
		if (table[i] & PTE_V && !(table[i] & PTE_RWX))
			num += quern_walk_count(dev, quern_walk_bus(table[i]), level - 1);
	return num;
}

unsigned int quern_mmu_count_tables(struct device *dev, dma_addr_t root)
{
	return quern_walk_count(dev, root, 2);
}
