/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command sequencer, counters and trace ring: random jobs with tokens, barriers, preemption and accidents. The order,
 * tokens and end of every job must be those of docs/isa.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include "lib/arguments.h"
#include "seq_world.h"

#define JOB_CYCLES 300000u
#define QUIET_CYCLES 40u
#define STORM_CYCLES 50u

struct test {
	struct world world;
	struct job job;
	struct job next;	 /* in the other half */
	bool have_next;		 /* it is the job to come */
	uint32_t fetch_after;	 /* cycles of the job after which the next one's stream is asked for, or JOB_NONE */
	uint32_t upper;		 /* the half of the job that was made last */
	struct job asked;	 /* the one whose stream was asked for */
	uint64_t seed;
	uint32_t number; /* of the job */
	uint8_t owner;	 /* ASID of the last job */
	bool clean;	 /* memories zeroed, and no job since */
	uint32_t traced; /* events compared */
	uint32_t ends[8];
};

static bool complain(const struct test *t, const char *what)
{
	const struct seq_out *o = &t->world.out;

	printf("FAILED in job %u (accident %u) at cycle %llu: %s\n", t->number, t->job.accident,
	       (unsigned long long)t->world.cycle, what);
	printf("chip: state %u fault %u unit %u index %u address 0x%llx; stream order: state %u fault %u index %u\n",
	       o->end_state, o->end_fault, o->end_unit, o->end_index, (unsigned long long)o->end_addr,
	       t->world.stop.state, t->world.stop.fault, t->world.stop.index);
	printf("replay: test-seq --seed %llu --jobs %u\n", (unsigned long long)t->seed, t->number + 1);
	return false;
}

static void drive_job(struct test *t, const struct job *j)
{
	struct world *w = &t->world;

	w->in.asid = j->asid;
	w->in.stream = JOB_VA + j->offset;
	w->in.ncmds = j->count;
	w->in.first = j->first;
}

/* The registers show the next job's stream from here on; the address space is the same. */
static void ask_ahead(struct test *t)
{
	drive_job(t, &t->next);
	t->asked = t->next;
	t->world.in.fetch = true;
	t->world.next = &t->asked;
}

static bool run_to_end(struct test *t)
{
	struct world *w = &t->world;

	for (uint32_t i = 0; i < JOB_CYCLES; i++) {
		w->in.abort = i == t->job.abort_after;
		if (i == t->fetch_after)
			ask_ahead(t);
		world_cycle(w);
		w->in.start = false;
		w->in.fetch = false;
		w->in.counter_clear = false;
		if (w->failed)
			return complain(t, w->failed);
		if (w->out.end)
			return true;
	}
	return complain(t, "the job hangs");
}

/* The end that stream order gives. */
static bool natural_end(const struct test *t, const struct seq_out *o)
{
	const struct job_stop *s = &t->world.stop;

	if (o->end_state != s->state || o->end_fault != s->fault || o->end_index != s->index)
		return false;
	return s->state != QUERN_JOB_STATE_FAULT || (o->end_unit == QUERN_UNIT_SEQ && o->end_addr == s->addr);
}

static bool engine_end(const struct test *t, const struct seq_out *o)
{
	const struct job *j = &t->job;

	return j->engine_fault < t->world.stop.index && j->engine_fault >= j->first &&
	       o->end_state == QUERN_JOB_STATE_FAULT && o->end_fault == QUERN_FAULT_SPM_BOUNDS &&
	       o->end_index == j->engine_fault && o->end_addr == 0x123456 &&
	       (int)o->end_unit - 1 == job_engine(j->cmd[j->engine_fault]);
}

static bool abort_end(const struct test *t, const struct seq_out *o)
{
	return t->job.abort_after != JOB_NONE && o->end_state == QUERN_JOB_STATE_FAULT &&
	       o->end_fault == QUERN_FAULT_ABORTED && o->end_unit == QUERN_UNIT_SEQ &&
	       o->end_index <= t->world.stop.index;
}

static bool check_end(struct test *t)
{
	const struct seq_out *o = &t->world.out;
	const struct job *j = &t->job;
	bool must_fault = j->engine_fault != JOB_NONE && j->engine_fault >= j->first &&
			  j->engine_fault < t->world.stop.index && t->world.stop.state != QUERN_JOB_STATE_FAULT;

	t->ends[o->end_state & 7]++;
	if (!engine_end(t, o) && !abort_end(t, o) && (must_fault || !natural_end(t, o)))
		return complain(t, "the job ended wrongly");
	for (uint32_t i = j->first; o->end_state != QUERN_JOB_STATE_FAULT && i < t->world.stop.index; i++)
		if (job_engine(j->cmd[i]) >= 0 && !t->world.done[i])
			return complain(t, "a command was left out");
	return true;
}

