/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of one command: see cost.h. */
#include "backend.h"
#include "cost.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint32_t clamp_cycles(uint64_t cycles)
{
	return cycles > UINT32_MAX ? UINT32_MAX : (uint32_t)cycles;
}

static void set(struct cmd *c, uint64_t busy, uint32_t latency)
{
	c->busy = clamp_cycles(busy ? busy : 1);
	c->latency = latency;
}

static void cost_matrix(const struct backend *be, struct cmd *c)
{
	struct quern_cmd_conv conv;
	struct quern_cmd_dwconv dw;
	uint64_t busy;

	if ((c->w[0] & 0xff) == QUERN_OP_CONV) {
		quern_cmd_conv_unpack(&conv, c->w);
		busy = cost_conv((uint64_t)conv.nx * conv.ny, (uint64_t)conv.k0 * conv.k1 * conv.k2, be->n);
	} else {
		quern_cmd_dwconv_unpack(&dw, c->w);
		busy = (uint64_t)dw.in_nx * dw.in_ny;
	}
	set(c, busy, COST_MATRIX_DRAIN);
}

uint64_t cost_softmax(const struct quern_cmd_softmax *s, uint32_t n)
{
	uint32_t vectors = (s->len + n - 1) / n;

	return (uint64_t)s->rows * (COST_SOFTMAX_ROW + COST_SOFTMAX_ELEMENT * s->len + COST_SOFTMAX_VECTOR * vectors);
}

static uint64_t softmax_cycles(const struct backend *be, const struct cmd *c)
{
	struct quern_cmd_softmax s;

	quern_cmd_softmax_unpack(&s, c->w);
	return cost_softmax(&s, be->n);
}

static uint64_t pool_cycles(const struct cmd *c)
{
	struct quern_cmd_pool p;

	quern_cmd_pool_unpack(&p, c->w);
	return (uint64_t)p.nx * p.ny * p.kw * p.kh;
}

static uint64_t requant_cycles(const struct cmd *c)
{
	struct quern_cmd_requant r;

	/* Parameters are fetched while the command before is at work, but not faster. */
	quern_cmd_requant_unpack(&r, c->w);
	return larger((uint64_t)r.nx * r.ny, COST_PARAM_VECTORS + COST_PARAM_WAIT + COST_ENGINE_CHECK);
}

static uint64_t map_cycles(const struct backend *be, const struct cmd *c)
{
	struct quern_cmd_map m;

	quern_cmd_map_unpack(&m, c->w);
	return (uint64_t)m.nx * m.ny + (m.op == QUERN_MAP_OP_LUT ? 256 / be->n : 0);
}

static void cost_vector(const struct backend *be, struct cmd *c)
{
	struct quern_cmd_eltwise e;
	uint64_t busy;

	switch (c->w[0] & 0xff) {
	case QUERN_OP_REQUANT:
		busy = requant_cycles(c);
		break;
	case QUERN_OP_POOL:
		busy = pool_cycles(c);
		break;
	case QUERN_OP_MAP:
		busy = map_cycles(be, c);
		break;
	case QUERN_OP_SOFTMAX:
		busy = softmax_cycles(be, c);
		break;
	default:
		quern_cmd_eltwise_unpack(&e, c->w);
		busy = (uint64_t)e.nx * e.ny;
	}
	set(c, busy, COST_VECTOR_DRAIN);
}

/* LOAD, STORE and FILL share the layout of their loop fields. A run costs the bus words it touches. */
static void cost_dma(const struct backend *be, struct cmd *c)
{
	const struct board *board = &be->tuning.pace;
	struct quern_cmd_load l;
	uint64_t runs, words, beat = board->bus_bytes < COST_BUS_WORD ? COST_BUS_WORD / board->bus_bytes : 1;

	quern_cmd_load_unpack(&l, c->w);
	runs = (uint64_t)l.n1 * l.n2 * l.n3;
	words = (l.len + COST_BUS_WORD - 1) / COST_BUS_WORD;
	if ((c->w[0] & 0xff) == QUERN_OP_FILL)
		set(c, COST_DMA_ACCEPT + runs * words, 1);
	else
		set(c, COST_DMA_ACCEPT + runs * larger(words * beat, COST_TRANSLATE), board->bus_latency);
}

void cost_command(const struct backend *be, struct cmd *c)
{
	switch (c->unit) {
	case QUERN_UNIT_MATRIX:
		cost_matrix(be, c);
		break;
	case QUERN_UNIT_VECTOR:
		cost_vector(be, c);
		break;
	default:
		cost_dma(be, c);
	}
}
