/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device page tables: the Sv39 format of the RISC-V privileged specification, bit for bit.
 *
 * Three levels of 512 entries of 8 bytes. Level 2 is the root; a leaf maps 4 KiB at level 0, 2 MiB at level 1, 1 GiB at
 * level 2. The chip uses the lower half of the address space only (QUERN_VA_BITS) and 56-bit bus addresses. All its
 * accesses are user accesses, and it never sets A or D: a leaf without U or A is not valid, one without D is not
 * writable. X, G and RSW carry no meaning for the chip. Reserved bits and encodings make an entry not valid.
 *
 * quern_sv39_walk() is the reference for what hardware does with any bits in the tables.
 */
#ifndef QUERN_SV39_H
#define QUERN_SV39_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include "quern/commands.h"

#define QUERN_SV39_LEVELS 3
#define QUERN_SV39_PTES 512 /* entries of a table */
#define QUERN_SV39_PAGE_SHIFT 12
#define QUERN_SV39_PAGE_BYTES ((uint64_t)1 << QUERN_SV39_PAGE_SHIFT)
#define QUERN_SV39_BUS_BITS 56

#define QUERN_PTE_V ((uint64_t)1 << 0)
#define QUERN_PTE_R ((uint64_t)1 << 1)
#define QUERN_PTE_W ((uint64_t)1 << 2)
#define QUERN_PTE_X ((uint64_t)1 << 3)
#define QUERN_PTE_U ((uint64_t)1 << 4)
#define QUERN_PTE_G ((uint64_t)1 << 5)
#define QUERN_PTE_A ((uint64_t)1 << 6)
#define QUERN_PTE_D ((uint64_t)1 << 7)
#define QUERN_PTE_PPN_LSB 10
#define QUERN_PTE_PPN_MASK ((((uint64_t)1 << 44) - 1) << QUERN_PTE_PPN_LSB)
#define QUERN_PTE_RESERVED (((uint64_t)0x3ff) << 54)

/* Bytes that one leaf of a level maps: 4 KiB, 2 MiB, 1 GiB. */
static inline uint64_t quern_sv39_leaf_bytes(unsigned int level)
{
	return (uint64_t)1 << (QUERN_SV39_PAGE_SHIFT + 9 * level);
}

/* Entry of the table of this level that translates va. */
static inline unsigned int quern_sv39_index(uint64_t va, unsigned int level)
{
	return (va >> (QUERN_SV39_PAGE_SHIFT + 9 * level)) & (QUERN_SV39_PTES - 1);
}

/* Whether bytes from va stay inside what the chip can address; bytes 0 is in bounds where va is. */
static inline bool quern_sv39_va_ok(uint64_t va, uint64_t bytes)
{
	const uint64_t end = (uint64_t)1 << QUERN_VA_BITS;

	return va < end && bytes <= end - va;
}

/* Entry that points to the next table, at a 4 KiB aligned bus address. */
static inline uint64_t quern_pte_table(uint64_t bus)
{
	return ((bus >> QUERN_SV39_PAGE_SHIFT) << QUERN_PTE_PPN_LSB) | QUERN_PTE_V;
}

/* Leaf for memory at bus, aligned to the leaf's size; readable, and writable if so said. */
static inline uint64_t quern_pte_leaf(uint64_t bus, bool writable)
{
	return quern_pte_table(bus) | QUERN_PTE_R | (writable ? QUERN_PTE_W : 0) | QUERN_PTE_U | QUERN_PTE_A |
	       QUERN_PTE_D;
}

static inline uint64_t quern_pte_bus(uint64_t pte)
{
	return ((pte & QUERN_PTE_PPN_MASK) >> QUERN_PTE_PPN_LSB) << QUERN_SV39_PAGE_SHIFT;
}

static inline bool quern_pte_is_leaf(uint64_t pte)
{
	return (pte & (QUERN_PTE_R | QUERN_PTE_W | QUERN_PTE_X)) != 0;
}

struct quern_sv39_result {
	enum quern_fault fault; /* NONE, PAGE_INVALID, PAGE_READ, PAGE_WRITE or BUS */
	unsigned int level;	/* of the leaf */
	uint64_t bus;		/* address that va translates to */
	uint64_t pte;		/* the leaf */
};

/* Reads the 8-byte entry at a bus address; returns 0, or another value for an error of the bus. */
typedef int (*quern_sv39_read)(void *ctx, uint64_t bus, uint64_t *pte);

static inline bool quern_pte_valid(uint64_t pte)
{
	if (!(pte & QUERN_PTE_V) || (pte & QUERN_PTE_RESERVED))
		return false;
	if (!quern_pte_is_leaf(pte))
		return !(pte & (QUERN_PTE_U | QUERN_PTE_A | QUERN_PTE_D));
	if ((pte & QUERN_PTE_W) && !(pte & QUERN_PTE_R))
		return false;
	return (pte & QUERN_PTE_U) && (pte & QUERN_PTE_A);
}

/* What the permissions of a valid leaf say to an access. */
static inline enum quern_fault quern_sv39_check_leaf(uint64_t pte, unsigned int level, bool write)
{
	const uint64_t dirty = QUERN_PTE_W | QUERN_PTE_D;

	if (quern_pte_bus(pte) & (quern_sv39_leaf_bytes(level) - 1))
		return QUERN_FAULT_PAGE_INVALID;
	if (write)
		return (pte & dirty) == dirty ? QUERN_FAULT_NONE : QUERN_FAULT_PAGE_WRITE;
	return pte & QUERN_PTE_R ? QUERN_FAULT_NONE : QUERN_FAULT_PAGE_READ;
}

/* Translate va through the table at root, as the chip's walker does. */
static inline struct quern_sv39_result quern_sv39_walk(quern_sv39_read read, void *ctx, uint64_t root, uint64_t va,
						       bool write)
{
	struct quern_sv39_result r = {QUERN_FAULT_PAGE_INVALID, QUERN_SV39_LEVELS - 1, 0, 0};
	uint64_t table = root;

	if (!quern_sv39_va_ok(va, 1))
		return r;
	for (;;) {
		if (read(ctx, table + 8 * (uint64_t)quern_sv39_index(va, r.level), &r.pte)) {
			r.fault = QUERN_FAULT_BUS;
			return r;
		}
		if (!quern_pte_valid(r.pte))
			return r;
		if (quern_pte_is_leaf(r.pte))
			break;
		if (r.level == 0)
			return r;
		r.level--;
		table = quern_pte_bus(r.pte);
	}
	r.fault = quern_sv39_check_leaf(r.pte, r.level, write);
	r.bus = quern_pte_bus(r.pte) | (va & (quern_sv39_leaf_bytes(r.level) - 1));
	return r;
}

#endif
