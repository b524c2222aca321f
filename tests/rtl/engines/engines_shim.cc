/* SPDX-License-Identifier: Apache-2.0 */
/* Shim between the C tests and the Verilated engines_bench of one N (ENGINES_N): class ENGINES_MODEL of ENGINES_HEADER. */
#include "engines_pins.h"

#include <cstring>

#include ENGINES_HEADER
#include "lib/verilated_model.hh"

struct engines_model : verilated_model<ENGINES_MODEL> {};

extern "C" struct engines_model *engines_create(void)
{
	return verilated_create<engines_model>(START_ZEROS, 0);
}

extern "C" void engines_destroy(struct engines_model *m)
{
	verilated_destroy(m);
}

static void drive(ENGINES_MODEL *t, const struct engines_in *in)
{
	t->rst_ni = in->rst_n;
	t->scrub_i = in->scrub;
	memcpy(&t->cmd_i, in->cmd, sizeof(in->cmd));
	t->cmd_index_i = in->cmd_index;
	t->mx_valid_i = in->valid[ENGINE_MATRIX];
	t->ve_valid_i = in->valid[ENGINE_VECTOR];
	t->mx_flush_i = in->flush[ENGINE_MATRIX];
	t->ve_flush_i = in->flush[ENGINE_VECTOR];
	t->ifm_gnt_i = in->gnt[PORT_IFM];
	t->w_gnt_i = in->gnt[PORT_W];
	t->va_gnt_i = in->gnt[PORT_VA];
	t->vb_gnt_i = in->gnt[PORT_VB];
	t->vw_gnt_i = in->gnt[PORT_VW];
	memcpy(&t->ifm_rdata_i, in->rdata[PORT_IFM], ENGINES_N);
	memcpy(&t->w_rdata_i, in->rdata[PORT_W], ENGINES_N);
	memcpy(&t->va_rdata_i, in->rdata[PORT_VA], ENGINES_N);
	memcpy(&t->vb_rdata_i, in->rdata[PORT_VB], ENGINES_N);
	t->dump_i = in->dump;
	t->dump_addr_i = in->dump_addr;
}

static void sample_engines(ENGINES_MODEL *t, struct engines_out *out)
{
	struct engine_out *m = &out->engine[ENGINE_MATRIX];
	struct engine_out *v = &out->engine[ENGINE_VECTOR];

	m->ready = t->mx_ready_o;
	m->done = t->mx_done_o;
	m->fault = t->mx_fault_o;
	m->fault_kind = t->mx_fault_kind_o;
	m->fault_addr = t->mx_fault_addr_o;
	m->fault_index = t->mx_fault_index_o;
	m->idle = t->mx_idle_o;
	m->events = t->mx_events_o;
	v->ready = t->ve_ready_o;
	v->done = t->ve_done_o;
	v->fault = t->ve_fault_o;
	v->fault_kind = t->ve_fault_kind_o;
	v->fault_addr = t->ve_fault_addr_o;
	v->fault_index = t->ve_fault_index_o;
	v->idle = t->ve_idle_o;
	v->events = t->ve_events_o;
}

static void sample(ENGINES_MODEL *t, struct engines_out *out)
{
	sample_engines(t, out);
	out->scrub_busy = t->scrub_busy_o;
	out->req[PORT_IFM] = t->ifm_req_o;
	out->req[PORT_W] = t->w_req_o;
	out->req[PORT_VA] = t->va_req_o;
	out->req[PORT_VB] = t->vb_req_o;
	out->req[PORT_VW] = t->vw_req_o;
	out->addr[PORT_IFM] = t->ifm_addr_o;
	out->addr[PORT_W] = t->w_addr_o;
	out->addr[PORT_VA] = t->va_addr_o;
	out->addr[PORT_VB] = t->vb_addr_o;
	out->addr[PORT_VW] = t->vw_addr_o;
	memcpy(out->wdata, &t->vw_wdata_o, ENGINES_N);
	memcpy(out->dump, &t->dump_rdata_o, ENGINES_N * 4);
}

extern "C" void engines_settle(struct engines_model *m, const struct engines_in *in, struct engines_out *out)
{
	drive(m->top, in);
	m->top->clk_i = 0;
	m->top->eval();
	sample(m->top, out);
}

extern "C" void engines_clock(struct engines_model *m)
{
	m->top->clk_i = 1;
	m->top->eval();
}
