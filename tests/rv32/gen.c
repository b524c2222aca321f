// SPDX-License-Identifier: Apache-2.0
/*
 * Random program generator. Interface in gen.h.
 *
 * An instruction is drawn from the table of encodings with random operand bits,
 * which reaches every form and every immediate; then operands that would almost
 * always end in the trap handler (addresses, branch targets, CSR numbers) are
 * mostly, not always, replaced by useful ones. Wild ones remain: they are legal
 * input, and both sides must do the same.
 */
#include "encode.h"
#include "gen.h"
#include "iss.h"

#define CODE_BYTES (TESTMEM_BYTES / 2)
#define DATA_BASE (TESTMEM_BASE + CODE_BYTES)
#define BODY_BYTES 6144 /* of random instructions: small enough to be run through */
#define VECTORS 32
#define POISONED_WORDS 10

/* The handler's resume table: an index, then the addresses, at the end of the data */
#define TABLE (DATA_BASE + TESTMEM_BYTES - CODE_BYTES - 0x1000)
#define TABLE_ENTRIES 256

#define CSR_MSTATUS 0x300
#define CSR_MIE 0x304
#define CSR_MTVEC 0x305
#define CSR_MEPC 0x341

struct gen {
	struct testmem *mem;
	struct rng *rng;
	uint32_t at;   /* offset in the RAM of the next halfword */
	uint32_t body; /* offset of the first random instruction */
};

static void emit16(struct gen *g, uint32_t half)
{
	uint32_t *word = &g->mem->ram[g->at / 4];

	*word = g->at & 2 ? (*word & 0xffff) | half << 16 : (*word & 0xffff0000) | (half & 0xffff);
	g->at += 2;
}

static void emit32(struct gen *g, uint32_t insn)
{
	emit16(g, insn & 0xffff);
	emit16(g, insn >> 16);
}

static void emit(struct gen *g, uint32_t insn)
{
	if ((insn & 3) == 3)
		emit32(g, insn);
	else
		emit16(g, insn);
}

/* lui + addi */
static void emit_li(struct gen *g, unsigned int rd, uint32_t value)
{
	emit32(g, enc_lui(rd, value + 0x800));
	emit32(g, enc_i(iss_op_match(ISS_ADDI), rd, rd, value & 0xfff));
}

static void emit_csr(struct gen *g, enum iss_op op, unsigned int rd, unsigned int csr, unsigned int rs1)
{
	emit32(g, enc_i(iss_op_match(op), rd, rs1, csr));
}

static bool is_pointer(unsigned int reg)
{
	return reg == 2 || reg == 8 || reg == 9;
}

static unsigned int pointer(struct gen *g)
{
	static const unsigned int regs[] = {2, 8, 9};

	return regs[rng_below(g->rng, 3)];
}

/* Where operations differ most */
static uint32_t corner_value(struct gen *g)
{
	static const uint32_t corners[] = {0,	       1,	   0xffffffff, 0x80000000, 0x7fffffff, 0x80000001,
					   0xfffffffe, 0x0000ffff, 0xffff0000, 2,	   31,	       32};

	if (rng_chance(g->rng, 70))
		return corners[rng_below(g->rng, sizeof(corners) / sizeof(corners[0]))];
	return rng_next(g->rng);
}

static void emit_pointer(struct gen *g, unsigned int reg)
{
	uint32_t span = TABLE - DATA_BASE - 0x2000;

	emit_li(g, reg, DATA_BASE + 0x1000 + (rng_below(g->rng, span) & ~3u));
}

/* An even distance to somewhere in the body, mostly a little forward */
static uint32_t distance(struct gen *g, int32_t reach)
{
	uint32_t choice = rng_below(g->rng, 100);
	int32_t d;

	if (choice < 85)
		d = 2 * (1 + (int32_t)rng_below(g->rng, 24));
	else if (choice < 95)
		d = -2 * (int32_t)rng_below(g->rng, 40);
	else
		d = 2 * (int32_t)rng_below(g->rng, reach) - reach;
	return (uint32_t)(d < -reach ? -reach : d >= reach ? reach - 2 : d);
}

