// SPDX-License-Identifier: Apache-2.0
/*
 * Which context runs next: the highest priority with work; equals take turns. A context that outranks the running one asks the sequencer to
 * stop at the next YIELD. While a job runs, the next one is read and checked ahead, so that the sequencer restarts within a few register writes.
 */
#include "fw.h"
#include "mmio.h"

void sched_update(struct fw *fw, uint32_t slot)
{
	const struct fw_ctx *ctx = &fw->ctx[slot];
	uint32_t next = ctx->head + (fw->active->ctx == slot ? 1 : 0);
	uint32_t bit = 1u << slot;

	if (ctx->live && next != ctx->tail)
		fw->ready[ctx->priority] |= bit;
	else
		fw->ready[ctx->priority] &= ~bit;
}

/* Index of the lowest bit set; the core has no instruction for it. */
static uint32_t lowest_bit(uint32_t mask)
{
	uint32_t i = 0;

	while (!(mask & 0xf)) {
		mask >>= 4;
		i += 4;
	}
	while (!(mask & 1)) {
		mask >>= 1;
		i++;
	}
	return i;
}

uint32_t sched_pick(const struct fw *fw)
{
	for (uint32_t priority = FW_NUM_PRIORITIES; priority-- > 0;) {
		uint32_t all = fw->ready[priority];
		uint32_t behind = all & ~((2u << fw->turn) - 1);

		if (all)
			return lowest_bit(behind ? behind : all);
	}
	return FW_NO_CTX;
}

static void preempt_if_outranked(struct fw *fw, uint32_t slot)
{
	if (fw->preempting || !(fw->features & 1ull << QUERN_MSG_FEATURE_PREEMPT))
		return;
	if (fw->ctx[slot].priority <= fw->ctx[fw->active->ctx].priority)
		return;
	fw->preempting = true;
	mmio_write(QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_PREEMPT_MASK);
}

/* A staged job gives way to a higher priority, and to an equal one if it is of the context that runs now. */
static bool outranks_staged(const struct fw *fw, uint32_t slot)
{
	uint32_t staged = fw->staged->ctx;

	if (staged == FW_NO_CTX)
		return true;
	if (fw->ctx[slot].priority == fw->ctx[staged].priority)
		return slot != staged && staged == fw->active->ctx;
	return fw->ctx[slot].priority > fw->ctx[staged].priority;
}

/* Read the next job ahead. */
static void stage(struct fw *fw, uint32_t slot)
{
	if (outranks_staged(fw, slot))
		job_stage(fw, slot);
}

/* The staged job needs the sequencer; otherwise it only needs a completion. */
bool sched_staged_runs(const struct fw *fw)
{
	const struct fw_job *job = fw->staged;

	return job->ctx != FW_NO_CTX && job->status == QUERN_STATUS_OK && job->rec.op == QUERN_JOB_OP_RUN && !fw->ctx[job->ctx].error;
}

static void complete_staged(struct fw *fw)
{
	struct fw_job *job = fw->staged;
	uint32_t slot = job->ctx;

	job->ctx = FW_NO_CTX;
	job_complete(fw, slot, &job->rec, fw->ctx[slot].error ? QUERN_STATUS_ECANCELED : job->status);
}

bool sched_run(struct fw *fw)
{
	uint32_t slot = sched_pick(fw);

	if (slot != FW_NO_CTX)
		stage(fw, slot);
	if (fw->staged->ctx == FW_NO_CTX)
		return false;
	if (fw->active->ctx != FW_NO_CTX) {
		preempt_if_outranked(fw, fw->staged->ctx);
		return false;
	}
	if (sched_staged_runs(fw))
		job_start(fw);
	else
		complete_staged(fw);
	return true;
}
