/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C view of the Verilated core, for the lock-step tests: the ports of
 * quern_core as two structs, and its CSRs.
 *
 * A cycle is rtl_settle(), which lets the combinational outputs follow the
 * inputs, then rtl_clock(), the rising edge.
 */
#ifndef TESTS_RV32_RTL_H
#define TESTS_RV32_RTL_H

#include <stdbool.h>
#include <stdint.h>

#include "iss.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rtl;

struct rtl_in {
	bool rst_n;
	uint32_t boot_addr;
	uint32_t instr_rdata;
	bool instr_err;
	bool data_gnt;
	bool data_rvalid;
	uint32_t data_rdata;
	bool data_err;
	uint32_t irq; /* ISS_IRQ_* */
};

struct rtl_out {
	bool instr_req;
	uint32_t instr_addr;
	bool data_req;
	bool data_we;
	unsigned int data_be;
	uint32_t data_addr;
	uint32_t data_wdata;
	bool sleep;
	bool trap;
	bool valid;
	bool intr;
	uint32_t insn;
	uint32_t pc;
	uint32_t pc_next;
	unsigned int rd;
	uint32_t rd_value;
	uint32_t mem_addr;
	unsigned int mem_wmask;
	uint32_t mem_wdata;
	bool insn_trap;
};

/* @seed fills the registers that reset leaves alone. NULL when out of memory. */
struct rtl *rtl_create(unsigned int seed);
void rtl_destroy(struct rtl *r);
void rtl_settle(struct rtl *r, const struct rtl_in *in, struct rtl_out *out);
/* False when an assertion in the RTL has failed; it has printed itself. */
bool rtl_clock(struct rtl *r);
void rtl_read_csrs(const struct rtl *r, struct iss_csrs *csrs);

#ifdef __cplusplus
}
#endif

#endif
