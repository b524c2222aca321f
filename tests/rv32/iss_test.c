// SPDX-License-Identifier: Apache-2.0
/*
 * Unit tests of the instruction-set simulator itself, with encodings and
 * results written down by hand from the specification: what both the RTL and
 * the simulator got wrong in the same way, lock-step would not show.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "iss.h"

#define CODE 0x1000u
#define DATA 0x2000u

static uint8_t memory[0x3000];

static int fetch(void *ctx, uint32_t addr, uint16_t *half)
{
	(void)ctx;
	if (addr + 2 > sizeof(memory))
		return -1;
	memcpy(half, memory + addr, 2);
	return 0;
}

static int load(void *ctx, uint32_t addr, unsigned int bytes, uint32_t *value)
{
	(void)ctx;
	if (addr + bytes > sizeof(memory))
		return -1;
	*value = 0;
	memcpy(value, memory + addr, bytes);
	return 0;
}

static int store(void *ctx, uint32_t addr, unsigned int bytes, uint32_t value)
{
	(void)ctx;
	if (addr + bytes > sizeof(memory))
		return -1;
	memcpy(memory + addr, &value, bytes);
	return 0;
}

static const struct iss_bus bus = {.fetch = fetch, .load = load, .store = store};

/* Runs one instruction with x10 = a, x11 = b, x2 = x8 = DATA. */
static void run(struct iss *s, uint32_t insn, uint32_t a, uint32_t b)
{
	iss_init(s, &bus, CODE);
	memcpy(memory + CODE, &insn, 4);
	s->x[10] = a;
	s->x[11] = b;
	s->x[2] = DATA;
	s->x[8] = DATA;
	iss_step(s);
}

struct result {
	uint32_t insn;
	uint32_t a, b;
	unsigned int rd;
	uint32_t value;
};

static const struct result results[] = {
	{0x00b50633, 1, 2, 12, 3},			      /* add a2, a0, a1 */
	{0x40b50633, 1, 2, 12, 0xffffffff},		      /* sub */
	{0x00b51633, 1, 33, 12, 2},			      /* sll */
	{0x00b52633, 0xffffffff, 1, 12, 1},		      /* slt */
	{0x00b53633, 0xffffffff, 1, 12, 0},		      /* sltu */
	{0x40b55633, 0x80000000, 31, 12, 0xffffffff},	      /* sra */
	{0x00b55633, 0x80000000, 31, 12, 1},		      /* srl */
	{0x02b50633, 0x10000, 0x10001, 12, 0x10000},	      /* mul */
	{0x02b51633, 0xffffffff, 0xffffffff, 12, 0},	      /* mulh */
	{0x02b52633, 0xffffffff, 0xffffffff, 12, 0xffffffff}, /* mulhsu */
	{0x02b53633, 0xffffffff, 0xffffffff, 12, 0xfffffffe}, /* mulhu */
	{0x02b54633, 7, 0xfffffffe, 12, 0xfffffffd},	      /* div 7 / -2 */
	{0x02b54633, 0x80000000, 0xffffffff, 12, 0x80000000}, /* div, overflow */
	{0x02b56633, 0x80000000, 0xffffffff, 12, 0},	      /* rem, overflow */
	{0x02b55633, 5, 0, 12, 0xffffffff},		      /* divu by zero */
	{0x02b57633, 5, 0, 12, 5},			      /* remu by zero */
	{0xfff54613, 0x0f, 0, 12, 0xfffffff0},		      /* xori a2, a0, -1 */
	{0x12345637, 0, 0, 12, 0x12345000},		      /* lui */
	{0xfffff617, 0, 0, 12, 0},			      /* auipc a2, -1 page, from 0x1000 */
	{0x30102673, 0, 0, 12, 0x40001104},		      /* csrr a2, misa */
	{0x1610, 0, 0, 12, DATA + 0x320},		      /* c.addi4spn a2, sp, 800 */
	{0x6105, 0, 0, 2, DATA + 32},			      /* c.addi16sp 32 */
	{0x713d, 0, 0, 2, DATA - 32},			      /* c.addi16sp -32 */
	{0x7139, 0, 0, 2, DATA - 64},			      /* c.addi16sp -64 */
	{0x157d, 5, 0, 10, 4},				      /* c.addi a0, -1 */
	{0x567d, 0, 0, 12, 0xffffffff},			      /* c.li a2, -1 */
	{0x767d, 0, 0, 12, 0xfffff000},			      /* c.lui a2, -1 */
	{0x857d, 0x80000000, 0, 10, 0xffffffff},	      /* c.srai a0, 31 */
	{0x817d, 0x80000000, 0, 10, 1},			      /* c.srli a0, 31 */
	{0x057e, 1, 0, 10, 0x80000000},			      /* c.slli a0, 31 */
	{0x997d, 7, 0, 10, 7},				      /* c.andi a0, -1 */
	{0x8d0d, 7, 9, 10, 0xfffffffe},			      /* c.sub a0, a1 */
	{0x8d2d, 7, 9, 10, 14},				      /* c.xor a0, a1 */
	{0x8d4d, 7, 9, 10, 15},				      /* c.or a0, a1 */
	{0x8d6d, 7, 9, 10, 1},				      /* c.and a0, a1 */
	{0x862e, 7, 9, 12, 9},				      /* c.mv a2, a1 */
	{0x952e, 7, 9, 10, 16},				      /* c.add a0, a1 */
};

