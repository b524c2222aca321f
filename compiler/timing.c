/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over the agents, and the sequencer: dispatch, tokens, issue, completion. See timing.h, timing_sim.h. */
#include <stdlib.h>
#include <string.h>
#include "cost.h"
#include "timing_sim.h"

static bool is_yield(const struct cmd *c)
{
	return c->unit == QUERN_UNIT_SEQ;
}

static struct cmd *head_of(const struct timing_sim *s, const struct timing_unit *u)
{
	return &s->cmds[u->queue[u->accepted % TIMING_QUEUE]];
}

static bool tokens_there(const struct timing_sim *s, uint32_t mask)
{
	for (uint32_t t = 0; mask; t++, mask >>= 1)
		if ((mask & 1) && !s->tokens[t])
			return false;
	return true;
}

static void plan_issue(struct timing_sim *s, int unit)
{
	const struct timing_unit *u = &s->unit[unit];
	uint64_t *next = &s->next[TA_ISSUE + unit];

	*next = TIMING_NEVER;
	if (u->queued == u->accepted || u->ready == TIMING_NEVER || u->accepted - u->completed == TIMING_HELD)
		return;
	if (tokens_there(s, head_of(s, u)->w[1]))
		*next = later(s->now, later(u->ready, u->known[u->accepted % TIMING_QUEUE]));
}

static void plan_done(struct timing_sim *s, int unit)
{
	const struct timing_unit *u = &s->unit[unit];

	s->next[TA_DONE + unit] =
		u->completed == u->accepted ? TIMING_NEVER : u->done[u->completed % TIMING_HELD];
}

void timing_set_done(struct timing_sim *s, int unit, uint32_t nth, uint64_t at)
{
	s->unit[unit].done[nth % TIMING_HELD] = at;
	plan_done(s, unit);
}

void timing_set_ready(struct timing_sim *s, int unit, uint64_t at)
{
	s->unit[unit].ready = at;
	plan_issue(s, unit);
}

/* A YIELD is dispatched when nothing is queued or at work. */
static bool quiet(const struct timing_sim *s)
{
	for (int u = 0; u < TU_COUNT; u++)
		if (s->unit[u].queued != s->unit[u].completed)
			return false;
	return true;
}

void timing_plan_dispatch(struct timing_sim *s)
{
	const struct cmd *c = &s->cmds[s->dispatched];
	bool room;

	s->next[TA_DISPATCH] = TIMING_NEVER;
	if (s->dispatched == s->arrived)
		return;
	if (is_yield(c))
		room = quiet(s);
	else
		room = s->unit[c->unit - 1].queued - s->unit[c->unit - 1].accepted < TIMING_QUEUE;
	if (room)
		s->next[TA_DISPATCH] = later(s->now, later(s->dispatch_ready, s->arrival[s->dispatched % TIMING_ARRIVALS]));
}

static void dispatch(struct timing_sim *s)
{
	uint32_t index = s->dispatched++;
	struct cmd *c = &s->cmds[index];

	s->dispatch_ready = s->now + COST_DISPATCH;
	if (is_yield(c)) {
		c->start = c->end = s->now;
		memset(s->tokens, 0, sizeof(s->tokens));
	} else {
		struct timing_unit *u = &s->unit[c->unit - 1];

		u->queue[u->queued % TIMING_QUEUE] = index;
		u->known[u->queued++ % TIMING_QUEUE] = s->now + COST_QUEUE;
		plan_issue(s, c->unit - 1);
	}
	timing_plan_dispatch(s);
	timing_plan_fetch(s);
}

static void accept(struct timing_sim *s, int unit, const struct cmd *c)
{
	switch (unit) {
	case TU_LOAD:
		timing_load_accept(s, c);
		break;
	case TU_STORE:
		timing_store_accept(s, c);
		break;
	case TU_MATRIX:
		timing_matrix_accept(s, c);
		break;
	default:
		timing_vector_accept(s);
	}
}

/* The head of the queue has its tokens and an engine that takes it. */
static void issue(struct timing_sim *s, int unit)
{
	struct timing_unit *u = &s->unit[unit];
	struct cmd *c = head_of(s, u);
	uint32_t nth = u->accepted++;

	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		s->tokens[t] -= c->w[1] >> t & 1;
	c->start = s->now;
	u->held[nth % TIMING_HELD] = (uint32_t)(c - s->cmds);
	u->done[nth % TIMING_HELD] = TIMING_NEVER;
	u->ready = TIMING_NEVER;
	accept(s, unit, c);
	plan_issue(s, unit);
	timing_plan_dispatch(s);
}

static void complete(struct timing_sim *s, int unit)
{
	struct timing_unit *u = &s->unit[unit];
	struct cmd *c = &s->cmds[u->held[u->completed++ % TIMING_HELD]];
	uint64_t now = s->now;

	c->end = now;
	if (unit == TU_VECTOR)
		timing_vector_complete(s, c);
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		s->tokens[t] += c->w[2] >> t & 1;
	plan_done(s, unit);
	/* Who waits for the tokens sees them a little later. */
	s->now = now + COST_TOKEN;
	for (int i = 0; i < TU_COUNT && c->w[2]; i++)
		if (s->next[TA_ISSUE + i] == TIMING_NEVER)
			plan_issue(s, i);
	s->now = now;
	plan_issue(s, unit);
	timing_plan_dispatch(s);
}

static int earliest(const struct timing_sim *s)
{
	int best = 0;

	for (int a = 1; a < TA_COUNT; a++)
		if (s->next[a] < s->next[best])
			best = a;
	return best;
}

static void act(struct timing_sim *s, int agent)
{
	if (agent >= TA_DONE)
		complete(s, agent - TA_DONE);
	else if (agent >= TA_ISSUE)
		issue(s, agent - TA_ISSUE);
	else if (agent == TA_DISPATCH)
		dispatch(s);
	else if (agent == TA_FETCH)
		timing_fetch(s);
	else if (agent == TA_BUS)
		timing_bus(s);
	else
		timing_load(s);
}

static void start(struct timing_sim *s, const struct timing_machine *m, struct cmd *cmds, uint32_t count)
{
	s->m = m;
	s->cmds = cmds;
	s->count = count;
	s->beat_cycles = m->board.bus_bytes < COST_BUS_WORD ? COST_BUS_WORD / m->board.bus_bytes : 1;
	for (int a = 0; a < TA_COUNT; a++)
		s->next[a] = TIMING_NEVER;
	s->fetch_ready = COST_JOB_FETCH;
	s->dispatch_ready = COST_JOB_START(m->board.bus_latency);
	timing_plan_fetch(s);
}

enum status timing_run(const struct timing_machine *m, struct cmd *cmds, uint32_t count, uint64_t *cycles)
{
	struct timing_sim *s = calloc(1, sizeof(*s));
	enum status status;
	int agent;

	if (!s)
		return STATUS_NO_MEMORY;
	start(s, m, cmds, count);
	while ((agent = earliest(s)), s->next[agent] != TIMING_NEVER) {
		s->now = s->next[agent];
		act(s, agent);
	}
	status = s->dispatched == count && quiet(s) ? STATUS_OK : STATUS_INTERNAL;
	*cycles = s->now + COST_END + COST_JOB_END(m->board.bus_latency);
	free(s);
	return status;
}
