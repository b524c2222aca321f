// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts: direct and vectored entry, priority, masking, nesting, and wfi
 * with and without a handler.
 */
#include "test.h"

#define IRQ (1u << 31)

static volatile uint32_t taken[8], takens;

static void acknowledge(uint32_t cause)
{
	if (cause == (IRQ | 7))
		device[TESTMEM_TIMER] = 0;
	else
		device[TESTMEM_IRQ] &= ~(1u << (cause & 31));
}

static void note(uint32_t tag)
{
	taken[takens++ % 8] = tag;
}

static void __attribute__((interrupt("machine"), aligned(4))) direct(void)
{
	uint32_t cause = csr_read(mcause);

	note(cause);
	acknowledge(cause);
}

/* Vectored: the entry itself tells the cause. */
static void __attribute__((interrupt("machine"), used)) on_software(void)
{
	note(103);
	acknowledge(csr_read(mcause));
}

static void __attribute__((interrupt("machine"), used)) on_timer(void)
{
	note(107);
	acknowledge(csr_read(mcause));
}

static void __attribute__((interrupt("machine"), used)) on_external(void)
{
	note(111);
	acknowledge(csr_read(mcause));
}

static void __attribute__((interrupt("machine"), used)) on_exception(void)
{
	note(100 + csr_read(mcause));
	csr_write(mepc, csr_read(mepc) + 4);
}

static void __attribute__((naked, aligned(4))) vectors(void)
{
	__asm__ volatile(".option push\n .option norvc\n"
			 "j on_exception\n j on_exception\n j on_exception\n j on_software\n"
			 "j on_exception\n j on_exception\n j on_exception\n j on_timer\n"
			 "j on_exception\n j on_exception\n j on_exception\n j on_external\n"
			 ".option pop");
}

/* Sets lines and gives the core the few cycles until they are seen. */
static void raise(uint32_t lines)
{
	device[TESTMEM_IRQ] = lines;
	(void)device[TESTMEM_IRQ];
}

static void check_direct(void)
{
	csr_write(mtvec, (uint32_t)direct);
	csr_write(mie, MIE_SOFTWARE | MIE_EXTERNAL);
	takens = 0;
	csr_set(mstatus, MSTATUS_MIE);
	raise(MIE_SOFTWARE);
	CHECK(takens == 1 && taken[0] == (IRQ | 3));
	raise(MIE_EXTERNAL);
	CHECK(takens == 2 && taken[1] == (IRQ | 11));
	csr_clear(mstatus, MSTATUS_MIE);
}

/* External before software before timer */
static void check_priority(void)
{
	takens = 0;
	csr_write(mie, MIE_SOFTWARE | MIE_TIMER | MIE_EXTERNAL);
	device[TESTMEM_TIMER] = 1;
	raise(MIE_SOFTWARE | MIE_EXTERNAL);
	while (csr_read(mip) != (MIE_SOFTWARE | MIE_TIMER | MIE_EXTERNAL))
		;
	CHECK(takens == 0);
	csr_set(mstatus, MSTATUS_MIE);
	csr_clear(mstatus, MSTATUS_MIE);
	while (takens < 3) {
		csr_set(mstatus, MSTATUS_MIE);
		csr_clear(mstatus, MSTATUS_MIE);
	}
	CHECK(taken[0] == (IRQ | 11) && taken[1] == (IRQ | 3) && taken[2] == (IRQ | 7));
}

static void check_masking(void)
{
	takens = 0;
	csr_write(mie, MIE_TIMER);
	csr_set(mstatus, MSTATUS_MIE);
	raise(MIE_SOFTWARE | MIE_EXTERNAL);
	CHECK(takens == 0);
	csr_write(mie, MIE_TIMER | MIE_EXTERNAL);
	__asm__ volatile("nop");
	CHECK(takens == 1 && taken[0] == (IRQ | 11));
	raise(0);
	csr_clear(mstatus, MSTATUS_MIE);
}

static void check_vectored(void)
{
	takens = 0;
	csr_write(mtvec, (uint32_t)vectors | 1);
	CHECK(csr_read(mtvec) == ((uint32_t)vectors | 1));
	csr_write(mie, MIE_SOFTWARE | MIE_TIMER | MIE_EXTERNAL);
	csr_set(mstatus, MSTATUS_MIE);
	raise(MIE_SOFTWARE);
	raise(MIE_EXTERNAL);
	__asm__ volatile(".option push\n .option norvc\n ecall\n .option pop");
	device[TESTMEM_TIMER] = 20;
	while (takens < 4)
		;
	CHECK(taken[0] == 103 && taken[1] == 111 && taken[2] == 111 && taken[3] == 107);
	csr_clear(mstatus, MSTATUS_MIE);
}

static void check_wfi(void)
{
	/* Masked in mstatus: wfi ends, nothing is taken. */
	takens = 0;
	csr_write(mie, MIE_TIMER);
	device[TESTMEM_TIMER] = 50;
	__asm__ volatile("wfi" ::: "memory");
	CHECK(takens == 0 && csr_read(mip) == MIE_TIMER);
	/* Already pending: wfi is over at once. */
	__asm__ volatile("wfi" ::: "memory");
	device[TESTMEM_TIMER] = 0;
	/* Enabled: the handler has run when wfi is over. */
	csr_set(mstatus, MSTATUS_MIE);
	device[TESTMEM_TIMER] = 50;
	__asm__ volatile("wfi" ::: "memory");
	CHECK(takens == 1 && taken[0] == 107);
	csr_clear(mstatus, MSTATUS_MIE);
}

static volatile uint32_t depth, deepest;

static void __attribute__((interrupt("machine"), aligned(4))) nested(void)
{
	uint32_t epc = csr_read(mepc), status = csr_read(mstatus);

	depth++;
	if (depth > deepest)
		deepest = depth;
	acknowledge(csr_read(mcause));
	if (depth == 1) {
		csr_set(mstatus, MSTATUS_MIE);
		raise(MIE_EXTERNAL);
		csr_clear(mstatus, MSTATUS_MIE);
	}
	csr_write(mepc, epc);
	csr_write(mstatus, status);
	depth--;
}

static void check_nesting(void)
{
	csr_write(mtvec, (uint32_t)nested);
	csr_write(mie, MIE_SOFTWARE | MIE_EXTERNAL);
	csr_set(mstatus, MSTATUS_MIE);
	raise(MIE_SOFTWARE);
	CHECK(deepest == 2 && depth == 0);
	csr_clear(mstatus, MSTATUS_MIE);
}

int main(void)
{
	check_direct();
	check_priority();
	check_masking();
	check_vectored();
	check_wfi();
	check_nesting();
	return 0;
}
