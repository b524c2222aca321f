/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens. One counter per ordered pair of engines is enough: both run in order, so the k-th wait on a counter is satisfied by the k-th
 * signal, provided that the pairs (signaller, waiter) are strictly increasing in both. They are made so by dropping every ordering that an
 * earlier wait already implies; vector clocks find those that are implied through a third engine.
 *
 * A counter must not pass TOKEN_MAX. When too many signals of a pair are outstanding, the youngest one that nobody has taken yet moves to
 * the new signaller: its waiter then waits for a later command of the same engine, which still precedes it in the stream.
 */
#include <stdlib.h>
#include <string.h>
#include "sched.h"

/* Below TOKEN_MAX by what waits in queues, already counted as taken at dispatch. */
#define MAX_OPEN 200
#define UNITS QUERN_UNIT_COUNT

struct edge {
	uint32_t from, to; /* stream positions */
};

struct sync {
	struct cmd *cmds;
	const uint32_t *order;
	uint32_t count;
	uint32_t *position; /* command -> stream position */
	uint32_t (*clock)
		[UNITS]; /* per position: commands of each engine, counted by position + 1, complete before it starts */
	uint32_t last[UNITS]; /* position + 1 of the engine's previous command */
	struct edge *edges[UNITS][UNITS];
	uint32_t num_edges[UNITS][UNITS];
};

static void join(uint32_t *to, const uint32_t *from)
{
	for (int u = 0; u < UNITS; u++)
		if (from[u] > to[u])
			to[u] = from[u];
}

/* Whether the command at position must wait for the one at other, given its clock so far. */
static bool needs(const uint32_t *clock, int unit, uint32_t other)
{
	return clock[unit] < other + 1;
}

static void start_clock(struct sync *s, uint32_t pos, int unit)
{
	uint32_t *clock = s->clock[pos];

	memset(clock, 0, sizeof(s->clock[pos]));
	if (s->last[unit]) {
		join(clock, s->clock[s->last[unit] - 1]);
		clock[unit] = s->last[unit];
	}
	s->last[unit] = pos + 1;
}

/* Latest predecessor first: its clock may already imply the others. */
static int latest(const struct sync *s, const struct cmd *c, const bool *done)
{
	int best = -1;

	for (int u = 0; u < UNITS; u++)
		if (!done[u] && c->after[u] >= 0 &&
		    (best < 0 || s->position[c->after[u]] > s->position[c->after[best]]))
			best = u;
	return best;
}

static void add_edges(struct sync *s, uint32_t pos)
{
	struct cmd *c = &s->cmds[s->order[pos]];
	uint32_t *clock = s->clock[pos];
	bool done[UNITS] = {false};
	int u;

	start_clock(s, pos, c->unit);
	while ((u = latest(s, c, done)) >= 0) {
		uint32_t other = s->position[c->after[u]];

		done[u] = true;
		if (!needs(clock, u, other))
			continue;
		join(clock, s->clock[other]);
		clock[u] = other + 1;
		s->edges[u][c->unit][s->num_edges[u][c->unit]++] = (struct edge){other, pos};
	}
}

/* Bounds the outstanding signals of a pair; edges are by rising from and to. Returns how many are left. */
static uint32_t limit_open(struct edge *e, uint32_t count)
{
	uint32_t kept = 0, oldest = 0;

	for (uint32_t i = 0; i < count; i++) {
		while (oldest < kept && e[oldest].to < e[i].from)
			oldest++;
		if (kept - oldest >= MAX_OPEN)
			e[kept - 1].from = e[i].from;
		else
			e[kept++] = e[i];
	}
	return kept;
}

static void set_tokens(struct sync *s)
{
	uint32_t token = 0;

	for (int from = 0; from < UNITS; from++)
		for (int to = 0; to < UNITS; to++) {
			uint32_t n = limit_open(s->edges[from][to], s->num_edges[from][to]);

			for (uint32_t i = 0; i < n; i++) {
				s->cmds[s->order[s->edges[from][to][i].from]].w[2] |= 1u << token;
				s->cmds[s->order[s->edges[from][to][i].to]].w[1] |= 1u << token;
			}
			token += from != to && from != QUERN_UNIT_SEQ && to != QUERN_UNIT_SEQ;
		}
}

/* Edges of a pair are at most the commands of the waiting engine. */
static bool sync_alloc(struct sync *s)
{
	uint32_t of_unit[UNITS] = {0};
	bool ok;

	for (uint32_t i = 0; i < s->count; i++)
		of_unit[s->cmds[i].unit]++;
	s->position = malloc(((size_t)s->count + 1) * sizeof(*s->position));
	s->clock = malloc(((size_t)s->count + 1) * sizeof(*s->clock));
	ok = s->position && s->clock;
	for (int from = 0; from < UNITS; from++)
		for (int to = 0; to < UNITS; to++) {
			s->edges[from][to] = malloc(((size_t)of_unit[to] + 1) * sizeof(struct edge));
			ok = ok && s->edges[from][to];
		}
	return ok;
}

static void sync_free(struct sync *s)
{
	for (int from = 0; from < UNITS; from++)
		for (int to = 0; to < UNITS; to++)
			free(s->edges[from][to]);
	free(s->position);
	free(s->clock);
}

void sched_sync(struct backend *be, struct emit *e, const uint32_t *order)
{
	struct sync s = {.cmds = e->cmds, .order = order, .count = e->count};

	if (!sync_alloc(&s)) {
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
		sync_free(&s);
		return;
	}
	for (uint32_t i = 0; i < s.count; i++)
		s.position[order[i]] = i;
	for (uint32_t i = 0; i < s.count; i++)
		add_edges(&s, i);
	set_tokens(&s);
	sync_free(&s);
}