static bool check_scrub(struct test *t)
{
	bool want = t->job.asid && !t->clean && t->job.asid != t->owner;

	if (t->world.scrubs != want)
		return complain(t, "scrubbed too often or not at all");
	if (t->job.asid) {
		t->owner = t->job.asid;
		t->clean = false;
	}
	return true;
}

static uint64_t counter(struct test *t, uint32_t which)
{
	struct world *w = &t->world;

	w->in.counter_re = true;
	w->in.counter_sel = (uint8_t)which;
	world_cycle(w);
	w->in.counter_re = false;
	world_cycle(w);
	return w->out.counter;
}

static bool check_counters(struct test *t)
{
	static const uint32_t busy[] = {QUERN_COUNTER_LD_BUSY, QUERN_COUNTER_ST_BUSY, QUERN_COUNTER_MX_BUSY,
					QUERN_COUNTER_VE_BUSY};
	struct world *w = &t->world;

	if (counter(t, QUERN_COUNTER_JOB_CYCLES) != w->run_cycles)
		return complain(t, "JOB_CYCLES is wrong");
	if (counter(t, QUERN_COUNTER_RD_BYTES) != w->beats * 16)
		return complain(t, "RD_BYTES is wrong");
	if (counter(t, QUERN_COUNTER_WR_BYTES) != w->wr_bytes)
		return complain(t, "WR_BYTES is wrong");
	if (counter(t, QUERN_COUNTER_SPM_CONFLICTS) != w->conflicts)
		return complain(t, "SPM_CONFLICTS is wrong");
	for (int e = 0; e < SEQ_ENGINES; e++) {
		uint64_t token = counter(t, busy[e] + 3);
		uint64_t active = counter(t, busy[e]);

		uint64_t waits = counter(t, busy[e] + 1) + counter(t, busy[e] + 2);
		uint64_t idle = counter(t, QUERN_COUNTER_LD_IDLE + (uint32_t)e);

		if (active != w->busy[e] || active + waits + token + idle != w->run_cycles)
			return complain(t, "an engine's counters are wrong");
	}
	return true;
}

/* Only jobs that are alone in the counters. */
static bool check_commands(struct test *t, uint64_t cmds_before, uint64_t yields_before)
{
	uint64_t cmds = counter(t, QUERN_COUNTER_CMDS) - cmds_before;
	uint64_t yields = counter(t, QUERN_COUNTER_YIELDS) - yields_before;

	if (t->world.out.end_state == QUERN_JOB_STATE_FAULT)
		return cmds <= t->world.stop.cmds || complain(t, "CMDS is too high");
	if (cmds != t->world.stop.cmds)
		return complain(t, "CMDS is wrong");
	return yields == t->world.stop.yields || complain(t, "YIELDS is wrong");
}

static bool check_trace(struct test *t)
{
	struct world *w = &t->world;

	if (w->out.trace_head != w->events || w->out.trace_dropped)
		return complain(t, "trace events are missing");
	while (t->traced < w->events) {
		uint32_t i = t->traced++;

		if (w->events - i > QUERN_TRACE_ENTRIES)
			continue;
		w->in.trace_re = true;
		w->in.trace_index = i % QUERN_TRACE_ENTRIES;
		world_cycle(w);
		w->in.trace_re = false;
		world_cycle(w);
		if (w->out.trace != w->event[i % WORLD_EVENTS])
			return complain(t, "wrong trace event");
	}
	return true;
}

/* More events than the ring can take: what it lost it must have counted. A clear starts over. */
static bool check_storm(struct test *t)
{
	struct world *w = &t->world;
	uint32_t before = w->out.trace_head;
	uint32_t written;

	w->in.trace_storm = true;
	for (uint32_t i = 0; i < STORM_CYCLES; i++)
		world_cycle(w);
	w->in.trace_storm = false;
	for (uint32_t i = 0; i < 10 * STORM_CYCLES; i++)
		world_cycle(w);
	written = w->out.trace_head - before;
	if (!w->out.trace_dropped || written + 8 * w->out.trace_dropped != 8 * STORM_CYCLES)
		return complain(t, "lost trace events are miscounted");
	w->in.trace_clear = true;
	world_cycle(w);
	w->in.trace_clear = false;
	world_cycle(w);
	return (!w->out.trace_head && !w->out.trace_dropped) || complain(t, "the trace is not cleared");
}

/* As a write to JOB_STREAM_LO does. */
static void drop(struct test *t)
{
	t->world.in.drop = true;
	world_cycle(&t->world);
	t->world.in.drop = false;
}

