// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Page tables: what the walker finds is what was mapped, at every edge of a table, with every
 * shape of scatterlist; and no table is lost or freed early, also where memory runs out.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#include "quern/commands.h"
#include "quern/sv39.h"
#include "quern_mmu.h"
#include "quern_mmu_walk.h"
#include "quern_test.h"

#define MANY UINT_MAX /* tables that may be had */
#define FAR (BIT_ULL(55) + BIT_ULL(30)) /* a bus address with the highest bit and none of DRAM */
#define VA_END BIT_ULL(QUERN_VA_BITS)

struct mmu_test {
	struct kunit *test;
	struct device *dev;
	struct quern_mmu mmu;
	unsigned int allowed; /* tables that can be allocated from here on */
	unsigned int tables;  /* allocated and not freed */
};

/* A piece of a scatterlist: bus address, bytes. */
struct piece {
	u64 bus;
	u64 bytes;
};

static struct quern_table *mmu_test_alloc(struct quern_mmu *mmu, unsigned int level)
{
	struct kunit *test = kunit_get_current_test();
	struct mmu_test *t = test->priv;
	struct quern_table *table;

	if (!t->allowed)
		return NULL;
	kunit_deactivate_static_stub(test, quern_table_alloc);
	table = quern_table_alloc(mmu, level);
	kunit_activate_static_stub(test, quern_table_alloc, mmu_test_alloc);
	KUNIT_ASSERT_NOT_NULL(test, table);
	t->allowed--;
	t->tables++;
	return table;
}

static void mmu_test_free(struct quern_mmu *mmu, struct quern_table *table)
{
	struct kunit *test = kunit_get_current_test();
	struct mmu_test *t = test->priv;

	t->tables--;
	kunit_deactivate_static_stub(test, quern_table_free);
	quern_table_free(mmu, table);
	kunit_activate_static_stub(test, quern_table_free, mmu_test_free);
}

static int mmu_test_init(struct kunit *test)
{
	struct mmu_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->test = test;
	t->allowed = MANY;
	t->dev = kunit_device_register(test, "mmu");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->dev);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(t->dev, DMA_BIT_MASK(43)), 0);
	kunit_activate_static_stub(test, quern_table_alloc, mmu_test_alloc);
	kunit_activate_static_stub(test, quern_table_free, mmu_test_free);
	KUNIT_ASSERT_EQ(test, quern_mmu_init(&t->mmu, t->dev, NULL), 0);
	if (quern_mmu_table_at(t->dev, t->mmu.root->dma) != t->mmu.root->entries)
		kunit_skip(test, "bus addresses are not those of memory");
	return 0;
}

/* Whatever a test leaves behind, the end frees every table. */
static void mmu_test_exit(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	if (!t || !t->mmu.dev)
		return;
	quern_mmu_finish(&t->mmu);
	KUNIT_EXPECT_EQ(test, t->tables, 0);
	KUNIT_EXPECT_NULL(test, t->mmu.root);
	quern_mmu_finish(&t->mmu); /* once more does nothing */
}

static void mmu_test_sgt(struct mmu_test *t, struct sg_table *sgt, const struct piece *pieces,
			 unsigned int num)
{
	struct scatterlist *sg;
	unsigned int i;

	KUNIT_ASSERT_EQ(t->test, sg_alloc_table(sgt, num, GFP_KERNEL), 0);
	for_each_sg(sgt->sgl, sg, num, i) {
		sg_dma_address(sg) = pieces[i].bus;
		sg_dma_len(sg) = pieces[i].bytes;
	}
}

static int mmu_test_map_pieces(struct mmu_test *t, u64 va, const struct piece *pieces,
			       unsigned int num, u64 offset, u64 range, bool writable)
{
	struct sg_table sgt;
	int ret;

	mmu_test_sgt(t, &sgt, pieces, num);
	ret = quern_mmu_map(&t->mmu, va, &sgt, offset, range, writable);
	sg_free_table(&sgt);
	return ret;
}

static int mmu_test_map(struct mmu_test *t, u64 va, u64 bus, u64 range, bool writable)
{
	const struct piece piece = { bus, range };

	return mmu_test_map_pieces(t, va, &piece, 1, 0, range, writable);
}

static void mmu_test_unmap(struct mmu_test *t, u64 va, u64 range)
{
	quern_mmu_unmap(&t->mmu, va, range);
	quern_mmu_reap(&t->mmu);
}