/* A CSR number; mtvec is left out, because a bad handler address ends all variety. */
static unsigned int csr_number(struct gen *g)
{
	static const uint16_t known[] = {0x300, 0x301, 0x304, 0x310, 0x320, 0x340, 0x341, 0x342, 0x343, 0x344, 0xb00,
					 0xb02, 0xb80, 0xb82, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15, 0x323, 0x33f, 0xb03,
					 0xb1f, 0xb83, 0xb9f, 0x322, 0xb01, 0xba0, 0xf10, 0xf16, 0xc00, 0x105};
	unsigned int csr = known[rng_below(g->rng, sizeof(known) / sizeof(known[0]))];

	if (rng_chance(g->rng, 10))
		csr = rng_below(g->rng, 4096);
	return csr == CSR_MTVEC ? CSR_MEPC : csr;
}

static bool is_load(enum iss_op op)
{
	return op >= ISS_LB && op <= ISS_LHU;
}

static bool is_store(enum iss_op op)
{
	return op >= ISS_SB && op <= ISS_SW;
}

/* Mostly aligned: clears low bits of the I or S immediate by the access size. */
static uint32_t tame_memory(struct gen *g, enum iss_op op, uint32_t insn)
{
	unsigned int size = insn >> 12 & 3;
	uint32_t align = (1u << size) - 1;

	if (rng_chance(g->rng, 92))
		insn = (insn & ~(31u << 15)) | pointer(g) << 15;
	if (rng_chance(g->rng, 85))
		insn &= ~(align << (is_store(op) ? 7 : 20));
	return insn;
}

/* Keeps the pointer registers: another destination, mostly. */
static uint32_t tame_rd(struct gen *g, uint32_t insn)
{
	while (is_pointer(insn >> 7 & 31) && !rng_one_in(g->rng, 20))
		insn = (insn & ~(31u << 7)) | rng_below(g->rng, 32) << 7;
	return insn;
}

static uint32_t random_base(struct gen *g, enum iss_op op)
{
	uint32_t match = iss_op_match(op);
	uint32_t insn = match | (rng_next(g->rng) & ~iss_op_mask(op));

	if (op >= ISS_BEQ && op <= ISS_BGEU)
		return rng_chance(g->rng, 97) ? enc_b(match | (insn & 0x01ff8000), distance(g, 4096)) : insn;
	if (op == ISS_JAL)
		insn = rng_chance(g->rng, 97) ? enc_j(match | (insn & 0xf80), distance(g, BODY_BYTES)) : insn;
	else if (op >= ISS_CSRRW && op <= ISS_CSRRCI)
		insn = (insn & 0xfffff) | csr_number(g) << 20;
	else if (is_load(op) || is_store(op))
		insn = tame_memory(g, op, insn);
	return is_store(op) ? insn : tame_rd(g, insn);
}

/* c.addi and relatives with a pointer as destination, and c.lw, c.sw with any other as base, are unwanted. */
static bool spoils_pointer(enum iss_op op, uint32_t insn)
{
	switch (op) {
	case ISS_C_ADDI:
	case ISS_C_LI:
	case ISS_C_LUI:
	case ISS_C_SLLI:
	case ISS_C_LWSP:
	case ISS_C_MV:
	case ISS_C_ADD:
		return is_pointer(insn >> 7 & 31);
	case ISS_C_SRLI:
	case ISS_C_SRAI:
	case ISS_C_ANDI:
	case ISS_C_SUB:
	case ISS_C_XOR:
	case ISS_C_OR:
	case ISS_C_AND:
		return is_pointer(8 + (insn >> 7 & 7));
	case ISS_C_LW:
		return is_pointer(8 + (insn >> 2 & 7)) || !is_pointer(8 + (insn >> 7 & 7));
	case ISS_C_SW:
		return !is_pointer(8 + (insn >> 7 & 7));
	case ISS_C_ADDI4SPN:
		return is_pointer(8 + (insn >> 2 & 7));
	default:
		return false;
	}
}

static uint32_t random_compressed(struct gen *g, enum iss_op op)
{
	uint32_t match = iss_op_match(op), insn;

	if ((op == ISS_C_J || op == ISS_C_JAL) && rng_chance(g->rng, 95))
		return enc_cj(match, distance(g, 2048));
	if ((op == ISS_C_BEQZ || op == ISS_C_BNEZ) && rng_chance(g->rng, 95))
		return enc_cb(match | rng_below(g->rng, 8) << 7, distance(g, 256));
	do {
		insn = match | (rng_next(g->rng) & 0xffff & ~iss_op_mask(op));
	} while ((spoils_pointer(op, insn) && !rng_one_in(g->rng, 40)) ||
		 (iss_decode(insn) != op && !rng_one_in(g->rng, 20)));
	return insn;
}

