/* SPDX-License-Identifier: Apache-2.0 */
/* Shim between the C tests and the Verilated dma_bench of one N (DMA_N): class DMA_MODEL of DMA_HEADER. */
#include "dma_pins.h"

#include <cstring>

#include DMA_HEADER
#include "lib/verilated_model.hh"

struct dma_model : verilated_model<DMA_MODEL> {};

extern "C" struct dma_model *dma_create(uint64_t seed)
{
	return verilated_create<dma_model>(START_RANDOM, seed);
}

extern "C" void dma_destroy(struct dma_model *m)
{
	verilated_destroy(m);
}

static void drive_regions(DMA_MODEL *t, const struct dma_in *in)
{
	uint8_t bytes[16 * 5];

	for (int i = 0; i < 16; i++)
		memcpy(bytes + 5 * i, &in->region[i], 5);
	memcpy(&t->region_base_i[0], bytes, sizeof(bytes));
}

static void drive(DMA_MODEL *t, const struct dma_in *in)
{
	t->rst_ni = in->rst_n;
	drive_regions(t, in);
	memcpy(&t->cmd_i[0], in->cmd, sizeof(in->cmd));
	t->cmd_index_i = in->cmd_index;
	t->ld_cmd_valid_i = in->load.cmd_valid;
	t->ld_flush_i = in->load.flush;
	t->ld_tr_done_i = in->load.tr_done;
	t->ld_tr_paddr_i = in->load.tr_paddr;
	t->ld_tr_fault_i = in->load.tr_fault;
	t->st_cmd_valid_i = in->store.cmd_valid;
	t->st_flush_i = in->store.flush;
	t->st_tr_done_i = in->store.tr_done;
	t->st_tr_paddr_i = in->store.tr_paddr;
	t->st_tr_fault_i = in->store.tr_fault;
	t->ar_ready_i = in->ar_ready;
	t->r_valid_i = in->r_valid;
	memcpy(&t->r_data_i[0], in->r_data, DMA_BUS_BYTES);
	t->r_last_i = in->r_last;
	t->r_err_i = in->r_err;
	t->aw_ready_i = in->aw_ready;
	t->w_ready_i = in->w_ready;
	t->b_valid_i = in->b_valid;
	t->b_err_i = in->b_err;
	t->ifm_req_i = in->ifm_req;
	t->ifm_addr_i = in->ifm_addr;
	t->wt_req_i = in->wt_req;
	t->wt_addr_i = in->wt_addr;
	t->va_req_i = in->va_req;
	t->va_addr_i = in->va_addr;
	t->scrub_i = in->scrub;
}

static void sample_engines(DMA_MODEL *t, struct dma_out *out)
{
	struct dma_engine_out *l = &out->load;
	struct dma_engine_out *s = &out->store;

	l->cmd_ready = t->ld_cmd_ready_o;
	l->done = t->ld_done_o;
	l->fault = t->ld_fault_o;
	l->fault_kind = t->ld_fault_kind_o;
	l->fault_addr = t->ld_fault_addr_o;
	l->fault_index = t->ld_fault_index_o;
	l->idle = t->ld_idle_o;
	l->events = t->ld_events_o;
	l->tr_valid = t->ld_tr_valid_o;
	l->tr_vaddr = t->ld_tr_vaddr_o;
	l->tr_write = t->ld_tr_write_o;
	s->cmd_ready = t->st_cmd_ready_o;
	s->done = t->st_done_o;
	s->fault = t->st_fault_o;
	s->fault_kind = t->st_fault_kind_o;
	s->fault_addr = t->st_fault_addr_o;
	s->fault_index = t->st_fault_index_o;
	s->idle = t->st_idle_o;
	s->events = t->st_events_o;
	s->tr_valid = t->st_tr_valid_o;
	s->tr_vaddr = t->st_tr_vaddr_o;
	s->tr_write = t->st_tr_write_o;
}

static void sample(DMA_MODEL *t, struct dma_out *out)
{
	sample_engines(t, out);
	out->ar_valid = t->ar_valid_o;
	out->ar_addr = t->ar_addr_o;
	out->ar_len = t->ar_len_o;
	out->aw_valid = t->aw_valid_o;
	out->aw_addr = t->aw_addr_o;
	out->aw_len = t->aw_len_o;
	out->w_valid = t->w_valid_o;
	memcpy(out->w_data, &t->w_data_o[0], DMA_BUS_BYTES);
	out->w_strb = t->w_strb_o;
	out->w_last = t->w_last_o;
	out->wr_bytes = t->st_wr_bytes_o;
	out->va_gnt = t->va_gnt_o;
	memcpy(out->va_rdata, &t->va_rdata_o, DMA_N);
	out->scrub_busy = t->scrub_busy_o;
}

extern "C" void dma_settle(struct dma_model *m, const struct dma_in *in, struct dma_out *out)
{
	drive(m->top, in);
	m->top->clk_i = 0;
	m->top->eval();
	sample(m->top, out);
}

extern "C" void dma_clock(struct dma_model *m)
{
	m->top->clk_i = 1;
	m->top->eval();
}