static struct quern_walk mmu_test_walk(struct mmu_test *t, u64 va)
{
	struct quern_walk walk = quern_mmu_walk(t->dev, t->mmu.root->dma, va);

	KUNIT_EXPECT_FALSE_MSG(t->test, walk.broken, "va 0x%llx", va);
	return walk;
}

/* All pages of a range lead to consecutive ones at bus. */
static void mmu_test_expect(struct mmu_test *t, u64 va, u64 bus, u64 range, bool writable)
{
	for (u64 at = 0; at < range; at += 4096) {
		struct quern_walk walk = mmu_test_walk(t, va + at);

		KUNIT_ASSERT_TRUE_MSG(t->test, walk.mapped, "va 0x%llx", va + at);
		KUNIT_ASSERT_EQ_MSG(t->test, walk.bus, bus + at, "va 0x%llx", va + at);
		KUNIT_ASSERT_EQ_MSG(t->test, walk.writable, writable, "va 0x%llx", va + at);
	}
}

static void mmu_test_expect_none(struct mmu_test *t, u64 va, u64 range)
{
	for (u64 at = 0; at < range; at += 4096)
		KUNIT_ASSERT_FALSE_MSG(t->test, mmu_test_walk(t, va + at).mapped, "va 0x%llx",
				       va + at);
}

/* What is allocated is what the chip can reach: nothing lost, nothing freed early. */
static void mmu_test_expect_tables(struct mmu_test *t, unsigned int num)
{
	KUNIT_EXPECT_EQ(t->test, t->tables, num);
	KUNIT_EXPECT_EQ(t->test, quern_mmu_count_tables(t->dev, t->mmu.root->dma), num);
}

static void mmu_test_empty(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	mmu_test_expect_tables(t, 1);
	for (u64 va = 0; va < VA_END; va += SZ_1G)
		KUNIT_EXPECT_FALSE(test, mmu_test_walk(t, va).mapped);
}

struct edge_case {
	const char *name;
	u64 va;
	u64 range;
	unsigned int tables; /* root included */
};

static const struct edge_case edge_cases[] = {
	{ "first page", 0, SZ_4K, 3 },
	{ "first page that is bound", SZ_64K, SZ_4K, 3 },
	{ "last page of a table", SZ_2M - SZ_4K, SZ_4K, 3 },
	{ "first page of a table", SZ_2M, SZ_4K, 3 },
	{ "over the end of a table", SZ_2M - SZ_4K, SZ_8K, 4 },
	{ "last page of a gigabyte", SZ_1G - SZ_4K, SZ_4K, 3 },
	{ "over the end of a gigabyte", SZ_1G - SZ_4K, SZ_8K, 5 },
	{ "three tables", SZ_2M - SZ_4K, SZ_2M + SZ_8K, 5 },
	{ "last page of all", VA_END - SZ_4K, SZ_4K, 3 },
	{ "last table of all", VA_END - SZ_2M, SZ_2M, 3 },
};

KUNIT_ARRAY_PARAM_DESC(edge, edge_cases, name);

/* Map, look at it and around it, unmap: the bus address forbids large leaves. */
static void mmu_test_edge(struct kunit *test)
{
	const struct edge_case *c = test->param_value;
	struct mmu_test *t = test->priv;
	u64 bus = FAR + SZ_4K;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, c->va, bus, c->range, true), 0);
	mmu_test_expect(t, c->va, bus, c->range, true);
	mmu_test_expect_tables(t, c->tables);
	if (c->va)
		mmu_test_expect_none(t, c->va - SZ_4K, SZ_4K);
	if (c->va + c->range < VA_END)
		mmu_test_expect_none(t, c->va + c->range, SZ_4K);
	quern_mmu_unmap(&t->mmu, c->va, c->range);
	mmu_test_expect_none(t, c->va, c->range);
	/* The chip may be inside of them still. */
	KUNIT_EXPECT_EQ(test, t->tables, c->tables);
	quern_mmu_reap(&t->mmu);
	mmu_test_expect_tables(t, 1);
}

static void mmu_test_permissions(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_64K, FAR, SZ_4K, false), 0);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_64K + SZ_4K, FAR, SZ_4K, true), 0);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_2M, FAR, SZ_2M, false), 0);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_4M, FAR, SZ_2M, true), 0);
	mmu_test_expect(t, SZ_64K, FAR, SZ_4K, false);
	mmu_test_expect(t, SZ_64K + SZ_4K, FAR, SZ_4K, true);
	mmu_test_expect(t, SZ_2M, FAR, SZ_2M, false);
	mmu_test_expect(t, SZ_4M, FAR, SZ_2M, true);
}

