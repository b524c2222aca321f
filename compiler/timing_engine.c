/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrix and vector engine. Both hold the command at work and the next one, which they check and prepare meanwhile: the matrix engine fetches
 * the first block of weights, the vector engine the parameters of a REQUANT. REQUANT waits in every cycle in which the matrix engine reads
 * the same bank of the accumulators.
 */
#include "cost.h"
#include "timing_sim.h"

struct matrix_shape {
	uint64_t steps, vectors; /* blocks of weights; input vectors of each */
	uint32_t rows;		 /* vectors of a block */
	uint32_t bank;
	bool accumulate;
};

static struct matrix_shape matrix_shape(const struct timing_sim *s, const struct cmd *c)
{
	struct quern_cmd_conv cv;
	struct quern_cmd_dwconv dw;

	if ((c->w[0] & 0xff) == QUERN_OP_CONV) {
		quern_cmd_conv_unpack(&cv, c->w);
		return (struct matrix_shape){(uint64_t)cv.k0 * cv.k1 * cv.k2, (uint64_t)cv.nx * cv.ny, s->m->n,
					     cv.acc_base / QUERN_ACC_ENTRIES, cv.accumulate};
	}
	quern_cmd_dwconv_unpack(&dw, c->w);
	return (struct matrix_shape){1, (uint64_t)dw.in_nx * dw.in_ny, (uint32_t)dw.kw * dw.kh,
				     dw.acc_base / QUERN_ACC_ENTRIES, dw.accumulate};
}

static void replan_vector(struct timing_sim *s);

/* First steps start from zero and read nothing, unless they accumulate. */
static void note_reads(struct timing_sim *s, const struct matrix_shape *m, uint64_t begin)
{
	struct timing_span *span = &s->matrix.span[s->matrix.spans++ % TIMING_HELD];

	*span = (struct timing_span){begin + (m->accumulate ? 0 : m->vectors), s->matrix.last + 1, m->bank};
	if (m->vectors < m->rows)
		span->to = span->from;
}

void timing_matrix_accept(struct timing_sim *s, const struct cmd *c)
{
	struct timing_matrix *mx = &s->matrix;
	struct matrix_shape m = matrix_shape(s, c);
	uint64_t step = m.vectors > m.rows ? m.vectors : m.rows;
	/* Weights come when the command is checked, those before are fetched, and the shadow is free. */
	uint64_t fetch = later(s->now + COST_ENGINE_CHECK, later(mx->fetched, mx->take));
	uint64_t begin = later(fetch + m.rows + COST_MATRIX_SWAP, mx->last + 1);

	begin = later(begin, s->now + COST_ENGINE_CHECK + 1);
	mx->last = begin + (m.steps - 1) * step + m.vectors - 1;
	mx->take = begin + (m.steps - 1) * step;
	mx->fetched = m.steps > 1 ? begin + (m.steps - 2) * step + m.rows : fetch + m.rows;
	note_reads(s, &m, begin);
	timing_set_done(s, TU_MATRIX, s->unit[TU_MATRIX].accepted - 1, mx->last + COST_MATRIX_DRAIN);
	timing_set_ready(s, TU_MATRIX, begin);
	replan_vector(s);
}

/* Cycles in which the operands of a command are read, tables included, and what follows until the last result is written. */
struct vector_shape {
	uint64_t head, reads, drain;
	bool requant;
	uint32_t bank;
};

static struct vector_shape softmax_shape(const struct timing_sim *s, const struct cmd *c)
{
	struct quern_cmd_softmax m;

	quern_cmd_softmax_unpack(&m, c->w);
	return (struct vector_shape){.reads = cost_softmax(&m, s->m->n), .drain = COST_VECTOR_DRAIN};
}

static struct vector_shape vector_shape(const struct timing_sim *s, const struct cmd *c)
{
	struct quern_cmd_requant r;
	struct quern_cmd_eltwise e;
	struct quern_cmd_pool p;
	struct quern_cmd_map m;

