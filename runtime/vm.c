// SPDX-License-Identifier: Apache-2.0
/*
 * Page tables. A table lives until the address space goes, so that a walk in progress never meets a freed one; only
 * where a larger leaf takes its place is it freed before, since its last mapping went with a flush.
 */
#include <stdlib.h>
#include <string.h>

#include "vm.h"

/* Low addresses stay unmapped: a region that was not set, plus a small offset, faults. */
#define VM_FIRST ((uint64_t)1 << 21)
#define VM_GUARD QUERN_SV39_PAGE_BYTES

struct vm_table {
	struct vm_table *next;
	struct busmem_block block;
};

static struct vm_table *table_create(struct vm *vm)
{
	struct vm_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	if (!busmem_alloc(vm->mem, QUERN_SV39_PAGE_BYTES, &table->block)) {
		free(table);
		return NULL;
	}
	table->next = vm->tables;
	vm->tables = table;
	return table;
}

bool vm_init(struct vm *vm, struct busmem *mem)
{
	struct vm_table *root;

	memset(vm, 0, sizeof(*vm));
	vm->mem = mem;
	if (!extents_init(&vm->space, VM_FIRST, ((uint64_t)1 << QUERN_VA_BITS) - VM_FIRST))
		return false;
	root = table_create(vm);
	if (root) {
		vm->root = &root->block;
		return true;
	}
	extents_finish(&vm->space);
	return false;
}

void vm_finish(struct vm *vm)
{
	while (vm->tables) {
		struct vm_table *next = vm->tables->next;

		busmem_free(vm->mem, &vm->tables->block);
		free(vm->tables);
		vm->tables = next;
	}
	extents_finish(&vm->space);
	memset(vm, 0, sizeof(*vm));
}

uint64_t vm_root(const struct vm *vm)
{
	return busmem_bus(vm->root, 0);
}

static uint64_t *entry_at(const struct vm *vm, uint64_t table, uint64_t va, unsigned int level)
{
	uint64_t *ptes = busmem_at(vm->mem, table, BUSMEM_PAGE);

	return &ptes[quern_sv39_index(va, level)];
}

static void entry_set(uint64_t *entry, uint64_t pte)
{
	__atomic_store_n(entry, pte, __ATOMIC_RELEASE);
}

/* The entry for va at a level, with tables made on the way if create is set; NULL if there is none. */
static uint64_t *find_entry(struct vm *vm, uint64_t va, unsigned int level, bool create)
{
	uint64_t table = vm_root(vm);

	for (unsigned int l = QUERN_SV39_LEVELS - 1; l > level; l--) {
		uint64_t *entry = entry_at(vm, table, va, l);

		if (!(*entry & QUERN_PTE_V)) {
			struct vm_table *next = create ? table_create(vm) : NULL;

			if (!next)
				return NULL;
			entry_set(entry, quern_pte_table(busmem_bus(&next->block, 0)));
		}
		if (quern_pte_is_leaf(*entry))
			return NULL;
		table = quern_pte_bus(*entry);
	}
	return entry_at(vm, table, va, level);
}

static bool huge_page(const struct busmem_block *block, uint64_t offset, uint64_t va)
{
	return block->bytes - offset >= BUSMEM_HUGE && va % BUSMEM_HUGE == 0 &&
	       block->frame[offset / BUSMEM_PAGE] >= BUSMEM_SCATTERED && busmem_bus(block, offset) % BUSMEM_HUGE == 0 &&
	       busmem_bus(block, offset + BUSMEM_HUGE - 1) == busmem_bus(block, offset) + BUSMEM_HUGE - 1;
}

/* A table whose mappings are all gone, in the way of a larger leaf. */
static void drop_table(struct vm *vm, uint64_t *entry)
{
	uint64_t bus = quern_pte_bus(*entry);

	for (struct vm_table **link = &vm->tables; *link; link = &(*link)->next) {
		struct vm_table *table = *link;

		if (busmem_bus(&table->block, 0) != bus)
			continue;
		*link = table->next;
		busmem_free(vm->mem, &table->block);
		free(table);
		return;
	}
}

static bool map_pages(struct vm *vm, const struct busmem_block *block, bool writable, uint64_t va)
{
	uint64_t bytes;

	for (uint64_t offset = 0; offset < block->bytes; offset += bytes) {
		unsigned int level = huge_page(block, offset, va + offset) ? 1 : 0;
		uint64_t *entry = find_entry(vm, va + offset, level, true);

		if (!entry)
			return false;
		if (level && (*entry & QUERN_PTE_V))
			drop_table(vm, entry);
		entry_set(entry, quern_pte_leaf(busmem_bus(block, offset), writable));
		bytes = quern_sv39_leaf_bytes(level);
	}
	return true;
}

bool vm_map(struct vm *vm, const struct busmem_block *block, bool writable, uint64_t *va)
{
	uint64_t align = block->bytes >= BUSMEM_HUGE ? BUSMEM_HUGE : BUSMEM_PAGE;

	if (!extents_take(&vm->space, block->bytes + VM_GUARD, align, va))
		return false;
	if (map_pages(vm, block, writable, *va))
		return true;
	vm_unmap(vm, *va, block->bytes);
	vm_release(vm, *va, block->bytes);
	return false;
}

void vm_unmap(struct vm *vm, uint64_t va, uint64_t bytes)
{
	for (uint64_t offset = 0; offset < bytes;) {
		uint64_t *entry = find_entry(vm, va + offset, 1, false);

		if (entry && quern_pte_is_leaf(*entry)) {
			entry_set(entry, 0);
			offset += BUSMEM_HUGE;
			continue;
		}
		entry = find_entry(vm, va + offset, 0, false);
		if (entry)
			entry_set(entry, 0);
		offset += BUSMEM_PAGE;
	}
}

void vm_release(struct vm *vm, uint64_t va, uint64_t bytes)
{
	extents_give(&vm->space, va, bytes + VM_GUARD);
}