static void test_results(void **state)
{
	struct iss s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		const struct result *r = &results[i];

		run(&s, r->insn, r->a, r->b);
		if (s.step.trap || s.step.rd != r->rd || s.step.rd_value != r->value)
			fail_msg("%08x (%s): x%u = %08x, trap %d", r->insn, iss_op_name(s.step.op), s.step.rd,
				 s.step.rd_value, s.step.trap);
		assert_int_equal(s.pc, CODE + ((r->insn & 3) == 3 ? 4 : 2));
	}
}

static const struct {
	uint32_t insn;
	uint32_t a, b;
	uint32_t target;
} jumps[] = {
	{0x0000006f, 0, 0, CODE},	   /* j . */
	{0xffdff06f, 0, 0, CODE - 4},	   /* j .-4 */
	{0x0010006f, 0, 0, CODE + 0x800},  /* j .+2048 */
	{0x000010ef, 0, 0, CODE + 0x1000}, /* jal .+4096 */
	{0x00b50463, 3, 3, CODE + 8},	   /* beq a0, a1, .+8 */
	{0x00b50463, 3, 4, CODE + 4},
	{0xfeb54fe3, 0xffffffff, 0, CODE - 2}, /* blt a0, a1, .-2 */
	{0x00b560e3, 1, 2, CODE + 0x800},      /* bltu a0, a1, .+2048 */
	{0x00b57463, 0xffffffff, 0, CODE + 8}, /* bgeu a0, a1, .+8 */
	{0x00350067, 0x2000, 0, 0x2002},       /* jr 3(a0): bit 0 is cleared */
	{0xa001, 0, 0, CODE},		       /* c.j . */
	{0xbffd, 0, 0, CODE - 2},	       /* c.j .-2 */
	{0xc119, 0, 0, CODE + 6},	       /* c.beqz a0, .+6 */
	{0xfd7d, 1, 0, CODE - 2},	       /* c.bnez a0, .-2 */
	{0x8502, 0x2001, 0, 0x2000},	       /* c.jr a0 */
	{0x9502, 0x2000, 0, 0x2000},	       /* c.jalr a0 */
};

static void test_jumps(void **state)
{
	struct iss s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		run(&s, jumps[i].insn, jumps[i].a, jumps[i].b);
		if (s.step.trap || s.pc != jumps[i].target)
			fail_msg("%08x (%s): pc %08x", jumps[i].insn, iss_op_name(s.step.op), s.pc);
	}
}

