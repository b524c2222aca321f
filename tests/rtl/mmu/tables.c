// SPDX-License-Identifier: Apache-2.0
/* Random page tables: see tables.h. */
#include <string.h>

#include "tables.h"

#define LEVEL1 16 /* first table of level 1 */
#define LEVEL0 32
#define PPN_BITS 44

static unsigned int pick(struct tables *t, unsigned int n)
{
	return rng_below(&t->rng, n);
}

static uint64_t random_leaf(struct tables *t, unsigned int level)
{
	uint64_t ppn = rng_u64(&t->rng) >> (64 - PPN_BITS);
	uint64_t pte = QUERN_PTE_V | QUERN_PTE_R | QUERN_PTE_U | QUERN_PTE_A;

	if (pick(t, 16))
		ppn &= ~((1ull << 9 * level) - 1);
	pte |= pick(t, 10) < 6 ? QUERN_PTE_W : 0;
	pte |= pick(t, 10) < 8 ? QUERN_PTE_D : 0;
	pte |= pick(t, 10) < 1 ? QUERN_PTE_X : 0;
	pte |= pick(t, 4) ? 0 : QUERN_PTE_G | 3ull << 8;
	if (!pick(t, 20))
		pte ^= 1ull << pick(t, 8);
	if (!pick(t, 40))
		pte |= 1ull << (54 + pick(t, 10));
	return pte | ppn << QUERN_PTE_PPN_LSB;
}

static uint64_t random_pointer(struct tables *t, unsigned int level)
{
	unsigned int page = level == 2 ? LEVEL1 + pick(t, 16) : LEVEL0 + pick(t, 32);
	uint64_t pte = quern_pte_table(TABLES_BUS + 4096ull * page);

	if (!pick(t, 40))
		pte = quern_pte_table(TABLES_BUS + 4096ull * TABLES_PAGES); /* nothing there */
	if (!pick(t, 40))
		pte |= QUERN_PTE_D;
	return pte;
}

static uint64_t random_entry(struct tables *t, unsigned int level)
{
	unsigned int kind = pick(t, 100);

	if (kind < 4)
		return 0;
	if (kind < 8)
		return rng_u64(&t->rng);
	if (level && kind < 85)
		return random_pointer(t, level);
	return random_leaf(t, level);
}

static unsigned int level_of(unsigned int page)
{
	return page < LEVEL1 ? 2 : page < LEVEL0 ? 1 : 0;
}

void tables_init(struct tables *t, uint64_t seed)
{
	unsigned int page;
	unsigned int i;

	memset(t, 0, sizeof(*t));
	t->rng = (struct rng){seed};
	for (page = 0; page < TABLES_PAGES; page++)
		for (i = 0; i < QUERN_SV39_PTES; i++)
			t->pte[page][i] = random_entry(t, level_of(page));
	for (i = 0; i < MMU_ASIDS; i++)
		t->root[i] = 1u << 31 | (uint32_t)((TABLES_BUS >> 12) + i);
	t->root[5] &= ~(1u << 31);
}

void tables_change(struct tables *t, bool grant_only)
{
	unsigned int n = grant_only ? 400 : 200;
	unsigned int page;
	uint64_t *pte;

	while (n--) {
		page = pick(t, TABLES_PAGES);
		pte = &t->pte[page][pick(t, QUERN_SV39_PTES)];
		if (!grant_only)
			*pte = random_entry(t, level_of(page));
		else if (!quern_pte_valid(*pte))
			*pte = random_leaf(t, level_of(page));
		else if (quern_pte_is_leaf(*pte) && (*pte & QUERN_PTE_R))
			*pte |= QUERN_PTE_W | QUERN_PTE_D;
	}
}

uint64_t tables_vaddr(struct tables *t)
{
	static const unsigned int top[] = {0, 1, 7, 8, 100, 255};
	uint64_t va = (uint64_t)top[pick(t, 6)] << 30 | rng_u64(&t->rng) >> (64 - 30);

	if (pick(t, 3))
		va &= ~(0x1ffull << 21) | (uint64_t)pick(t, 4) << 21;
	if (!pick(t, 50))
		va |= (uint64_t)pick(t, 4) << 38;
	return va;
}

bool tables_read(const struct tables *t, uint64_t bus, uint8_t data[16])
{
	if (bus < TABLES_BUS || bus - TABLES_BUS > sizeof(t->pte) - 16)
		return false;
	memcpy(data, (const uint8_t *)t->pte + (bus - TABLES_BUS), 16);
	return true;
}

static int read_pte(void *ctx, uint64_t bus, uint64_t *pte)
{
	uint8_t data[16];

	if (!tables_read(ctx, bus & ~15ull, data))
		return -1;
	memcpy(pte, data + (bus & 8), 8);
	return 0;
}

struct translation tables_translate(struct tables *t, uint8_t asid, uint64_t vaddr, bool write)
{
	uint32_t root = t->root[asid];
	struct quern_sv39_result r;

	if (!asid || !(root >> 31))
		return (struct translation){QUERN_FAULT_ASID, 0};
	r = quern_sv39_walk(read_pte, t, (uint64_t)(root & 0x7fffffff) << 12, vaddr, write);
	return (struct translation){(uint8_t)r.fault, r.bus};
}
