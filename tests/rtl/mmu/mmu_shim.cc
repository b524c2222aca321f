// SPDX-License-Identifier: Apache-2.0
// Shim between the test in C and the Verilated quern_mmu.
#include "mmu_pins.h"

#include <cstring>

#include "Vquern_mmu.h"
#include "lib/verilated_model.hh"

struct mmu_model : verilated_model<Vquern_mmu> {};

struct mmu_model *mmu_create(uint64_t seed)
{
	mmu_model *m = verilated_create<mmu_model>(START_RANDOM, seed);

	if (m)
		m->context.assertOn(false);
	return m;
}

void mmu_destroy(struct mmu_model *m)
{
	verilated_destroy(m);
}

static uint8_t bits(const bool *flag)
{
	return (uint8_t)(flag[0] | flag[1] << 1 | flag[2] << 2);
}

static void drive(Vquern_mmu *top, const struct mmu_in *in)
{
	top->rst_ni = in->rst_n;
	top->asid_i = in->asid;
	memcpy(top->roots_i.data(), in->root, sizeof(in->root));
	top->tr_valid_i = bits(in->valid);
	top->tr_write_i = bits(in->write);
	top->seq_vaddr_i = in->vaddr[0];
	top->load_vaddr_i = in->vaddr[1];
	top->store_vaddr_i = in->vaddr[2];
	top->touch_valid_i = in->touch;
	top->touch_line_i = in->touch_line;
	top->touch_asid_i = in->touch_asid;
	top->inval_i = in->inval;
	top->inval_all_i = in->inval_all;
	top->inval_asid_i = in->inval_asid;
	top->ar_ready_i = in->ar_ready;
	top->r_valid_i = in->r_valid;
	top->r_last_i = in->r_last;
	top->r_err_i = in->r_err;
	memcpy(top->r_data_i.data(), in->r_data, sizeof(in->r_data));
}

static void sample(const Vquern_mmu *top, struct mmu_out *out)
{
	for (int i = 0; i < MMU_CLIENTS; i++)
		out->done[i] = top->tr_done_o >> i & 1;
	out->paddr = top->tr_paddr_o;
	out->fault = top->tr_fault_o;
	out->inval_busy = top->inval_busy_o;
	out->ar_valid = top->ar_valid_o;
	out->ar_addr = top->ar_addr_o;
	out->ar_len = top->ar_len_o;
	out->idle = top->idle_o;
	out->touch_ready = top->touch_ready_o;
}

void mmu_cycle(struct mmu_model *model, const struct mmu_in *in, struct mmu_out *out)
{
	Vquern_mmu *top = model->top;

	top->clk_i = 0;
	drive(top, in);
	top->eval();
	sample(top, out);
	top->clk_i = 1;
	top->eval();
	/* Assertions hold from the first cycle after a reset on. */
	if (!in->rst_n)
		model->context.assertOn(true);
}
