// SPDX-License-Identifier: Apache-2.0
/*
 * Jobs: read and check a record, give it to the sequencer, watch the deadline, write the completion. The next job lies ready in the sequencer's
 * registers while one runs, its first commands already fetched. The short ways of the usual case are in hot.c.
 */
#include "job.h"
#include "mmio.h"

static uint32_t regions_used(const struct quern_job *rec)
{
	return rec->num_regions ? rec->num_regions : QUERN_NUM_REGIONS;
}

/* What has to hold before the sequencer is shown the stream. op and flags are the record's first word. */
static bool stream_ok(const struct quern_job *rec, uint32_t op_flags)
{
	return op_flags == QUERN_JOB_OP_RUN && rec->ncmds - 1 < QUERN_MAX_STREAM_CMDS && !((uint32_t)rec->stream % QUERN_CMD_BYTES) &&
	       !((uint32_t)(rec->stream >> 32) >> (QUERN_VA_BITS - 32)) && rec->first < rec->ncmds;
}

/* What the last job left behind its own regions becomes zero, so that no context sees another's addresses in a fault report. */
static bool write_regions(struct fw *fw, const struct quern_job *rec, uint32_t used)
{
	volatile uint32_t *reg = mmio_at(QUERN_REG_REGION_LO(0));
	const uint64_t *region = rec->region;
	const uint64_t *end = region + used;
	uint32_t high = 0;
	uint32_t i;

	for (; region < end; region++, reg += 2) {
		uint32_t hi = (uint32_t)(*region >> 32);

		reg[0] = (uint32_t)*region;
		reg[1] = hi;
		high |= hi;
	}
	for (i = used; i < fw->regions_set; i++, reg += 2) {
		reg[0] = 0;
		reg[1] = 0;
	}
	fw->regions_set = used;
	return !(high >> (QUERN_HOST_ADDR_BITS - 32));
}

/* Nothing of what the sequencer has fetched ahead is used. */
static void forget_ahead(void)
{
	mmio_write(QUERN_REG_JOB_STREAM_LO, 0);
}

/* The stream goes first: its tables are walked and its commands come while the rest is checked. */
static enum quern_status load(struct fw *fw, const struct quern_job *rec, uint32_t first)
{
	uint32_t used = regions_used(rec);

	mmio_write(QUERN_REG_JOB_STREAM_LO, (uint32_t)rec->stream);
	mmio_write(QUERN_REG_JOB_STREAM_HI, (uint32_t)(rec->stream >> 32));
	mmio_write(QUERN_REG_JOB_NCMDS, rec->ncmds);
	mmio_write(QUERN_REG_JOB_FIRST, first);
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_FETCH_MASK);
	if ((uint32_t)(rec->timeout >> 32) >> 30 || used > QUERN_NUM_REGIONS || !write_regions(fw, rec, used)) {
		forget_ahead();
		return QUERN_STATUS_EINVAL;
	}
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_TOUCH_MASK);
	return QUERN_STATUS_OK;
}

/* A record is about to come into the staged buffer. */
void job_expect(struct fw *fw, uint32_t slot, uint32_t index)
{
	const struct fw_ctx *ctx = &fw->ctx[slot];
	struct fw_job *job = fw->staged;

	job->ctx = slot;
	job->slot = index;
	job->status = QUERN_STATUS_OK;
	job->resume = index == ctx->head ? ctx->resume : 0;
	mmio_write(QUERN_REG_JOB_ASID, ctx->asid);
}

/* It is there, or err says that it could not be read. */
void job_take(struct fw *fw, int err)
{
	struct fw_job *job = fw->staged;
	const struct quern_job *rec = &job->rec;
	uint32_t op_flags = (uint32_t)rec->flags << 16 | rec->op;

	if (err) {
		job->rec.seqno = 0;
		job->status = QUERN_STATUS_EIO;
		return;
	}
	if (!stream_ok(rec, op_flags)) {
		job->status = op_flags == QUERN_JOB_OP_NOP ? QUERN_STATUS_OK : QUERN_STATUS_EINVAL;
		return;
	}
	if (fw->ctx[job->ctx].error)
		return;
	job->status = load(fw, rec, job->resume && job->resume < rec->ncmds ? job->resume : rec->first);
}

static uint64_t record_addr(const struct fw_ctx *ctx, uint32_t index)
{
	return ctx->sq + (index & (ctx->entries - 1)) * sizeof(struct quern_job);
}