static void test_memory(void **state)
{
	struct iss s;

	(void)state;
	run(&s, 0x00b420a3, 0, 0); /* sw a1, 1(s0) */
	assert_int_equal(s.csr.mcause, ISS_CAUSE_STORE_MISALIGNED);
	assert_int_equal(s.csr.mtval, DATA + 1);
	run(&s, 0x00b42223, 0, 0x8091a2b3); /* sw a1, 4(s0) */
	assert_int_equal(memory[DATA + 4], 0xb3);
	assert_int_equal(memory[DATA + 7], 0x80);
	run(&s, 0x00740603, 0, 0); /* lb a2, 7(s0) */
	assert_int_equal(s.x[12], 0xffffff80);
	run(&s, 0x00645603, 0, 0); /* lhu a2, 6(s0) */
	assert_int_equal(s.x[12], 0x8091);
	run(&s, 0x4050, 0, 0); /* c.lw a2, 4(s0) */
	assert_int_equal(s.x[12], 0x8091a2b3);
	run(&s, 0xc44c, 0, 0x1234); /* c.sw a1, 12(s0) */
	assert_int_equal(memory[DATA + 12], 0x34);
	run(&s, 0x4632, 0, 0); /* c.lwsp a2, 12(sp) */
	assert_int_equal(s.x[12], 0x1234);
	run(&s, 0xc82e, 0, 0x77); /* c.swsp a1, 16(sp) */
	assert_int_equal(memory[DATA + 16], 0x77);
	run(&s, 0x00052603, 0x4000, 0); /* lw a2, 0(a0), out of memory */
	assert_int_equal(s.csr.mcause, ISS_CAUSE_LOAD_FAULT);
	assert_int_equal(s.x[12], 0);
}

static void test_illegal(void **state)
{
	static const uint32_t illegal[] = {
		0x0000,	    0x8002,	0x6081,	    0x6101,	0x4002,	    0x9c01,	0x9c21,	    0x2000,
		0x6000,	    0xe002,	0x1002,	    0x9001,	0xffffffff, 0x10200073, 0x02001013, 0x40001013,
		0x80005013, 0x40001033, 0x00002063, 0x00003003, 0x00003023, 0x0000200f, 0xc0002573, 0x00004073,
	};
	struct iss s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++) {
		run(&s, illegal[i], 0, 0);
		if (!s.step.trap || s.csr.mcause != ISS_CAUSE_ILLEGAL || s.csr.mtval != illegal[i])
			fail_msg("%08x executes as %s", illegal[i], iss_op_name(s.step.op));
		assert_int_equal(s.csr.mepc, CODE);
	}
}

static void test_interrupts(void **state)
{
	struct iss s;

	(void)state;
	iss_init(&s, &bus, CODE);
	s.csr.mtvec = 0x2001;
	s.csr.mie = ISS_IRQ_TIMER | ISS_IRQ_SOFTWARE;
	s.mip = ISS_IRQ_TIMER | ISS_IRQ_SOFTWARE | ISS_IRQ_EXTERNAL;
	assert_false(iss_interruptible(&s));
	s.csr.mstatus |= ISS_MSTATUS_MIE;
	assert_true(iss_interruptible(&s));
	iss_take_interrupt(&s);
	assert_int_equal(s.csr.mcause, 0x80000003);
	assert_int_equal(s.pc, 0x200c);
	assert_int_equal(s.csr.mepc, CODE);
	assert_int_equal(s.csr.mstatus, ISS_MSTATUS_MPP | ISS_MSTATUS_MPIE);
}

static void test_counters(void **state)
{
	struct iss s;

	(void)state;
	run(&s, 0xb0251073, 0xffffffff, 0); /* csrw minstret, a0 */
	assert_int_equal(s.csr.minstret[0], 0xffffffff);
	s.pc = CODE;
	memcpy(memory + CODE, "\x01\x00", 2); /* c.nop */
	iss_step(&s);
	assert_int_equal(s.csr.minstret[0], 0);
	assert_int_equal(s.csr.minstret[1], 1);
	s.csr.mcycle[0] = 0xffffffff;
	iss_tick(&s, ISS_INHIBIT_CYCLE);
	assert_int_equal(s.csr.mcycle[0], 0xffffffff);
	iss_tick(&s, 0);
	assert_int_equal(s.csr.mcycle[1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results), cmocka_unit_test(test_jumps),	   cmocka_unit_test(test_memory),
		cmocka_unit_test(test_illegal), cmocka_unit_test(test_interrupts), cmocka_unit_test(test_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
