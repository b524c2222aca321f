/* SPDX-License-Identifier: Apache-2.0 */
/* The sequencer's surroundings: see seq_world.h. */
#include "seq_world.h"

#include <errno.h>
#include <string.h>

#define PHYS 0x7766554000ull
#define PAGE 4096u
#define PAGES (JOB_WINDOW / PAGE)

static void fail(struct world *w, const char *why)
{
	if (!w->failed)
		w->failed = why;
}

/* Pages are scattered in physical memory. */
static uint64_t phys_of(uint64_t vaddr)
{
	uint64_t offset = vaddr - JOB_VA;

	return PHYS + (offset / PAGE * 5 + 3) % PAGES * PAGE + offset % PAGE;
}

static uint64_t virt_of(uint64_t paddr)
{
	uint64_t offset = paddr - PHYS;

	for (uint64_t page = 0; page < PAGES; page++)
		if ((page * 5 + 3) % PAGES == offset / PAGE)
			return JOB_VA + page * PAGE + offset % PAGE;
	return 0;
}

int world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	w->rng = (struct rng){seed};
	w->model = seq_create(seed);
	if (!w->model)
		return -ENOMEM;
	for (int i = 0; i < 3; i++) {
		seq_settle(w->model, &w->in, &w->out);
		seq_clock(w->model);
	}
	w->in.rst_n = true;
	w->in.trace_enable = true;
	return 0;
}

void world_finish(struct world *w)
{
	seq_destroy(w->model);
}

void world_store(struct world *w, const struct job *job)
{
	memcpy(w->mem + job->offset, job->cmd, job->count * 64);
}

void world_load(struct world *w, const struct job *job)
{
	w->job = job;
	w->stop = job_judge(job);
	w->latency = rng_chance(&w->rng, 50) ? 2 : rng_range(&w->rng, 1, 150);
	w->work = rng_chance(&w->rng, 50) ? 4 : rng_range(&w->rng, 3, 200);
	memset(w->engine, 0, sizeof(w->engine));
	memset(w->done, 0, sizeof(w->done));
	memset(w->token, 0, sizeof(w->token));
	for (int e = 0; e < SEQ_ENGINES; e++) {
		w->engine[e].room = rng_chance(&w->rng, 60) ? 2 : rng_range(&w->rng, 1, WORLD_HELD);
		w->engine[e].next = job->first;
	}
	w->all_done_below = job->first;
	w->scrubs = 0;
	w->ended = false;
}

/* Whose stream an address lies in, by its half. */
static const struct job *job_at(const struct world *w, uint64_t vaddr)
{
	uint32_t half = (uint32_t)((vaddr - JOB_VA) / JOB_HALF);

	if (w->job && w->job->offset / JOB_HALF == half)
		return w->job;
	return w->next && w->next->offset / JOB_HALF == half ? w->next : NULL;
}

static bool page_bad(const struct world *w, uint64_t vaddr)
{
	const struct job *j = job_at(w, vaddr);

	if (vaddr < JOB_VA || vaddr >= JOB_VA + JOB_WINDOW)
		return true;
	return j && j->accident == ACCIDENT_PAGE && j->bad_fetch != JOB_NONE &&
	       (vaddr - JOB_VA) / PAGE == (j->offset + (uint64_t)j->bad_fetch * 64) / PAGE;
}

static void drive_mmu(struct world *w)
{
	struct seq_in *in = &w->in;

	in->tr_done = w->tr_busy && w->cycle >= w->tr_when;
	in->tr_fault = QUERN_FAULT_NONE;
	if (!in->tr_done)
		return;
	w->tr_busy = false;
	if (page_bad(w, w->tr_vaddr))
		in->tr_fault = QUERN_FAULT_PAGE_INVALID;
	else
		in->tr_paddr = phys_of(w->tr_vaddr);
}

