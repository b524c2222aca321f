// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Page tables of the device's MMU.
 *
 * A table is a page of coherent memory, which the device's mask keeps below 2^43; it is charged
 * to the memory cgroup and to the user's quota. A tree of descriptors shadows the tables: nothing
 * is read back from memory that the device reaches. A bus address that is not page-aligned, or
 * that has more bits than an entry, is refused rather than truncated.
 */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include "quern/sv39.h"
#include "quern_mmu.h"
#include "quern_user.h"

/* A table and its array of descriptors. */
static u64 quern_table_bytes(unsigned int level)
{
	return level ? 2 * QUERN_SV39_PAGE_BYTES : QUERN_SV39_PAGE_BYTES;
}

VISIBLE_IF_KUNIT void quern_table_free(struct quern_mmu *mmu, struct quern_table *table)
{
	KUNIT_STATIC_STUB_REDIRECT(quern_table_free, mmu, table);

	dma_free_coherent(mmu->dev, QUERN_SV39_PAGE_BYTES, table->entries, table->dma);
	quern_user_uncharge_bytes(mmu->user, quern_table_bytes(table->below ? 1 : 0));
	kvfree(table->below);
	kfree(table);
}
EXPORT_SYMBOL_IF_KUNIT(quern_table_free);

VISIBLE_IF_KUNIT struct quern_table *quern_table_alloc(struct quern_mmu *mmu, unsigned int level)
{
	struct quern_table *table;

	KUNIT_STATIC_STUB_REDIRECT(quern_table_alloc, mmu, level);

	table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	INIT_LIST_HEAD(&table->link);
	if (level) {
		table->below = kvcalloc(QUERN_SV39_PTES, sizeof(*table->below), GFP_KERNEL_ACCOUNT);
		if (!table->below)
			goto err_table;
	}
	if (quern_user_charge_bytes(mmu->user, quern_table_bytes(level)))
		goto err_below;
	table->entries = dma_alloc_coherent(mmu->dev, QUERN_SV39_PAGE_BYTES, &table->dma,
					    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!table->entries)
		goto err_charge;
	return table;
err_charge:
	quern_user_uncharge_bytes(mmu->user, quern_table_bytes(level));
err_below:
	kvfree(table->below);
err_table:
	kfree(table);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(quern_table_alloc);

static void quern_table_set(struct quern_table *table, unsigned int index, u64 entry)
{
	table->used += (entry ? 1 : 0) - (table->entries[index] ? 1 : 0);
	WRITE_ONCE(table->entries[index], entry);
}

int quern_mmu_init(struct quern_mmu *mmu, struct device *dev, struct quern_user *user)
{
	INIT_LIST_HEAD(&mmu->stale);
	mmu->dev = dev;
	mmu->user = user;
	mmu->root = quern_table_alloc(mmu, QUERN_SV39_LEVELS - 1);
	return mmu->root ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_IF_KUNIT(quern_mmu_init);

static void quern_mmu_free_tree(struct quern_mmu *mmu, struct quern_table *table)
{
	for (unsigned int i = 0; table->below && i < QUERN_SV39_PTES; i++)
		if (table->below[i])
			quern_mmu_free_tree(mmu, table->below[i]); /* at most three deep */
	quern_table_free(mmu, table);
}

void quern_mmu_finish(struct quern_mmu *mmu)
{
	if (!mmu->root)
		return;
	quern_mmu_reap(mmu);
	quern_mmu_free_tree(mmu, mmu->root);
	mmu->root = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(quern_mmu_finish);

/* The table of a level for va, made if it is missing. */
static struct quern_table *quern_mmu_table(struct quern_mmu *mmu, u64 va, unsigned int level)
{
	struct quern_table *table = mmu->root;

	for (unsigned int above = QUERN_SV39_LEVELS - 1; above > level; above--) {
		unsigned int index = quern_sv39_index(va, above);
		struct quern_table *next = table->below[index];

		if (!next) {
			next = quern_table_alloc(mmu, above - 1);
			if (!next)
				return NULL;
			table->below[index] = next;
			dma_wmb(); /* a cleared table before the entry that leads to it */
			quern_table_set(table, index, quern_pte_table(next->dma));
		}
		table = next;
	}
	return table;
}

/* The largest leaf that fits: its level. */
static unsigned int quern_mmu_leaf_level(u64 va, u64 bus, u64 bytes)
{
	u64 large = quern_sv39_leaf_bytes(1);

	return !((va | bus) & (large - 1)) && bytes >= large;
}

static int quern_mmu_map_run(struct quern_mmu *mmu, u64 va, u64 bus, u64 bytes, bool writable)
{
	const u64 end = BIT_ULL(QUERN_SV39_BUS_BITS);

	if ((bus | bytes) & (QUERN_SV39_PAGE_BYTES - 1) || bus >= end || bytes > end - bus)
		return -EINVAL;
	while (bytes) {
		unsigned int level = quern_mmu_leaf_level(va, bus, bytes);
		struct quern_table *table = quern_mmu_table(mmu, va, level);
		u64 step = quern_sv39_leaf_bytes(level);

		if (!table)
			return -ENOMEM;
		/* A table of smaller pages that ran empty would be stale already. */
		if (WARN_ON_ONCE(table->entries[quern_sv39_index(va, level)]))
			return -EEXIST;
		quern_table_set(table, quern_sv39_index(va, level), quern_pte_leaf(bus, writable));
		va += step;
		bus += step;
		bytes -= step;
		cond_resched();
	}
	return 0;
}

int quern_mmu_map(struct quern_mmu *mmu, u64 va, struct sg_table *sgt, u64 offset, u64 range,
		  bool writable)
{
	struct scatterlist *sg;
	u64 done = 0;
	int i, ret;

	for_each_sgtable_dma_sg(sgt, sg, i) {
		u64 bytes = sg_dma_len(sg);
		u64 bus = sg_dma_address(sg);

		if (offset >= bytes) {
			offset -= bytes;
			continue;
		}
		bus += offset;
		bytes = min(bytes - offset, range - done);
		offset = 0;
		ret = quern_mmu_map_run(mmu, va + done, bus, bytes, writable);
		if (ret)
			goto err_unmap;
		done += bytes;
		if (done == range)
			break;
	}
	ret = -EINVAL; /* shorter than the buffer object says */
	if (done != range)
		goto err_unmap;
	dma_wmb(); /* before any job that uses it */
	return 0;
err_unmap:
	quern_mmu_unmap(mmu, va, range);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(quern_mmu_map);

/*
 * Clear what leads to va, and put tables that ran empty aside. Returns the bytes that need no
 * further look.
 */
static u64 quern_mmu_unmap_one(struct quern_mmu *mmu, u64 va)
{
	struct quern_table *path[QUERN_SV39_LEVELS];
	unsigned int level = QUERN_SV39_LEVELS - 1;

	path[level] = mmu->root;
	while (level && path[level]->below[quern_sv39_index(va, level)]) {
		path[level - 1] = path[level]->below[quern_sv39_index(va, level)];
		level--;
	}
	for (unsigned int at = level; at < QUERN_SV39_LEVELS; at++) {
		unsigned int index = quern_sv39_index(va, at);

		quern_table_set(path[at], index, 0);
		if (at > level)
			path[at]->below[index] = NULL;
		if (path[at]->used || path[at] == mmu->root)
			break;
		list_add_tail(&path[at]->link, &mmu->stale);
	}
	return quern_sv39_leaf_bytes(level) - (va & (quern_sv39_leaf_bytes(level) - 1));
}

void quern_mmu_unmap(struct quern_mmu *mmu, u64 va, u64 range)
{
	u64 end = va + range;

	while (va < end) {
		va += quern_mmu_unmap_one(mmu, va);
		cond_resched();
	}
}
EXPORT_SYMBOL_IF_KUNIT(quern_mmu_unmap);

void quern_mmu_reap(struct quern_mmu *mmu)
{
	struct quern_table *table, *next;

	list_for_each_entry_safe(table, next, &mmu->stale, link) {
		list_del(&table->link);
		quern_table_free(mmu, table);
	}
}
EXPORT_SYMBOL_IF_KUNIT(quern_mmu_reap);
