/* SPDX-License-Identifier: Apache-2.0 */
/* Shim between the C test and the Verilated scratchpad of one N (SPM_N): class SPM_MODEL of SPM_HEADER. */
#include "spm_pins.h"

#include <cstring>

#include SPM_HEADER
#include "lib/verilated_model.hh"

struct spm_model : verilated_model<SPM_MODEL> {};

extern "C" struct spm_model *spm_create(uint64_t seed)
{
	return verilated_create<spm_model>(START_RANDOM, seed);
}

extern "C" void spm_destroy(struct spm_model *m)
{
	verilated_destroy(m);
}

static void drive(SPM_MODEL *t, const struct spm_in *in)
{
	t->rst_ni = in->rst_n;
	t->scrub_i = in->scrub;
	t->ifm_req_i = in->req[SPM_IFM];
	t->ifm_addr_i = in->addr[SPM_IFM];
	t->w_req_i = in->req[SPM_W];
	t->w_addr_i = in->addr[SPM_W];
	t->va_req_i = in->req[SPM_VA];
	t->va_addr_i = in->addr[SPM_VA];
	t->vb_req_i = in->req[SPM_VB];
	t->vb_addr_i = in->addr[SPM_VB];
	t->vw_req_i = in->req[SPM_VW];
	t->vw_addr_i = in->addr[SPM_VW];
	memcpy(&t->vw_wdata_i, in->wdata[SPM_VW], SPM_N);
	t->lw_req_i = in->req[SPM_LW];
	t->lw_addr_i = in->addr[SPM_LW];
	memcpy(&t->lw_wdata_i, in->wdata[SPM_LW], SPM_N);
	t->lw_be_i = in->be;
	t->sr_req_i = in->req[SPM_SR];
	t->sr_addr_i = in->addr[SPM_SR];
}

static void sample(SPM_MODEL *t, struct spm_out *out)
{
	out->gnt[SPM_IFM] = t->ifm_gnt_o;
	out->gnt[SPM_W] = t->w_gnt_o;
	out->gnt[SPM_VA] = t->va_gnt_o;
	out->gnt[SPM_VB] = t->vb_gnt_o;
	out->gnt[SPM_VW] = t->vw_gnt_o;
	out->gnt[SPM_LW] = t->lw_gnt_o;
	out->gnt[SPM_SR] = t->sr_gnt_o;
	memcpy(out->rdata[SPM_IFM], &t->ifm_rdata_o, SPM_N);
	memcpy(out->rdata[SPM_W], &t->w_rdata_o, SPM_N);
	memcpy(out->rdata[SPM_VA], &t->va_rdata_o, SPM_N);
	memcpy(out->rdata[SPM_VB], &t->vb_rdata_o, SPM_N);
	memcpy(out->rdata[SPM_SR], &t->sr_rdata_o, SPM_N);
	out->scrub_busy = t->scrub_busy_o;
	out->conflicts = t->ev_conflicts_o;
}

extern "C" void spm_settle(struct spm_model *m, const struct spm_in *in, struct spm_out *out)
{
	drive(m->top, in);
	m->top->clk_i = 0;
	m->top->eval();
	sample(m->top, out);
}

extern "C" void spm_clock(struct spm_model *m)
{
	m->top->clk_i = 1;
	m->top->eval();
}