struct large_case {
	const char *name;
	u64 va;
	u64 bus;
	u64 range;
	unsigned int large; /* leaves of 2 MiB */
};

static const struct large_case large_cases[] = {
	{ "one", SZ_2M, FAR, SZ_2M, 1 },
	{ "a page less", SZ_2M, FAR, SZ_2M - SZ_4K, 0 },
	{ "a page more", SZ_2M, FAR, SZ_2M + SZ_4K, 1 },
	{ "a page before", SZ_2M - SZ_4K, FAR - SZ_4K, SZ_2M + SZ_4K, 1 },
	{ "pages on both sides", SZ_4M - SZ_4K, FAR - SZ_4K, SZ_2M + SZ_8K, 1 },
	{ "address not aligned", SZ_2M + SZ_4K, FAR, SZ_4M, 0 },
	{ "memory not aligned", SZ_2M, FAR + SZ_4K, SZ_4M, 0 },
	{ "several", SZ_2M, FAR, 5 * SZ_2M, 5 },
	{ "over the end of a gigabyte", SZ_1G - SZ_2M, FAR, SZ_4M, 2 },
	{ "a gigabyte", SZ_1G, FAR, SZ_1G, 512 },
};

KUNIT_ARRAY_PARAM_DESC(large, large_cases, name);

static void mmu_test_large(struct kunit *test)
{
	const struct large_case *c = test->param_value;
	struct mmu_test *t = test->priv;
	unsigned int large = 0;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, c->va, c->bus, c->range, false), 0);
	mmu_test_expect(t, c->va, c->bus, min_t(u64, c->range, 3 * SZ_2M), false);
	for (u64 at = round_up(c->va, SZ_2M); at < c->va + c->range; at += SZ_2M)
		large += mmu_test_walk(t, at).level == 1;
	KUNIT_EXPECT_EQ(test, large, c->large);
	mmu_test_expect_none(t, c->va - SZ_4K, SZ_4K);
	mmu_test_expect_none(t, c->va + c->range, SZ_4K);
	mmu_test_unmap(t, c->va, c->range);
	mmu_test_expect_none(t, c->va, min_t(u64, c->range, 3 * SZ_2M));
	mmu_test_expect_tables(t, 1);
}

/* Three pieces of 3, 1 and 4 pages: every way to begin and end inside of them. */
static void mmu_test_pieces(struct kunit *test)
{
	static const struct piece pieces[] = {
		{ FAR, 3 * SZ_4K }, { 0x5000, SZ_4K }, { FAR + SZ_1G, 4 * SZ_4K },
	};
	static const u64 pages[] = {
		FAR, FAR + SZ_4K, FAR + SZ_8K, 0x5000, FAR + SZ_1G, FAR + SZ_1G + SZ_4K,
		FAR + SZ_1G + SZ_8K, FAR + SZ_1G + 3 * SZ_4K,
	};
	const unsigned int num = ARRAY_SIZE(pages);
	struct mmu_test *t = test->priv;
	u64 va = SZ_2M - SZ_8K;

	for (unsigned int first = 0; first < num; first++) {
		for (unsigned int end = first + 1; end <= num; end++) {
			u64 range = (u64)(end - first) * SZ_4K;

			KUNIT_ASSERT_EQ(test, mmu_test_map_pieces(t, va, pieces, 3, first * SZ_4K,
								  range, true), 0);
			for (unsigned int i = first; i < end; i++)
				mmu_test_expect(t, va + (i - first) * SZ_4K, pages[i], SZ_4K, true);
			mmu_test_expect_none(t, va + range, SZ_4K);
			mmu_test_unmap(t, va, range);
			mmu_test_expect_tables(t, 1);
		}
	}
}

struct refused_case {
	const char *name;
	struct piece pieces[2];
	u64 offset;
	u64 range;
};