/* Indirect jumps get an address in reach: auipc, for compressed ones with addi. */
static void emit_indirect(struct gen *g, enum iss_op op)
{
	unsigned int reg = 10 + rng_below(g->rng, 20);
	uint32_t d = distance(g, 1024);

	if (rng_one_in(g->rng, 10))
		reg = 1 + rng_below(g->rng, 31); /* whatever it holds */
	else
		emit32(g, enc_auipc(reg, 0));
	if (op == ISS_JALR) {
		emit32(g, tame_rd(g, enc_i(iss_op_match(op), rng_below(g->rng, 32), reg, d & 0xfff)));
		return;
	}
	emit32(g, enc_i(iss_op_match(ISS_ADDI), reg, reg, (d + 6) & 0xfff));
	emit16(g, iss_op_match(op) | reg << 7);
}

/* wfi mostly finds an interrupt enabled that can end it. */
static void emit_wfi(struct gen *g)
{
	if (rng_chance(g->rng, 80)) {
		emit_li(g, 31, rng_next(g->rng) | 1u << (3 + 4 * rng_below(g->rng, 3)));
		emit_csr(g, ISS_CSRRW, 0, CSR_MIE, 31);
	}
	emit32(g, iss_op_match(ISS_WFI));
}

/* mret to a place ahead, or to wherever mepc points */
static void emit_mret(struct gen *g)
{
	if (rng_chance(g->rng, 80)) {
		emit32(g, enc_auipc(31, 0));
		emit32(g, enc_i(iss_op_match(ISS_ADDI), 31, 31, (distance(g, 1024) + 12) & 0xfff));
		emit_csr(g, ISS_CSRRW, 0, CSR_MEPC, 31);
	}
	emit32(g, iss_op_match(ISS_MRET));
}

/*
 * The same with a halfword so near that the core has fetched it by the time
 * of the store: c.sw, fence.i and the halfword share two words. The fence.i
 * itself must survive, even if a jump leads here with other register values.
 */
static void emit_near_patch(struct gen *g)
{
	enum iss_op op = ISS_C_SRLI + rng_below(g->rng, ISS_C_AND - ISS_C_SRLI + 1);

	if (g->at & 2)
		emit16(g, iss_op_match(ISS_C_NOP));
	emit_li(g, 10, TESTMEM_HIGH + g->at + 20);
	emit_li(g, 11, random_compressed(g, op) << 16);
	emit16(g, iss_op_match(ISS_C_SW) | (10 - 8) << 7 | (11 - 8) << 2);
	emit32(g, iss_op_match(ISS_FENCE_I));
	emit16(g, iss_op_match(ISS_C_EBREAK)); /* replaced, unless the store fails */
}

/* Replaces the instruction after a fence.i through the writable alias of the code. */
static void emit_patch(struct gen *g)
{
	uint32_t insn = random_base(g, ISS_ADDI + rng_below(g->rng, ISS_AND - ISS_ADDI + 1)), site;

	if (g->at & 2)
		emit16(g, iss_op_match(ISS_C_NOP));
	site = g->at + 24;
	emit_li(g, 30, TESTMEM_ALIAS + site);
	emit_li(g, 31, insn);
	emit32(g, enc_s(iss_op_match(ISS_SW), 30, 31, 0));
	emit32(g, iss_op_match(ISS_FENCE_I));
	emit32(g, iss_op_match(ISS_EBREAK)); /* replaced, unless the store fails */
}

/* Changes the mode bit only: jumps into the middle of a sequence must not spoil the base. */
static void emit_vector_choice(struct gen *g)
{
	if (rng_one_in(g->rng, 1000))
		emit_csr(g, ISS_CSRRW, rng_below(g->rng, 2), CSR_MTVEC, rng_below(g->rng, 32));
	else
		emit_csr(g, rng_next(g->rng) & 1 ? ISS_CSRRSI : ISS_CSRRCI, rng_below(g->rng, 2), CSR_MTVEC, 1);
}

