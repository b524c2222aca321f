/* SPDX-License-Identifier: Apache-2.0 */
/* quern_mmu's pins as the test in C sees them. */
#ifndef TESTS_RTL_MMU_PINS_H
#define TESTS_RTL_MMU_PINS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MMU_CLIENTS 3
#define MMU_ASIDS 16

struct mmu_in {
	bool rst_n;
	uint8_t asid;
	uint32_t root[MMU_ASIDS]; /* ASID_ROOT */
	bool valid[MMU_CLIENTS];
	bool write[MMU_CLIENTS];
	uint64_t vaddr[MMU_CLIENTS];
	bool touch;
	uint32_t touch_line; /* 32 KiB each */
	uint8_t touch_asid;
	bool inval;
	bool inval_all;
	uint8_t inval_asid;
	bool ar_ready;
	bool r_valid;
	bool r_last;
	bool r_err;
	uint8_t r_data[16];
};

struct mmu_out {
	bool done[MMU_CLIENTS];
	uint64_t paddr;
	uint8_t fault;
	bool inval_busy;
	bool ar_valid;
	uint64_t ar_addr;
	uint8_t ar_len;
	bool idle;
	bool touch_ready;
};

struct mmu_model;

struct mmu_model *mmu_create(uint64_t seed);
void mmu_destroy(struct mmu_model *model);
/* Drive in, read out as it settles before the clock edge, then clock. */
void mmu_cycle(struct mmu_model *model, const struct mmu_in *in, struct mmu_out *out);

#ifdef __cplusplus
}
#endif

#endif /* TESTS_RTL_MMU_PINS_H */
