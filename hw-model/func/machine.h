/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the functional model: the machine, and one entry point per command. An entry point gets a command whose own
 * fields are checked, and returns FAULT_NONE or a fault with its address in *addr.
 */
#ifndef HW_MODEL_FUNC_MACHINE_H
#define HW_MODEL_FUNC_MACHINE_H

#include <stddef.h>
#include "func.h"

#define FUNC_MAX_N 32
#define FUNC_TLB_ENTRIES 256
#define FUNC_PAGE_SHIFT 12
#define FUNC_PAGE_BYTES (1u << FUNC_PAGE_SHIFT)
#define FUNC_SPM_MASK ((1u << QUERN_SPM_ADDR_BITS) - 1)

struct func_tlb_entry {
	bool valid;
	bool read;
	bool write;
	uint32_t asid;
	uint64_t vpn;
	uint64_t ppn;
};

struct func_machine {
	uint32_t n;
	uint32_t spm_bytes;
	uint8_t *spm;
	int32_t *acc;
	struct func_mem_ops ops;
	void *ctx;
	struct func_space space;
	uint32_t owner; /* ASID of the last job; 0 before the first */
	struct func_tlb_entry tlb[FUNC_TLB_ENTRIES];
	const struct func_control *ctl;
	uint64_t ticks;
	uint64_t max_ticks;
	uint64_t rd_bytes;
	uint64_t wr_bytes;
};

/* A grid of vectors or pixels in the scratchpad, steps in bytes. */
struct func_grid {
	uint32_t base;
	uint32_t sx;
	uint32_t sy;
};

static inline uint32_t grid_at(const struct func_grid *g, uint32_t x, uint32_t y)
{
	return (g->base + y * g->sy + x * g->sx) & FUNC_SPM_MASK;
}

static inline bool spm_holds(const struct func_machine *m, uint32_t a, uint32_t len)
{
	return (uint64_t)a + len <= m->spm_bytes;
}

/* The N bytes at a, or NULL with *addr = a. */
static inline uint8_t *spm_vector(struct func_machine *m, uint32_t a, uint64_t *addr)
{
	if (spm_holds(m, a, m->n))
		return m->spm + a;
	*addr = a;
	return NULL;
}

/*
 * Counts work and says whether it may be done; past the limit the count stays one above it. Every loop whose length a
 * command sets calls it.
 */
static inline bool work(struct func_machine *m, uint64_t ticks)
{
	if (m->max_ticks && (m->ticks > m->max_ticks || ticks > m->max_ticks - m->ticks)) {
		m->ticks = m->max_ticks + 1;
		return false;
	}
	m->ticks += ticks;
	return !(m->ctl && atomic_load_explicit(&m->ctl->abort, memory_order_relaxed));
}

/* Are `entries` accumulators from base inside one bank? */
enum quern_fault func_acc_check(uint32_t base, uint32_t entries, uint64_t *addr);

/* Host memory: the bytes at vaddr up to the end of its page, at most len; *got says how many. */
enum quern_fault func_host_window(struct func_machine *m, uint64_t vaddr, uint32_t len, bool write, uint8_t **p,
				  uint32_t *got);

enum quern_fault func_conv(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_dwconv(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_requant(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_eltwise(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_pool(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_map(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_softmax(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_load(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_store(struct func_machine *m, const uint32_t *w, uint64_t *addr);
enum quern_fault func_fill(struct func_machine *m, const uint32_t *w, uint64_t *addr);

#endif
