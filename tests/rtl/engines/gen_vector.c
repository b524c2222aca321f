/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random commands of the vector engine. A destination never overlaps an operand of the same command, except in place.
 * Multipliers, shifts and tables are mostly ones that keep results inside int8, sometimes anything.
 */
#include <string.h>
#include "gen.h"

struct range {
	uint32_t lo, hi; /* bytes, hi excluded */
};

static bool overlap(struct range a, struct range b)
{
	return a.lo < b.hi && b.lo < a.hi;
}

static struct range range_of(uint32_t base, struct gen_span s)
{
	return (struct range){(uint32_t)(base + s.lo), (uint32_t)(base + s.hi)};
}

/* A grid of nx * ny vectors; steps in vectors. */
struct grid {
	uint16_t sx, sy;
	struct gen_span span;
};

static struct grid random_grid(struct gen *g, uint32_t nx, uint32_t ny)
{
	struct grid r = {.sx = (uint16_t)rng_range(&g->rng, 0, 3)};

	r.sy = (uint16_t)(rng_chance(&g->rng, 70) ? r.sx * nx + rng_below(&g->rng, 3) : rng_below(&g->rng, 5));
	r.span = gen_span((struct gen_loop[]){{nx, r.sx * (int32_t)g->n}, {ny, r.sy * (int32_t)g->n}}, 2, g->n);
	return r;
}

/* A destination for span that overlaps none of the operands. False if none was found. */
static bool place_out(struct gen *g, struct gen_span span, const struct range *operands, uint32_t count, uint32_t *base)
{
	for (int attempt = 0; attempt < 100; attempt++) {
		bool good = true;

		*base = gen_base(g, span, GEN_OUT_BASE, ENGINES_SPM_BYTES, g->n);
		for (uint32_t i = 0; i < count; i++)
			good = good && !overlap(range_of(*base, span), operands[i]);
		if (good)
			return true;
	}
	return false;
}

static void clamps(struct gen *g, int8_t *low, int8_t *high)
{
	*low = (int8_t)(rng_chance(&g->rng, 70) ? -128 : (int)rng_below(&g->rng, 256) - 128);
	*high = (int8_t)(rng_chance(&g->rng, 70) ? 127 : (int)rng_below(&g->rng, 256) - 128);
}

static void put32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void write_params(struct gen *g, uint8_t *p)
{
	for (uint32_t o = 0; o < g->n; o++) {
		bool single = rng_chance(&g->rng, 20);

		put32(p + 4 * o, (uint32_t)((int32_t)rng_u64(&g->rng) >> rng_range(&g->rng, 8, 20)));
		put32(p + 4 * (g->n + o), (1u << 30) + rng_below(&g->rng, 1u << 30) + (single ? 1u << 31 : 0));
		p[8 * g->n + o] = (uint8_t)((int)rng_below(&g->rng, 14) - 12);
	}
}

void gen_requant(struct gen *g, uint32_t *w, struct gen_use *use)
{
	struct quern_cmd_requant c;
	struct grid out;

	memset(&c, 0, sizeof(c));
	c.nx = (uint16_t)rng_range(&g->rng, 1, 24);
	c.ny = (uint16_t)rng_range(&g->rng, 1, rng_chance(&g->rng, 70) ? 3 : 21);
	c.acc_base = gen_acc(g, (uint32_t)c.nx * c.ny, use);
	out = random_grid(g, c.nx, c.ny);
	c.out_sx_v = out.sx;
	c.out_sy_v = out.sy;
	c.out_base = gen_base(g, out.span, GEN_OUT_BASE, ENGINES_SPM_BYTES, g->n);
	c.param_base = gen_base(g, (struct gen_span){0, 9 * g->n}, 0, ENGINES_SPM_BYTES, g->n);
	/* Parameters that are the result of the command before: the prefetch must notice. */
	if (rng_chance(&g->rng, 15) && g->last_out + 9 * g->n <= ENGINES_SPM_BYTES)
		c.param_base = g->last_out;
	else if (rng_chance(&g->rng, 80))
		write_params(g, g->spm + c.param_base);
	g->last_out = c.out_base;
	c.out_zp = (int8_t)rng_below(&g->rng, 256);
	clamps(g, &c.act_min, &c.act_max);
	quern_cmd_requant_pack(w, &c);
}

