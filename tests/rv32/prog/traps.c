// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions: for each cause, what mcause, mepc, mtval and mstatus hold in the
 * handler, and that execution goes on as the handler says.
 */
#include "test.h"

#define NOWHERE 0x30000000u /* neither memory nor device */

static volatile uint32_t cause, epc, value, status, traps;
static volatile uint32_t resume; /* where the handler returns to; 0: behind the instruction */

static void __attribute__((interrupt("machine"), aligned(4))) handler(void)
{
	cause = csr_read(mcause);
	epc = csr_read(mepc);
	value = csr_read(mtval);
	status = csr_read(mstatus);
	traps++;
	if (resume)
		csr_write(mepc, resume);
	else
		csr_write(mepc, epc + ((*(uint16_t *)epc & 3) == 3 ? 4 : 2));
}

/* Runs the instruction; true if it trapped like this, at the address of the label. */
#define TRAPS(insn, input, expected_cause, expected_value)                                                             \
	({                                                                                                             \
		uint32_t before_ = traps, at_, in_ = (input);                                                          \
		__asm__ volatile("la %0, 1f\n .option push\n .option norvc\n 1: " insn "\n .option pop"                \
				 : "=&r"(at_), "+r"(in_)::"memory");                                                   \
		traps == before_ + 1 && epc == at_ &&cause == (expected_cause) && value == (expected_value);           \
	})

static void check_illegal(void)
{
	CHECK(TRAPS(".4byte 0xffffffff", 0, 2, 0xffffffff));
	CHECK(TRAPS(".2byte 0", 0, 2, 0));
	CHECK(TRAPS(".2byte 0x8002", 0, 2, 0x8002));
	CHECK(TRAPS(".4byte 0x10200073", 0, 2, 0x10200073)); /* sret */
	CHECK(TRAPS(".4byte 0xc0002573", 0, 2, 0xc0002573)); /* csrr a0, cycle */
	CHECK(TRAPS(".4byte 0xf1411073", 0, 2, 0xf1411073)); /* csrw mhartid, sp */
	CHECK(TRAPS(".4byte 0x7b002573", 0, 2, 0x7b002573)); /* csrr a0, dcsr */
	CHECK(TRAPS(".4byte 0x02001013", 0, 2, 0x02001013)); /* slli by 32 */
}

static void check_data(void)
{
	static uint32_t word[2];
	uint32_t p = (uint32_t)word;

	CHECK(TRAPS("lw %1, 2(%1)", p, 4, p + 2));
	CHECK(TRAPS("lh %1, 1(%1)", p, 4, p + 1));
	CHECK(TRAPS("lhu %1, 3(%1)", p, 4, p + 3));
	CHECK(TRAPS("sw %1, 1(%1)", p, 6, p + 1));
	CHECK(TRAPS("sh %1, 3(%1)", p, 6, p + 3));
	CHECK(TRAPS("lb %1, 5(%1)", NOWHERE, 5, NOWHERE + 5));
	CHECK(TRAPS("lw %1, 8(%1)", NOWHERE, 5, NOWHERE + 8));
	CHECK(TRAPS("sb %1, 3(%1)", NOWHERE, 7, NOWHERE + 3));
	CHECK(TRAPS("sw %1, -4(%1)", NOWHERE, 7, NOWHERE - 4));
	CHECK(word[0] == 0 && word[1] == 0);
}

/* A load that faults must leave its destination alone. */
static void check_precise(void)
{
	uint32_t kept = 0x1234;

	__asm__ volatile("lw %0, 0(%1)" : "+r"(kept) : "r"(NOWHERE));
	CHECK(kept == 0x1234 && cause == 5);
}

static void check_calls(void)
{
	CHECK(TRAPS("ecall", 0, 11, 0));
	CHECK(TRAPS("ebreak", 0, 3, epc));
	CHECK(TRAPS(".2byte 0x9002", 0, 3, epc)); /* c.ebreak */
}

static void check_fetch(void)
{
	uint32_t before = traps;

	__asm__ volatile("la t0, 1f\n sw t0, %0\n jr %1\n 1:" : "=m"(resume) : "r"(NOWHERE + 2) : "t0", "memory");
	CHECK(traps == before + 1 && cause == 1 && epc == NOWHERE + 2 && value == NOWHERE + 2);
	/* A 32-bit instruction whose second half is behind the end of the memory */
	*(volatile uint16_t *)(TESTMEM_BASE + TESTMEM_BYTES - 2) = 0x0013;
	__asm__ volatile("fence.i\n la t0, 1f\n sw t0, %0\n jr %1\n 1:"
			 : "=m"(resume)
			 : "r"(TESTMEM_BASE + TESTMEM_BYTES - 2)
			 : "t0", "memory");
	CHECK(traps == before + 2 && cause == 1);
	CHECK(epc == TESTMEM_BASE + TESTMEM_BYTES - 2 && value == TESTMEM_BASE + TESTMEM_BYTES);
	resume = 0;
}

static void check_status(void)
{
	csr_write(mie, 0);
	csr_set(mstatus, MSTATUS_MIE);
	__asm__ volatile("ecall");
	CHECK((status & MSTATUS_MIE) == 0 && (status & MSTATUS_MPIE));
	CHECK(csr_read(mstatus) & MSTATUS_MIE);
	csr_clear(mstatus, MSTATUS_MIE);
	__asm__ volatile("ecall");
	CHECK((status & (MSTATUS_MIE | MSTATUS_MPIE)) == 0);
	CHECK((csr_read(mstatus) & MSTATUS_MIE) == 0);
	CHECK((csr_read(mstatus) >> 11 & 3) == 3);
}

static void check_identity(void)
{
	CHECK(csr_read(misa) == 0x40001104);
	csr_write(misa, 0);
	CHECK(csr_read(misa) == 0x40001104);
	CHECK(csr_read(mhartid) == 0 && csr_read(mvendorid) == 0);
	csr_write(mepc, 0xffffffff);
	CHECK(csr_read(mepc) == 0xfffffffe);
	csr_write(mie, 0xffffffff);
	CHECK(csr_read(mie) == (MIE_SOFTWARE | MIE_TIMER | MIE_EXTERNAL));
	csr_write(mie, 0);
	csr_write(mscratch, 0xdeadbeef);
	CHECK(csr_read(mscratch) == 0xdeadbeef);
}

int main(void)
{
	csr_write(mtvec, (uint32_t)handler);
	check_identity();
	check_illegal();
	check_data();
	check_precise();
	check_calls();
	check_status();
	check_fetch();
	return 0;
}