/* Read the next job of a context ahead. */
void job_stage(struct fw *fw, uint32_t slot)
{
	struct fw_ctx *ctx = &fw->ctx[slot];
	uint32_t index = ctx->head + (fw->active->ctx == slot ? 1 : 0);

	job_expect(fw, slot, index);
	job_take(fw, dma_read(record_addr(ctx, index), &fw->staged->rec, sizeof(fw->staged->rec)));
}

void job_unstage(struct fw *fw)
{
	fw->staged->ctx = FW_NO_CTX;
	forget_ahead();
}

/* The record that a doorbell reads by itself: the one behind the job that runs, if that is of the same context. */
void job_next_entry(struct fw *fw, uint32_t slot)
{
	const struct fw_ctx *ctx = &fw->ctx[slot];
	uint32_t index = ctx->head + (fw->active->ctx == slot ? 1 : 0);

	fw->entry[slot].job = ctx->live ? record_addr(ctx, index) : 0;
	fw->entry[slot].asid = ctx->asid;
}

static void set_deadline(struct fw *fw, uint64_t deadline)
{
	fw->deadline = deadline;
	mmio_write(QUERN_REG_MTIMECMP_HI, (uint32_t)(deadline >> 32));
	mmio_write(QUERN_REG_MTIMECMP_LO, (uint32_t)deadline);
}

void job_no_deadline(struct fw *fw)
{
	set_deadline(fw, UINT64_MAX);
}

/* The completion, but for what the chip writes at the end. */
static void prepare_done(struct fw *fw, const struct fw_ctx *ctx, uint64_t now)
{
	struct quern_job_done *done = &fw->active->done;

	done->status = QUERN_STATUS_OK;
	done->seqno = fw->active->rec.seqno;
	done->fault_addr = 0;
	done->fault_index = 0;
	done->fault = 0;
	done->fault_unit = 0;
	done->prior_cycles = fw->used[fw->active->ctx];
	done->t_doorbell = now - (uint32_t)((uint32_t)now - ctx->db_time);
	done->t_start = now;
	done->index = fw->active->slot + 1;
}

void job_started(struct fw *fw, uint32_t cycle_lo)
{
	struct fw_job *job = fw->staged;
	struct fw_ctx *ctx = &fw->ctx[job->ctx];
	uint64_t now = (uint64_t)mmio_read(QUERN_REG_CYCLE_HI) << 32 | cycle_lo;

	fw->staged = fw->active;
	fw->active = job;
	ctx->resume = QUERN_PROGRESS_BEGUN;
	fw->turn = job->ctx;
	fw->timed_out = false;
	fw->preempting = false;
	fw->entry[job->ctx].job = record_addr(ctx, job->slot + 1);
	fw->entry[job->ctx].page = (uint32_t)(job->rec.stream >> 12);
	if (!job->resume)
		fw->used[job->ctx] = 0;
	prepare_done(fw, ctx, now);
	sched_update(fw, job->ctx);
	set_deadline(fw, now - fw->used[job->ctx] + (job->rec.timeout ? job->rec.timeout : QUERN_JOB_TIMEOUT_DEFAULT));
}

/* The staged job runs. Its record is in the registers already. */
void job_start(struct fw *fw)
{
	uint32_t cycle_lo;

	mmio_write(QUERN_REG_JOB_REPORT, (uint32_t)(uintptr_t)&fw->staged->done.t_end);
	cycle_lo = mmio_read(QUERN_REG_CYCLE_LO);
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_START_MASK);
	job_started(fw, cycle_lo);
}

static void add_fault(struct quern_job_done *done, uint32_t job_status)
{
	done->fault = (uint16_t)mmio_field(job_status, QUERN_JOB_STATUS_FAULT_MASK, QUERN_JOB_STATUS_FAULT_LSB);
	done->fault_unit = (uint16_t)mmio_field(job_status, QUERN_JOB_STATUS_UNIT_MASK, QUERN_JOB_STATUS_UNIT_LSB);
	done->fault_index = mmio_read(QUERN_REG_JOB_INDEX);
	done->fault_addr = (uint64_t)mmio_read(QUERN_REG_FAULT_ADDR_HI) << 32 | mmio_read(QUERN_REG_FAULT_ADDR_LO);
}

uint64_t job_done_addr(const struct fw_ctx *ctx)
{
	return ctx->cq + (ctx->head & (ctx->entries - 1)) * sizeof(struct quern_job_done);
}