static void scales(struct gen *g, struct quern_cmd_eltwise *c)
{
	bool any = rng_chance(&g->rng, 15);

	c->a_mult = (int32_t)(rng_u64(&g->rng) & INT32_MAX);
	c->b_mult = (int32_t)(rng_u64(&g->rng) & INT32_MAX);
	c->out_mult = (int32_t)(rng_u64(&g->rng) & INT32_MAX);
	c->a_shift = (int8_t) - (int)rng_below(&g->rng, any ? 32 : 4);
	c->b_shift = (int8_t) - (int)rng_below(&g->rng, any ? 32 : 4);
	if (any)
		c->out_shift = (int8_t)((int)rng_below(&g->rng, 62) - 31);
	else
		c->out_shift = (int8_t)(c->op == QUERN_ELTWISE_OP_MUL ? -(int)rng_below(&g->rng, 8)
								      : -(int)rng_range(&g->rng, 16, 20));
}

void gen_eltwise(struct gen *g, uint32_t *w)
{
	struct quern_cmd_eltwise c;
	struct grid a, b, out;
	struct range operands[2];

	do {
		memset(&c, 0, sizeof(c));
		c.op = (uint8_t)rng_below(&g->rng, 3);
		c.nx = (uint16_t)rng_range(&g->rng, 1, 30);
		c.ny = (uint16_t)rng_range(&g->rng, 1, 6);
		a = random_grid(g, c.nx, c.ny);
		b = random_grid(g, c.nx, c.ny);
		out = random_grid(g, c.nx, c.ny);
		c.a_base = gen_base(g, a.span, 0, ENGINES_SPM_BYTES, g->n);
		c.b_base = gen_base(g, b.span, 0, ENGINES_SPM_BYTES, g->n);
		operands[0] = range_of(c.a_base, a.span);
		operands[1] = range_of(c.b_base, b.span);
	} while (!place_out(g, out.span, operands, 2, &c.out_base));
	/* In place: possible if no destination is written twice. */
	if (rng_chance(&g->rng, 20) && out.sx > 0 && out.sy >= out.sx * c.nx &&
	    !overlap(range_of(c.out_base, out.span), operands[1])) {
		a = out;
		c.a_base = c.out_base;
	}
	c.a_sx_v = a.sx;
	c.a_sy_v = a.sy;
	c.b_sx_v = b.sx;
	c.b_sy_v = b.sy;
	c.out_sx_v = out.sx;
	c.out_sy_v = out.sy;
	c.a_zp = (int8_t)rng_below(&g->rng, 256);
	c.b_zp = (int8_t)rng_below(&g->rng, 256);
	c.out_zp = (int8_t)rng_below(&g->rng, 256);
	scales(g, &c);
	clamps(g, &c.act_min, &c.act_max);
	g->last_out = c.out_base;
	quern_cmd_eltwise_pack(w, &c);
}

static void average_of(struct gen *g, struct quern_cmd_pool *c)
{
	uint32_t divisor = (uint32_t)c->kw * c->kh;

	c->half = divisor / 2;
	c->shift = (uint8_t)(31 + (31 - __builtin_clz(divisor)));
	c->mult = (uint32_t)(((1ull << c->shift) + divisor - 1) / divisor);
	if (rng_chance(&g->rng, 85))
		return;
	c->half = rng_below(&g->rng, 1u << 24);
	c->mult = (uint32_t)rng_u64(&g->rng);
	c->shift = (uint8_t)rng_below(&g->rng, 64);
}

