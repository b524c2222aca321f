/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Verilated dma_bench in C. A cycle: fill `in`, dma_settle() computes `out` before the clock edge (that is what the
 * engines and the environment see of each other in this cycle), dma_clock() makes the edge.
 */
#ifndef TESTS_RTL_DMA_DMA_PINS_H
#define TESTS_RTL_DMA_DMA_PINS_H

#include <stdbool.h>
#include <stdint.h>

#define DMA_SPM_BYTES 65536u
#define DMA_BUS_BYTES 16u

/* One engine, as the sequencer and the MMU see it. */
struct dma_engine_in {
	bool cmd_valid;
	bool flush;
	bool tr_done;
	uint64_t tr_paddr;
	uint8_t tr_fault;
};

struct dma_engine_out {
	bool cmd_ready;
	bool done;
	bool fault;
	uint8_t fault_kind;
	uint64_t fault_addr;
	uint32_t fault_index;
	bool idle;
	uint8_t events; /* bit 0 busy, 1 bus stall, 2 scratchpad stall */
	bool tr_valid;
	uint64_t tr_vaddr;
	bool tr_write;
};

struct dma_in {
	bool rst_n;
	uint64_t region[16];
	uint32_t cmd[16];
	uint32_t cmd_index;
	struct dma_engine_in load;
	struct dma_engine_in store;
	bool ar_ready;
	bool r_valid;
	uint8_t r_data[DMA_BUS_BYTES];
	bool r_last;
	bool r_err;
	bool aw_ready;
	bool w_ready;
	bool b_valid;
	bool b_err;
	bool ifm_req;
	uint32_t ifm_addr; /* bytes */
	bool wt_req;
	uint32_t wt_addr; /* vectors */
	bool va_req;
	uint32_t va_addr; /* vectors */
	bool scrub;
};

struct dma_out {
	struct dma_engine_out load;
	struct dma_engine_out store;
	bool ar_valid;
	uint64_t ar_addr;
	uint8_t ar_len;
	bool aw_valid;
	uint64_t aw_addr;
	uint8_t aw_len;
	bool w_valid;
	uint8_t w_data[DMA_BUS_BYTES];
	uint16_t w_strb;
	bool w_last;
	uint8_t wr_bytes;
	bool va_gnt;
	uint8_t va_rdata[32];
	bool scrub_busy;
};

struct dma_model;

#ifdef __cplusplus
extern "C" {
#endif

/* What reset leaves alone comes from the seed. NULL if memory ran out. */
struct dma_model *dma_create(uint64_t seed);
void dma_destroy(struct dma_model *m);
void dma_settle(struct dma_model *m, const struct dma_in *in, struct dma_out *out);
void dma_clock(struct dma_model *m);

#ifdef __cplusplus
}
#endif

#endif