/* Opens the gates for interrupts again, which random CSR writes keep closing. */
static void emit_irq_enable(struct gen *g)
{
	emit_li(g, 31, rng_next(g->rng) | ISS_MSTATUS_MIE);
	emit_csr(g, ISS_CSRRW, 0, CSR_MIE, 31);
	emit_csr(g, ISS_CSRRS, 0, CSR_MSTATUS, 31);
}

/* Encodings next to legal ones, which random bits rarely hit */
static uint32_t near_miss(struct gen *g)
{
	static const uint32_t near[] = {
		0x00000000, /* all zeros, defined to be illegal */
		0xffffffff, /* all ones: a long instruction's prefix */
		0x00008002, /* c.jr x0 */
		0x00006081, /* c.lui ra, 0 */
		0x00006101, /* c.addi16sp 0 */
		0x0000000c, /* c.addi4spn a1, 0 */
		0x00004002, /* c.lwsp x0 */
		0x00009c01, /* c.subw */
		0x00002000, /* c.fld */
		0x00006002, /* c.flwsp */
		0x10200073, /* sret */
		0x00200073, /* uret */
		0x12000073, /* sfence.vma */
		0x7b200073, /* dret */
		0x30200173, /* mret with a destination */
		0x105000f3, /* wfi with a destination */
		0x10508073, /* wfi with a source */
		0x00008073, /* ecall with a source */
		0x001000f3, /* ebreak with a destination */
		0x00004073, /* reserved SYSTEM minor opcode */
		0x0000200f, /* cbo.inval */
		0x0000101b, /* slliw */
		0x02001013, /* slli by 32 */
		0x0000a007, /* flw */
		0x1000202f, /* lr.w */
	};

	return near[rng_below(g->rng, sizeof(near) / sizeof(near[0]))];
}

static void emit_illegal(struct gen *g)
{
	uint32_t insn;

	if (rng_next(g->rng) & 1) {
		emit(g, near_miss(g));
		return;
	}
	do {
		insn = rng_next(g->rng);
		if (rng_next(g->rng) & 1)
			insn = (insn & ~0x7fu) | (iss_op_match(rng_below(g->rng, ISS_C_ADDI4SPN)) & 0x7f);
		if ((insn & 3) != 3)
			insn &= 0xffff;
	} while (iss_decode(insn) != ISS_ILLEGAL);
	emit(g, insn);
}

/* A computation or a branch on two corner values, often equal */
static void emit_corner_op(struct gen *g)
{
	unsigned int a = 10 + rng_below(g->rng, 10), b = 20 + rng_below(g->rng, 10);
	enum iss_op op = ISS_ADD + rng_below(g->rng, ISS_REMU - ISS_ADD + 1);
	uint32_t value = corner_value(g);
	uint32_t other = rng_one_in(g->rng, 3) ? value : corner_value(g);

	if (rng_one_in(g->rng, 10)) { /* overflow of a signed division */
		value = 0x80000000;
		other = 0xffffffff;
	}
	emit_li(g, a, value);
	emit_li(g, b, other);
	if (rng_one_in(g->rng, 3)) {
		op = ISS_BEQ + rng_below(g->rng, ISS_BGEU - ISS_BEQ + 1);
		emit32(g, enc_b(iss_op_match(op) | a << 15 | b << 20, distance(g, 4096)));
	} else {
		emit32(g, tame_rd(g, enc_i(iss_op_match(op), rng_below(g->rng, 32), a, b)));
	}
}

/* Situations that single random instructions do not lead to */
static void emit_special(struct gen *g)
{
	switch (rng_below(g->rng, 12)) {
	case 0:
	case 1:
		emit_pointer(g, pointer(g));
		break;
	case 2:
	case 3:
		emit_li(g, 1 + rng_below(g->rng, 31), corner_value(g));
		break;
	case 4:
		if (rng_next(g->rng) & 1)
			emit_patch(g);
		else
			emit_near_patch(g);
		break;
	case 5:
		emit_vector_choice(g);
		break;
	case 6:
		emit_irq_enable(g);
		break;
	case 7:
	case 8:
	case 9:
	case 10:
		emit_corner_op(g);
		break;
	default:
		emit_illegal(g);
		break;
	}
}

static void emit_random(struct gen *g)
{
	enum iss_op op = rng_below(g->rng, ISS_ILLEGAL);

	if (rng_chance(g->rng, 16))
		emit_special(g);
	else if (op == ISS_WFI)
		emit_wfi(g);
	else if (op == ISS_MRET)
		emit_mret(g);
	else if (op == ISS_JALR || op == ISS_C_JR || op == ISS_C_JALR)
		emit_indirect(g, op);
	else if (op >= ISS_C_ADDI4SPN)
		emit16(g, random_compressed(g, op));
	else
		emit32(g, random_base(g, op));
}

