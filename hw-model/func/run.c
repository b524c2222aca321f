/* SPDX-License-Identifier: Apache-2.0 */
/* A job: fetch, dispatch checks in stream order, and execution strictly in that order. */
#include <string.h>
#include "machine.h"
#include "quern/cmd_table.h"

#define HOST_MASK ((1ull << QUERN_HOST_ADDR_BITS) - 1)

struct run {
	struct func_machine *m;
	const struct func_job *job;
	struct func_result *result;
	uint32_t index;
	uint8_t tokens[QUERN_NUM_TOKENS];
};

static bool fail(struct run *r, enum quern_fault kind, uint64_t addr)
{
	r->result->fault = (struct func_fault){.kind = kind, .unit = QUERN_UNIT_SEQ, .addr = addr};
	return false;
}

/* A command may straddle nothing: streams are 64-byte aligned. */
static bool fetch(struct run *r, uint32_t *w)
{
	uint64_t va = (r->job->stream + (uint64_t)r->index * QUERN_CMD_BYTES) & HOST_MASK;
	enum quern_fault fault;
	uint8_t *p;
	uint32_t got;

	if (r->index >= r->job->ncmds)
		return fail(r, QUERN_FAULT_STREAM_END, 0);
	if (!work(r->m, 1))
		return fail(r, QUERN_FAULT_ABORTED, 0);
	fault = func_host_window(r->m, va, QUERN_CMD_BYTES, false, &p, &got);
	if (fault != QUERN_FAULT_NONE)
		return fail(r, fault, va);
	memcpy(w, p, QUERN_CMD_BYTES);
	r->m->rd_bytes += QUERN_CMD_BYTES;
	return true;
}

/* Takes and gives tokens as dispatch counts them. */
static bool count_tokens(struct run *r, uint32_t wait, uint32_t signal)
{
	for (uint32_t i = 0; i < QUERN_NUM_TOKENS; i++)
		if ((wait >> i & 1) && r->tokens[i] == 0)
			return fail(r, QUERN_FAULT_TOKEN, 0);
	for (uint32_t i = 0; i < QUERN_NUM_TOKENS; i++) {
		uint32_t left = r->tokens[i] - (wait >> i & 1u);

		if ((signal >> i & 1) && left == QUERN_TOKEN_MAX)
			return fail(r, QUERN_FAULT_TOKEN, 0);
		r->tokens[i] = (uint8_t)(left + (signal >> i & 1u));
	}
	return true;
}

static bool dispatch(struct run *r, const uint32_t *w)
{
	enum quern_fault kind = quern_cmd_check(w, r->m->n);

	if (kind != QUERN_FAULT_NONE)
		return fail(r, kind, 0);
	return !quern_cmd_find(w[0] & 0xff)->has_tokens || count_tokens(r, w[1], w[2]);
}

static bool preempt_asked(const struct func_job *job)
{
	return job->ctl && atomic_load_explicit(&job->ctl->preempt, memory_order_relaxed);
}

/* Executes commands until the job leaves RUNNING; false on a fault. */
static bool run_commands(struct run *r)
{
	for (;; r->index++) {
		uint32_t w[QUERN_CMD_WORDS];
		uint32_t opcode;

		if (!fetch(r, w) || !dispatch(r, w) || !func_exec(r->m, w, &r->result->fault))
			return false;
		r->result->cmds++;
		opcode = w[0] & 0xff;
		if (opcode == QUERN_OP_YIELD)
			memset(r->tokens, 0, sizeof(r->tokens));
		if (opcode == QUERN_OP_YIELD && preempt_asked(r->job))
			r->result->state = QUERN_JOB_STATE_PREEMPTED;
		else if (opcode == QUERN_OP_END)
			r->result->state = QUERN_JOB_STATE_DONE;
		else
			continue;
		r->index++;
		return true;
	}
}

static bool space_ok(const struct func_space *s)
{
	return s->asid > 0 && s->asid < QUERN_NUM_ASID && s->root % FUNC_PAGE_BYTES == 0;
}

static void begin(struct func_machine *m, const struct func_job *job)
{
	if (m->owner != job->space.asid)
		func_scrub(m);
	m->owner = job->space.asid;
	m->ctl = job->ctl;
	m->ticks = 0;
	m->max_ticks = job->max_ticks;
	m->rd_bytes = 0;
	m->wr_bytes = 0;
	func_set_space(m, &job->space);
}

static void finish(struct run *r)
{
	r->result->index = r->index;
	r->result->rd_bytes = r->m->rd_bytes;
	r->result->wr_bytes = r->m->wr_bytes;
	r->result->ticks = r->m->ticks;
	r->m->ctl = NULL;
	r->m->max_ticks = 0;
}

bool func_run(struct func_machine *m, const struct func_job *job, struct func_result *result)
{
	struct run r = {.m = m, .job = job, .result = result, .index = job->first};

	if (job->stream % QUERN_CMD_BYTES || job->ncmds > QUERN_MAX_STREAM_CMDS)
		return false;
	*result = (struct func_result){.state = QUERN_JOB_STATE_FAULT};
	if (!space_ok(&job->space)) {
		fail(&r, QUERN_FAULT_ASID, 0);
		result->index = job->first;
		return true;
	}
	begin(m, job);
	if (!run_commands(&r))
		result->state = QUERN_JOB_STATE_FAULT;
	finish(&r);
	return true;
}
