/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory of the stream tests. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "image.h"
#include "quern/sv39.h"
#include "lib/rng.h"

#define HOST_PAGES (IMAGE_HOST_BYTES / IMAGE_PAGE_BYTES)
#define LEAF_OFFSET (2u << 20)
#define STREAM_BYTES (STREAM_MAX_CMDS * QUERN_CMD_BYTES)

struct plan {
	uint64_t va;
	uint32_t bytes;
	bool writable;
};

static void shuffle_pages(struct image *img, struct rng *r)
{
	for (uint32_t page = HOST_PAGES; page < LEAF_OFFSET / IMAGE_PAGE_BYTES; page++) {
		uint32_t j = rng_next(r) % (img->deck_left + 1);

		img->deck[img->deck_left++] = img->deck[j];
		img->deck[j] = (uint16_t)page;
	}
}

static uint64_t deal_page(struct image *img)
{
	return IMAGE_BUS_BASE + (uint64_t)img->deck[--img->deck_left] * IMAGE_PAGE_BYTES;
}

static uint64_t deal_table(struct image *img)
{
	uint64_t page = deal_page(img);

	memset(img->pristine + (page - IMAGE_BUS_BASE), 0, IMAGE_PAGE_BYTES);
	return page;
}

static bool inside(uint64_t bus, uint64_t bytes)
{
	return bus >= IMAGE_BUS_BASE && bus - IMAGE_BUS_BASE <= IMAGE_RAM_BYTES - bytes;
}

uint64_t *image_pte(struct image *img, enum image_space_id space, uint64_t va, unsigned int level)
{
	uint64_t table = img->space[space].root;

	for (unsigned int l = QUERN_SV39_LEVELS - 1;; l--) {
		uint64_t *pte = (uint64_t *)(img->pristine + (table - IMAGE_BUS_BASE)) + quern_sv39_index(va, l);

		if (l == level)
			return pte;
		if (!(*pte & QUERN_PTE_V) || quern_pte_is_leaf(*pte) || !inside(quern_pte_bus(*pte), IMAGE_PAGE_BYTES))
			return NULL;
		table = quern_pte_bus(*pte);
	}
}

static void map_leaf(struct image *img, enum image_space_id space, uint64_t va, unsigned int level, uint64_t bus,
		     bool writable)
{
	for (unsigned int l = QUERN_SV39_LEVELS - 1; l > level; l--) {
		uint64_t *pte = image_pte(img, space, va, l);

		if (!*pte)
			*pte = quern_pte_table(deal_table(img));
	}
	*image_pte(img, space, va, level) = quern_pte_leaf(bus, writable);
}

static void map_pages(struct image *img, enum image_space_id space, const struct plan *p)
{
	for (uint64_t at = 0; at < p->bytes; at += IMAGE_PAGE_BYTES)
		map_leaf(img, space, p->va + at, 0, deal_page(img), p->writable);
}

/* A random page-aligned address below the end of the address space, where nothing else of the space lies. */
static uint64_t choose_va(struct rng *r, uint64_t slot)
{
	return slot << 33 | (uint64_t)(rng_next(r) & 0xfffff) << 12;
}

static void add_segment(struct image_space *s, const struct plan *p, uint64_t skip)
{
	s->segment[s->num_segments++] = (struct host_segment){p->va + skip, p->bytes, p->writable};
}

/* Stream, scattered pages, a stretch at `large` (bus address of a 2 MiB leaf, or 0 for 4 KiB pages) and tables. */
static void build_space(struct image *img, enum image_space_id space, struct rng *r, uint64_t large)
{
	struct image_space *s = &img->space[space];
	struct plan stream = {choose_va(r, 3), STREAM_BYTES, false};
	struct plan scattered = {choose_va(r, 31), 96u << 10, true};
	struct plan second = {choose_va(r, 9) >> 21 << 21, 64u << 10, true};
	struct plan tables = {choose_va(r, 0), 16u << 10, false};
	uint64_t skip = large ? (uint64_t)(rng_next(r) % 400) * IMAGE_PAGE_BYTES : 0;

	s->root = deal_table(img);
	s->stream_va = stream.va;
	map_pages(img, space, &stream);
	map_pages(img, space, &scattered);
	map_pages(img, space, &tables);
	if (large)
		map_leaf(img, space, second.va, 1, large, true);
	else
		map_pages(img, space, &second);
	add_segment(s, &scattered, 0);
	add_segment(s, &second, skip);
	add_segment(s, &tables, 0);
}