/*
 * Reads the trap CSRs, so that they are compared as register values too. An
 * interrupt mostly returns to where it struck, everything else goes on at the
 * next address of the table. Uses x30 and x31.
 */
static void emit_handler(struct gen *g)
{
	uint32_t over;

	emit_csr(g, ISS_CSRRS, 30, CSR_MEPC, 0);
	emit_csr(g, ISS_CSRRS, 30, 0x343, 0);
	emit_csr(g, ISS_CSRRS, 30, CSR_MSTATUS, 0);
	emit_csr(g, ISS_CSRRS, 30, 0x342, 0);
	over = rng_chance(g->rng, 75) ? 8 : 4;
	emit32(g, enc_b(iss_op_match(ISS_BGE) | 30 << 15, over)); /* an exception: past the mret */
	emit32(g, over == 8 ? iss_op_match(ISS_MRET) : enc_i(iss_op_match(ISS_ADDI), 30, 30, 0));
	emit_li(g, 31, TABLE);
	emit32(g, enc_i(iss_op_match(ISS_LW), 30, 31, 0));
	emit32(g, enc_i(iss_op_match(ISS_ADDI), 30, 30, 4));
	emit32(g, enc_i(iss_op_match(ISS_ANDI), 30, 30, 4 * (TABLE_ENTRIES - 1)));
	emit32(g, enc_s(iss_op_match(ISS_SW), 31, 30, 0));
	emit32(g, iss_op_match(ISS_ADD) | 30 << 7 | 30 << 15 | 31 << 20);
	emit32(g, enc_i(iss_op_match(ISS_LW), 30, 30, 4));
	emit_csr(g, ISS_CSRRW, 0, CSR_MEPC, 30);
	emit32(g, iss_op_match(ISS_MRET));
}

static void emit_vectors(struct gen *g)
{
	unsigned int i;

	for (i = 0; i < VECTORS; i++)
		emit32(g, enc_j(iss_op_match(ISS_JAL), 4 * (VECTORS - i)));
}

static void emit_prologue(struct gen *g)
{
	unsigned int i;

	for (i = 1; i < 32; i++)
		emit_li(g, i, corner_value(g));
	emit_pointer(g, 2);
	emit_pointer(g, 8);
	emit_pointer(g, 9);
	emit_li(g, 31, TESTMEM_BASE | (rng_next(g->rng) & 1));
	emit_csr(g, ISS_CSRRW, 0, CSR_MTVEC, 31);
	emit_irq_enable(g);
}

static void fill_data(struct gen *g)
{
	unsigned int i;

	for (i = CODE_BYTES / 4; i < TESTMEM_WORDS; i++)
		g->mem->ram[i] = corner_value(g);
	for (i = 0; i < TABLE_ENTRIES; i++)
		g->mem->ram[(TABLE - TESTMEM_BASE) / 4 + 1 + i] =
			TESTMEM_BASE + g->body + 2 * rng_below(g->rng, BODY_BYTES / 2);
	g->mem->ram[(TABLE - TESTMEM_BASE) / 4] = 0;
}

uint32_t gen_program(struct testmem *m, struct rng *rng)
{
	struct gen g = {.mem = m, .rng = rng};
	uint32_t boot, i;

	m->fetch_bytes = CODE_BYTES;
	m->protected_bytes = CODE_BYTES;
	for (i = 0; i < TESTMEM_WORDS; i++)
		m->poisoned[i] = false;
	for (i = 0; i < CODE_BYTES / 4; i++)
		m->ram[i] = rng_next(rng);
	emit_vectors(&g);
	emit_handler(&g);
	boot = TESTMEM_BASE + g.at;
	emit_prologue(&g);
	g.body = g.at;
	while (g.at < g.body + BODY_BYTES)
		emit_random(&g);
	emit32(&g, enc_j(iss_op_match(ISS_JAL), g.body - g.at));
	fill_data(&g);
	for (i = 0; i < POISONED_WORDS; i++)
		m->poisoned[(g.body + rng_below(rng, BODY_BYTES)) / 4] = true;
	return boot;
}
