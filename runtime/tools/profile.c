// SPDX-License-Identifier: Apache-2.0
/* From the recorded events of one job to spans and operators: see profile.h. */
#include <stdlib.h>
#include <string.h>

#include "profile.h"

const struct profile_engine profile_engines[PROFILE_ENGINES] = {
	{"LOAD", {"LD_BUSY", "LD_STALL_BUS", "LD_STALL_SPM", "LD_STALL_TOKEN", "LD_IDLE"}},
	{"STORE", {"ST_BUSY", "ST_STALL_BUS", "ST_STALL_SPM", "ST_STALL_TOKEN", "ST_IDLE"}},
	{"MATRIX", {"MX_BUSY", "MX_STALL_WEIGHT", "MX_STALL_SPM", "MX_STALL_TOKEN", "MX_IDLE"}},
	{"VECTOR", {"VE_BUSY", "VE_STALL_PARAM", "VE_STALL_SPM", "VE_STALL_TOKEN", "VE_IDLE"}},
};

/* Commands that are in an engine while the events are replayed. */
struct replay {
	struct profile_span *open[PROFILE_ENGINES][PROFILE_LANES]; /* by lane; NULL: free */
};

static int find_counter(const char *name, uint32_t *index)
{
	for (*index = 0; *index < ACCEL_NUM_COUNTERS; ++*index)
		if (!strcmp(accel_counter_name(*index), name))
			return 0;
	return complain("this device has no counter %s", name);
}

static int find_counters(struct profile *p)
{
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		for (uint32_t c = 0; c < PROFILE_CAUSES; c++)
			if (find_counter(profile_engines[e].cause[c], &p->counter[e][c]))
				return -1;
	return find_counter("RD_BYTES", &p->rd_counter) || find_counter("WR_BYTES", &p->wr_counter) ? -1 : 0;
}

static uint32_t engine_of(uint32_t unit)
{
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		if (!strcmp(accel_unit_name(unit), profile_engines[e].name))
			return e;
	return PROFILE_ENGINES;
}

/* The operator of a command; ranges are sorted. */
static uint32_t op_of(const struct profile *p, uint32_t command)
{
	uint32_t low = 0, high = p->run->program_info.num_ranges;
	struct accel_range_info range;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		accel_program_range(p->run->program, middle, &range);
		if (command < range.first)
			high = middle;
		else if (command - range.first >= range.count)
			low = middle + 1;
		else
			return range.op;
	}
	return PROFILE_NO_OP;
}

/* False if all lanes are taken: then events are missing, and the command is left out. */
static bool enter(struct profile *p, struct replay *replay, const struct accel_profile_event *event, uint32_t engine)
{
	for (uint32_t lane = 0; lane < PROFILE_LANES; lane++) {
		if (replay->open[engine][lane])
			continue;
		replay->open[engine][lane] = &p->span[p->num_spans++];
		*replay->open[engine][lane] = (struct profile_span){
			.start = event->cycle,
			.command = event->command,
			.op = op_of(p, event->command),
			.engine = engine,
			.lane = lane,
		};
		return true;
	}
	return false;
}

static bool leave(struct replay *replay, const struct accel_profile_event *event, uint32_t engine)
{
	for (uint32_t lane = 0; lane < PROFILE_LANES; lane++) {
		struct profile_span *span = replay->open[engine][lane];

		if (!span || span->command != event->command)
			continue;
		span->end = event->cycle;
		replay->open[engine][lane] = NULL;
		return true;
	}
	return false;
}

static int by_end(const void *a, const void *b)
{
	const struct profile_span *x = a, *y = b;

	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->engine < y->engine ? -1 : x->engine > y->engine;
}

/* A command without an end is left out; the recording says how many events it has lost. */
static void drop_open(struct profile *p)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->num_spans; i++)
		if (p->span[i].end)
			p->span[kept++] = p->span[i];
	p->lost_events += p->num_spans - kept;
	p->num_spans = kept;
}

