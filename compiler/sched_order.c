/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated time. Every engine runs its commands in the order of lowering; a command starts when its engine is free and the commands it
 * must follow are visible. The stream is the commands by simulated start, so that a sequencer which dispatches in order into short queues
 * meets every command about when its engine wants it: prefetch without any engine being starved by a full queue of another.
 * timing.h then says when the chip executes the whole stream.
 */
#include <stdlib.h>
#include <string.h>
#include "cost.h"
#include "sched.h"

struct lanes {
	uint32_t *list[QUERN_UNIT_COUNT]; /* commands of each engine */
	uint32_t count[QUERN_UNIT_COUNT];
	uint32_t next[QUERN_UNIT_COUNT];
	uint64_t free_at[QUERN_UNIT_COUNT];
};

static bool lanes_init(struct lanes *l, const struct emit *e)
{
	*l = (struct lanes){0};
	for (int u = 0; u < QUERN_UNIT_COUNT; u++) {
		l->list[u] = malloc(((size_t)e->count + 1) * sizeof(uint32_t));
		if (!l->list[u])
			return false;
	}
	for (uint32_t i = 0; i < e->count; i++) {
		uint8_t u = e->cmds[i].unit;

		l->list[u][l->count[u]++] = i;
	}
	return true;
}

static void lanes_finish(struct lanes *l)
{
	for (int u = 0; u < QUERN_UNIT_COUNT; u++)
		free(l->list[u]);
}

static uint64_t visible_at(const struct cmd *c)
{
	return c->start + c->busy + c->latency;
}

/* Earliest start after the engine is free at ready; UINT64_MAX if something it must follow has not started yet. */
static uint64_t start_of(const struct emit *e, const struct lanes *l, const struct cmd *c, uint64_t ready)
{
	for (int u = 0; u < QUERN_UNIT_COUNT; u++) {
		uint64_t at;

		if (c->after[u] < 0)
			continue;
		if (l->next[u] < l->count[u] && (uint32_t)c->after[u] >= l->list[u][l->next[u]])
			return UINT64_MAX;
		at = visible_at(&e->cmds[c->after[u]]) + COST_TOKEN;
		ready = at > ready ? at : ready;
	}
	return ready;
}

/* Unbounded look-ahead: always starts the command that can start first. */
static void simulate_engines(struct emit *e, struct lanes *l, uint32_t *order)
{
	for (uint32_t pos = 0; pos < e->count; pos++) {
		uint64_t best_at = UINT64_MAX;
		int best = 0;
		struct cmd *c;

		for (int u = 0; u < QUERN_UNIT_COUNT; u++) {
			uint64_t at;

			if (l->next[u] == l->count[u])
				continue;
			at = start_of(e, l, &e->cmds[l->list[u][l->next[u]]], l->free_at[u]);
			if (at < best_at) {
				best_at = at;
				best = u;
			}
		}
		order[pos] = l->list[best][l->next[best]++];
		c = &e->cmds[order[pos]];
		c->start = best_at;
		l->free_at[best] = best_at + c->busy;
	}
}

/* sorted: room for all commands. */
static void reorder(struct emit *e, const uint32_t *order, struct cmd *sorted)
{
	for (uint32_t i = 0; i < e->count; i++)
		sorted[i] = e->cmds[order[i]];
	memcpy(e->cmds, sorted, (size_t)e->count * sizeof(*sorted));
}

/* Commands between two YIELDs. */
static void run_stretch(struct backend *be, struct emit *e, uint32_t *order, struct cmd *sorted)
{
	struct lanes lanes;

	if (!lanes_init(&lanes, e))
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
	sched_deps(be, e);
	if (be->status == STATUS_OK) {
		simulate_engines(e, &lanes, order);
		sched_sync(be, e, order);
	}
	if (be->status == STATUS_OK)
		reorder(e, order, sorted);
	lanes_finish(&lanes);
}

static uint32_t stretch_end(const struct emit *e, uint32_t first)
{
	while (first < e->count && e->cmds[first].unit != QUERN_UNIT_SEQ)
		first++;
	return first;
}

void sched_run(struct backend *be)
{
	struct emit *e = &be->emit;
	uint32_t *order = malloc(((size_t)e->count + 1) * sizeof(*order));
	struct cmd *sorted = malloc(((size_t)e->count + 1) * sizeof(*sorted));

	if (!order || !sorted)
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
	for (uint32_t first = 0; first < e->count && be->status == STATUS_OK; first++) {
		uint32_t end = stretch_end(e, first);
		struct emit stretch = {.cmds = e->cmds + first, .count = end - first};

		run_stretch(be, &stretch, order, sorted);
		first = end;
	}
	free(order);
	free(sorted);
}
