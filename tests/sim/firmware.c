// SPDX-License-Identifier: Apache-2.0
/* The script runner: see script.h. */
#include <quern/registers.h>

#include "script.h"

#define REG(offset) (*(volatile uint32_t *)(QUERN_CORE_MMIO_BASE + (offset)))

void run_script(void);
void report_trap(void) __attribute__((noreturn, aligned(4)));

/* Entry. The timer and external interrupts wake the core from wfi; none is taken, for mstatus.MIE stays 0. */
__asm__(".section .text.start, \"ax\"\n"
	".global _start\n"
	"_start:\n"
	"	li	sp, " SCRIPT_STACK "\n"
	"	la	t0, report_trap\n"
	"	csrw	mtvec, t0\n"
	"	li	t0, 0x880\n"
	"	csrw	mie, t0\n"
	"	call	run_script\n"
	"1:	wfi\n"
	"	j	1b\n"
	".text\n");

#define CSR(name)                                                                                                      \
	({                                                                                                             \
		uint32_t value_;                                                                                       \
		__asm__ volatile("csrr %0, " #name : "=r"(value_));                                                    \
		value_;                                                                                                \
	})

/* A trap is reported in SCRATCH 1 (mcause), 2 (mepc), 3 (mtval) and FW_STATUS. */
void report_trap(void)
{
	REG(QUERN_REG_SCRATCH(1)) = CSR(mcause);
	REG(QUERN_REG_SCRATCH(2)) = CSR(mepc);
	REG(QUERN_REG_SCRATCH(3)) = CSR(mtval);
	REG(QUERN_REG_FW_STATUS) = QUERN_FW_STATE_CRASHED;
	REG(QUERN_REG_IRQ_RAISE) = 1;
	for (;;)
		__asm__ volatile("wfi");
}

static void poll(volatile struct script_step *step)
{
	do {
		step->result = *(volatile uint32_t *)step->addr;
	} while ((step->result & step->mask) != step->value);
}

static void execute(volatile struct script_step *step)
{
	switch (step->op) {
	case SCRIPT_WRITE:
		*(volatile uint32_t *)step->addr = step->value;
		break;
	case SCRIPT_READ:
		step->result = *(volatile uint32_t *)step->addr;
		break;
	case SCRIPT_POLL:
		poll(step);
		break;
	case SCRIPT_SLEEP:
		__asm__ volatile("wfi");
		step->result = REG(QUERN_REG_CYCLE_LO);
		break;
	case SCRIPT_SPIN:
		for (;;)
			;
		break;
	case SCRIPT_WRITE8:
		*(volatile uint8_t *)step->addr = (uint8_t)step->value;
		break;
	case SCRIPT_JUMP:
		((void (*)(void))step->addr)();
		break;
	default:
		break;
	}
}

void run_script(void)
{
	volatile struct script_step *step = (volatile struct script_step *)SCRIPT_ADDR;

	REG(QUERN_REG_FW_STATUS) = QUERN_FW_STATE_BOOTING;
	for (; step->op != SCRIPT_END; step++)
		execute(step);
	REG(QUERN_REG_FW_STATUS) = QUERN_FW_STATE_READY;
	REG(QUERN_REG_IRQ_RAISE) = 1;
}
