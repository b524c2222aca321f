/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of one command: see cost.h. */
#include "backend.h"
#include "cost.h"

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
		busy = COST_MATRIX_START + (uint64_t)dw.kw * dw.kh + (uint64_t)dw.in_nx * dw.in_ny;
	}
	set(c, busy, COST_MATRIX_DRAIN);
}

static uint64_t softmax_cycles(const struct backend *be, const struct cmd *c)
{
	struct quern_cmd_softmax s;

	/* One element a cycle: each pass looks up or multiplies. */
	quern_cmd_softmax_unpack(&s, c->w);
	(void)be;
	return (uint64_t)s.rows * ((uint64_t)COST_SOFTMAX_PASSES * s.len + COST_SOFTMAX_ROW);
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

	/* bias and multiplier: four vectors each; shift: one */
	quern_cmd_requant_unpack(&r, c->w);
	return 9 + (uint64_t)r.nx * r.ny;
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
	set(c, COST_VECTOR_START + busy, COST_VECTOR_DRAIN);
}

/* LOAD, STORE and FILL share the layout of their loop fields. A run costs the bus words it touches. */
static void cost_dma(struct cmd *c)
{
	struct quern_cmd_load l;
	uint64_t runs, words;

	quern_cmd_load_unpack(&l, c->w);
	runs = (uint64_t)l.n1 * l.n2 * l.n3;
	words = (l.len + COST_BUS_BYTES - 1) / COST_BUS_BYTES;
	set(c, COST_DMA_START + runs * words, (c->w[0] & 0xff) == QUERN_OP_FILL ? 1 : COST_BUS_LATENCY);
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
		cost_dma(c);
	}
}
