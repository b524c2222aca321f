/* SPDX-License-Identifier: Apache-2.0 */
/* Token-legal execution in a random order. */
#include <string.h>
#include "interleave.h"
#include "quern/cmd_table.h"
#include "lib/rng.h"

#define ENGINES QUERN_UNIT_COUNT
#define DISPATCH 0 /* the sequencer's place among the engines' weights */

struct queue {
	uint32_t head;
	uint32_t tail;
	uint16_t index[STREAM_MAX_CMDS];
};

struct interleave {
	struct func_machine *m;
	const struct func_config *config;
	const struct stream *s;
	struct rng rng;
	uint32_t next;	/* to dispatch */
	uint32_t depth; /* of the queues */
	uint32_t weight[ENGINES];
	uint32_t tokens[QUERN_NUM_TOKENS];
	struct queue queue[ENGINES];
};

static bool all_idle(const struct interleave *v)
{
	for (uint32_t e = 1; e < ENGINES; e++)
		if (v->queue[e].head != v->queue[e].tail)
			return false;
	return true;
}

static uint8_t unit_of(const uint32_t *w)
{
	return quern_cmd_find(w[0] & 0xff)->unit;
}

static bool can_dispatch(const struct interleave *v)
{
	const uint32_t *w = v->s->cmd[v->next];
	uint8_t unit = unit_of(w);

	if ((w[0] & 0xff) == QUERN_OP_NOP)
		return true;
	if (unit == QUERN_UNIT_SEQ)
		return all_idle(v);
	return v->queue[unit].tail - v->queue[unit].head < v->depth;
}

static bool can_start(const struct interleave *v, uint32_t engine)
{
	const struct queue *q = &v->queue[engine];

	if (q->head == q->tail)
		return false;
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		if ((v->s->cmd[q->index[q->head]][1] >> t & 1) && !v->tokens[t])
			return false;
	return true;
}

static void poison(struct interleave *v)
{
	uint32_t entries = QUERN_ACC_BANKS * QUERN_ACC_ENTRIES;

	memset(v->tokens, 0, sizeof(v->tokens));
	memset(func_spm(v->m), (int)(rng_next(&v->rng) & 0xff), v->config->spm_bytes);
	memset(func_acc(v->m), (int)(rng_next(&v->rng) & 0xff), entries * v->config->n * sizeof(int32_t));
}

static void dispatch(struct interleave *v)
{
	const uint32_t *w = v->s->cmd[v->next];
	struct queue *q = &v->queue[unit_of(w)];

	if ((w[0] & 0xff) == QUERN_OP_YIELD)
		poison(v);
	if (unit_of(w) != QUERN_UNIT_SEQ)
		q->index[q->tail++] = (uint16_t)v->next;
	v->next++;
}

static bool execute(struct interleave *v, uint32_t engine, struct interleave_result *result)
{
	struct queue *q = &v->queue[engine];
	const uint32_t *w = v->s->cmd[q->index[q->head]];

	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		v->tokens[t] -= w[1] >> t & 1;
	if (!func_exec(v->m, w, &result->fault)) {
		result->outcome = INTERLEAVE_FAULT;
		result->index = q->index[q->head];
		return false;
	}
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		v->tokens[t] += w[2] >> t & 1;
	q->head++;
	return true;
}

/* Who goes next: DISPATCH, an engine, or ENGINES if nobody can. */
static uint32_t choose(struct interleave *v)
{
	uint32_t can[ENGINES];
	uint32_t total = 0;
	uint32_t roll;

	for (uint32_t e = 0; e < ENGINES; e++) {
		can[e] = (e == DISPATCH ? can_dispatch(v) : can_start(v, e)) ? v->weight[e] : 0;
		total += can[e];
	}
	if (!total)
		return ENGINES;
	roll = rng_next(&v->rng) % total;
	for (uint32_t e = 0;; e++) {
		if (roll < can[e])
			return e;
		roll -= can[e];
	}
}

void interleave_run(struct func_machine *m, const struct func_config *config, const struct stream *s, uint64_t seed,
		    struct interleave_result *result)
{
	struct interleave v = {.m = m, .config = config, .s = s, .rng = {seed}};

	*result = (struct interleave_result){.outcome = INTERLEAVE_DONE};
	v.depth = 1u << rng_in(&v.rng, 0, 6);
	for (uint32_t e = 0; e < ENGINES; e++) /* from level to lopsided: an engine that hardly ever gets its turn */
		v.weight[e] = 1u << rng_in(&v.rng, 0, 12);
	while (v.next < s->ncmds) {
		uint32_t who = choose(&v);

		if (who == ENGINES)
			result->outcome = INTERLEAVE_DEADLOCK;
		else if (who == DISPATCH)
			dispatch(&v);
		else
			execute(&v, who, result);
		if (result->outcome != INTERLEAVE_DONE)
			return;
	}
}
