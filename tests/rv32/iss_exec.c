// SPDX-License-Identifier: Apache-2.0
/*
 * 32-bit instructions of the instruction-set simulator, one function each.
 */
#include <stddef.h>

#include "iss_internal.h"

static unsigned int rd(uint32_t insn)
{
	return insn >> 7 & 31;
}

static uint32_t rs1(const struct iss *s, uint32_t insn)
{
	return s->x[insn >> 15 & 31];
}

static uint32_t rs2(const struct iss *s, uint32_t insn)
{
	return s->x[insn >> 20 & 31];
}

static uint32_t imm_i(uint32_t insn)
{
	return iss_sext(insn >> 20, 11);
}

static uint32_t imm_s(uint32_t insn)
{
	return iss_sext(iss_bits(insn, 31, 25, 5) | iss_bits(insn, 11, 7, 0), 11);
}

static uint32_t imm_b(uint32_t insn)
{
	return iss_sext(iss_bits(insn, 31, 31, 12) | iss_bits(insn, 7, 7, 11) | iss_bits(insn, 30, 25, 5) |
				iss_bits(insn, 11, 8, 1),
			12);
}

static uint32_t imm_j(uint32_t insn)
{
	return iss_sext(iss_bits(insn, 31, 31, 20) | iss_bits(insn, 19, 12, 12) | iss_bits(insn, 20, 20, 11) |
				iss_bits(insn, 30, 21, 1),
			20);
}

static uint32_t sra(uint32_t value, unsigned int shift)
{
	uint32_t fill = value >> 31 && shift ? ~0u << (32 - shift) : 0;

	return value >> shift | fill;
}

static uint32_t mulh(int64_t a, int64_t b)
{
	return (uint64_t)(a * b) >> 32;
}

static uint32_t div_signed(uint32_t a, uint32_t b)
{
	if (b == 0)
		return ~0u;
	if (a == 0x80000000 && b == ~0u)
		return a;
	return (int32_t)a / (int32_t)b;
}

static uint32_t rem_signed(uint32_t a, uint32_t b)
{
	if (b == 0)
		return a;
	if (a == 0x80000000 && b == ~0u)
		return 0;
	return (int32_t)a % (int32_t)b;
}

/* rd = an expression of a = rs1 and b = rs2 or the I immediate */
#define COMPUTE(name, operand, expression)                                                                             \
	static void name(struct iss *s, uint32_t insn)                                                                 \
	{                                                                                                              \
		uint32_t a = rs1(s, insn), b = operand;                                                                \
                                                                                                                       \
		iss_write_rd(s, rd(insn), expression);                                                                 \
	}

COMPUTE(do_addi, imm_i(insn), a + b)
COMPUTE(do_slti, imm_i(insn), (int32_t)a < (int32_t)b)
COMPUTE(do_sltiu, imm_i(insn), a < b)
COMPUTE(do_xori, imm_i(insn), a ^ b)
COMPUTE(do_ori, imm_i(insn), a | b)
COMPUTE(do_andi, imm_i(insn), a &b)
COMPUTE(do_slli, imm_i(insn), a << (b & 31))
COMPUTE(do_srli, imm_i(insn), a >> (b & 31))
COMPUTE(do_srai, imm_i(insn), sra(a, b & 31))
COMPUTE(do_add, rs2(s, insn), a + b)
COMPUTE(do_sub, rs2(s, insn), a - b)
COMPUTE(do_sll, rs2(s, insn), a << (b & 31))
COMPUTE(do_slt, rs2(s, insn), (int32_t)a < (int32_t)b)
COMPUTE(do_sltu, rs2(s, insn), a < b)
COMPUTE(do_xor, rs2(s, insn), a ^ b)
COMPUTE(do_srl, rs2(s, insn), a >> (b & 31))
COMPUTE(do_sra, rs2(s, insn), sra(a, b & 31))
COMPUTE(do_or, rs2(s, insn), a | b)
COMPUTE(do_and, rs2(s, insn), a &b)
COMPUTE(do_mul, rs2(s, insn), a *b)
COMPUTE(do_mulh, rs2(s, insn), mulh((int32_t)a, (int32_t)b))
COMPUTE(do_mulhsu, rs2(s, insn), mulh((int32_t)a, b))
COMPUTE(do_mulhu, rs2(s, insn), (uint64_t)a *b >> 32)
COMPUTE(do_div, rs2(s, insn), div_signed(a, b))
COMPUTE(do_divu, rs2(s, insn), b ? a / b : ~0u)
COMPUTE(do_rem, rs2(s, insn), rem_signed(a, b))
COMPUTE(do_remu, rs2(s, insn), b ? a % b : a)

static void do_lui(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), insn & 0xfffff000);
}

static void do_auipc(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), s->pc + (insn & 0xfffff000));
}

static void do_jal(struct iss *s, uint32_t insn)
{
	iss_write_rd(s, rd(insn), s->pc + 4);
	s->step.pc_next = s->pc + imm_j(insn);
}

static void do_jalr(struct iss *s, uint32_t insn)
{
	s->step.pc_next = (rs1(s, insn) + imm_i(insn)) & ~1u;
	iss_write_rd(s, rd(insn), s->pc + 4);
}

#define BRANCH(name, condition)                                                                                        \
	static void name(struct iss *s, uint32_t insn)                                                                 \
	{                                                                                                              \
		uint32_t a = rs1(s, insn), b = rs2(s, insn);                                                           \
                                                                                                                       \
		s->step.taken = condition;                                                                             \
		if (s->step.taken)                                                                                     \
			s->step.pc_next = s->pc + imm_b(insn);                                                         \
	}