static void drive_bus(struct world *w)
{
	struct world_burst *b = &w->burst[w->burst_head];
	struct seq_in *in = &w->in;
	const struct job *j;
	uint64_t va;

	in->ar_ready = rng_chance(&w->rng, 70);
	in->r_valid = w->burst_count && w->cycle >= b->when && rng_chance(&w->rng, 90);
	in->r_err = false;
	if (!in->r_valid)
		return;
	va = virt_of(b->addr);
	memcpy(in->r_data, w->mem + (va - JOB_VA), 16);
	j = job_at(w, va);
	in->r_err = j && j->accident == ACCIDENT_BUS && j->bad_fetch != JOB_NONE && (va - JOB_VA - j->offset) / 64 == j->bad_fetch &&
		    (va % 64 == 48 || rng_chance(&w->rng, 30));
	b->addr += 16;
	if (--b->beats == 0) {
		w->burst_head = (w->burst_head + 1) % 64;
		w->burst_count--;
	}
}

static void observe_bus(struct world *w)
{
	const struct seq_out *out = &w->out;
	uint32_t beats = out->ar_len + 1u;
	uint64_t va = virt_of(out->ar_addr);
	const struct job *j = job_at(w, va);

	if (!out->ar_valid || !w->in.ar_ready)
		return;
	if (out->ar_addr % 64 || out->ar_addr % PAGE + beats * 16 > PAGE || beats > 16)
		fail(w, "bad burst");
	if (!j || va < JOB_VA + j->offset || va + beats * 16 > JOB_VA + j->offset + j->count * 64)
		fail(w, "burst outside the stream");
	w->burst[(w->burst_head + w->burst_count++) % 64] =
		(struct world_burst){.addr = out->ar_addr, .beats = beats, .when = w->cycle + w->latency};
}

static void observe_mmu(struct world *w)
{
	if (!w->out.tr_valid || w->in.tr_done || w->tr_busy)
		return;
	w->tr_busy = true;
	w->tr_vaddr = w->out.tr_vaddr;
	w->tr_when = w->cycle + (rng_chance(&w->rng, 80) ? 1 : rng_range(&w->rng, 1, 200));
}

static void drive_engine(struct world *w, int e)
{
	struct world_engine *g = &w->engine[e];
	struct seq_in *in = &w->in;
	bool ripe = g->count && !g->dead && w->cycle >= g->held[0].when;
	bool faulty = ripe && w->job && g->held[0].index == w->job->engine_fault;

	in->cmd_ready[e] = !g->dead && g->count < g->room && rng_chance(&w->rng, 80);
	in->done[e] = ripe && !faulty;
	in->fault[e] = faulty;
	in->fault_index[e] = faulty ? g->held[0].index : (uint32_t)rng_u64(&w->rng);
	in->idle[e] = !g->count && w->cycle >= g->idle_at;
	if (faulty)
		g->dead = true;
}

static void log_event(struct world *w, int e, uint32_t index, bool end)
{
	uint64_t event = (uint64_t)end << 59 | (uint64_t)(e + 1) << 56 | (uint64_t)index << 32 | w->in.cycle;

	w->event[w->events++ % WORLD_EVENTS] = event;
}

static void complete(struct world *w, int e)
{
	struct world_engine *g = &w->engine[e];
	uint32_t index = g->held[0].index;

	log_event(w, e, index, true);
	w->done[index] = true;
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		w->token[t] += w->job->cmd[index][2] >> t & 1;
	memmove(&g->held[0], &g->held[1], --g->count * sizeof(g->held[0]));
}

/* Everything before the last barrier that stands before index must be done. */
static void check_barrier(struct world *w, uint32_t index)
{
	for (uint32_t i = w->job->first; i < index; i++) {
		if (job_engine(w->job->cmd[i]) >= 0 || (w->job->cmd[i][0] & 0xff) == QUERN_OP_NOP)
			continue;
		for (; w->all_done_below < i; w->all_done_below++)
			if (job_engine(w->job->cmd[w->all_done_below]) >= 0 && !w->done[w->all_done_below])
				fail(w, "a command passed a barrier");
		if ((w->job->cmd[i][0] & 0xff) == QUERN_OP_YIELD && !w->done[i]) {
			w->done[i] = true;
			memset(w->token, 0, sizeof(w->token));
		}
	}
}

