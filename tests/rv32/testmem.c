// SPDX-License-Identifier: Apache-2.0
/*
 * Memory map of the lock-step tests. Interface in testmem.h.
 */
#include <stddef.h>

#include "testmem.h"

static uint32_t *locate(struct testmem *m, uint32_t addr, bool write)
{
	if (addr - TESTMEM_BASE < TESTMEM_BYTES) {
		if (write && addr - TESTMEM_BASE < m->protected_bytes)
			return NULL;
		return &m->ram[(addr - TESTMEM_BASE) / 4];
	}
	if (addr - TESTMEM_ALIAS < TESTMEM_BYTES)
		return &m->ram[(addr - TESTMEM_ALIAS) / 4];
	if (addr - TESTMEM_HIGH < TESTMEM_BYTES)
		return &m->ram[(addr - TESTMEM_HIGH) / 4];
	if (addr - TESTMEM_DEVICE < sizeof(m->reg))
		return &m->reg[(addr - TESTMEM_DEVICE) / 4];
	return NULL;
}

int testmem_fetch(const struct testmem *m, uint32_t addr, uint32_t *word)
{
	uint32_t offset = addr - TESTMEM_BASE;

	if (offset >= m->fetch_bytes || m->poisoned[offset / 4])
		return -1;
	*word = m->ram[offset / 4];
	return 0;
}

int testmem_load(const struct testmem *m, uint32_t addr, uint32_t *word)
{
	const uint32_t *p = locate((struct testmem *)m, addr, false);

	if (!p)
		return -1;
	*word = *p;
	return 0;
}

int testmem_store(struct testmem *m, uint32_t addr, unsigned int be, uint32_t word)
{
	uint32_t *p = locate(m, addr, true);
	uint32_t mask = 0;
	unsigned int i;

	if (!p)
		return -1;
	if (addr - TESTMEM_HIGH < TESTMEM_BYTES)
		be &= *p & 0xffff ? 0 : 0xc;
	for (i = 0; i < 4; i++)
		if (be & 1u << i)
			mask |= 0xffu << 8 * i;
	*p = (*p & ~mask) | (word & mask);
	return 0;
}