uint64_t image_translate(const struct image *img, enum image_space_id space, uint64_t va)
{
	struct image *plain = (struct image *)img; /* entries are only read */

	for (unsigned int level = 0; level < QUERN_SV39_LEVELS; level++) {
		const uint64_t *pte = image_pte(plain, space, va, level);

		if (pte && (*pte & QUERN_PTE_V) && quern_pte_is_leaf(*pte))
			return quern_pte_bus(*pte) | (va & (quern_sv39_leaf_bytes(level) - 1));
	}
	return 0;
}

static void put_bytes(struct image *img, enum image_space_id space, uint64_t va, const void *data, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		uint64_t bus = image_translate(img, space, va + i);

		if (!inside(bus, 1))
			continue;
		img->pristine[bus - IMAGE_BUS_BASE] = ((const uint8_t *)data)[i];
		img->touched[(bus - IMAGE_BUS_BASE) / IMAGE_PAGE_BYTES] = true;
	}
}

/* Parameters as a compiler makes them: results then use the whole range of int8 and seldom saturate. */
static void make_params(struct rng *r, uint32_t n, uint8_t *block)
{
	for (uint32_t o = 0; o < n; o++) {
		int32_t bias = rng_in(r, -20000, 20000);
		int32_t mult = rng_in(r, 1 << 30, INT32_MAX);

		memcpy(block + 4 * o, &bias, 4);
		memcpy(block + 4 * (n + o), &mult, 4);
		block[8 * n + o] = (uint8_t)rng_in(r, -12, -5);
	}
}

static void make_exp(struct rng *r, uint8_t *table)
{
	double step = rng_in(r, 1, 400) / 1000.0;

	for (uint32_t i = 0; i < 256; i++) {
		int32_t e = (int32_t)(2147483647.0 * exp(-(double)i * step));

		memcpy(table + 4 * i, &e, 4);
	}
}

static void fill_tables(struct image *img, enum image_space_id space, struct rng *r)
{
	uint64_t va = img->space[space].segment[IMAGE_SEG_TABLES].va;

	for (uint32_t i = 0; i < IMAGE_TABLES; i++) {
		uint8_t params[IMAGE_PARAMS_STRIDE] = {0};
		uint8_t exps[IMAGE_EXP_STRIDE];

		make_params(r, img->n, params);
		make_exp(r, exps);
		put_bytes(img, space, va + IMAGE_PARAMS_OFFSET + i * IMAGE_PARAMS_STRIDE, params, sizeof(params));
		put_bytes(img, space, va + IMAGE_EXP_OFFSET + i * IMAGE_EXP_STRIDE, exps, sizeof(exps));
	}
}

static void fill_random(struct image *img, struct rng *r)
{
	uint32_t *word = (uint32_t *)img->pristine;

	for (uint32_t i = IMAGE_HOST_BYTES / 4; i < IMAGE_RAM_BYTES / 4; i++)
		word[i] = rng_next(r);
}

struct image *image_create(uint32_t n)
{
	struct image *img = calloc(1, sizeof(*img));

	if (!img)
		return NULL;
	img->n = n;
	img->stray = -1;
	img->ram = aligned_alloc(IMAGE_PAGE_BYTES, IMAGE_RAM_BYTES);
	img->pristine = aligned_alloc(IMAGE_PAGE_BYTES, IMAGE_RAM_BYTES);
	if (!img->ram || !img->pristine) {
		image_destroy(img);
		return NULL;
	}
	memset(img->ram, 0, IMAGE_RAM_BYTES);
	memset(img->pristine, 0, IMAGE_RAM_BYTES);
	return img;
}

void image_seed(struct image *img, uint64_t seed)
{
	struct rng r = {seed};

	img->seed = seed;
	img->deck_left = 0;
	memset(img->space, 0, sizeof(img->space));
	fill_random(img, &r);
	shuffle_pages(img, &r);
	build_space(img, IMAGE_TEST, &r, IMAGE_BUS_BASE + LEAF_OFFSET);
	build_space(img, IMAGE_VICTIM, &r, 0);
	fill_tables(img, IMAGE_TEST, &r);
	fill_tables(img, IMAGE_VICTIM, &r);
	image_touch_all(img);
	image_restore(img);
}

void image_touch(struct image *img, const void *p)
{
	const uint8_t *byte = p;
	const uint8_t *base = byte >= img->ram && byte < img->ram + IMAGE_RAM_BYTES ? img->ram : img->pristine;

	img->touched[(size_t)(byte - base) / IMAGE_PAGE_BYTES] = true;
}

void image_touch_all(struct image *img)
{
	memset(img->touched, true, sizeof(img->touched));
}

void image_destroy(struct image *img)
{
	if (!img)
		return;
	free(img->pristine);
	free(img->ram);
	free(img);
}

void image_put_stream(struct image *img, enum image_space_id space, const struct stream *s)
{
	for (uint32_t i = 0; i < s->ncmds; i++)
		put_bytes(img, space, img->space[space].stream_va + i * QUERN_CMD_BYTES, s->cmd[i], QUERN_CMD_BYTES);
}

