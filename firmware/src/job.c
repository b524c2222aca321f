// SPDX-License-Identifier: Apache-2.0
/* Jobs: read and check a record, program the sequencer, watch the deadline, write the completion. */
#include "fw.h"
#include "mmio.h"

static uint32_t regions_used(const struct quern_job *rec)
{
	return rec->num_regions ? rec->num_regions : QUERN_NUM_REGIONS;
}

static enum quern_status check_job(const struct quern_job *rec)
{
	uint32_t high = 0;

	if (rec->flags || (rec->op != QUERN_JOB_OP_RUN && rec->op != QUERN_JOB_OP_NOP))
		return QUERN_STATUS_EINVAL;
	if (rec->op == QUERN_JOB_OP_NOP)
		return QUERN_STATUS_OK;
	if (!rec->ncmds || rec->ncmds > QUERN_MAX_STREAM_CMDS || rec->stream % QUERN_CMD_BYTES || rec->stream >> QUERN_VA_BITS)
		return QUERN_STATUS_EINVAL;
	if (rec->timeout >> 62 || rec->first >= rec->ncmds)
		return QUERN_STATUS_EINVAL;
	if (rec->num_regions > QUERN_NUM_REGIONS)
		return QUERN_STATUS_EINVAL;
	for (uint32_t i = 0; i < regions_used(rec); i++)
		high |= (uint32_t)(rec->region[i] >> 32);
	return high >> (QUERN_HOST_ADDR_BITS - 32) ? QUERN_STATUS_EINVAL : QUERN_STATUS_OK;
}

void job_fetch(struct fw *fw, struct fw_job *job, uint32_t slot)
{
	struct fw_ctx *ctx = &fw->ctx[slot];
	uint32_t index = ctx->head + (fw->active->ctx == slot ? 1 : 0);

	job->ctx = slot;
	job->slot = index;
	job->first = 0;
	if (dma_read(ctx->sq + (index & (ctx->entries - 1)) * sizeof(job->rec), &job->rec, sizeof(job->rec))) {
		job->rec.seqno = 0;
		job->status = QUERN_STATUS_EIO;
		return;
	}
	job->status = check_job(&job->rec);
	job->first = job->rec.first;
	if (job->status == QUERN_STATUS_OK && index == ctx->head && ctx->resume && ctx->resume < job->rec.ncmds)
		job->first = ctx->resume;
}

/* What the last job left behind its own regions becomes zero, so that no context sees another's addresses in a fault report. */
static void write_regions(struct fw *fw, const struct quern_job *rec)
{
	uint32_t used = regions_used(rec);
	uint32_t i;

	for (i = 0; i < used; i++) {
		mmio_write(QUERN_REG_REGION_LO(i), (uint32_t)rec->region[i]);
		mmio_write(QUERN_REG_REGION_HI(i), (uint32_t)(rec->region[i] >> 32));
	}
	for (; i < fw->regions_set; i++) {
		mmio_write(QUERN_REG_REGION_LO(i), 0);
		mmio_write(QUERN_REG_REGION_HI(i), 0);
	}
	fw->regions_set = used;
}

static void set_deadline(struct fw *fw, uint64_t deadline)
{
	fw->deadline = deadline;
	mmio_write(QUERN_REG_MTIMECMP_HI, (uint32_t)(deadline >> 32));
	mmio_write(QUERN_REG_MTIMECMP_LO, (uint32_t)deadline);
}

/* Move the staged job to the sequencer. */
void job_start(struct fw *fw)
{
	struct fw_job *old = fw->active;
	const struct quern_job *rec = &fw->staged->rec;
	struct fw_ctx *ctx;

	fw->active = fw->staged;
	fw->staged = old;
	ctx = &fw->ctx[fw->active->ctx];
	write_regions(fw, rec);
	mmio_write(QUERN_REG_JOB_ASID, ctx->asid);
	mmio_write(QUERN_REG_JOB_STREAM_LO, (uint32_t)rec->stream);
	mmio_write(QUERN_REG_JOB_STREAM_HI, (uint32_t)(rec->stream >> 32));
	mmio_write(QUERN_REG_JOB_NCMDS, rec->ncmds);
	mmio_write(QUERN_REG_JOB_FIRST, fw->active->first);
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_START_MASK);
	ctx->resume = QUERN_PROGRESS_BEGUN;
	fw->t_start = mmio_cycles();
	fw->t_doorbell = fw->t_start - (uint32_t)((uint32_t)fw->t_start - ctx->db_time);
	fw->turn = fw->active->ctx;
	sched_update(fw, fw->turn);
	fw->timed_out = false;
	fw->preempting = false;
	set_deadline(fw, fw->t_start + (rec->timeout ? rec->timeout : QUERN_JOB_TIMEOUT_DEFAULT));
}

static uint64_t counter(uint32_t i)
{
	uint32_t lo = mmio_read(QUERN_REG_COUNTER(i));

	return (uint64_t)mmio_read(QUERN_REG_COUNTER(i) + 4) << 32 | lo;
}

static void add_counters(struct quern_job_done *done)
{
	done->job_cycles = counter(QUERN_COUNTER_JOB_CYCLES);
	done->mx_busy = counter(QUERN_COUNTER_MX_BUSY);
	done->ve_busy = counter(QUERN_COUNTER_VE_BUSY);
	done->rd_bytes = counter(QUERN_COUNTER_RD_BYTES);
	done->wr_bytes = counter(QUERN_COUNTER_WR_BYTES);
	done->tlb_misses = counter(QUERN_COUNTER_TLB_MISSES);
}

