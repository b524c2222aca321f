/* SPDX-License-Identifier: Apache-2.0 */
/* Shim between the C test and the Verilated seq_bench. */
#include "seq_pins.h"

#include <cstring>

#include "Vseq_bench.h"
#include "lib/verilated_model.hh"

struct seq_model : verilated_model<Vseq_bench> {};

extern "C" struct seq_model *seq_create(uint64_t seed)
{
	return verilated_create<seq_model>(START_RANDOM, seed);
}

extern "C" void seq_destroy(struct seq_model *m)
{
	verilated_destroy(m);
}

static uint8_t bits(const bool *flag)
{
	return (uint8_t)(flag[0] | flag[1] << 1 | flag[2] << 2 | flag[3] << 3);
}

static void drive_engines(Vseq_bench *t, const struct seq_in *in)
{
	uint8_t index[SEQ_ENGINES * 3];

	t->cmd_ready_i = bits(in->cmd_ready);
	t->done_i = bits(in->done);
	t->fault_i = bits(in->fault);
	t->fault_kind_i = in->fault_kind;
	t->fault_addr_i = in->fault_addr;
	t->idle_i = bits(in->idle);
	for (int i = 0; i < SEQ_ENGINES; i++)
		memcpy(index + 3 * i, &in->fault_index[i], 3);
	memcpy(&t->fault_index_i[0], index, sizeof(index));
}

static void drive(Vseq_bench *t, const struct seq_in *in)
{
	t->rst_ni = in->rst_n;
	t->start_i = in->start;
	t->fetch_i = in->fetch;
	t->drop_i = in->drop;
	t->asid_i = in->asid;
	t->stream_i = in->stream;
	t->ncmds_i = in->ncmds;
	t->first_i = in->first;
	t->abort_i = in->abort;
	t->preempt_i = in->preempt;
	t->force_scrub_i = in->force_scrub;
	t->scrub_busy_i = in->scrub_busy;
	t->tr_done_i = in->tr_done;
	t->tr_paddr_i = in->tr_paddr;
	t->tr_fault_i = in->tr_fault;
	t->ar_ready_i = in->ar_ready;
	t->r_valid_i = in->r_valid;
	memcpy(&t->r_data_i[0], in->r_data, sizeof(in->r_data));
	t->r_err_i = in->r_err;
	t->counter_clear_i = in->counter_clear;
	t->wr_bytes_i = in->wr_bytes;
	t->conflicts_i = in->conflicts;
	t->counter_re_i = in->counter_re;
	t->counter_sel_i = in->counter_sel;
	t->trace_enable_i = in->trace_enable;
	t->trace_clear_i = in->trace_clear;
	t->trace_storm_i = in->trace_storm;
	t->cycle_i = in->cycle;
	t->trace_re_i = in->trace_re;
	t->trace_index_i = in->trace_index;
}

static void sample_engines(Vseq_bench *t, struct seq_out *out)
{
	const uint8_t *index = reinterpret_cast<const uint8_t *>(&t->cmd_index_o[0]);

	for (int i = 0; i < SEQ_ENGINES; i++) {
		out->cmd_valid[i] = t->cmd_valid_o >> i & 1;
		memcpy(out->cmd[i], &t->cmd_o[16 * i], sizeof(out->cmd[i]));
		out->cmd_index[i] = 0;
		memcpy(&out->cmd_index[i], index + 3 * i, 3);
	}
}

static void sample(Vseq_bench *t, struct seq_out *out)
{
	out->running = t->running_o;
	out->fetch_busy = t->fetch_busy_o;
	out->end = t->end_o;
	out->end_state = t->end_state_o;
	out->end_fault = t->end_fault_o;
	out->end_unit = t->end_unit_o;
	out->end_index = t->end_index_o;
	out->end_addr = t->end_addr_o;
	out->scrub = t->scrub_o;
	out->tr_valid = t->tr_valid_o;
	out->tr_vaddr = t->tr_vaddr_o;
	out->ar_valid = t->ar_valid_o;
	out->ar_addr = t->ar_addr_o;
	out->ar_len = t->ar_len_o;
	out->flush = t->flush_o;
	out->counter = t->counter_o;
	out->trace_head = t->trace_head_o;
	out->trace_dropped = t->trace_dropped_o;
	out->trace = t->trace_o;
	sample_engines(t, out);
}

extern "C" void seq_settle(struct seq_model *m, const struct seq_in *in, struct seq_out *out)
{
	drive(m->top, in);
	drive_engines(m->top, in);
	m->top->clk_i = 0;
	m->top->eval();
	sample(m->top, out);
}

extern "C" void seq_clock(struct seq_model *m)
{
	m->top->clk_i = 1;
	m->top->eval();
}