static const struct refused_case refused_cases[] = {
	{ "shorter than the range", { { FAR, SZ_8K }, { 0x5000, SZ_4K } }, 0, 4 * SZ_4K },
	{ "offset at its end", { { FAR, SZ_8K }, { 0x5000, SZ_4K } }, 3 * SZ_4K, SZ_4K },
	{ "offset behind its end", { { FAR, SZ_8K }, { 0x5000, SZ_4K } }, SZ_1G, SZ_4K },
	{ "memory not of pages", { { FAR, SZ_8K }, { 0x5800, SZ_4K } }, 0, 3 * SZ_4K },
	{ "piece not of pages", { { FAR, SZ_8K }, { 0x5000, SZ_2K } }, 0, 3 * SZ_4K },
	{ "first piece not of pages", { { FAR, SZ_2K }, { 0x5000, SZ_8K } }, 0, SZ_8K },
	{ "more bits than an entry", { { FAR, SZ_8K }, { BIT_ULL(56), SZ_4K } }, 0, 3 * SZ_4K },
	{ "over the highest bit", { { FAR, SZ_8K }, { BIT_ULL(56) - SZ_4K, SZ_8K } }, 0, SZ_16K },
	{ "at the end of all", { { FAR, SZ_8K }, { -(u64)SZ_4K, SZ_4K } }, 0, 3 * SZ_4K },
	{ "wraps", { { FAR, SZ_8K }, { -(u64)SZ_4K, SZ_8K } }, 0, SZ_16K },
};

KUNIT_ARRAY_PARAM_DESC(refused, refused_cases, name);

/* Whatever is refused leaves nothing behind, and neighbours alone. */
static void mmu_test_refused(struct kunit *test)
{
	const struct refused_case *c = test->param_value;
	struct mmu_test *t = test->priv;
	u64 va = SZ_2M - SZ_8K;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, va - SZ_4K, 0x7000, SZ_4K, true), 0);
	KUNIT_EXPECT_EQ(test, mmu_test_map_pieces(t, va, c->pieces, 2, c->offset, c->range, true),
			-EINVAL);
	quern_mmu_reap(&t->mmu);
	mmu_test_expect_none(t, va, c->range);
	mmu_test_expect(t, va - SZ_4K, 0x7000, SZ_4K, true);
	mmu_test_expect_tables(t, 3);
}

/* The last page that an entry can name. */
static void mmu_test_last_bus_page(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_64K, BIT_ULL(56) - SZ_4K, SZ_4K, true), 0);
	mmu_test_expect(t, SZ_64K, BIT_ULL(56) - SZ_4K, SZ_4K, true);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_2M, BIT_ULL(56) - SZ_2M, SZ_2M, true), 0);
	mmu_test_expect(t, SZ_2M, BIT_ULL(56) - SZ_2M, SZ_2M, true);
}

/* The offset skips a piece to its last byte, behind which there is no address. */
static void mmu_test_skip_last_bus_page(struct kunit *test)
{
	static const struct piece pieces[] = {
		{ BIT_ULL(56) - SZ_4K, SZ_4K },
		{ FAR, SZ_4K },
	};
	struct mmu_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, mmu_test_map_pieces(t, SZ_64K, pieces, 2, SZ_4K, SZ_4K, true), 0);
	mmu_test_expect(t, SZ_64K, FAR, SZ_4K, true);
}

/*
 * Memory runs out at each table in turn, while a neighbour is mapped in the same tables: nothing
 * of the range stays, nothing of the neighbour goes.
 */
static void mmu_test_no_memory(struct kunit *test)
{
	struct mmu_test *t = test->priv;
	u64 va = SZ_1G - SZ_2M - SZ_4K;
	u64 range = SZ_4M + SZ_8K;
	unsigned int before, needed;
	u64 bus = FAR + SZ_4K;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, va - SZ_4K, 0x7000, SZ_4K, true), 0);
	before = t->tables;
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, va, bus, range, true), 0);
	needed = t->tables - before;
	KUNIT_EXPECT_EQ(test, needed, 4); /* one of level 1, three of level 0 */
	mmu_test_unmap(t, va, range);
	for (unsigned int allowed = 0; allowed < needed; allowed++) {
		t->allowed = allowed;
		KUNIT_EXPECT_EQ(test, mmu_test_map(t, va, bus, range, true), -ENOMEM);
		quern_mmu_reap(&t->mmu);
		mmu_test_expect_none(t, va, range);
		mmu_test_expect(t, va - SZ_4K, 0x7000, SZ_4K, true);
		mmu_test_expect_tables(t, before);
	}
	t->allowed = MANY;
	KUNIT_EXPECT_EQ(test, mmu_test_map(t, va, bus, range, true), 0);
	mmu_test_expect(t, va, bus, range, true);
}