/* The context's oldest job is complete, or is about to be. */
void job_retire(struct fw *fw, uint32_t slot)
{
	struct fw_ctx *ctx = &fw->ctx[slot];

	ctx->head++;
	ctx->resume = fw->active->ctx == slot ? QUERN_PROGRESS_BEGUN : 0;
	sched_update(fw, slot);
}

void job_lost(struct fw *fw, uint32_t slot)
{
	log_line(fw, "completion ring not writable, context", slot);
	mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_JOB);
}

/* Publish a completion of the context's oldest job. */
static void publish(struct fw *fw, uint32_t slot, struct quern_job_done *done)
{
	const struct fw_ctx *ctx = &fw->ctx[slot];
	int err;

	done->index = ctx->head + 1;
	err = dma_write(job_done_addr(ctx), done, sizeof(*done));
	job_retire(fw, slot);
	job_next_entry(fw, slot);
	if (err)
		job_lost(fw, slot);
	else
		mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_JOB);
}

void job_complete(struct fw *fw, uint32_t slot, const struct quern_job *rec, uint32_t status)
{
	struct quern_job_done done;

	memset(&done, 0, sizeof(done));
	done.status = status;
	done.seqno = rec->seqno;
	done.t_end = mmio_cycles();
	/* A record that is not executed after all, though it had been: its context is destroyed. */
	if (fw->ctx[slot].resume)
		done.prior_cycles = fw->used[slot];
	publish(fw, slot, &done);
}

/* Complete everything queued. Uses the staged buffer; the scheduler reads it again. */
void job_cancel(struct fw *fw, uint32_t slot)
{
	struct fw_ctx *ctx = &fw->ctx[slot];
	struct quern_job *rec = &fw->staged->rec;

	job_unstage(fw);
	while (ctx->head != ctx->tail) {
		if (dma_read(record_addr(ctx, ctx->head), rec, sizeof(*rec)))
			rec->seqno = 0;
		job_complete(fw, slot, rec, QUERN_STATUS_ECANCELED);
		mmio_write(QUERN_REG_WDT_LOAD, FW_WATCHDOG_CYCLES);
	}
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
	if (done->status != QUERN_STATUS_OK) {
		fw->ctx[fw->active->ctx].error = true;
		add_fault(done, job_status);
	}
	if (!(fw->features & 1ull << QUERN_MSG_FEATURE_COUNTERS))
		memset(&done->job_cycles, 0, offsetof(struct quern_job_done, reserved) - offsetof(struct quern_job_done, job_cycles));
}

/* Take the ended job off the sequencer. The next one starts before the completion is written, so that the engines wait less. */
static void finish(struct fw *fw, uint32_t job_status, uint32_t state)
{
	uint32_t slot = fw->active->ctx;
	struct quern_job_done *done = &fw->active->done;

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

/* A preempted job goes back to the head of its ring, to resume behind the YIELD with what is left of its timeout. */
static void put_back(struct fw *fw)
{
	uint32_t slot = fw->active->ctx;

	fw->used[slot] += mmio_cycles() - fw->active->done.t_start;
	fw->ctx[slot].resume = mmio_read(QUERN_REG_JOB_INDEX);
	fw->active->ctx = FW_NO_CTX;
	sched_update(fw, slot);
	job_next_entry(fw, slot);
	job_unstage(fw);
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ACK_MASK);
}

void job_poll(struct fw *fw)
{
	uint32_t status, state;

	status = mmio_read(QUERN_REG_JOB_STATUS);
	state = mmio_field(status, QUERN_JOB_STATUS_STATE_MASK, QUERN_JOB_STATUS_STATE_LSB);
	if (state == QUERN_JOB_STATE_RUNNING) {
		check_deadline(fw);
		return;
	}
	if (hot_finish(fw))
		return;
	job_no_deadline(fw);
	if (state == QUERN_JOB_STATE_PREEMPTED)
		put_back(fw);
	else
		finish(fw, status, state);
}

/* Stop the running job and complete it; bounded by FW_ABORT_CYCLES. The staged one may run then. */
void job_abort_wait(struct fw *fw)
{
	uint32_t slot = fw->active->ctx;

	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ABORT_MASK);
	fw->timed_out = true;
	set_deadline(fw, mmio_cycles() + FW_ABORT_CYCLES);
	while (fw->active->ctx == slot)
		job_poll(fw);
}
