// SPDX-License-Identifier: Apache-2.0
/*
 * 16-bit instructions of the instruction-set simulator, executed directly
 * (not by way of the 32-bit instruction they abbreviate, as the RTL does).
 */
#include <stddef.h>

#include "iss_internal.h"

#define SP 2
#define RA 1

static unsigned int rd(uint32_t insn)
{
	return insn >> 7 & 31;
}

static unsigned int rs2(uint32_t insn)
{
	return insn >> 2 & 31;
}

/* The three-bit register fields: x8 to x15 */
static unsigned int high_field(uint32_t insn)
{
	return 8 + (insn >> 7 & 7);
}

static unsigned int low_field(uint32_t insn)
{
	return 8 + (insn >> 2 & 7);
}

static uint32_t imm6(uint32_t insn)
{
	return iss_sext(iss_bits(insn, 12, 12, 5) | iss_bits(insn, 6, 2, 0), 5);
}

static uint32_t offset_word(uint32_t insn)
{
	return iss_bits(insn, 12, 10, 3) | iss_bits(insn, 6, 6, 2) | iss_bits(insn, 5, 5, 6);
}

static uint32_t offset_jump(uint32_t insn)
{
	return iss_sext(iss_bits(insn, 12, 12, 11) | iss_bits(insn, 11, 11, 4) | iss_bits(insn, 10, 9, 8) |
				iss_bits(insn, 8, 8, 10) | iss_bits(insn, 7, 7, 6) | iss_bits(insn, 6, 6, 7) |
				iss_bits(insn, 5, 3, 1) | iss_bits(insn, 2, 2, 5),
			11);
}

static uint32_t offset_branch(uint32_t insn)
{
	return iss_sext(iss_bits(insn, 12, 12, 8) | iss_bits(insn, 11, 10, 3) | iss_bits(insn, 6, 5, 6) |
				iss_bits(insn, 4, 3, 1) | iss_bits(insn, 2, 2, 5),
			8);
}

static void do_addi4spn(struct iss *s, uint32_t insn)
{
	uint32_t offset = iss_bits(insn, 12, 11, 4) | iss_bits(insn, 10, 7, 6) | iss_bits(insn, 6, 6, 2) |
			  iss_bits(insn, 5, 5, 3);

	iss_write_rd(s, low_field(insn), s->x[SP] + offset);
}

static void do_lw(struct iss *s, uint32_t insn)
{
	iss_load(s, low_field(insn), s->x[high_field(insn)] + offset_word(insn), 4, false);
}

static void do_sw(struct iss *s, uint32_t insn)
{
	iss_store(s, s->x[high_field(insn)] + offset_word(insn), 4, s->x[low_field(insn)]);
}

static void do_nop(struct iss *s, uint32_t insn)
{
	(void)s;
	(void)insn;
}

static void do_addi(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), s->x[rd(insn)] + imm6(insn));
}

static void do_jal(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, RA, s->pc + 2);
	s->step.pc_next = s->pc + offset_jump(insn);
}

static void do_li(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), imm6(insn));
}

static void do_addi16sp(struct iss *s, uint32_t insn)
{
	uint32_t offset = iss_sext(iss_bits(insn, 12, 12, 9) | iss_bits(insn, 6, 6, 4) | iss_bits(insn, 5, 5, 6) |
					   iss_bits(insn, 4, 3, 7) | iss_bits(insn, 2, 2, 5),
				   9);

	iss_write_rd(s, SP, s->x[SP] + offset);
}

static void do_lui(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), imm6(insn) << 12);
}

static void do_srli(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, s->x[r] >> rs2(insn));
}

static void do_srai(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, (uint32_t)((int64_t)(int32_t)s->x[r] >> rs2(insn)));
}

static void do_andi(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, s->x[r] & imm6(insn));
}

static void do_sub(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, s->x[r] - s->x[low_field(insn)]);
}

static void do_xor(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, s->x[r] ^ s->x[low_field(insn)]);
}

static void do_or(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, s->x[r] | s->x[low_field(insn)]);
}

static void do_and(struct iss *s, uint32_t insn)
{
	unsigned int r = high_field(insn);

	iss_write_rd(s, r, s->x[r] & s->x[low_field(insn)]);
}

static void do_j(struct iss *s, uint32_t insn)
{
	s->step.pc_next = s->pc + offset_jump(insn);
}

static void branch(struct iss *s, uint32_t insn, bool taken)
{
	s->step.taken = taken;
	if (taken)
		s->step.pc_next = s->pc + offset_branch(insn);
}

static void do_beqz(struct iss *s, uint32_t insn)
{
	branch(s, insn, s->x[high_field(insn)] == 0);
}

static void do_bnez(struct iss *s, uint32_t insn)
{
	branch(s, insn, s->x[high_field(insn)] != 0);
}

static void do_slli(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), s->x[rd(insn)] << rs2(insn));
}

static void do_lwsp(struct iss *s, uint32_t insn)
{
	uint32_t offset = iss_bits(insn, 12, 12, 5) | iss_bits(insn, 6, 4, 2) | iss_bits(insn, 3, 2, 6);

	iss_load(s, rd(insn), s->x[SP] + offset, 4, false);
}

static void do_swsp(struct iss *s, uint32_t insn)
{
	uint32_t offset = iss_bits(insn, 12, 9, 2) | iss_bits(insn, 8, 7, 6);

	iss_store(s, s->x[SP] + offset, 4, s->x[rs2(insn)]);
}

static void do_jr(struct iss *s, uint32_t insn)
{
	s->step.pc_next = s->x[rd(insn)] & ~1u;
}

static void do_jalr(struct iss *s, uint32_t insn)
{
	s->step.pc_next = s->x[rd(insn)] & ~1u;
	iss_write_rd(s, RA, s->pc + 2);
}

static void do_mv(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), s->x[rs2(insn)]);
}

static void do_add(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), s->x[rd(insn)] + s->x[rs2(insn)]);
}

static void do_ebreak(struct iss *s, uint32_t insn)
{
	(void)insn;
	iss_trap(s, ISS_CAUSE_BREAKPOINT, s->pc);
}

static const iss_exec_fn functions[ISS_OP_COUNT] = {
	[ISS_C_ADDI4SPN] = do_addi4spn,
	[ISS_C_LW] = do_lw,
	[ISS_C_SW] = do_sw,
	[ISS_C_NOP] = do_nop,
	[ISS_C_ADDI] = do_addi,
	[ISS_C_JAL] = do_jal,
	[ISS_C_LI] = do_li,
	[ISS_C_ADDI16SP] = do_addi16sp,
	[ISS_C_LUI] = do_lui,
	[ISS_C_SRLI] = do_srli,
	[ISS_C_SRAI] = do_srai,
	[ISS_C_ANDI] = do_andi,
	[ISS_C_SUB] = do_sub,
	[ISS_C_XOR] = do_xor,
	[ISS_C_OR] = do_or,
	[ISS_C_AND] = do_and,
	[ISS_C_J] = do_j,
	[ISS_C_BEQZ] = do_beqz,
	[ISS_C_BNEZ] = do_bnez,
	[ISS_C_SLLI] = do_slli,
	[ISS_C_LWSP] = do_lwsp,
	[ISS_C_JR] = do_jr,
	[ISS_C_MV] = do_mv,
	[ISS_C_EBREAK] = do_ebreak,
	[ISS_C_JALR] = do_jalr,
	[ISS_C_ADD] = do_add,
	[ISS_C_SWSP] = do_swsp,
};

iss_exec_fn iss_exec_compressed(enum iss_op op)
{
	return functions[op];
}