/* A range that was never mapped, or only in part, is as good as any. */
static void mmu_test_unmap_holes(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	mmu_test_unmap(t, 0, SZ_1G);
	mmu_test_expect_tables(t, 1);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_4K, FAR, SZ_4K, true), 0);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_2M, FAR, SZ_2M, true), 0);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_1G + SZ_4K, FAR, SZ_4K, true), 0);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_1G + SZ_2M, FAR, SZ_4K, true), 0);
	mmu_test_unmap(t, 0, SZ_1G + SZ_2M);
	mmu_test_expect_none(t, 0, SZ_8M);
	mmu_test_expect_none(t, SZ_1G, SZ_2M);
	mmu_test_expect(t, SZ_1G + SZ_2M, FAR, SZ_4K, true);
	mmu_test_expect_tables(t, 3);
}

/* A table that ran empty is made anew before the old one is freed. */
static void mmu_test_remap_before_reap(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_64K, FAR, SZ_4K, true), 0);
	quern_mmu_unmap(&t->mmu, SZ_64K, SZ_4K);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_64K, FAR + SZ_1G, SZ_4K, false), 0);
	KUNIT_EXPECT_EQ(test, t->tables, 5);
	quern_mmu_reap(&t->mmu);
	mmu_test_expect(t, SZ_64K, FAR + SZ_1G, SZ_4K, false);
	mmu_test_expect_tables(t, 3);
}

/* Pages become a large leaf in the place of the table they were in. */
static void mmu_test_small_then_large(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_2M, FAR + SZ_4K, SZ_2M, true), 0);
	mmu_test_unmap(t, SZ_2M, SZ_2M);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_2M, FAR, SZ_2M, true), 0);
	mmu_test_expect(t, SZ_2M, FAR, SZ_2M, true);
	mmu_test_expect_tables(t, 2);
	mmu_test_unmap(t, SZ_2M, SZ_2M);
	KUNIT_ASSERT_EQ(test, mmu_test_map(t, SZ_2M + SZ_4K, FAR, SZ_4K, true), 0);
	mmu_test_expect_none(t, SZ_2M, SZ_4K);
	mmu_test_expect(t, SZ_2M + SZ_4K, FAR, SZ_4K, true);
	mmu_test_expect_tables(t, 3);
}

/* The tree is freed with all that is in it. */
static void mmu_test_finish_full(struct kunit *test)
{
	struct mmu_test *t = test->priv;

	for (u64 va = 0; va < VA_END; va += 16ULL * SZ_1G)
		KUNIT_ASSERT_EQ(test, mmu_test_map(t, va, FAR, SZ_4K, true), 0);
	quern_mmu_unmap(&t->mmu, 0, SZ_4K); /* stale at the end */
	KUNIT_EXPECT_EQ(test, t->tables, 1 + 2 * 16);
}

#define RANDOM_PAGES (4 * 512)
#define RANDOM_BINDINGS 24
#define RANDOM_STEPS 200
#define RANDOM_PIECES 6

/* What the window should look like, page by page: bus address | writable, or 0. */
struct random_window {
	struct mmu_test *t;
	struct rnd_state rnd;
	u64 seed;
	u64 start;
	u64 want[RANDOM_PAGES];
	struct {
		u32 first, num; /* pages; num 0: unused */
	} bindings[RANDOM_BINDINGS];
};

static u32 random_free_run(struct random_window *w, u32 first)
{
	u32 num = 0;

	while (first + num < RANDOM_PAGES && !w->want[first + num])
		num++;
	return num;
}

/* Pieces of num pages in all, some of them fit for large leaves. */
static u32 random_pieces(struct random_window *w, struct piece *pieces, u32 num)
{
	u32 used = 0;

	while (num) {
		u32 pages = used == RANDOM_PIECES - 1 ? num : 1 + quern_test_below(&w->rnd, num);
		u64 bus = (u64)(1 + quern_test_below(&w->rnd, 1 << 20)) << 32;

		if (quern_test_below(&w->rnd, 2))
			bus |= (u64)quern_test_below(&w->rnd, 512) << 12;
		pieces[used].bus = bus;
		pieces[used++].bytes = (u64)pages * SZ_4K;
		num -= pages;
	}
	return used;
}