static void take_tokens(struct world *w, uint32_t index)
{
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++) {
		w->token[t] -= w->job->cmd[index][1] >> t & 1;
		if (w->token[t] < 0)
			fail(w, "a command started without its token");
	}
}

static void accept(struct world *w, int e)
{
	struct world_engine *g = &w->engine[e];
	uint32_t index = w->out.cmd_index[e];
	uint64_t ready = w->cycle + rng_range(&w->rng, 2, w->work);

	while (g->next < w->job->count && job_engine(w->job->cmd[g->next]) != e)
		g->next++;
	if (index != g->next || index >= w->stop.index) {
		fail(w, "an engine got the wrong command");
		return;
	}
	if (memcmp(w->out.cmd[e], w->job->cmd[index], 64))
		fail(w, "an engine got the wrong bits");
	if (w->in.scrub_busy)
		fail(w, "a command started during a scrub");
	g->next++;
	check_barrier(w, index);
	take_tokens(w, index);
	g->held[g->count++] = (struct world_cmd){.index = index, .when = ready};
	log_event(w, e, index, false);
}

static void flush_engine(struct world *w, struct world_engine *g)
{
	if (g->count)
		g->idle_at = w->cycle + rng_below(&w->rng, 40);
	g->count = 0;
	g->dead = true;
}

/* Ends first: that is how the trace orders the events of a cycle. */
static void observe_engines(struct world *w)
{
	for (int e = 0; e < SEQ_ENGINES; e++) {
		w->busy[e] += w->out.running && !w->in.idle[e];
		if (w->in.done[e] && !w->out.flush)
			complete(w, e);
		if (w->out.flush)
			flush_engine(w, &w->engine[e]);
		else if (w->in.idle[e] && !w->out.running)
			w->engine[e].dead = false;
	}
	for (int e = 0; e < SEQ_ENGINES; e++) {
		if (!w->out.cmd_valid[e] || !w->in.cmd_ready[e])
			continue;
		if (w->job)
			accept(w, e);
		else
			fail(w, "a command without a job");
	}
}

static void observe_scrub(struct world *w)
{
	if (w->out.scrub) {
		w->scrubs++;
		w->scrub_left = rng_range(&w->rng, 1, 60);
	} else if (w->scrub_left) {
		w->scrub_left--;
	}
}

static bool silent(const struct world *w)
{
	return !w->out.tr_valid && !w->out.ar_valid && !w->burst_count && !w->out.running;
}

void world_cycle(struct world *w)
{
	w->cycle++;
	w->in.cycle = (uint32_t)w->cycle;
	drive_mmu(w);
	drive_bus(w);
	for (int e = 0; e < SEQ_ENGINES; e++)
		drive_engine(w, e);
	w->in.fault_kind = QUERN_FAULT_SPM_BOUNDS;
	w->in.fault_addr = 0x123456;
	w->in.scrub_busy = w->scrub_left != 0;
	w->in.wr_bytes = (uint8_t)rng_below(&w->rng, 17);
	w->in.conflicts = (uint8_t)rng_below(&w->rng, 8);
	seq_settle(w->model, &w->in, &w->out);
	observe_mmu(w);
	observe_bus(w);
	observe_engines(w);
	observe_scrub(w);
	if (w->out.running) {
		w->run_cycles++;
		w->beats += w->in.r_valid;
		w->wr_bytes += w->in.wr_bytes;
		w->conflicts += w->in.conflicts;
	}
	if (!w->job && !w->next && !silent(w))
		fail(w, "something of the job goes on after its end");
	if (w->out.end && w->ended)
		fail(w, "two ends");
	w->ended = w->ended || w->out.end;
	seq_clock(w->model);
}