/* Now and then what was fetched ahead is dropped, also while it is on its way. */
static void maybe_drop(struct test *t)
{
	struct world *w = &t->world;

	if (!w->next || !rng_chance(&w->rng, 30))
		return;
	for (uint32_t i = rng_below(&w->rng, 60); i; i--)
		world_cycle(w);
	drop(t);
	for (uint32_t i = rng_chance(&w->rng, 50) ? 0 : 400; i; i--)
		world_cycle(w);
}

/* Starts a job, or the rest of one, and follows it. */
static bool run_once(struct test *t)
{
	struct world *w = &t->world;
	bool clear = rng_chance(&w->rng, 5);
	uint64_t cmds = counter(t, QUERN_COUNTER_CMDS), yields = counter(t, QUERN_COUNTER_YIELDS);

	/* A read of what is dropped may still be on its way. */
	if (w->next && w->next->offset != t->job.offset)
		drop(t);
	else
		w->next = NULL;
	world_load(w, &t->job);
	if (clear) {
		w->run_cycles = w->beats = w->wr_bytes = w->conflicts = cmds = yields = 0;
		for (int e = 0; e < SEQ_ENGINES; e++)
			w->busy[e] = 0;
	}
	w->in.counter_clear = clear;
	w->in.start = true;
	drive_job(t, &t->job);
	w->in.preempt = t->job.preempt;
	if (!run_to_end(t) || !check_end(t) || !check_scrub(t))
		return false;
	w->job = NULL;
	for (uint32_t i = 0; i < QUIET_CYCLES; i++)
		world_cycle(w);
	if (w->failed)
		return complain(t, w->failed);
	maybe_drop(t);
	return check_counters(t) && check_commands(t, cmds, yields) && check_trace(t);
}

static void maybe_scrub(struct test *t)
{
	struct world *w = &t->world;

	if (!rng_chance(&w->rng, 10))
		return;
	w->in.force_scrub = true;
	world_cycle(w);
	w->in.force_scrub = false;
	do {
		world_cycle(w);
	} while (w->out.scrub || w->scrub_left);
	t->clean = true;
}

static void make(struct test *t, struct job *j)
{
	job_make(j, &t->world.rng);
	t->upper ^= 1;
	if (t->upper)
		job_to_upper_half(j);
	world_store(&t->world, j);
}

/* The job to come, and perhaps the one after it, to be fetched ahead: before this one, or while it runs. */
static void choose_jobs(struct test *t)
{
	struct rng *r = &t->world.rng;

	if (t->have_next)
		t->job = t->next;
	else
		make(t, &t->job);
	t->have_next = rng_chance(r, 60);
	t->fetch_after = JOB_NONE;
	if (!t->have_next)
		return;
	make(t, &t->next);
	if (t->next.asid && t->job.asid)
		t->next.asid = t->job.asid;
	if (t->next.asid && t->job.asid && rng_chance(r, 80))
		t->fetch_after = rng_range(r, 1, rng_chance(r, 50) ? 30 : 600);
}

/* While no job runs, a job's own stream may be fetched before its start. */
static void fetch_first(struct test *t)
{
	struct world *w = &t->world;

	if (!t->job.asid || !rng_chance(&w->rng, 20))
		return;
	t->asked = t->job;
	w->next = &t->asked;
	drive_job(t, &t->job);
	w->in.fetch = true;
	world_cycle(w);
	w->in.fetch = false;
	for (uint32_t i = rng_below(&w->rng, 300); i; i--)
		world_cycle(w);
}

static bool one_job(struct test *t)
{
	struct world *w = &t->world;
	bool asked = w->next;

	choose_jobs(t);
	if (!asked)
		fetch_first(t);
	maybe_scrub(t);
	for (;;) {
		if (!run_once(t))
			return false;
		if (w->out.end_state != QUERN_JOB_STATE_PREEMPTED)
			return true;
		t->job.first = w->stop.index;
		t->job.preempt = rng_chance(&w->rng, 50);
	}
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, jobs = 1000;
	const struct number_argument options[] = {{"seed", &seed}, {"jobs", &jobs}, {NULL, NULL}};
	struct test *t;
	bool ok = false;

	if (arguments_parse(argc, argv, options) < 0)
		return 2;
	t = calloc(1, sizeof(*t));
	if (!t)
		return 2;
	t->seed = seed;
	if (!world_init(&t->world, t->seed)) {
		ok = true;
		for (t->number = 0; ok && t->number < jobs; t->number++)
			ok = one_job(t);
		ok = ok && check_storm(t);
	}
	if (ok)
		printf("%u jobs, %u done, %u faults, %u preempted, %llu cycles: ok\n", t->number,
		       t->ends[QUERN_JOB_STATE_DONE], t->ends[QUERN_JOB_STATE_FAULT],
		       t->ends[QUERN_JOB_STATE_PREEMPTED], (unsigned long long)t->world.cycle);
	world_finish(&t->world);
	free(t);
	return ok ? 0 : 1;
}
