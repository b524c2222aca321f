/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every computing, branching and memory instruction, encoded by the assembler,
 * against results written down by hand. Catches what the RTL and the simulator
 * might both get wrong, immediates above all.
 */

	/* Fails with the line number unless \reg holds \expected. */
	.macro	expect reg, expected, line
	li	t6, \expected
	beq	\reg, t6, 9f
	li	a0, \line
	j	test_exit
9:
	.endm

	.macro	rr op, a, b, expected, line
	li	a1, \a
	li	a2, \b
	\op	a0, a1, a2
	expect	a0, \expected, \line
	.endm

	.macro	ri op, a, imm, expected, line
	li	a1, \a
	\op	a0, a1, \imm
	expect	a0, \expected, \line
	.endm

	/* a compressed operation on a0 alone, and on a0 and a1 */
	.macro	c1 op, a, imm, expected, line
	li	a0, \a
	\op	a0, \imm
	expect	a0, \expected, \line
	.endm

	.macro	c2 op, a, b, expected, line
	li	a0, \a
	li	a1, \b
	\op	a0, a1
	expect	a0, \expected, \line
	.endm

	/* taken and untaken */
	.macro	br op, a, b, taken, line
	li	a0, 0
	li	a1, \a
	li	a2, \b
	\op	a1, a2, 8f
	j	7f
8:	li	a0, 1
7:	expect	a0, \taken, \line
	.endm

	.text
	.globl	main
main:
	mv	s11, ra

	/* Register with register */
	rr	add, 0x7fffffff, 1, 0x80000000, __LINE__
	rr	add, -1, -1, -2, __LINE__
	rr	sub, 0, 1, -1, __LINE__
	rr	sub, 0x80000000, 1, 0x7fffffff, __LINE__
	rr	sll, 1, 31, 0x80000000, __LINE__
	rr	sll, 0x12345678, 36, 0x23456780, __LINE__
	rr	slt, -1, 0, 1, __LINE__
	rr	slt, 0x7fffffff, 0x80000000, 0, __LINE__
	rr	slt, 5, 5, 0, __LINE__
	rr	sltu, -1, 0, 0, __LINE__
	rr	sltu, 0x7fffffff, 0x80000000, 1, __LINE__
	rr	sltu, 5, 5, 0, __LINE__
	rr	xor, 0xff00ff00, 0x0ff00ff0, 0xf0f0f0f0, __LINE__
	rr	srl, 0x80000000, 31, 1, __LINE__
	rr	srl, 0x87654321, 36, 0x08765432, __LINE__
	rr	sra, 0x80000000, 31, -1, __LINE__
	rr	sra, 0x87654321, 4, 0xf8765432, __LINE__
	rr	sra, 0x7fffffff, 30, 1, __LINE__
	rr	or, 0xff00ff00, 0x0ff00ff0, 0xfff0fff0, __LINE__
	rr	and, 0xff00ff00, 0x0ff00ff0, 0x0f000f00, __LINE__

	/* Register with immediate */
	ri	addi, 1, 2047, 2048, __LINE__
	ri	addi, 1, -2048, -2047, __LINE__
	ri	slti, -2049, -2048, 1, __LINE__
	ri	slti, 2047, 2047, 0, __LINE__
	ri	sltiu, 1, -1, 1, __LINE__
	ri	sltiu, -1, -1, 0, __LINE__
	ri	xori, 0x00ff00ff, -241, 0xff00fff0, __LINE__
	ri	ori, 0x00ff00ff, 0x70f, 0x00ff07ff, __LINE__
	ri	andi, 0x00ff00ff, -256, 0x00ff0000, __LINE__
	ri	slli, 0x12345678, 12, 0x45678000, __LINE__
	ri	srli, 0x82345678, 12, 0x00082345, __LINE__
	ri	srai, 0x82345678, 12, 0xfff82345, __LINE__

	/* Multiplication and division */
	rr	mul, 0x12345678, 0x9abcdef0, 0x242d2080, __LINE__
	rr	mulh, 0x12345678, 0x9abcdef0, 0xf8cc93d6, __LINE__
	rr	mulhu, 0x12345678, 0x9abcdef0, 0x0b00ea4e, __LINE__
	rr	mulhsu, 0x9abcdef0, 0x12345678, 0xf8cc93d6, __LINE__
	rr	mulhsu, 0x80000000, 0xffffffff, 0x80000000, __LINE__
	rr	div, -100, 7, -14, __LINE__
	rr	rem, -100, 7, -2, __LINE__
	rr	div, 100, -7, -14, __LINE__
	rr	rem, 100, -7, 2, __LINE__
	rr	divu, -100, 7, 613566742, __LINE__
	rr	remu, -100, 7, 2, __LINE__
	rr	div, 0x80000000, -1, 0x80000000, __LINE__
	rr	rem, 0x80000000, -1, 0, __LINE__
	rr	div, -5, 0, -1, __LINE__
	rr	rem, -5, 0, -5, __LINE__
	rr	divu, 5, 0, -1, __LINE__
	rr	remu, 5, 0, 5, __LINE__

	/* Branches */
	br	beq, 1, 1, 1, __LINE__
	br	beq, 1, 2, 0, __LINE__
	br	bne, 1, 1, 0, __LINE__
	br	bne, 1, 2, 1, __LINE__
	br	blt, -1, 1, 1, __LINE__
	br	blt, 1, 1, 0, __LINE__
	br	bge, -1, 1, 0, __LINE__
	br	bge, 1, 1, 1, __LINE__
	br	bltu, -1, 1, 0, __LINE__
	br	bltu, 1, -1, 1, __LINE__
	br	bgeu, -1, 1, 1, __LINE__
	br	bgeu, 1, -1, 0, __LINE__

	/* Upper immediates and calls */
	.option	push
	.option	norvc
	lui	a0, 0x87654
	expect	a0, 0x87654000, __LINE__
	auipc	a0, 0