static void random_map(struct random_window *w, u32 slot)
{
	u32 first = quern_test_below(&w->rnd, RANDOM_PAGES);
	struct piece pieces[RANDOM_PIECES];
	u32 num, pieces_used, page = 0;
	bool writable = quern_test_below(&w->rnd, 2);
	int ret;

	if (quern_test_below(&w->rnd, 2))
		first &= ~511;
	num = random_free_run(w, first);
	if (!num)
		return;
	num = 1 + quern_test_below(&w->rnd, num);
	pieces_used = random_pieces(w, pieces, num);
	ret = mmu_test_map_pieces(w->t, w->start + first * 4096ULL, pieces, pieces_used, 0,
				  num * 4096ULL, writable);
	KUNIT_ASSERT_EQ_MSG(w->t->test, ret, 0, "seed %llu", w->seed);
	for (u32 i = 0; i < pieces_used; i++)
		for (u64 at = 0; at < pieces[i].bytes; at += SZ_4K)
			w->want[first + page++] = (pieces[i].bus + at) | writable;
	w->bindings[slot].first = first;
	w->bindings[slot].num = num;
}

static void random_unmap(struct random_window *w, u32 slot)
{
	u32 first = w->bindings[slot].first;
	u32 num = w->bindings[slot].num;

	quern_mmu_unmap(&w->t->mmu, w->start + first * 4096ULL, num * 4096ULL);
	if (quern_test_below(&w->rnd, 2))
		quern_mmu_reap(&w->t->mmu);
	memset(&w->want[first], 0, num * sizeof(w->want[0]));
	w->bindings[slot].num = 0;
}

static void random_check(struct random_window *w)
{
	for (u32 i = 0; i < RANDOM_PAGES; i++) {
		struct quern_walk walk = mmu_test_walk(w->t, w->start + i * 4096ULL);
		u64 got = walk.mapped ? walk.bus | walk.writable : 0;

		KUNIT_ASSERT_EQ_MSG(w->t->test, got, w->want[i], "page %u, seed %llu", i, w->seed);
	}
}

static void random_run(struct mmu_test *t, struct random_window *w, u64 seed)
{
	memset(w, 0, sizeof(*w));
	w->t = t;
	w->seed = seed;
	w->start = SZ_1G - SZ_4M; /* two tables on each side */
	prandom_seed_state(&w->rnd, seed);
	for (u32 step = 0; step < RANDOM_STEPS; step++) {
		u32 slot = quern_test_below(&w->rnd, RANDOM_BINDINGS);

		if (w->bindings[slot].num)
			random_unmap(w, slot);
		else
			random_map(w, slot);
		if (step % 8 == 0)
			random_check(w);
	}
	for (u32 slot = 0; slot < RANDOM_BINDINGS; slot++)
		if (w->bindings[slot].num)
			random_unmap(w, slot);
	random_check(w);
	quern_mmu_reap(&t->mmu);
	mmu_test_expect_tables(t, 1);
}

static void mmu_test_random(struct kunit *test)
{
	struct random_window *w = kunit_kmalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	for (u64 seed = quern_test_seed(); seed < quern_test_seed() + QUERN_TEST_SEEDS; seed++)
		random_run(test->priv, w, seed);
}

static struct kunit_case quern_mmu_cases[] = {
	KUNIT_CASE(mmu_test_empty),
	KUNIT_CASE_PARAM(mmu_test_edge, edge_gen_params),
	KUNIT_CASE(mmu_test_permissions),
	KUNIT_CASE_PARAM(mmu_test_large, large_gen_params),
	KUNIT_CASE(mmu_test_pieces),
	KUNIT_CASE_PARAM(mmu_test_refused, refused_gen_params),
	KUNIT_CASE(mmu_test_last_bus_page),
	KUNIT_CASE(mmu_test_skip_last_bus_page),
	KUNIT_CASE(mmu_test_no_memory),
	KUNIT_CASE(mmu_test_unmap_holes),
	KUNIT_CASE(mmu_test_remap_before_reap),
	KUNIT_CASE(mmu_test_small_then_large),
	KUNIT_CASE(mmu_test_finish_full),
	KUNIT_CASE_SLOW(mmu_test_random),
	{}
};

static struct kunit_suite quern_mmu_suite = {
	.name = "quern_mmu",
	.init = mmu_test_init,
	.exit = mmu_test_exit,
	.test_cases = quern_mmu_cases,
};

kunit_test_suite(quern_mmu_suite);