BRANCH(do_beq, a == b)
BRANCH(do_bne, a != b)
BRANCH(do_blt, (int32_t)a < (int32_t)b)
BRANCH(do_bge, (int32_t)a >= (int32_t)b)
BRANCH(do_bltu, a < b)
BRANCH(do_bgeu, a >= b)

#define LOAD(name, bytes, sign_extend)                                                                                 \
	static void name(struct iss *s, uint32_t insn)                                                                 \
	{                                                                                                              \
		iss_load(s, rd(insn), rs1(s, insn) + imm_i(insn), bytes, sign_extend);                                 \
	}

LOAD(do_lb, 1, true)
LOAD(do_lh, 2, true)
LOAD(do_lw, 4, false)
LOAD(do_lbu, 1, false)
LOAD(do_lhu, 2, false)

#define STORE(name, bytes)                                                                                             \
	static void name(struct iss *s, uint32_t insn)                                                                 \
	{                                                                                                              \
		iss_store(s, rs1(s, insn) + imm_s(insn), bytes, rs2(s, insn));                                         \
	}

STORE(do_sb, 1)
STORE(do_sh, 2)
STORE(do_sw, 4)

static void do_nothing(struct iss *s, uint32_t insn)
{
	(void)s;
	(void)insn;
}

static void do_ecall(struct iss *s, uint32_t insn)
{
	(void)insn;
	iss_trap(s, ISS_CAUSE_ECALL, 0);
}

static void do_ebreak(struct iss *s, uint32_t insn)
{
	(void)insn;
	iss_trap(s, ISS_CAUSE_BREAKPOINT, s->pc);
}

static void do_mret(struct iss *s, uint32_t insn)
{
	(void)insn;
	iss_mret(s);
}

/* All six CSR instructions: bit 14 selects the immediate, bits [13:12] write, set or clear. */
static void do_csr(struct iss *s, uint32_t insn)
{
	unsigned int number = insn >> 20, source = insn >> 15 & 31, action = insn >> 12 & 3;
	uint32_t operand = insn & 1u << 14 ? source : s->x[source];
	uint32_t old, new;

	if (!iss_csr_read(s, number, &old)) {
		iss_trap(s, ISS_CAUSE_ILLEGAL, insn);
		return;
	}
	new = action == 1 ? operand : action == 2 ? (old | operand) : (old & ~operand);
	if ((action == 1 || source) && !iss_csr_write(s, number, new)) {
		iss_trap(s, ISS_CAUSE_ILLEGAL, insn);
		return;
	}
	iss_write_rd(s, rd(insn), old);
}

static const iss_exec_fn functions[ISS_OP_COUNT] = {
	[ISS_LUI] = do_lui,	  [ISS_AUIPC] = do_auipc,   [ISS_JAL] = do_jal,		[ISS_JALR] = do_jalr,
	[ISS_BEQ] = do_beq,	  [ISS_BNE] = do_bne,	    [ISS_BLT] = do_blt,		[ISS_BGE] = do_bge,
	[ISS_BLTU] = do_bltu,	  [ISS_BGEU] = do_bgeu,	    [ISS_LB] = do_lb,		[ISS_LH] = do_lh,
	[ISS_LW] = do_lw,	  [ISS_LBU] = do_lbu,	    [ISS_LHU] = do_lhu,		[ISS_SB] = do_sb,
	[ISS_SH] = do_sh,	  [ISS_SW] = do_sw,	    [ISS_ADDI] = do_addi,	[ISS_SLTI] = do_slti,
	[ISS_SLTIU] = do_sltiu,	  [ISS_XORI] = do_xori,	    [ISS_ORI] = do_ori,		[ISS_ANDI] = do_andi,
	[ISS_SLLI] = do_slli,	  [ISS_SRLI] = do_srli,	    [ISS_SRAI] = do_srai,	[ISS_ADD] = do_add,
	[ISS_SUB] = do_sub,	  [ISS_SLL] = do_sll,	    [ISS_SLT] = do_slt,		[ISS_SLTU] = do_sltu,
	[ISS_XOR] = do_xor,	  [ISS_SRL] = do_srl,	    [ISS_SRA] = do_sra,		[ISS_OR] = do_or,
	[ISS_AND] = do_and,	  [ISS_MUL] = do_mul,	    [ISS_MULH] = do_mulh,	[ISS_MULHSU] = do_mulhsu,
	[ISS_MULHU] = do_mulhu,	  [ISS_DIV] = do_div,	    [ISS_DIVU] = do_divu,	[ISS_REM] = do_rem,
	[ISS_REMU] = do_remu,	  [ISS_FENCE] = do_nothing, [ISS_FENCE_I] = do_nothing, [ISS_ECALL] = do_ecall,
	[ISS_EBREAK] = do_ebreak, [ISS_MRET] = do_mret,	    [ISS_WFI] = do_nothing,	[ISS_CSRRW] = do_csr,
	[ISS_CSRRS] = do_csr,	  [ISS_CSRRC] = do_csr,	    [ISS_CSRRWI] = do_csr,	[ISS_CSRRSI] = do_csr,
	[ISS_CSRRCI] = do_csr,
};

iss_exec_fn iss_exec_base(enum iss_op op)
{
	return functions[op];
}
