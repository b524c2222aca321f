/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start-up of the test programs: defines every register (the core does not
 * reset them, and the comparison starts with the first instruction), clears
 * .bss, calls main and ends the program with its result as exit status.
 */
	.section .text.start, "ax"
	.globl _start
_start:
	.irp reg, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	li	x\reg, 0
	.endr
	.option push
	.option norelax
	la	gp, __global_pointer$
	.option pop
	la	sp, stack_top - 16	/* the last word is free for tests */
	la	t0, unexpected_trap
	csrw	mtvec, t0
	la	t0, bss_start
	la	t1, bss_end
1:	bgeu	t0, t1, 2f
	sw	zero, 0(t0)
	addi	t0, t0, 4
	j	1b
2:	call	main
	.globl test_exit
test_exit:
	li	t0, 0x20000000	/* TESTMEM_DEVICE, register TESTMEM_EXIT */
	sw	a0, 0(t0)
3:	wfi		/* for the speed measurement, which ends in sleep */
	j	3b

	/* A trap the program did not prepare for: status 10000 + cause */
	.balign	4
unexpected_trap:
	csrr	a0, mcause
	li	t0, 10000
	add	a0, a0, t0
	j	test_exit