1:	auipc	a1, 0xfffff
	sub	a1, a1, a0
	expect	a1, 4 - 0x1000, __LINE__
	la	a2, 2f + 3
	jalr	a1, -2(a2)
1:	j	3f
2:	la	a3, 1b
	sub	a1, a1, a3
	expect	a1, 0, __LINE__
	j	4f
3:	li	a0, __LINE__
	j	test_exit
4:	jal	a1, 5f
6:	j	3b
5:	la	a3, 6b
	sub	a1, a1, a3
	expect	a1, 0, __LINE__
	.option	pop

	/* Memory */
	la	a1, buffer + 2048
	li	a2, 0x8182f3f4
	sw	a2, -2048(a1)
	lw	a0, -2048(a1)
	expect	a0, 0x8182f3f4, __LINE__
	lb	a0, -2048(a1)
	expect	a0, 0xfffffff4, __LINE__
	lbu	a0, -2047(a1)
	expect	a0, 0xf3, __LINE__
	lb	a0, -2046(a1)
	expect	a0, 0xffffff82, __LINE__
	lbu	a0, -2045(a1)
	expect	a0, 0x81, __LINE__
	lh	a0, -2048(a1)
	expect	a0, 0xfffff3f4, __LINE__
	lhu	a0, -2046(a1)
	expect	a0, 0x8182, __LINE__
	sb	a2, 2047(a1)
	lbu	a0, 2047(a1)
	expect	a0, 0xf4, __LINE__
	sh	a2, -2046(a1)
	sb	a2, -2047(a1)
	lw	a0, -2048(a1)
	expect	a0, 0xf3f4f4f4, __LINE__

	/* Compressed computing */
	.option	rvc
	c1	c.addi, 1, 31, 32, __LINE__
	c1	c.addi, 1, -32, -31, __LINE__
	c1	c.slli, 1, 31, 0x80000000, __LINE__
	c1	c.srli, 0x80000000, 31, 1, __LINE__
	c1	c.srai, 0x80000000, 31, -1, __LINE__
	c1	c.srai, 0x40000000, 1, 0x20000000, __LINE__
	c1	c.andi, 0x12345678, -16, 0x12345670, __LINE__
	c1	c.andi, 0x12345678, 31, 0x18, __LINE__
	c1	c.li, 0, 31, 31, __LINE__
	c1	c.li, 0, -32, -32, __LINE__
	c1	c.lui, 0, 31, 0x1f000, __LINE__
	c1	c.lui, 0, 0xfffe0, 0xfffe0000, __LINE__
	c2	c.sub, 5, 7, -2, __LINE__
	c2	c.xor, 0xff00ff00, 0x0ff00ff0, 0xf0f0f0f0, __LINE__
	c2	c.or, 0xff00ff00, 0x0ff00ff0, 0xfff0fff0, __LINE__
	c2	c.and, 0xff00ff00, 0x0ff00ff0, 0x0f000f00, __LINE__
	c2	c.mv, 1, 0x1234, 0x1234, __LINE__
	c2	c.add, 0xffff0000, 0x1234, 0xffff1234, __LINE__

	/* Each bit of the stack pointer immediates */
	mv	s10, sp
	.irp	imm, 16, 32, 64, 128, 256, -512, -16, 496
	mv	sp, s10
	c.addi16sp	sp, \imm
	sub	a0, sp, s10
	expect	a0, \imm, __LINE__
	.endr
	mv	sp, s10
	.irp	imm, 4, 8, 16, 32, 64, 128, 256, 512, 1020
	c.addi4spn	a0, sp, \imm
	sub	a0, a0, sp
	expect	a0, \imm, __LINE__
	.endr

	/* Each bit of the load and store offsets */
	la	s0, buffer
	.irp	imm, 0, 4, 8, 16, 32, 64, 124
	li	a1, \imm + 0x5a00
	c.sw	a1, \imm(s0)
	lw	a0, \imm(s0)
	expect	a0, \imm + 0x5a00, __LINE__
	c.lw	a0, \imm(s0)
	expect	a0, \imm + 0x5a00, __LINE__
	.endr
	la	sp, buffer
	.irp	imm, 0, 4, 8, 16, 32, 64, 128, 252
	li	a1, \imm + 0xa500
	c.swsp	a1, \imm(sp)
	lw	a0, \imm(sp)
	expect	a0, \imm + 0xa500, __LINE__
	c.lwsp	a0, \imm(sp)
	expect	a0, \imm + 0xa500, __LINE__
	.endr
	mv	sp, s10

	/* Each bit of the branch and jump offsets: over that many bytes of traps */
	.irp	bytes, 2, 4, 8, 16, 32, 64, 126
	li	a0, 0
	c.beqz	a0, 1f
	.fill	\bytes / 2, 2, 0x9002
1:	li	a0, 1
	c.bnez	a0, 1f
	.fill	\bytes / 2, 2, 0x9002
1:	c.j	1f
	.fill	\bytes / 2, 2, 0x9002
1:	c.jal	1f
	.fill	\bytes / 2, 2, 0x9002
1:
	.endr
	.irp	bytes, 256, 512, 1024, 2044
	c.j	1f
	.fill	\bytes / 2, 2, 0x9002
1:
	.endr

	/* Backward */
	li	a0, 3
	li	a1, 0
1:	addi	a1, a1, 1
	addi	a0, a0, -1
	c.bnez	a0, 1b
	expect	a1, 3, __LINE__
	la	a1, 2f
	c.jr	a1
	.2byte	0x9002
2:	la	a1, 3f
	c.jalr	a1
4:	.2byte	0x9002
3:	la	a1, 4b
	sub	a1, a1, ra
	expect	a1, 0, __LINE__

	/* x0 stays zero */
	addi	x0, x0, 5
	lw	x0, 0(s0)
	csrr	x0, mstatus
	mv	a0, x0
	expect	a0, 0, __LINE__

	li	a0, 0
	jr	s11

	.bss
	.balign	4
buffer:
	.space	4096