	switch (c->w[0] & 0xff) {
	case QUERN_OP_REQUANT:
		quern_cmd_requant_unpack(&r, c->w);
		return (struct vector_shape){0, (uint64_t)r.nx * r.ny, COST_REQUANT_DRAIN, true,
					     r.acc_base / QUERN_ACC_ENTRIES};
	case QUERN_OP_POOL:
		quern_cmd_pool_unpack(&p, c->w);
		return (struct vector_shape){.reads = (uint64_t)p.nx * p.ny * p.kw * p.kh, .drain = COST_VECTOR_DRAIN};
	case QUERN_OP_MAP:
		quern_cmd_map_unpack(&m, c->w);
		return (struct vector_shape){.head = m.op == QUERN_MAP_OP_LUT ? 256 / s->m->n + 2 : 0,
					     .reads = (uint64_t)m.nx * m.ny,
					     .drain = COST_MAP_DRAIN};
	case QUERN_OP_SOFTMAX:
		return softmax_shape(s, c);
	default:
		quern_cmd_eltwise_unpack(&e, c->w);
		return (struct vector_shape){.reads = (uint64_t)e.nx * e.ny, .drain = COST_ELTWISE_DRAIN};
	}
}

/* Cycle of the last of `reads` reads from `at` on, with the matrix engine in the way. */
static uint64_t last_read(const struct timing_sim *s, const struct vector_shape *v, uint64_t at)
{
	const struct timing_matrix *mx = &s->matrix;
	uint64_t left = v->reads;
	uint32_t first = mx->spans > TIMING_HELD ? mx->spans - TIMING_HELD : 0;

	for (uint32_t i = first; v->requant && i < mx->spans; i++) {
		const struct timing_span *span = &mx->span[i % TIMING_HELD];

		if (span->bank != v->bank || span->to <= at || span->to <= span->from)
			continue;
		if (span->from >= at + left)
			break;
		left -= span->from > at ? span->from - at : 0;
		at = span->to;
	}
	return at + left - 1;
}

/* State of the engine in front of a command: what the one before does. */
struct vector_state {
	uint64_t last, done;
	bool requant;
};

/* When the command, accepted at c->start, becomes the one at work. */
static uint64_t take_at(const struct cmd *c, const struct vector_shape *v, const struct vector_state *before)
{
	uint64_t at = c->start + COST_ENGINE_CHECK;

	if (v->requant) {
		/* Parameters wait for the results that were on their way. */
		at = later(at, before->last + COST_PARAM_WAIT < c->start ? 0 : c->start + COST_PARAM_WAIT);
		if (!before->requant)
			at = later(at, before->done);
		at += COST_PARAM_VECTORS + 2;
	}
	return later(at, v->requant && before->requant ? before->last : before->done);
}

/* The commands in the engine, from the oldest. */
static void replan_vector(struct timing_sim *s)
{
	struct timing_unit *u = &s->unit[TU_VECTOR];
	struct vector_state state = {s->vector_last, s->vector_done, s->vector_requant};

	for (uint32_t i = u->completed; i != u->accepted; i++) {
		const struct cmd *c = &s->cmds[u->held[i % TIMING_HELD]];
		struct vector_shape v = vector_shape(s, c);
		uint64_t take = take_at(c, &v, &state);

		state.last = last_read(s, &v, take + 1 + v.head);
		state.done = state.last + v.drain;
		state.requant = v.requant;
		timing_set_done(s, TU_VECTOR, i, state.done);
		if (i + 1 == u->accepted)
			timing_set_ready(s, TU_VECTOR, take + 1);
	}
}

void timing_vector_accept(struct timing_sim *s)
{
	replan_vector(s);
}

void timing_vector_complete(struct timing_sim *s, const struct cmd *c)
{
	struct vector_shape v = vector_shape(s, c);

	s->vector_done = s->now;
	s->vector_last = s->now - v.drain;
	s->vector_requant = v.requant;
}
