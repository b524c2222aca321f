// SPDX-License-Identifier: Apache-2.0
/*
 * The two short ways. With nothing to do, the core sleeps with the doorbell armed: the chip reads the record of the job that is announced while the
 * core wakes. With a job running, it sleeps with the completion prepared and its address in the core DMA: at the end, three register writes start
 * the next job and send the completion; the rest is done while it travels. Whatever is unusual is left as it is for the main loop.
 */
#include "job.h"
#include "mmio.h"

/* Nothing is staged, and nothing waits behind a job that may run. */
static bool at_rest(const struct fw *fw)
{
	uint32_t ready = 0;

	for (uint32_t i = 0; i < FW_NUM_PRIORITIES; i++)
		ready |= fw->ready[i];
	return fw->staged->ctx == FW_NO_CTX && !ready;
}

static void arm(struct fw *fw)
{
	uint32_t dest = (uint32_t)(uintptr_t)&fw->staged->rec;

	fw->armed = true;
	mmio_write(QUERN_REG_DB_FETCH, (uint32_t)(uintptr_t)fw->entry << QUERN_DB_FETCH_TABLE_LSB | (dest & QUERN_DB_FETCH_DEST_MASK) |
					       QUERN_DB_FETCH_ARM_MASK);
}

/* A record that a doorbell has read meanwhile is read again: its cause is still pending. */
static void disarm(struct fw *fw)
{
	fw->armed = false;
	mmio_write(QUERN_REG_DB_FETCH, 0);
	dma_wait();
}

/* If there is nothing to do, let the next doorbell read its record. Also before an interrupt that the host may answer with a doorbell at once. */
void hot_arm(struct fw *fw)
{
	if (!fw->armed && fw->active->ctx == FW_NO_CTX && at_rest(fw))
		arm(fw);
}

/* What job_end() needs. */
static void expect_end(struct fw *fw)
{
	fw->chain = sched_staged_runs(fw);
	fw->last = at_rest(fw);
	dma_prepare(job_done_addr(&fw->ctx[fw->active->ctx]), &fw->active->done);
}

void hot_sleep(struct fw *fw)
{
	if (fw->active->ctx == FW_NO_CTX)
		hot_arm(fw);
	else
		expect_end(fw);
}

/* A doorbell may have read a record. It is used if its context can take a job; the DMA must be over in any case. */
static void doorbell(struct fw *fw)
{
	struct fw_ctx *ctx;
	uint32_t taken, slot, tail;
	bool good;
	int err;

	fw->armed = false;
	mmio_write(QUERN_REG_DB_FETCH, 0);
	taken = mmio_read(QUERN_REG_DB_FETCH);
	if (!(taken & QUERN_DB_FETCH_TAKEN_MASK))
		return;
	slot = mmio_field(taken, QUERN_DB_FETCH_CTX_MASK, QUERN_DB_FETCH_CTX_LSB);
	ctx = &fw->ctx[slot];
	tail = mmio_read(QUERN_REG_DB_TAIL(slot));
	good = ctx->live && !ctx->error && tail - ctx->head - 1 < ctx->entries;
	if (good) {
		ctx->tail = tail;
		ctx->db_time = mmio_read(QUERN_REG_DB_TIME(slot));
		sched_update(fw, slot);
		job_expect(fw, slot, ctx->head);
	}
	err = dma_wait();
	if (!good)
		return;
	job_take(fw, err);
	if (sched_staged_runs(fw))
		job_start(fw);
}

/*
 * Whether the job was completed. The chip raises the vector when the completion is in host memory; the doorbell is armed before, for the host may
 * answer at once.
 */
static bool job_end(struct fw *fw)
{
	uint32_t state = mmio_field(mmio_read(QUERN_REG_JOB_STATUS), QUERN_JOB_STATUS_STATE_MASK, QUERN_JOB_STATUS_STATE_LSB);
	uint32_t slot = fw->active->ctx;
	uint32_t cycle_lo = 0;

	if (state != QUERN_JOB_STATE_DONE || !fw->quick)
		return false;
	if (fw->chain) {
		mmio_write(QUERN_REG_JOB_REPORT, (uint32_t)(uintptr_t)&fw->staged->done.t_end);
		cycle_lo = mmio_read(QUERN_REG_CYCLE_LO);
		mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_START_MASK | QUERN_JOB_CTRL_ACK_MASK);
	}
	dma_send(sizeof(struct quern_job_done), FW_VECTOR_JOB);
	if (fw->last)
		arm(fw);
	if (!fw->chain)
		mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ACK_MASK);
	mmio_write(QUERN_REG_CORE_IRQ_STATUS, QUERN_CORE_IRQ_STATUS_JOB_MASK);
	fw->active->ctx = FW_NO_CTX;
	if (fw->chain)
		job_started(fw, cycle_lo);
	else
		job_no_deadline(fw);
	job_retire(fw, slot);
	if (dma_wait()) {
		disarm(fw);
		job_lost(fw, slot);
	}
	return true;
}

/*
 * A job that ended while the core was awake. False: in an unusual way, nothing is done. No doorbell may have the core DMA then: the main loop goes
 * on, with commands and records to read.
 */
bool hot_finish(struct fw *fw)
{
	expect_end(fw);
	fw->last = false;
	return job_end(fw);
}

/* Everything it calls becomes a part of it: calls would be a third of its time. */
__attribute__((flatten)) bool hot_wake(struct fw *fw)
{
	if (fw->active->ctx != FW_NO_CTX)
		return job_end(fw) && fw->armed;
	if (fw->armed)
		doorbell(fw);
	return false;
}