void gen_pool(struct gen *g, uint32_t *w)
{
	struct quern_cmd_pool c;
	struct grid in, out;
	struct gen_span span;
	struct range operand;

	do {
		memset(&c, 0, sizeof(c));
		c.op = (uint8_t)rng_below(&g->rng, 2);
		c.nx = (uint16_t)rng_range(&g->rng, 1, 12);
		c.ny = (uint16_t)rng_range(&g->rng, 1, 5);
		c.kw = (uint16_t)rng_range(&g->rng, 1, 4);
		c.kh = (uint16_t)rng_range(&g->rng, 1, 4);
		in = random_grid(g, c.nx, c.ny);
		out = random_grid(g, c.nx, c.ny);
		c.kx_v = (uint16_t)rng_below(&g->rng, 3);
		c.ky_v = (uint16_t)rng_below(&g->rng, 30);
		span = gen_span((struct gen_loop[]){{c.kw, c.kx_v * (int32_t)g->n}, {c.kh, c.ky_v * (int32_t)g->n}}, 2,
				0);
		span.hi += in.span.hi;
		c.in_base = gen_base(g, span, 0, ENGINES_SPM_BYTES, g->n);
		operand = range_of(c.in_base, span);
	} while (!place_out(g, out.span, &operand, 1, &c.out_base));
	c.in_sx_v = in.sx;
	c.in_sy_v = in.sy;
	c.out_sx_v = out.sx;
	c.out_sy_v = out.sy;
	average_of(g, &c);
	clamps(g, &c.act_min, &c.act_max);
	g->last_out = c.out_base;
	quern_cmd_pool_pack(w, &c);
}

void gen_map(struct gen *g, uint32_t *w)
{
	struct quern_cmd_map c;
	struct grid in, out;
	struct range operand;

	do {
		memset(&c, 0, sizeof(c));
		c.op = (uint8_t)rng_below(&g->rng, 2);
		c.nx = (uint16_t)rng_range(&g->rng, 1, 30);
		c.ny = (uint16_t)rng_range(&g->rng, 1, 6);
		in = random_grid(g, c.nx, c.ny);
		out = random_grid(g, c.nx, c.ny);
		c.in_base = gen_base(g, in.span, 0, ENGINES_SPM_BYTES, g->n);
		operand = range_of(c.in_base, in.span);
	} while (!place_out(g, out.span, &operand, 1, &c.out_base));
	if (rng_chance(&g->rng, 20) && out.sx > 0 && out.sy >= out.sx * c.nx) {
		in = out;
		c.in_base = c.out_base;
	}
	c.in_sx_v = in.sx;
	c.in_sy_v = in.sy;
	c.out_sx_v = out.sx;
	c.out_sy_v = out.sy;
	if (c.op == QUERN_MAP_OP_LUT)
		c.table_base = gen_base(g, (struct gen_span){0, 256}, 0, ENGINES_SPM_BYTES, g->n);
	g->last_out = c.out_base;
	quern_cmd_map_pack(w, &c);
}

static void write_table(struct gen *g, uint8_t *p)
{
	uint32_t v = INT32_MAX;

	for (int i = 0; i < 256; i++) {
		put32(p + 4 * i, v);
		v = (uint32_t)((uint64_t)v * rng_range(&g->rng, 880, 1010) / 1024);
	}
}

void gen_softmax(struct gen *g, uint32_t *w)
{
	struct quern_cmd_softmax c;
	struct gen_span in, out;
	struct range operands[2];
	uint32_t vecs;

	do {
		memset(&c, 0, sizeof(c));
		c.len = (uint16_t)rng_range(&g->rng, 1, rng_chance(&g->rng, 70) ? 40 : 200);
		c.rows = (uint16_t)rng_range(&g->rng, 1, 3);
		vecs = (c.len + g->n - 1) / g->n;
		c.in_row_v = (uint16_t)(vecs + rng_below(&g->rng, 3));
		c.out_row_v = (uint16_t)(vecs + rng_below(&g->rng, 3));
		in = gen_span(&(struct gen_loop){c.rows, c.in_row_v * (int32_t)g->n}, 1, vecs * g->n);
		out = gen_span(&(struct gen_loop){c.rows, c.out_row_v * (int32_t)g->n}, 1, vecs * g->n);
		c.in_base = gen_base(g, in, 0, ENGINES_SPM_BYTES, g->n);
		c.table_base = gen_base(g, (struct gen_span){0, 1024}, 0, ENGINES_SPM_BYTES, g->n);
		operands[0] = range_of(c.in_base, in);
		operands[1] = (struct range){c.table_base, c.table_base + 1024};
	} while (!place_out(g, out, operands, 2, &c.out_base));
	if (rng_chance(&g->rng, 20)) {
		c.in_base = c.out_base;
		c.in_row_v = c.out_row_v;
	}
	if (rng_chance(&g->rng, 80))
		write_table(g, g->spm + c.table_base);
	quern_cmd_softmax_pack(w, &c);
}
