/* SPDX-License-Identifier: Apache-2.0 */
/* Placement, the matrix engine's commands, and batches. */
#include "gen.h"
#include <string.h>

#define ADDR_MASK ((1u << QUERN_SPM_ADDR_BITS) - 1)

struct gen_span gen_span(const struct gen_loop *loops, uint32_t count, uint32_t access_bytes)
{
	struct gen_span s = {0, access_bytes};

	for (uint32_t i = 0; i < count; i++) {
		int64_t d = (int64_t)(loops[i].n - 1) * loops[i].stride;

		if (d < 0)
			s.lo += d;
		else
			s.hi += d;
	}
	return s;
}

uint32_t gen_base(struct gen *g, struct gen_span span, uint32_t from, uint32_t to, uint32_t align)
{
	uint32_t lo = (uint32_t)((int64_t)from - span.lo + align - 1) / align;
	uint32_t hi = (uint32_t)((int64_t)to - span.hi) / align;

	return rng_range(&g->rng, lo, hi < lo ? lo : hi) * align;
}

/* A stride, seldom negative, of at most max bytes. */
static int32_t stride(struct gen *g, uint32_t max)
{
	int32_t s = (int32_t)rng_range(&g->rng, 0, max);

	return rng_chance(&g->rng, 10) ? -s : s;
}

static uint32_t small_or(struct gen *g, uint32_t pct, uint32_t max)
{
	return rng_chance(&g->rng, pct) ? rng_range(&g->rng, 1, 3) : rng_range(&g->rng, 1, max);
}

uint16_t gen_acc(struct gen *g, uint32_t entries, struct gen_use *use)
{
	uint32_t bank = rng_below(&g->rng, QUERN_ACC_BANKS), room = QUERN_ACC_ENTRIES - entries;
	uint32_t base = bank * QUERN_ACC_ENTRIES + (rng_chance(&g->rng, 15) ? room : rng_below(&g->rng, room + 1));

	*use = (struct gen_use){.acc_lo = base, .acc_hi = base + entries};
	return (uint16_t)base;
}

/* Often a matrix command goes on where the one before ended. */
static uint16_t matrix_acc(struct gen *g, uint32_t entries, struct gen_use *use)
{
	uint32_t base = gen_acc(g, entries, use);

	if (rng_chance(&g->rng, 30) && g->last_acc % QUERN_ACC_ENTRIES + entries <= QUERN_ACC_ENTRIES) {
		base = g->last_acc;
		*use = (struct gen_use){.acc_lo = base, .acc_hi = base + entries};
	}
	g->last_acc = base + entries - 1;
	return (uint16_t)base;
}

/* The matrix engine's operands: mostly in the part that the vector engine does not write. */
static uint32_t operand_limit(struct gen *g, struct gen_use *use)
{
	use->reads_results = rng_chance(&g->rng, 15);
	return use->reads_results ? ENGINES_SPM_BYTES : GEN_OUT_BASE;
}

void gen_conv(struct gen *g, uint32_t *w, struct gen_use *use)
{
	struct quern_cmd_conv c = {.accumulate = rng_chance(&g->rng, 50)};
	struct gen_loop loops[5];
	uint32_t limit, steps;

	c.nx = (uint16_t)small_or(g, 30, 24);
	c.ny = (uint16_t)small_or(g, 50, 21);
	c.k0 = (uint16_t)rng_range(&g->rng, 1, 4);
	c.k1 = (uint16_t)rng_range(&g->rng, 1, 3);
	c.k2 = (uint16_t)rng_range(&g->rng, 1, rng_chance(&g->rng, 20) ? 3 : 1);
	c.acc_base = matrix_acc(g, (uint32_t)c.nx * c.ny, use);
	limit = operand_limit(g, use);
	loops[0] = (struct gen_loop){c.nx, stride(g, 70)};
	loops[1] = (struct gen_loop){c.ny, stride(g, 300)};
	loops[2] = (struct gen_loop){c.k0, stride(g, 64)};
	loops[3] = (struct gen_loop){c.k1, stride(g, 400)};
	loops[4] = (struct gen_loop){c.k2, stride(g, 2000)};
	c.ifm_sx = (uint32_t)loops[0].stride & ADDR_MASK;
	c.ifm_sy = (uint32_t)loops[1].stride & ADDR_MASK;
	c.k0_stride = (uint32_t)loops[2].stride & ADDR_MASK;
	c.k1_stride = (uint32_t)loops[3].stride & ADDR_MASK;
	c.k2_stride = (uint32_t)loops[4].stride & ADDR_MASK;
	c.ifm_base = gen_base(g, gen_span(loops, 5, g->n), 0, limit, 1);
	steps = (uint32_t)c.k0 * c.k1 * c.k2;
	while (steps * g->n * g->n > limit) {
		c.k2 = 1;
		c.k1 = 1;
		steps = c.k0;
	}
	c.w_base = gen_base(g, (struct gen_span){0, steps * g->n * g->n}, 0, limit, g->n);
	quern_cmd_conv_pack(w, &c);
}

