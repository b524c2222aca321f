/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Page tables of the device's MMU: Sv39, three levels, 4 KiB and 2 MiB leaves.
 *
 * The chip may walk the tables at any time. Entries are written whole; a table that runs empty
 * is kept aside until the caller has flushed the chip's TLB. Calls on one tree are serialised by
 * the caller.
 */
#ifndef QUERN_MMU_H
#define QUERN_MMU_H

#include <linux/list.h>
#include <linux/types.h>

struct device;
struct quern_user;
struct sg_table;

/* A table and, above the lowest level, the processor's view of the tables below it. */
struct quern_table {
	struct list_head link; /* in quern_mmu.stale */
	u64 *entries;
	dma_addr_t dma;
	u32 used;
	struct quern_table **below; /* NULL at level 0 */
};

struct quern_mmu {
	struct device *dev;
	struct quern_user *user; /* whose quota the tables count in; NULL: nobody's */
	struct quern_table *root;
	struct list_head stale; /* tables that the chip may still walk */
};

int quern_mmu_init(struct quern_mmu *mmu, struct device *dev, struct quern_user *user);
/* When the chip does not know the root any more. A cleared mmu is ignored. */
void quern_mmu_finish(struct quern_mmu *mmu);

/*
 * Map range bytes from offset of a DMA-mapped table at va; all of them whole pages, nothing
 * mapped there. On failure nothing is mapped, and tables may be stale.
 */
int quern_mmu_map(struct quern_mmu *mmu, u64 va, struct sg_table *sgt, u64 offset, u64 range,
		  bool writable);

/*
 * Unmap what one or more calls of quern_mmu_map() have mapped. Flush the TLB, then call
 * quern_mmu_reap().
 */
void quern_mmu_unmap(struct quern_mmu *mmu, u64 va, u64 range);

/* Free stale tables. */
void quern_mmu_reap(struct quern_mmu *mmu);

#if IS_ENABLED(CONFIG_KUNIT)
struct quern_table *quern_table_alloc(struct quern_mmu *mmu, unsigned int level);
void quern_table_free(struct quern_mmu *mmu, struct quern_table *table);
#endif

#endif