static void add_fault(struct quern_job_done *done, uint32_t job_status)
{
	done->fault = (uint16_t)mmio_field(job_status, QUERN_JOB_STATUS_FAULT_MASK, QUERN_JOB_STATUS_FAULT_LSB);
	done->fault_unit = (uint16_t)mmio_field(job_status, QUERN_JOB_STATUS_UNIT_MASK, QUERN_JOB_STATUS_UNIT_LSB);
	done->fault_index = job_status ? mmio_read(QUERN_REG_JOB_INDEX) : 0;
	done->fault_addr = job_status ? (uint64_t)mmio_read(QUERN_REG_FAULT_ADDR_HI) << 32 | mmio_read(QUERN_REG_FAULT_ADDR_LO) : 0;
}

/* Publish a completion of the context's oldest job. */
static void publish(struct fw *fw, uint32_t slot, struct quern_job_done *done)
{
	struct fw_ctx *ctx = &fw->ctx[slot];

	done->index = ctx->head + 1;
	if (dma_write(ctx->cq + (ctx->head & (ctx->entries - 1)) * sizeof(*done), done, sizeof(*done)))
		log_line(fw, "completion ring not writable, context", slot);
	ctx->head++;
	ctx->resume = 0;
	sched_update(fw, slot);
	mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_JOB);
}

void job_complete(struct fw *fw, uint32_t slot, const struct quern_job *rec, uint32_t status)
{
	struct quern_job_done done;

	memset(&done, 0, sizeof(done));
	done.status = status;
	done.seqno = rec->seqno;
	done.t_end = mmio_cycles();
	publish(fw, slot, &done);
}

/* Complete everything queued. Uses the staged buffer; the scheduler reads it again. */
void job_cancel(struct fw *fw, uint32_t slot)
{
	struct fw_ctx *ctx = &fw->ctx[slot];

	while (ctx->head != ctx->tail) {
		job_fetch(fw, fw->staged, slot);
		fw->staged->ctx = FW_NO_CTX;
		job_complete(fw, slot, &fw->staged->rec, QUERN_STATUS_ECANCELED);
		mmio_write(QUERN_REG_WDT_LOAD, FW_WATCHDOG_CYCLES);
	}
	fw->staged->ctx = FW_NO_CTX;
}

static uint32_t final_status(const struct fw *fw, uint32_t state)
{
	if (state == QUERN_JOB_STATE_DONE)
		return QUERN_STATUS_OK;
	return fw->timed_out ? QUERN_STATUS_ETIMEDOUT : QUERN_STATUS_EFAULT;
}

static void describe(struct fw *fw, struct quern_job_done *done, uint32_t job_status, uint32_t state)
{
	done->status = final_status(fw, state);
	done->seqno = fw->active->rec.seqno;
	done->t_doorbell = fw->t_doorbell;
	done->t_start = fw->t_start;
	done->t_end = mmio_cycles();
	if (done->status != QUERN_STATUS_OK)
		fw->ctx[fw->active->ctx].error = true;
	add_fault(done, done->status == QUERN_STATUS_OK ? 0 : job_status);
	if (fw->features & 1ull << QUERN_MSG_FEATURE_COUNTERS)
		add_counters(done);
}

/* Take the ended job off the sequencer. The next one starts before the completion is written, so that the engines wait less. */
static void finish(struct fw *fw, uint32_t job_status, uint32_t state)
{
	uint32_t slot = fw->active->ctx;
	struct quern_job_done *done = &fw->done;

	describe(fw, done, job_status, state);
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ACK_MASK);
	fw->active->ctx = FW_NO_CTX;
	if (sched_staged_runs(fw))
		job_start(fw);
	publish(fw, slot, done);
	if (done->status != QUERN_STATUS_OK)
		log_line(fw, "job stopped, context | fault << 8", slot | (uint32_t)done->fault << 8);
}

static void check_deadline(struct fw *fw)
{
	uint64_t now = mmio_cycles();

	if (now < fw->deadline)
		return;
	if (fw->timed_out)
		fw_panic(FW_PANIC_ABORT, fw->active->ctx);
	fw->timed_out = true;
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ABORT_MASK);
	set_deadline(fw, now + FW_ABORT_CYCLES);
}

/* A preempted job goes back to the head of its ring, to resume behind the YIELD. */
static void put_back(struct fw *fw)
{
	uint32_t slot = fw->active->ctx;

	fw->ctx[slot].resume = mmio_read(QUERN_REG_JOB_INDEX);
	fw->active->ctx = FW_NO_CTX;
	sched_update(fw, slot);
	fw->staged->ctx = FW_NO_CTX;
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ACK_MASK);
}

void job_poll(struct fw *fw)
{
	uint32_t status, state;

	if (fw->active->ctx == FW_NO_CTX)
		return;
	status = mmio_read(QUERN_REG_JOB_STATUS);
	state = mmio_field(status, QUERN_JOB_STATUS_STATE_MASK, QUERN_JOB_STATUS_STATE_LSB);
	if (state == QUERN_JOB_STATE_RUNNING) {
		check_deadline(fw);
		return;
	}
	set_deadline(fw, UINT64_MAX);
	if (state == QUERN_JOB_STATE_PREEMPTED)
		put_back(fw);
	else
		finish(fw, status, state);
}

/* Stop the running job and complete it; bounded by FW_ABORT_CYCLES. */
void job_abort_wait(struct fw *fw)
{
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ABORT_MASK);
	fw->timed_out = true;
	set_deadline(fw, mmio_cycles() + FW_ABORT_CYCLES);
	while (fw->active->ctx != FW_NO_CTX)
		job_poll(fw);
}
