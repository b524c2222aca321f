// SPDX-License-Identifier: Apache-2.0
/*
 * Shim between the C tests and the Verilated core. The CSRs are visible
 * because core.vlt makes them public in this build only.
 */
#include "rtl.h"

#include "Vquern_core.h"
#include "Vquern_core___024root.h"
#include "lib/verilated_model.hh"

struct rtl : verilated_model<Vquern_core> {
	bool clocked = false;
};

extern "C" struct rtl *rtl_create(unsigned int seed)
{
	rtl *r = verilated_create<rtl>(START_RANDOM, seed);

	if (r)
		r->context.fatalOnError(false);
	return r;
}

extern "C" void rtl_destroy(struct rtl *r)
{
	verilated_destroy(r);
}

extern "C" void rtl_settle(struct rtl *r, const struct rtl_in *in, struct rtl_out *out)
{
	Vquern_core *t = r->top;

	t->clk_i = 0;
	/* Before the first clock edge in reset, assertions would see random state. */
	r->context.assertOn(r->clocked);
	t->rst_ni = in->rst_n;
	t->boot_addr_i = in->boot_addr;
	t->instr_rdata_i = in->instr_rdata;
	t->instr_err_i = in->instr_err;
	t->data_gnt_i = in->data_gnt;
	t->data_rvalid_i = in->data_rvalid;
	t->data_rdata_i = in->data_rdata;
	t->data_err_i = in->data_err;
	t->irq_external_i = !!(in->irq & ISS_IRQ_EXTERNAL);
	t->irq_timer_i = !!(in->irq & ISS_IRQ_TIMER);
	t->irq_software_i = !!(in->irq & ISS_IRQ_SOFTWARE);
	t->eval();

	out->instr_req = t->instr_req_o;
	out->instr_addr = t->instr_addr_o;
	out->data_req = t->data_req_o;
	out->data_we = t->data_we_o;
	out->data_be = t->data_be_o;
	out->data_addr = t->data_addr_o;
	out->data_wdata = t->data_wdata_o;
	out->sleep = t->sleep_o;
	out->trap = t->trap_o;
	out->valid = t->rvfi_valid_o;
	out->intr = t->rvfi_intr_o;
	out->insn = t->rvfi_insn_o;
	out->pc = t->rvfi_pc_o;
	out->pc_next = t->rvfi_pc_next_o;
	out->rd = t->rvfi_rd_addr_o;
	out->rd_value = t->rvfi_rd_wdata_o;
	out->mem_addr = t->rvfi_mem_addr_o;
	out->mem_wmask = t->rvfi_mem_wmask_o;
	out->mem_wdata = t->rvfi_mem_wdata_o;
	out->insn_trap = t->rvfi_trap_o;
}

extern "C" bool rtl_clock(struct rtl *r)
{
	r->top->clk_i = 1;
	r->top->eval();
	r->context.timeInc(1);
	r->clocked = true;
	return !r->context.gotError();
}

extern "C" void rtl_read_csrs(const struct rtl *r, struct iss_csrs *csrs)
{
	const Vquern_core___024root *c = r->top->rootp;

	csrs->mstatus = ISS_MSTATUS_MPP | c->quern_core__DOT__i_csr__DOT__mie_q << 3 |
			c->quern_core__DOT__i_csr__DOT__mpie_q << 7;
	csrs->mie = c->quern_core__DOT__i_csr__DOT__en_sw_q << 3 | c->quern_core__DOT__i_csr__DOT__en_tim_q << 7 |
		    c->quern_core__DOT__i_csr__DOT__en_ext_q << 11;
	csrs->mtvec =
		c->quern_core__DOT__i_csr__DOT__tvec_base_q << 2 | c->quern_core__DOT__i_csr__DOT__tvec_vectored_q;
	csrs->mscratch = c->quern_core__DOT__i_csr__DOT__mscratch_q;
	csrs->mepc = c->quern_core__DOT__i_csr__DOT__mepc_q << 1;
	csrs->mcause = static_cast<uint32_t>(c->quern_core__DOT__i_csr__DOT__cause_irq_q) << 31 |
		       c->quern_core__DOT__i_csr__DOT__cause_q;
	csrs->mtval = c->quern_core__DOT__i_csr__DOT__mtval_q;
	csrs->mcountinhibit = c->quern_core__DOT__i_csr__DOT__inhibit_cycle_q |
			      c->quern_core__DOT__i_csr__DOT__inhibit_instret_q << 2;
	csrs->mcycle[0] = static_cast<uint32_t>(c->quern_core__DOT__i_csr__DOT__mcycle_q);
	csrs->mcycle[1] = static_cast<uint32_t>(c->quern_core__DOT__i_csr__DOT__mcycle_q >> 32);
	csrs->minstret[0] = static_cast<uint32_t>(c->quern_core__DOT__i_csr__DOT__minstret_q);
	csrs->minstret[1] = static_cast<uint32_t>(c->quern_core__DOT__i_csr__DOT__minstret_q >> 32);
}