static void find_oldest(struct profile *p)
{
	uint64_t free_at[PROFILE_ENGINES];

	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		free_at[e] = p->result->t_start;
	for (uint32_t i = 0; i < p->num_spans; i++) {
		struct profile_span *span = &p->span[i];

		span->ready = free_at[span->engine];
		span->from = span->start > span->ready ? span->start : span->ready;
		free_at[span->engine] = span->end;
	}
}

static int make_spans(struct profile *p, const struct accel_profile *recording)
{
	const struct accel_profile_event *event = accel_profile_events(recording);
	struct replay replay = {0};
	struct accel_profile_info info;

	accel_profile_info(recording, &info);
	p->lost_events = info.lost_events;
	p->span = calloc(info.num_events + 1, sizeof(*p->span));
	if (!p->span)
		return complain("out of memory");
	for (uint64_t i = 0; i < info.num_events; i++, event++) {
		uint32_t engine = engine_of(event->unit);

		if (event->cycle < p->result->t_start || event->cycle > p->result->t_end || engine == PROFILE_ENGINES)
			continue;
		if (!(event->end ? leave(&replay, event, engine) : enter(p, &replay, event, engine)))
			p->lost_events++;
	}
	drop_open(p);
	qsort(p->span, p->num_spans, sizeof(*p->span), by_end);
	find_oldest(p);
	return 0;
}

static void add_span(struct profile_op *op, const struct profile_span *span)
{
	op->num_commands++;
	op->start = op->start && op->start < span->start ? op->start : span->start;
	op->end = span->end;
	op->engine[span->engine] += span->end - span->from;
}

/* As the compiler predicts: in order, an operator is charged for what it adds to the end of the program. */
static void charge_ops(struct profile *p)
{
	uint64_t end = p->result->t_start;

	for (uint32_t i = 0; i < p->num_ops; i++) {
		if (p->op[i].end <= end)
			continue;
		p->op[i].cycles = p->op[i].end - end;
		end = p->op[i].end;
	}
}

static int make_ops(struct profile *p)
{
	p->num_ops = p->run->program_info.num_ops;
	p->op = calloc(p->num_ops + 1, sizeof(*p->op));
	if (!p->op)
		return complain("out of memory");
	for (uint32_t i = 0; i < p->num_ops; i++)
		accel_program_op(p->run->program, i, &p->op[i].info);
	for (uint32_t i = 0; i < p->num_spans; i++)
		if (p->span[i].op < p->num_ops)
			add_span(&p->op[p->span[i].op], &p->span[i]);
	charge_ops(p);
	return 0;
}

/* Samples from the job's start to the first one after its end. */
static void find_samples(struct profile *p, const struct accel_profile *recording)
{
	const struct accel_profile_sample *all = accel_profile_samples(recording);
	struct accel_profile_info info;
	uint64_t first = 0, last;

	accel_profile_info(recording, &info);
	while (first < info.num_samples && all[first].cycle < p->result->t_start)
		first++;
	for (last = first; last < info.num_samples && all[last].cycle < p->result->t_end; last++)
		;
	p->sample = all + first;
	p->num_samples = last + (last < info.num_samples) - first;
}

int profile_init(struct profile *p, const struct run *run, const struct accel_result *result,
		 const struct accel_profile *recording)
{
	*p = (struct profile){.run = run, .result = result};
	if (find_counters(p) || make_spans(p, recording) || make_ops(p))
		return -1;
	find_samples(p, recording);
	profile_split(p);
	return 0;
}

void profile_finish(struct profile *p)
{
	free(p->span);
	free(p->op);
}

uint64_t profile_total(const struct profile *p, uint32_t engine, uint32_t cause)
{
	return p->num_samples ? p->sample[p->num_samples - 1].counter[p->counter[engine][cause]] : 0;
}

uint64_t profile_read_at(const struct accel_profile_sample *sample, uint32_t counter)
{
	return sample->cycle + (sample->last - sample->cycle) * counter / ACCEL_NUM_COUNTERS;
}

const char *profile_op_kind(const struct profile *p, uint32_t op)
{
	return op < p->num_ops ? p->op[op].info.kind : "";
}
