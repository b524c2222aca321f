/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every instruction of RV32IMC + Zicsr in machine mode:
 * X(identifier, mnemonic, mask, match), where (insn & mask) == match.
 *
 * The first match counts. Where a reserved encoding lies inside another
 * instruction's, iss_decode() rules it out (see reserved() in iss.c).
 */
#ifndef TESTS_RV32_ISS_OPS_H
#define TESTS_RV32_ISS_OPS_H

#define ISS_OPS(X)                                                                                                     \
	X(LUI, "lui", 0x0000007f, 0x00000037)                                                                          \
	X(AUIPC, "auipc", 0x0000007f, 0x00000017)                                                                      \
	X(JAL, "jal", 0x0000007f, 0x0000006f)                                                                          \
	X(JALR, "jalr", 0x0000707f, 0x00000067)                                                                        \
	X(BEQ, "beq", 0x0000707f, 0x00000063)                                                                          \
	X(BNE, "bne", 0x0000707f, 0x00001063)                                                                          \
	X(BLT, "blt", 0x0000707f, 0x00004063)                                                                          \
	X(BGE, "bge", 0x0000707f, 0x00005063)                                                                          \
	X(BLTU, "bltu", 0x0000707f, 0x00006063)                                                                        \
	X(BGEU, "bgeu", 0x0000707f, 0x00007063)                                                                        \
	X(LB, "lb", 0x0000707f, 0x00000003)                                                                            \
	X(LH, "lh", 0x0000707f, 0x00001003)                                                                            \
	X(LW, "lw", 0x0000707f, 0x00002003)                                                                            \
	X(LBU, "lbu", 0x0000707f, 0x00004003)                                                                          \
	X(LHU, "lhu", 0x0000707f, 0x00005003)                                                                          \
	X(SB, "sb", 0x0000707f, 0x00000023)                                                                            \
	X(SH, "sh", 0x0000707f, 0x00001023)                                                                            \
	X(SW, "sw", 0x0000707f, 0x00002023)                                                                            \
	X(ADDI, "addi", 0x0000707f, 0x00000013)                                                                        \
	X(SLTI, "slti", 0x0000707f, 0x00002013)                                                                        \
	X(SLTIU, "sltiu", 0x0000707f, 0x00003013)                                                                      \
	X(XORI, "xori", 0x0000707f, 0x00004013)                                                                        \
	X(ORI, "ori", 0x0000707f, 0x00006013)                                                                          \
	X(ANDI, "andi", 0x0000707f, 0x00007013)                                                                        \
	X(SLLI, "slli", 0xfe00707f, 0x00001013)                                                                        \
	X(SRLI, "srli", 0xfe00707f, 0x00005013)                                                                        \
	X(SRAI, "srai", 0xfe00707f, 0x40005013)                                                                        \
	X(ADD, "add", 0xfe00707f, 0x00000033)                                                                          \
	X(SUB, "sub", 0xfe00707f, 0x40000033)                                                                          \
	X(SLL, "sll", 0xfe00707f, 0x00001033)                                                                          \
	X(SLT, "slt", 0xfe00707f, 0x00002033)                                                                          \
	X(SLTU, "sltu", 0xfe00707f, 0x00003033)                                                                        \
	X(XOR, "xor", 0xfe00707f, 0x00004033)                                                                          \
	X(SRL, "srl", 0xfe00707f, 0x00005033)                                                                          \
	X(SRA, "sra", 0xfe00707f, 0x40005033)                                                                          \
	X(OR, "or", 0xfe00707f, 0x00006033)                                                                            \
	X(AND, "and", 0xfe00707f, 0x00007033)                                                                          \
	X(MUL, "mul", 0xfe00707f, 0x02000033)                                                                          \
	X(MULH, "mulh", 0xfe00707f, 0x02001033)                                                                        \
	X(MULHSU, "mulhsu", 0xfe00707f, 0x02002033)                                                                    \
	X(MULHU, "mulhu", 0xfe00707f, 0x02003033)                                                                      \
	X(DIV, "div", 0xfe00707f, 0x02004033)                                                                          \
	X(DIVU, "divu", 0xfe00707f, 0x02005033)                                                                        \
	X(REM, "rem", 0xfe00707f, 0x02006033)                                                                          \
	X(REMU, "remu", 0xfe00707f, 0x02007033)                                                                        \
	X(FENCE, "fence", 0x0000707f, 0x0000000f)                                                                      \
	X(FENCE_I, "fence.i", 0x0000707f, 0x0000100f)                                                                  \
	X(ECALL, "ecall", 0xffffffff, 0x00000073)                                                                      \
	X(EBREAK, "ebreak", 0xffffffff, 0x00100073)                                                                    \
	X(MRET, "mret", 0xffffffff, 0x30200073)                                                                        \
	X(WFI, "wfi", 0xffffffff, 0x10500073)                                                                          \
	X(CSRRW, "csrrw", 0x0000707f, 0x00001073)                                                                      \
	X(CSRRS, "csrrs", 0x0000707f, 0x00002073)                                                                      \
	X(CSRRC, "csrrc", 0x0000707f, 0x00003073)                                                                      \
	X(CSRRWI, "csrrwi", 0x0000707f, 0x00005073)                                                                    \
	X(CSRRSI, "csrrsi", 0x0000707f, 0x00006073)                                                                    \
	X(CSRRCI, "csrrci", 0x0000707f, 0x00007073)                                                                    \
	X(C_ADDI4SPN, "c.addi4spn", 0xe003, 0x0000)                                                                    \
	X(C_LW, "c.lw", 0xe003, 0x4000)                                                                                \
	X(C_SW, "c.sw", 0xe003, 0xc000)                                                                                \
	X(C_NOP, "c.nop", 0xef83, 0x0001)                                                                              \
	X(C_ADDI, "c.addi", 0xe003, 0x0001)                                                                            \
	X(C_JAL, "c.jal", 0xe003, 0x2001)                                                                              \
	X(C_LI, "c.li", 0xe003, 0x4001)                                                                                \
	X(C_ADDI16SP, "c.addi16sp", 0xef83, 0x6101)                                                                    \
	X(C_LUI, "c.lui", 0xe003, 0x6001)                                                                              \
	X(C_SRLI, "c.srli", 0xfc03, 0x8001)                                                                            \
	X(C_SRAI, "c.srai", 0xfc03, 0x8401)                                                                            \
	X(C_ANDI, "c.andi", 0xec03, 0x8801)                                                                            \
	X(C_SUB, "c.sub", 0xfc63, 0x8c01)                                                                              \
	X(C_XOR, "c.xor", 0xfc63, 0x8c21)                                                                              \
	X(C_OR, "c.or", 0xfc63, 0x8c41)                                                                                \
	X(C_AND, "c.and", 0xfc63, 0x8c61)                                                                              \
	X(C_J, "c.j", 0xe003, 0xa001)                                                                                  \
	X(C_BEQZ, "c.beqz", 0xe003, 0xc001)                                                                            \
	X(C_BNEZ, "c.bnez", 0xe003, 0xe001)                                                                            \
	X(C_SLLI, "c.slli", 0xf003, 0x0002)                                                                            \
	X(C_LWSP, "c.lwsp", 0xe003, 0x4002)                                                                            \
	X(C_JR, "c.jr", 0xf07f, 0x8002)                                                                                \
	X(C_MV, "c.mv", 0xf003, 0x8002)                                                                                \
	X(C_EBREAK, "c.ebreak", 0xffff, 0x9002)                                                                        \
	X(C_JALR, "c.jalr", 0xf07f, 0x9002)                                                                            \
	X(C_ADD, "c.add", 0xf003, 0x9002)                                                                              \
	X(C_SWSP, "c.swsp", 0xe003, 0xc002)

#endif
