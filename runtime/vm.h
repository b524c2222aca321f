/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device address space in memory of this process: Sv39 page tables and the choice of virtual addresses.
 *
 * Unmapping has two steps, since the chip caches translations: vm_unmap() clears the entries, the caller flushes the
 * chip's TLB, vm_release() lets the addresses be used again. Every mapping is followed by an unmapped page, so that a
 * program that runs past the end of a buffer faults. Calls are serialised by the caller; the chip may walk the tables
 * meanwhile.
 */
#ifndef RUNTIME_VM_H
#define RUNTIME_VM_H

#include "busmem.h"

struct vm {
	struct busmem *mem;
	struct busmem_block *root;
	struct vm_table *tables; /* all of them, the root included */
	struct extents space;	 /* device virtual addresses */
};

/* False if out of memory. */
bool vm_init(struct vm *vm, struct busmem *mem);
/* A cleared vm is ignored. */
void vm_finish(struct vm *vm);

/* Bus address of the root table. */
uint64_t vm_root(const struct vm *vm);

/* False if memory or addresses ran out. */
bool vm_map(struct vm *vm, const struct busmem_block *block, bool writable, uint64_t *va);
void vm_unmap(struct vm *vm, uint64_t va, uint64_t bytes);
void vm_release(struct vm *vm, uint64_t va, uint64_t bytes);

#endif
