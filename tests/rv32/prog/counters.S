/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counters, and with their help the cycles each kind of instruction takes,
 * as quern_core.sv documents them. Runs without stalls.
 */
	/* Fails with the line number unless \reg holds \expected. */
	.macro	expect reg, expected, line
	li	t6, \expected
	beq	\reg, t6, 1f
	li	a0, \line
	j	test_exit
1:
	.endm

	/* Runs the body between begin and end; end leaves its cycles in s0, its instructions in s1. */
	.macro	begin
	.option	push
	.option	rvc		/* without it, padding by two bytes is not possible */
	.balign	4
	.option	pop
	csrr	s2, minstret
	csrr	s0, mcycle
	.endm

	/* Subtracts what the frame itself takes: one csrr between the readings of either counter. */
	.macro	end
	csrr	s1, mcycle
	csrr	s3, minstret
	sub	s0, s1, s0
	addi	s0, s0, -1
	sub	s1, s3, s2
	addi	s1, s1, -3
	.endm

	.text
	.globl	main
main:
	.option	norvc
	mv	s11, ra

	/* Nothing in between */
	begin
	end
	expect	s0, 0, __LINE__
	expect	s1, 0, __LINE__

	/* ALU instructions: 1 cycle, aligned, compressed and straddling */
	begin
	.rept	8
	add	t0, t1, t2
	.endr
	end
	expect	s0, 8, __LINE__
	expect	s1, 8, __LINE__

	.option	rvc
	begin
	.rept	8
	c.nop
	.endr
	end
	expect	s0, 8, __LINE__
	.option	norvc

	begin
	.option	rvc
	c.nop
	.option	norvc
	.rept	8
	xori	t0, t1, -1
	.endr
	.option	rvc
	c.nop
	.option	norvc
	end
	expect	s0, 10, __LINE__

	/* Branches: untaken 1, taken 2, jump 2, taken to a straddling instruction 3 */
	begin
	bne	zero, zero, 2f
	bne	zero, zero, 2f
2:	end
	expect	s0, 2, __LINE__

	begin
	beq	zero, zero, 2f
2:	beq	zero, zero, 3f
3:	j	4f
4:	end
	expect	s0, 6, __LINE__

	begin
	j	2f
	.option	rvc
	c.nop
	.option	norvc
2:	addi	t0, zero, 1
	.option	rvc
	c.nop
	.option	norvc
	end
	expect	s0, 5, __LINE__

	/* Loads and stores: 2 */
	begin
	lw	t0, -16(sp)
	sw	t0, -16(sp)
	lbu	t0, -16(sp)
	sb	t0, -16(sp)
	end
	expect	s0, 8, __LINE__

	/* Multiplication 2, division 34 */
	li	t0, 12345
	begin
	mul	t1, t0, t0
	mulh	t1, t0, t0
	end
	expect	s0, 4, __LINE__

	begin
	div	t1, t0, t0
	remu	t1, t0, zero
	end
	expect	s0, 68, __LINE__

	/* Exception to its handler 2, mret 2; three CSR instructions in the handler */
	la	t0, skip
	csrw	mtvec, t0
	begin
	ecall
	end
	expect	s0, 7, __LINE__

	/* A counter that is stopped stands still. */
	csrwi	mcountinhibit, 5
	csrr	t0, mcycle
	csrr	t1, minstret
	nop
	nop
	csrr	t2, mcycle
	csrr	t3, minstret
	sub	t0, t2, t0
	sub	t1, t3, t1
	expect	t0, 0, __LINE__
	expect	t1, 0, __LINE__

	/* Written while stopped, the value stays; released, the low half carries into the high one. */
	li	t0, -2
	csrw	mcycle, t0
	csrwi	mcycleh, 7
	csrw	minstret, t0
	csrwi	minstreth, 9
	csrr	t1, mcycle
	expect	t1, -2, __LINE__
	csrwi	mcountinhibit, 0
	nop
	nop
	nop
	csrr	t1, mcycleh
	csrr	t2, minstreth
	expect	t1, 8, __LINE__
	expect	t2, 10, __LINE__

	/* A write replaces the count of its own cycle and instruction. */
	csrw	minstret, zero
	csrr	t1, minstret
	expect	t1, 0, __LINE__
	csrw	mcycle, zero
	csrr	t1, mcycle
	expect	t1, 0, __LINE__

	li	a0, 0
	jr	s11

	.balign	4
skip:
	csrr	t0, mepc
	addi	t0, t0, 4
	csrw	mepc, t0
	mret