void image_restore(struct image *img)
{
	for (uint32_t page = HOST_PAGES; page < IMAGE_PAGES; page++)
		if (img->touched[page])
			memcpy(img->ram + page * IMAGE_PAGE_BYTES, img->pristine + page * IMAGE_PAGE_BYTES,
			       IMAGE_PAGE_BYTES);
	memset(img->touched, false, sizeof(img->touched));
}

static void grant(struct image_rights *rights, uint64_t leaf, unsigned int level)
{
	uint64_t bus = quern_pte_bus(leaf);

	for (uint64_t at = 0; at < quern_sv39_leaf_bytes(level); at += IMAGE_PAGE_BYTES) {
		uint64_t page = (bus + at - IMAGE_BUS_BASE) / IMAGE_PAGE_BYTES;

		if (!inside(bus + at, IMAGE_PAGE_BYTES))
			continue;
		rights->read[page] |= quern_sv39_check_leaf(leaf, level, false) == QUERN_FAULT_NONE;
		rights->write[page] |= quern_sv39_check_leaf(leaf, level, true) == QUERN_FAULT_NONE;
	}
}

/* Collects what the entries of a table and of those below give, and the tables themselves. */
static void survey(const struct image *img, uint64_t table, unsigned int level, struct image_rights *rights,
		   bool *tables)
{
	const uint64_t *pte = (const uint64_t *)(img->pristine + (table - IMAGE_BUS_BASE));

	if (!inside(table, IMAGE_PAGE_BYTES))
		return;
	tables[(table - IMAGE_BUS_BASE) / IMAGE_PAGE_BYTES] = true;
	for (uint32_t i = 0; i < QUERN_SV39_PTES; i++, pte++) {
		if (!quern_pte_valid(*pte))
			continue;
		if (quern_pte_is_leaf(*pte))
			grant(rights, *pte, level);
		else if (level)
			survey(img, quern_pte_bus(*pte), level - 1, rights, tables);
	}
}

bool image_rights_of(const struct image *img, enum image_space_id space, struct image_rights *rights)
{
	bool own[IMAGE_PAGES] = {0};
	bool other[IMAGE_PAGES] = {0};
	struct image_rights ignored = {{0}, {0}};

	memset(rights, 0, sizeof(*rights));
	survey(img, img->space[!space].root, QUERN_SV39_LEVELS - 1, &ignored, other);
	survey(img, img->space[space].root, QUERN_SV39_LEVELS - 1, rights, own);
	for (uint32_t i = 0; i < IMAGE_PAGES; i++) {
		if (rights->write[i] && (own[i] || other[i] || i < HOST_PAGES))
			return false;
		rights->read[i] |= own[i];
	}
	return true;
}

uint8_t *image_access(struct image *img, uint64_t bus, uint32_t len, bool write)
{
	uint64_t page = (bus - IMAGE_BUS_BASE) / IMAGE_PAGE_BYTES;

	if (!inside(bus, len))
		return NULL;
	if (img->guard && page >= HOST_PAGES && !(write ? img->guard->write[page] : img->guard->read[page]))
		img->stray = (int64_t)(bus - IMAGE_BUS_BASE);
	if (write)
		img->touched[page] = true;
	return img->ram + (bus - IMAGE_BUS_BASE);
}

int64_t image_first_difference(const uint8_t *a, const uint8_t *b)
{
	for (uint32_t at = IMAGE_HOST_BYTES; at < IMAGE_RAM_BYTES; at += IMAGE_PAGE_BYTES) {
		uint32_t i = 0;

		if (!memcmp(a + at, b + at, IMAGE_PAGE_BYTES))
			continue;
		while (a[at + i] == b[at + i])
			i++;
		return at + i;
	}
	return -1;
}

int64_t image_first_trespass(const struct image *img, const bool writable[IMAGE_PAGES])
{
	for (uint32_t page = HOST_PAGES; page < IMAGE_PAGES; page++) {
		uint32_t at = page * IMAGE_PAGE_BYTES;

		if (img->touched[page] && !writable[page] &&
		    memcmp(img->ram + at, img->pristine + at, IMAGE_PAGE_BYTES))
			return at;
	}
	return -1;
}

int64_t image_first_loss(const uint8_t *a, const uint8_t *b, const bool owned[IMAGE_PAGES])
{
	for (uint32_t page = HOST_PAGES; page < IMAGE_PAGES; page++)
		if (owned[page] && memcmp(a + page * IMAGE_PAGE_BYTES, b + page * IMAGE_PAGE_BYTES, IMAGE_PAGE_BYTES))
			return page * IMAGE_PAGE_BYTES;
	return -1;
}
