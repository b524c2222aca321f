// SPDX-License-Identifier: Apache-2.0
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fake fake;

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.reg[QUERN_REG_HW_VERSION / 4] = QUERN_REGISTERS_MAJOR << QUERN_HW_VERSION_MAJOR_LSB;
}

void *fake_at(uint64_t addr, uint32_t bytes)
{
	assert_true(addr <= FAKE_HOST_BYTES && bytes <= FAKE_HOST_BYTES - addr);
	return fake.host + addr;
}

void fake_job_end(enum quern_job_state state, enum quern_fault fault, uint32_t index)
{
	fake.reg[QUERN_REG_JOB_STATUS / 4] = state << QUERN_JOB_STATUS_STATE_LSB | fault << QUERN_JOB_STATUS_FAULT_LSB;
	fake.reg[QUERN_REG_JOB_INDEX / 4] = index;
	fake.reg[QUERN_REG_CORE_IRQ_STATUS / 4] |= QUERN_CORE_IRQ_STATUS_JOB_MASK;
}

static void job_ctrl(uint32_t value)
{
	if (value & QUERN_JOB_CTRL_START_MASK) {
		fake.starts++;
		fake.run_asid = fake.reg[QUERN_REG_JOB_ASID / 4];
		fake.run_first = fake.reg[QUERN_REG_JOB_FIRST / 4];
		fake.reg[QUERN_REG_JOB_STATUS / 4] = QUERN_JOB_STATE_RUNNING;
	}
	if (value & QUERN_JOB_CTRL_ABORT_MASK) {
		fake.aborts++;
		if (!fake.stuck && fake.reg[QUERN_REG_JOB_STATUS / 4] == QUERN_JOB_STATE_RUNNING)
			fake_job_end(QUERN_JOB_STATE_FAULT, QUERN_FAULT_ABORTED, 0);
	}
	if (value & QUERN_JOB_CTRL_PREEMPT_MASK)
		fake.preempts++;
	if ((value & (QUERN_JOB_CTRL_ACK_MASK | QUERN_JOB_CTRL_START_MASK)) == QUERN_JOB_CTRL_ACK_MASK)
		fake.reg[QUERN_REG_JOB_STATUS / 4] = QUERN_JOB_STATE_IDLE;
}

uint32_t mmio_read(uint32_t offset)
{
	fake.cycle += 5;
	fake.reg[QUERN_REG_CYCLE_LO / 4] = (uint32_t)fake.cycle;
	fake.reg[QUERN_REG_CYCLE_HI / 4] = (uint32_t)(fake.cycle >> 32);
	return fake.reg[offset / 4];
}

void mmio_write(uint32_t offset, uint32_t value)
{
	switch (offset) {
	case QUERN_REG_CORE_IRQ_STATUS:
	case QUERN_REG_DB_PENDING:
		fake.reg[offset / 4] &= ~value;
		return;
	case QUERN_REG_IRQ_RAISE:
		fake.raised |= value;
		return;
	case QUERN_REG_JOB_CTRL:
		job_ctrl(value);
		return;
	case QUERN_REG_DB_FETCH:
		fake.reg[offset / 4] = value & QUERN_DB_FETCH_ARM_MASK ? value : fake.reg[offset / 4] & ~QUERN_DB_FETCH_ARM_MASK;
		return;
	case QUERN_REG_TLB_INVALIDATE:
		return; /* done at once: reads 0 */
	default:
		fake.reg[offset / 4] = value;
	}
}

volatile uint32_t *mmio_at(uint32_t offset)
{
	return &fake.reg[offset / 4];
}

static int copy_in(uint64_t addr, void *tcm, uint32_t bytes)
{
	if (fake.dma_broken || addr + bytes > FAKE_HOST_BYTES)
		return -FW_EIO;
	memcpy(tcm, fake_at(addr, bytes), bytes);
	return 0;
}

void fake_doorbell(struct fw *fw, uint32_t ctx)
{
	const struct fw_db_entry *entry = &fw->entry[ctx];

	if (!(fake.reg[QUERN_REG_DB_FETCH / 4] & QUERN_DB_FETCH_ARM_MASK))
		return;
	fake.fetches++;
	fake.reg[QUERN_REG_DB_FETCH / 4] = QUERN_DB_FETCH_TAKEN_MASK | ctx << QUERN_DB_FETCH_CTX_LSB;
	fake.dma_error = !entry->job || copy_in(entry->job, &fw->staged->rec, sizeof(fw->staged->rec));
	fake.fetching = true;
}

/* A doorbell's transfer and the firmware's must not meet: the chip ignores what is asked for meanwhile, and both may write the staged record. */
static void assert_dma_free(void)
{
	assert_false(fake.fetching || fake.reg[QUERN_REG_DB_FETCH / 4] & QUERN_DB_FETCH_ARM_MASK);
}

void dma_prepare(uint64_t addr, const void *tcm)
{
	assert_dma_free();
	fake.dma_addr = addr;
	fake.dma_tcm = tcm;
}

void dma_send(uint32_t bytes, uint32_t vectors)
{
	fake.dma_error = dma_write(fake.dma_addr, fake.dma_tcm, bytes);
	if (!fake.dma_error)
		fake.raised |= vectors;
}

int dma_wait(void)
{
	fake.fetching = false;
	return fake.dma_error ? -FW_EIO : 0;
}

int dma_read(uint64_t addr, void *tcm, uint32_t bytes)
{
	assert_dma_free();
	return copy_in(addr, tcm, bytes);
}

int dma_write(uint64_t addr, const void *tcm, uint32_t bytes)
{
	assert_dma_free();
	if (fake.dma_broken || addr + bytes > FAKE_HOST_BYTES)
		return -FW_EIO;
	memcpy(fake_at(addr, bytes), tcm, bytes);
	return 0;
}

_Noreturn void fw_panic(uint32_t code, uint32_t detail)
{
	(void)detail;
	fake.panic = code;
	mock_assert(0, "fw_panic", __FILE__, __LINE__);
	abort();
}
