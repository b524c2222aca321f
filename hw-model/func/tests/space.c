/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory with an address space in it. */
#include <stdlib.h>
#include "space.h"

static void *map(void *ctx, uint64_t bus_addr, uint32_t len, bool write)
{
	struct ram *ram = ctx;

	(void)write;
	return bus_addr <= RAM_BYTES - len ? ram->bytes + bus_addr : NULL;
}

const struct func_mem_ops ram_ops = {.map = map};

void ram_init(struct ram *ram)
{
	ram->bytes = calloc(1, RAM_BYTES);
	ram->next_page = 0x1000;
	ram->root = ram_alloc_page(ram);
}

void ram_finish(struct ram *ram)
{
	free(ram->bytes);
}

uint64_t ram_alloc_page(struct ram *ram)
{
	uint64_t page = ram->next_page;

	ram->next_page += 0x1000;
	return page;
}

uint64_t *ram_pte(struct ram *ram, uint64_t vaddr, int level)
{
	uint64_t table = ram->root;

	for (int i = 2;; i--) {
		uint64_t *pte = (uint64_t *)(ram->bytes + table) + (vaddr >> (12 + 9 * i) & 511);

		if (i == level)
			return pte;
		if (!*pte)
			*pte = ram_alloc_page(ram) >> 2 | PTE_POINTER;
		table = *pte >> 10 << 12;
	}
}

uint64_t ram_map_page(struct ram *ram, uint64_t vaddr, uint64_t flags)
{
	uint64_t page = ram_alloc_page(ram);

	*ram_pte(ram, vaddr, 0) = page >> 2 | flags;
	return page;
}