void gen_dwconv(struct gen *g, uint32_t *w, struct gen_use *use)
{
	struct quern_cmd_dwconv c = {.accumulate = rng_chance(&g->rng, 50)};
	struct gen_loop loops[2];
	uint32_t limit, onx, ony;

	do {
		c.kw = (uint8_t)rng_range(&g->rng, 1, QUERN_DW_MAX_KW);
		c.kh = (uint8_t)rng_range(&g->rng, 1, QUERN_DW_MAX_KH);
	} while (c.kw * c.kh > (int)g->n);
	do {
		c.sx = (uint8_t)rng_range(&g->rng, 1, rng_chance(&g->rng, 20) ? 8 : 2);
		c.sy = (uint8_t)rng_range(&g->rng, 1, rng_chance(&g->rng, 20) ? 8 : 2);
		c.in_nx = (uint16_t)rng_range(&g->rng, c.kw, rng_chance(&g->rng, 10) ? QUERN_DW_MAX_COLS : 20);
		c.in_ny = (uint16_t)rng_range(&g->rng, c.kh, 24);
		onx = (uint32_t)(c.in_nx - c.kw) / c.sx + 1;
		ony = (uint32_t)(c.in_ny - c.kh) / c.sy + 1;
	} while (onx * ony > QUERN_ACC_ENTRIES);
	c.acc_base = matrix_acc(g, onx * ony, use);
	limit = operand_limit(g, use);
	c.px_v = (uint16_t)rng_range(&g->rng, 0, 2);
	c.py_v = (uint16_t)rng_range(&g->rng, 0, 20);
	loops[0] = (struct gen_loop){c.in_nx, c.px_v * (int32_t)g->n};
	loops[1] = (struct gen_loop){c.in_ny, c.py_v * (int32_t)g->n};
	c.ifm_base = gen_base(g, gen_span(loops, 2, g->n), 0, limit, g->n);
	c.w_base = gen_base(g, (struct gen_span){0, c.kw * c.kh * g->n}, 0, limit, g->n);
	quern_cmd_dwconv_pack(w, &c);
}

static uint32_t random_opcode(struct gen *g, uint32_t matrix_pct)
{
	static const uint32_t matrix[] = {QUERN_OP_CONV, QUERN_OP_CONV, QUERN_OP_DWCONV};
	static const uint32_t vector[] = {QUERN_OP_REQUANT, QUERN_OP_REQUANT, QUERN_OP_REQUANT, QUERN_OP_REQUANT,
					  QUERN_OP_ELTWISE, QUERN_OP_ELTWISE, QUERN_OP_POOL,	QUERN_OP_POOL,
					  QUERN_OP_MAP,	    QUERN_OP_MAP,     QUERN_OP_SOFTMAX};

	if (g->only)
		return g->only;
	if (rng_chance(&g->rng, matrix_pct))
		return matrix[rng_below(&g->rng, 3)];
	return vector[rng_below(&g->rng, 11)];
}

static void gen_command(struct gen *g, uint32_t opcode, uint32_t *w, struct gen_use *use)
{
	*use = (struct gen_use){0};
	if (opcode == QUERN_OP_CONV)
		gen_conv(g, w, use);
	else if (opcode == QUERN_OP_DWCONV)
		gen_dwconv(g, w, use);
	else if (opcode == QUERN_OP_REQUANT)
		gen_requant(g, w, use);
	else if (opcode == QUERN_OP_ELTWISE)
		gen_eltwise(g, w);
	else if (opcode == QUERN_OP_POOL)
		gen_pool(g, w);
	else if (opcode == QUERN_OP_MAP)
		gen_map(g, w);
	else
		gen_softmax(g, w);
}

static bool conflict(const struct gen_use *a, const struct gen_use *b)
{
	return (a->acc_lo < b->acc_hi && b->acc_lo < a->acc_hi) || a->reads_results || b->reads_results;
}

/* How many commands of the other engine must be done before command j may start. */
static uint32_t order_mark(const struct batch *batch, const struct gen_use *use, uint32_t j)
{
	uint32_t others = 0, after = 0;

	for (uint32_t i = 0; i < j; i++) {
		if (batch->cmd[i].engine == batch->cmd[j].engine)
			continue;
		others++;
		if (conflict(&use[i], &use[j]))
			after = others;
	}
	return after;
}

void gen_batch(struct gen *g, struct batch *batch, uint32_t count, uint32_t matrix_pct)
{
	struct gen_use use[BATCH_MAX];

	memset(batch, 0, sizeof(*batch));
	batch->count = count;
	batch->first_index = rng_below(&g->rng, 1 << 20);
	for (uint32_t i = 0; i < count; i++) {
		struct bench_cmd *c = &batch->cmd[i];

		uint32_t opcode = random_opcode(g, matrix_pct);

		c->engine = opcode == QUERN_OP_CONV || opcode == QUERN_OP_DWCONV ? ENGINE_MATRIX : ENGINE_VECTOR;
		gen_command(g, opcode, c->w, &use[i]);
		c->after = order_mark(batch, use, i);
	}
}
