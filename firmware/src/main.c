// SPDX-License-Identifier: Apache-2.0
/*
 * The loop. Interrupts only wake the core: causes are cleared first and then looked at, so that none is lost, and the code needs no handlers,
 * no locks and one bounded stack. The watchdog runs while the core is awake and is off while it sleeps.
 */
#include "fw.h"
#include "mmio.h"

static void poll_doorbells(struct fw *fw)
{
	uint32_t pending = mmio_read(QUERN_REG_DB_PENDING);

	mmio_write(QUERN_REG_DB_PENDING, pending);
	for (uint32_t slot = 0; pending; slot++, pending >>= 1)
		if (pending & 1)
			ctx_doorbell(fw, slot, mmio_read(QUERN_REG_DB_TAIL(slot)));
}

void fw_init(struct fw *fw)
{
	memset(fw, 0, sizeof(*fw));
	fw->active = &fw->jobs[0];
	fw->staged = &fw->jobs[1];
	fw->active->ctx = FW_NO_CTX;
	fw->staged->ctx = FW_NO_CTX;
	fw->deadline = UINT64_MAX;
	for (uint32_t i = 0; i < QUERN_NUM_REGIONS; i++) {
		mmio_write(QUERN_REG_REGION_LO(i), 0);
		mmio_write(QUERN_REG_REGION_HI(i), 0);
	}
}

void fw_loop_once(struct fw *fw)
{
	uint32_t cause = mmio_read(QUERN_REG_CORE_IRQ_STATUS);

	mmio_write(QUERN_REG_CORE_IRQ_STATUS, cause);
	if (fw->active->ctx != FW_NO_CTX)
		job_poll(fw);
	if (cause & QUERN_CORE_IRQ_STATUS_DOORBELL_MASK)
		poll_doorbells(fw);
	if (cause & QUERN_CORE_IRQ_STATUS_ADMIN_MASK)
		admin_poll(fw);
}

#ifndef QUERN_FW_HOST_TEST
static struct fw the_fw;

_Noreturn void fw_panic(uint32_t code, uint32_t detail)
{
	mmio_write(QUERN_REG_FW_ERROR, code);
	mmio_write(QUERN_REG_SCRATCH(2), detail);
	mmio_write(QUERN_REG_FW_STATUS, QUERN_FW_STATE_CRASHED);
	mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_ADMIN);
	mmio_write(QUERN_REG_WDT_LOAD, 0);
	__asm__ volatile("csrw mie, zero");
	for (;;)
		__asm__ volatile("wfi");
}

/* Trap entry comes here from crt0.S. */
__attribute__((externally_visible)) _Noreturn void fw_crash(uint32_t mcause, uint32_t mepc, uint32_t mtval)
{
	mmio_write(QUERN_REG_SCRATCH(0), mepc);
	mmio_write(QUERN_REG_SCRATCH(1), mtval);
	fw_panic(mcause, 0);
}

static void init_interrupts(void)
{
	mmio_write(QUERN_REG_MTIMECMP_HI, UINT32_MAX);
	mmio_write(QUERN_REG_MTIMECMP_LO, UINT32_MAX);
	mmio_write(QUERN_REG_CORE_IRQ_ENABLE, QUERN_CORE_IRQ_STATUS_DOORBELL_MASK | QUERN_CORE_IRQ_STATUS_ADMIN_MASK |
						      QUERN_CORE_IRQ_STATUS_JOB_MASK);
	/* External and timer interrupts wake WFI; mstatus.MIE stays 0, so they never trap. */
	__asm__ volatile("csrw mie, %0" ::"r"(1u << 11 | 1u << 7));
}

__attribute__((externally_visible)) void fw_main(void);
void fw_main(void)
{
	struct fw *fw = &the_fw;
	uint32_t beat = 0;

	mmio_write(QUERN_REG_WDT_LOAD, FW_WATCHDOG_CYCLES);
	fw_init(fw);
	init_interrupts();
	/* Zero the memories while nobody waits: the first job need not. */
	mmio_write(QUERN_REG_SCRUB, 1);
	if (boot_handshake(fw)) {
		mmio_write(QUERN_REG_WDT_LOAD, 0);
		return;
	}
	for (;;) {
		do {
			mmio_write(QUERN_REG_WDT_LOAD, FW_WATCHDOG_CYCLES);
			mmio_write(QUERN_REG_FW_HEARTBEAT, ++beat);
			fw_loop_once(fw);
		} while (sched_run(fw));
		do {
			hot_sleep(fw);
			mmio_write(QUERN_REG_WDT_LOAD, 0);
			__asm__ volatile("wfi" ::: "memory");
		} while (hot_wake(fw));
	}
}
#endif
