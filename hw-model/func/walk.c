/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translation: the Sv39 page table of the job's address space, with a small direct-mapped cache. As in hardware the
 * cache holds 4 KiB translations tagged by ASID, keeps them until told otherwise, and never caches a refusal.
 *
 * A leaf counts as valid with V, U and A set and no reserved bit or encoding; D stands for permission to write, since
 * nothing sets it on behalf of the device. A pointer has only V and its page number.
 */
#include <string.h>
#include "machine.h"

#define LEVELS 3
#define VPN_BITS 9
#define PTE_V (1ull << 0)
#define PTE_R (1ull << 1)
#define PTE_W (1ull << 2)
#define PTE_X (1ull << 3)
#define PTE_U (1ull << 4)
#define PTE_A (1ull << 6)
#define PTE_D (1ull << 7)
#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK ((1ull << 44) - 1)
#define PTE_RESERVED (0x3ffull << 54)

static enum quern_fault read_pte(struct func_machine *m, uint64_t table, uint64_t index, uint64_t *pte)
{
	const void *p = m->ops.map(m->ctx, table + index * sizeof(*pte), sizeof(*pte), false);

	if (!p)
		return QUERN_FAULT_BUS;
	memcpy(pte, p, sizeof(*pte));
	return QUERN_FAULT_NONE;
}

static bool pte_is_pointer(uint64_t pte)
{
	return !(pte & (PTE_R | PTE_W | PTE_X));
}

static bool pte_bad(uint64_t pte)
{
	if (!(pte & PTE_V) || (pte & PTE_RESERVED))
		return true;
	if (pte_is_pointer(pte))
		return pte & (PTE_U | PTE_A | PTE_D);
	return ((pte & PTE_W) && !(pte & PTE_R)) || !(pte & PTE_U) || !(pte & PTE_A);
}

/* The leaf of vpn, with its page number made that of the 4 KiB page. */
static enum quern_fault find_leaf(struct func_machine *m, uint64_t vpn, uint64_t *leaf)
{
	uint64_t table = m->space.root;

	for (int level = LEVELS - 1; level >= 0; level--) {
		uint64_t low = (1ull << (level * VPN_BITS)) - 1; /* page number bits that the leaf leaves open */
		uint64_t pte;
		enum quern_fault fault = read_pte(m, table, (vpn >> (level * VPN_BITS)) & ((1 << VPN_BITS) - 1), &pte);

		if (fault != QUERN_FAULT_NONE)
			return fault;
		if (pte_bad(pte))
			return QUERN_FAULT_PAGE_INVALID;
		if (pte_is_pointer(pte)) {
			table = ((pte >> PTE_PPN_SHIFT) & PTE_PPN_MASK) << FUNC_PAGE_SHIFT;
			continue;
		}
		if ((pte >> PTE_PPN_SHIFT) & low)
			return QUERN_FAULT_PAGE_INVALID;
		*leaf = pte | ((vpn & low) << PTE_PPN_SHIFT);
		return QUERN_FAULT_NONE;
	}
	return QUERN_FAULT_PAGE_INVALID;
}

static enum quern_fault fill_entry(struct func_machine *m, struct func_tlb_entry *e, uint64_t vpn)
{
	uint64_t leaf;
	enum quern_fault fault = find_leaf(m, vpn, &leaf);

	if (fault != QUERN_FAULT_NONE)
		return fault;
	*e = (struct func_tlb_entry){
		.valid = true,
		.read = leaf & PTE_R,
		.write = (leaf & PTE_W) && (leaf & PTE_D),
		.asid = m->space.asid,
		.vpn = vpn,
		.ppn = (leaf >> PTE_PPN_SHIFT) & PTE_PPN_MASK,
	};
	return QUERN_FAULT_NONE;
}

static enum quern_fault translate(struct func_machine *m, uint64_t vaddr, bool write, uint64_t *bus_addr)
{
	uint64_t vpn = vaddr >> FUNC_PAGE_SHIFT;
	struct func_tlb_entry *e = &m->tlb[(vpn ^ vpn / FUNC_TLB_ENTRIES) % FUNC_TLB_ENTRIES];

	if (vaddr >> QUERN_VA_BITS)
		return QUERN_FAULT_PAGE_INVALID;
	if (m->ops.translate)
		return m->ops.translate(m->ctx, vaddr, write, bus_addr);
	if (!e->valid || e->vpn != vpn || e->asid != m->space.asid) {
		enum quern_fault fault = fill_entry(m, e, vpn);

		if (fault != QUERN_FAULT_NONE)
			return fault;
	}
	if (write && !e->write)
		return QUERN_FAULT_PAGE_WRITE;
	if (!write && !e->read)
		return QUERN_FAULT_PAGE_READ;
	*bus_addr = (e->ppn << FUNC_PAGE_SHIFT) | (vaddr % FUNC_PAGE_BYTES);
	return QUERN_FAULT_NONE;
}

enum quern_fault func_host_window(struct func_machine *m, uint64_t vaddr, uint32_t len, bool write, uint8_t **p,
				  uint32_t *got)
{
	uint32_t in_page = FUNC_PAGE_BYTES - (uint32_t)(vaddr % FUNC_PAGE_BYTES);
	uint64_t bus_addr;
	enum quern_fault fault = translate(m, vaddr, write, &bus_addr);

	if (fault != QUERN_FAULT_NONE)
		return fault;
	*got = len < in_page ? len : in_page;
	*p = m->ops.map(m->ctx, bus_addr, *got, write);
	return *p ? QUERN_FAULT_NONE : QUERN_FAULT_BUS;
}

void func_tlb_invalidate(struct func_machine *m, uint32_t asid)
{
	for (uint32_t i = 0; i < FUNC_TLB_ENTRIES; i++)
		if (m->tlb[i].asid == asid)
			m->tlb[i].valid = false;
}

void func_tlb_invalidate_all(struct func_machine *m)
{
	memset(m->tlb, 0, sizeof(m->tlb));
}
