/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generator draws a command, asks the hazard tracker whether it is acceptable, and draws again if not. Operands
 * cluster in a window of the scratchpad and often begin where a result was written lately, so that producers and
 * consumers meet and results of one engine feed another.
 */
#include <stdlib.h>
#include <string.h>
#include "footprint.h"
#include "hazard.h"
#include "lib/rng.h"
#include "stream_gen.h"

#define TRIES 30
#define TABLE_TRIES 4 /* of a command that loads its table with each try */
#define RECENT 8
#define HOST_MASK ((1ull << QUERN_HOST_ADDR_BITS) - 1)
#define SPM_MASK ((1u << QUERN_SPM_ADDR_BITS) - 1)

struct gen {
	struct rng rng;
	const struct stream_params *p;
	const struct image_space *space;
	struct stream *s;
	struct hazard *hazard;
	struct footprint *footprint;
	uint32_t window; /* start of the favoured part of the scratchpad */
	uint32_t window_bytes;
	uint32_t recent[RECENT];	/* scratchpad addresses written lately */
	struct quern_cmd_conv last_acc; /* accumulators written lately: acc_base, nx, ny */
};

static uint32_t pick(struct gen *g, int32_t low, int32_t high)
{
	return (uint32_t)rng_in(&g->rng, low, high);
}

static bool one_in(struct gen *g, uint32_t n)
{
	return rng_one_in(&g->rng, n);
}

/* Mostly small, seldom anything up to high. */
static uint32_t mostly_small(struct gen *g, uint32_t small, uint32_t high)
{
	return pick(g, 1, (int32_t)(one_in(g, 12) ? high : small));
}

static int8_t any8(struct gen *g)
{
	static const int8_t extremes[] = {INT8_MIN, INT8_MAX, 0, -1};

	return one_in(g, 3) ? extremes[pick(g, 0, 3)] : (int8_t)pick(g, -128, 127);
}

static void any_clamp(struct gen *g, int8_t *low, int8_t *high)
{
	*low = INT8_MIN;
	*high = INT8_MAX;
	if (one_in(g, 3)) {
		*low = any8(g);
		*high = any8(g);
	}
}

static uint32_t spm_bytes_at(struct gen *g)
{
	if (one_in(g, 2))
		return g->recent[pick(g, 0, RECENT - 1)];
	return g->window + pick(g, 0, (int32_t)g->window_bytes - 1);
}

static uint32_t spm_vector_at(struct gen *g)
{
	return spm_bytes_at(g) / g->p->n * g->p->n;
}

/* A place for results: not where results were written lately, or little would survive. */
static uint32_t spm_result_at(struct gen *g)
{
	return (g->window + pick(g, 0, (int32_t)g->window_bytes - 1)) / g->p->n * g->p->n;
}

static uint32_t any_acc_base(struct gen *g, uint32_t entries)
{
	uint32_t room = entries < QUERN_ACC_ENTRIES ? QUERN_ACC_ENTRIES - entries : 0;
	uint32_t at = one_in(g, 3) ? pick(g, 0, (int32_t)room) : one_in(g, 4) ? room : 0;

	return pick(g, 0, QUERN_ACC_BANKS - 1) * QUERN_ACC_ENTRIES + at;
}

static uint32_t any_step(struct gen *g, uint32_t high)
{
	uint32_t step = pick(g, 0, (int32_t)high);

	return one_in(g, 8) ? (0u - step) & SPM_MASK : step;
}

static void draw_conv(struct gen *g, uint32_t *w)
{
	uint32_t n = g->p->n;
	struct quern_cmd_conv c = {
		.accumulate = (uint8_t)pick(g, 0, 1),
		.ifm_base = spm_bytes_at(g),
		.w_base = spm_vector_at(g),
		.nx = (uint16_t)mostly_small(g, 9, 64),
		.ny = (uint16_t)mostly_small(g, 6, 24),
		.ifm_sx = one_in(g, 2) ? n : any_step(g, 3 * n),
		.ifm_sy = any_step(g, 20 * n),
		.k0 = (uint16_t)mostly_small(g, 3, 12),
		.k1 = (uint16_t)pick(g, 1, 3),
		.k2 = (uint16_t)pick(g, 1, 3),
		.k0_stride = one_in(g, 2) ? n : any_step(g, 4 * n),
		.k1_stride = any_step(g, 20 * n),
		.k2_stride = any_step(g, 20 * n),
	};

	if (one_in(g, 5)) /* few pixels, many steps: dependent accumulations follow each other closely */
		c.nx = (uint16_t)pick(g, 1, 3), c.ny = 1, c.k0 = (uint16_t)pick(g, 1, 20);
	c.acc_base = (uint16_t)any_acc_base(g, (uint32_t)c.nx * c.ny);
	if (c.accumulate && one_in(g, 2))
		c.acc_base = g->last_acc.acc_base, c.nx = g->last_acc.nx, c.ny = g->last_acc.ny;
	quern_cmd_conv_pack(w, &c);
}

static void draw_dwconv(struct gen *g, uint32_t *w)
{
	struct quern_cmd_dwconv c = {
		.accumulate = (uint8_t)pick(g, 0, 1),
		.ifm_base = spm_vector_at(g),
		.w_base = spm_vector_at(g),
		.px_v = (uint16_t)pick(g, one_in(g, 8) ? 0 : 1, 3),
		.kw = (uint8_t)pick(g, 1, QUERN_DW_MAX_KW),
		.kh = (uint8_t)pick(g, 1, QUERN_DW_MAX_KH),
		.sx = (uint8_t)mostly_small(g, 2, 8),
		.sy = (uint8_t)mostly_small(g, 2, 8),
	};
	uint32_t entries;

	if ((uint32_t)c.kw * c.kh > g->p->n)
		c.kh = 1;
	c.in_nx = (uint16_t)(c.kw + pick(g, 0, one_in(g, 6) ? QUERN_DW_MAX_COLS - c.kw : 14));
	c.in_ny = (uint16_t)(c.kh + pick(g, 0, one_in(g, 6) ? 60 : 9));
	c.py_v = (uint16_t)(one_in(g, 3) ? pick(g, 0, 40) : (uint32_t)c.in_nx * c.px_v);
	entries = ((uint32_t)(c.in_nx - c.kw) / c.sx + 1) * ((uint32_t)(c.in_ny - c.kh) / c.sy + 1);
	c.acc_base = (uint16_t)any_acc_base(g, entries);
	quern_cmd_dwconv_pack(w, &c);
}

static void draw_eltwise(struct gen *g, uint32_t *w)
{
	struct quern_cmd_eltwise c = {
		.op = (uint8_t)pick(g, 0, QUERN_ELTWISE_OP_COUNT - 1),
		.nx = (uint16_t)mostly_small(g, 10, 60),
		.ny = (uint16_t)pick(g, 1, 6),
		.a_base = spm_vector_at(g),
		.b_base = spm_vector_at(g),
		.out_base = spm_result_at(g),
		.a_sx_v = (uint16_t)pick(g, 0, 3),
		.a_sy_v = (uint16_t)pick(g, 0, 30),
		.b_sx_v = (uint16_t)pick(g, 0, 3),
		.b_sy_v = (uint16_t)pick(g, 0, 30),
		.out_sx_v = (uint16_t)pick(g, 1, 3),
		.a_mult = rng_in(&g->rng, one_in(g, 4) ? 0 : 1 << 30, INT32_MAX),
		.b_mult = rng_in(&g->rng, one_in(g, 4) ? 0 : 1 << 30, INT32_MAX),
		.out_mult = rng_in(&g->rng, one_in(g, 4) ? 0 : 1 << 30, INT32_MAX),
		.a_shift = (int8_t)rng_in(&g->rng, one_in(g, 4) ? -31 : -4, 0),
		.b_shift = (int8_t)rng_in(&g->rng, one_in(g, 4) ? -31 : -4, 0),
		.a_zp = any8(g),
		.b_zp = any8(g),
		.out_zp = any8(g),
	};

	c.out_shift = (int8_t)(c.op == QUERN_ELTWISE_OP_MUL ? rng_in(&g->rng, -10, -4) : rng_in(&g->rng, -21, -17));
	if (one_in(g, 4))
		c.out_shift = (int8_t)rng_in(&g->rng, -31, 30);
	c.out_sy_v = (uint16_t)(c.nx * c.out_sx_v + pick(g, 0, 5));
	any_clamp(g, &c.act_min, &c.act_max);
	if (one_in(g, 5))
		c.a_base = c.out_base, c.a_sx_v = c.out_sx_v, c.a_sy_v = c.out_sy_v;
	quern_cmd_eltwise_pack(w, &c);
}

static void draw_pool(struct gen *g, uint32_t *w)
{
	struct quern_cmd_pool c = {
		.op = (uint8_t)pick(g, 0, QUERN_POOL_OP_COUNT - 1),
		.nx = (uint16_t)mostly_small(g, 6, 30),
		.ny = (uint16_t)pick(g, 1, 5),
		.in_base = spm_vector_at(g),
		.out_base = spm_result_at(g),
		.in_sx_v = (uint16_t)pick(g, 0, 4),
		.in_sy_v = (uint16_t)pick(g, 0, 40),
		.out_sx_v = (uint16_t)pick(g, 1, 2),
		.kw = (uint16_t)mostly_small(g, 4, 40),
		.kh = (uint16_t)mostly_small(g, 4, 12),
		.kx_v = (uint16_t)pick(g, 0, 2),
		.ky_v = (uint16_t)pick(g, 0, 20),
	};
	uint32_t divisor = (uint32_t)c.kw * c.kh;

	c.half = divisor / 2;
	c.shift = 31;
	c.mult = (1u << 31) / divisor + 1;
	if (one_in(g, 3)) {
		c.half = rng_next(&g->rng) & 0xffffff;
		c.mult = rng_next(&g->rng);
		c.shift = (uint8_t)pick(g, 0, 63);
	}
	c.out_sy_v = (uint16_t)(c.nx * c.out_sx_v + pick(g, 0, 3));
	any_clamp(g, &c.act_min, &c.act_max);
	quern_cmd_pool_pack(w, &c);
}

/* Host addresses: a run's place in a segment, then the region and offset that make it. */
static void draw_copy(struct gen *g, uint32_t *w, bool store)
{
	const struct host_segment *seg =
		&g->space->segment[pick(g, 0, store ? 1 : (int32_t)g->space->num_segments - 1)];
	struct quern_cmd_load c = {
		.region = (uint8_t)pick(g, 0, QUERN_NUM_REGIONS - 1),
		.len = mostly_small(g, one_in(g, 3) ? 700 : 80, 9000),
		.n1 = (uint16_t)mostly_small(g, 5, 16),
		.n2 = (uint16_t)pick(g, 1, 3),
		.n3 = (uint16_t)(one_in(g, 4) ? 2 : 1),
	};
	uint32_t room = c.len * c.n1 * c.n2 * c.n3 * 2;
	uint64_t va = seg->va + (room < seg->bytes ? pick(g, 0, (int32_t)(seg->bytes - room)) : 0);
	uint64_t offset = (va - g->s->region[c.region]) & HOST_MASK;
	uint32_t gap = one_in(g, 2) ? 0 : pick(g, 0, 40);

	c.offset_lo = (uint32_t)offset;
	c.offset_hi = (uint8_t)(offset >> 32);
	c.spm_base = store ? spm_bytes_at(g) : g->window + pick(g, 0, (int32_t)g->window_bytes - 1);
	if (one_in(g, 3))
		c.spm_base = c.spm_base / g->p->n * g->p->n;
	c.host_s1 = (int32_t)(c.len + pick(g, 0, 40));
	c.host_s2 = c.host_s1 * c.n1;
	c.host_s3 = c.host_s2 * c.n2;
	c.spm_s1 = c.len + gap;
	c.spm_s2 = c.spm_s1 * c.n1;
	c.spm_s3 = (c.spm_s2 * c.n2 + gap) & SPM_MASK;
	if (!store && one_in(g, 4))
		c.host_s1 = one_in(g, 2) ? 0 : -c.host_s1;
	if (store && one_in(g, 4))
		c.spm_s1 = any_step(g, 100);
	quern_cmd_load_pack(w, &c);
	if (store)
		w[0] = QUERN_OP_STORE;
}

static void draw_load(struct gen *g, uint32_t *w)
{
	draw_copy(g, w, false);
}

static void draw_store(struct gen *g, uint32_t *w)
{
	draw_copy(g, w, true);
}

static void draw_fill(struct gen *g, uint32_t *w)
{
	struct quern_cmd_fill c = {
		.spm_base = spm_bytes_at(g),
		.len = mostly_small(g, 60, 3000),
		.n1 = (uint16_t)pick(g, 1, 6),
		.n2 = (uint16_t)pick(g, 1, 3),
		.n3 = (uint16_t)pick(g, 1, 2),
		.spm_s1 = any_step(g, 300),
		.spm_s2 = any_step(g, 2000),
		.spm_s3 = any_step(g, 2000),
		.value = any8(g),
	};

	quern_cmd_fill_pack(w, &c);
}

static void remember(struct gen *g)
{
	for (uint32_t i = 0; i < g->footprint->count; i++) {
		const struct access *a = &g->footprint->access[i];

		if (a->space == ACCESS_SPM && a->write && (i == 0 || one_in(g, 4)))
			g->recent[pick(g, 0, RECENT - 1)] = (uint32_t)a->start;
	}
}

/* Appends the command if it is acceptable. */
static bool append(struct gen *g, const uint32_t *w)
{
	uint32_t room = (w[0] & 0xff) == QUERN_OP_END ? STREAM_MAX_CMDS : STREAM_MAX_CMDS - 1;

	footprint_of(g->footprint, w, g->p->n, g->s->region);
	if (g->s->ncmds >= room || !hazard_accepts(g->hazard, w, g->footprint))
		return false;
	memcpy(g->s->cmd[g->s->ncmds++], w, QUERN_CMD_BYTES);
	hazard_commit(g->hazard, g->s, g->footprint);
	remember(g);
	return true;
}

/* Loads a read-only table of the image to a random place; returns the place, or a random one if it does not fit. */
static uint32_t load_table(struct gen *g, uint32_t offset, uint32_t stride, uint32_t bytes)
{
	struct quern_cmd_load c = {.spm_base = spm_result_at(g), .len = bytes, .n1 = 1, .n2 = 1, .n3 = 1};
	uint64_t va = g->space->segment[IMAGE_SEG_TABLES].va + offset + pick(g, 0, IMAGE_TABLES - 1) * stride;
	uint64_t from;
	uint32_t w[QUERN_CMD_WORDS];

	c.region = (uint8_t)pick(g, 0, QUERN_NUM_REGIONS - 1);
	from = (va - g->s->region[c.region]) & HOST_MASK;
	c.offset_lo = (uint32_t)from;
	c.offset_hi = (uint8_t)(from >> 32);
	quern_cmd_load_pack(w, &c);
	return append(g, w) ? c.spm_base : spm_vector_at(g);
}

static void draw_requant(struct gen *g, uint32_t *w)
{
	struct quern_cmd_requant c = {
		.acc_base = g->last_acc.acc_base,
		.out_base = spm_result_at(g),
		.param_base = one_in(g, 3) ? spm_vector_at(g)
					   : load_table(g, IMAGE_PARAMS_OFFSET, IMAGE_PARAMS_STRIDE, 9 * g->p->n),
		.nx = g->last_acc.nx,
		.ny = g->last_acc.ny,
		.out_sx_v = (uint16_t)pick(g, 1, 3),
		.out_zp = any8(g),
	};

	if (one_in(g, 4)) {
		c.nx = (uint16_t)pick(g, 1, 20);
		c.ny = (uint16_t)pick(g, 1, 20);
		c.acc_base = (uint16_t)any_acc_base(g, (uint32_t)c.nx * c.ny);
	}
	c.out_sy_v = (uint16_t)(c.nx * c.out_sx_v + pick(g, 0, 5));
	any_clamp(g, &c.act_min, &c.act_max);
	quern_cmd_requant_pack(w, &c);
}

static void draw_map(struct gen *g, uint32_t *w)
{
	struct quern_cmd_map c = {
		.op = (uint8_t)pick(g, 0, QUERN_MAP_OP_COUNT - 1),
		.nx = (uint16_t)mostly_small(g, 10, 60),
		.ny = (uint16_t)pick(g, 1, 6),
		.in_base = spm_vector_at(g),
		.out_base = spm_result_at(g),
		.in_sx_v = (uint16_t)pick(g, 0, 3),
		.in_sy_v = (uint16_t)pick(g, 0, 30),
		.out_sx_v = (uint16_t)pick(g, 1, 3),
	};

	c.out_sy_v = (uint16_t)(c.nx * c.out_sx_v + pick(g, 0, 5));
	if (c.op == QUERN_MAP_OP_LUT)
		c.table_base = one_in(g, 3) ? spm_vector_at(g)
					    : load_table(g, IMAGE_LUT_OFFSET, IMAGE_LUT_STRIDE, IMAGE_LUT_STRIDE);
	if (one_in(g, 5))
		c.in_base = c.out_base, c.in_sx_v = c.out_sx_v, c.in_sy_v = c.out_sy_v;
	quern_cmd_map_pack(w, &c);
}

static void draw_softmax(struct gen *g, uint32_t *w)
{
	uint32_t len = mostly_small(g, 100, 1000);
	uint32_t row = (len + g->p->n - 1) / g->p->n;
	struct quern_cmd_softmax c = {
		.len = (uint16_t)len,
		.rows = (uint16_t)pick(g, 1, 4),
		.in_base = spm_vector_at(g),
		.out_base = spm_result_at(g),
		.in_row_v = (uint16_t)(row + pick(g, 0, 2)),
		.out_row_v = (uint16_t)(row + pick(g, 0, 2)),
		.table_base = one_in(g, 4) ? spm_vector_at(g)
					   : load_table(g, IMAGE_EXP_OFFSET, IMAGE_EXP_STRIDE, IMAGE_EXP_STRIDE),
	};

	if (one_in(g, 5))
		c.in_base = c.out_base, c.in_row_v = c.out_row_v;
	quern_cmd_softmax_pack(w, &c);
}

static void draw_nop(struct gen *g, uint32_t *w)
{
	(void)g;
	memset(w, 0, QUERN_CMD_BYTES);
	w[0] = QUERN_OP_NOP;
}

/* After YIELD nothing is defined, and what reads first would hardly find anything. */
static void redefine_window(struct gen *g)
{
	struct quern_cmd_fill c = {
		.spm_base = g->window, .len = g->window_bytes, .n1 = 1, .n2 = 1, .n3 = 1, .value = any8(g)};
	uint32_t w[QUERN_CMD_WORDS];

	quern_cmd_fill_pack(w, &c);
	append(g, w);
}

static void add_barrier(struct gen *g, uint32_t opcode)
{
	uint32_t w[QUERN_CMD_WORDS] = {opcode};

	if (!append(g, w))
		return;
	hazard_barrier(g->hazard, opcode == QUERN_OP_YIELD);
	if (opcode == QUERN_OP_YIELD)
		redefine_window(g);
}

static void add_random(struct gen *g)
{
	static const struct {
		void (*draw)(struct gen *g, uint32_t *w);
		uint32_t weight;
		uint32_t unit;
	} kinds[] = {
		{draw_load, 18, QUERN_UNIT_LOAD},      {draw_store, 16, QUERN_UNIT_STORE},
		{draw_conv, 18, QUERN_UNIT_MATRIX},    {draw_dwconv, 12, QUERN_UNIT_MATRIX},
		{draw_requant, 14, QUERN_UNIT_VECTOR}, {draw_fill, 5, QUERN_UNIT_LOAD},
		{draw_eltwise, 8, QUERN_UNIT_VECTOR},  {draw_pool, 6, QUERN_UNIT_VECTOR},
		{draw_map, 6, QUERN_UNIT_VECTOR},      {draw_softmax, 4, QUERN_UNIT_VECTOR},
		{draw_nop, 2, QUERN_UNIT_SEQ},
	};
	uint32_t total = 0;
	uint32_t roll;
	uint32_t k = 0;
	uint32_t tries;

	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		total += kinds[i].weight;
	for (roll = pick(g, 0, (int32_t)total - 1); roll >= kinds[k].weight; k++)
		roll -= kinds[k].weight;
	if (g->p->units && !(g->p->units >> kinds[k].unit & 1))
		return;
	tries = kinds[k].draw == draw_requant || kinds[k].draw == draw_map || kinds[k].draw == draw_softmax
			? TABLE_TRIES
			: TRIES;
	for (uint32_t i = 0; i < tries; i++) {
		uint32_t w[QUERN_CMD_WORDS];

		kinds[k].draw(g, w);
		if (!append(g, w))
			continue;
		if (kinds[k].draw == draw_conv)
			quern_cmd_conv_unpack(&g->last_acc, w);
		return;
	}
}

/* Regions anywhere: offsets reach their target modulo 2^40. */
static void choose_regions(struct gen *g)
{
	for (uint32_t i = 0; i < QUERN_NUM_REGIONS; i++) {
		uint64_t near = g->space->segment[pick(g, 0, (int32_t)g->space->num_segments - 1)].va;

		g->s->region[i] = (near + (uint64_t)(int64_t)rng_in(&g->rng, -100000, 100000)) & HOST_MASK;
		if (one_in(g, 4))
			g->s->region[i] = ((uint64_t)rng_next(&g->rng) << 8 | pick(g, 0, 255)) & HOST_MASK;
	}
}

static void choose_window(struct gen *g)
{
	uint32_t bytes = 8192u << pick(g, 0, 3);

	g->window_bytes = bytes < g->p->spm_bytes ? bytes : g->p->spm_bytes;
	g->window = one_in(g, 3) ? g->p->spm_bytes - g->window_bytes
				 : pick(g, 0, (int32_t)(g->p->spm_bytes - g->window_bytes));
	for (uint32_t i = 0; i < RECENT; i++)
		g->recent[i] = g->window + pick(g, 0, (int32_t)g->window_bytes - 1);
	g->last_acc = (struct quern_cmd_conv){.nx = 4, .ny = 4};
}

static void fill_stream(struct gen *g)
{
	uint32_t target = pick(g, (int32_t)g->p->min_cmds, (int32_t)g->p->max_cmds);

	while (g->s->ncmds + 1 < target && g->s->ncmds + 3 < STREAM_MAX_CMDS) {
		if (one_in(g, 60))
			add_barrier(g, QUERN_OP_BARRIER);
		else if (one_in(g, 120))
			add_barrier(g, QUERN_OP_YIELD);
		else
			add_random(g);
	}
	add_barrier(g, QUERN_OP_END);
}

bool stream_gen(const struct stream_params *p, const struct image_space *space, struct stream *s)
{
	const struct hazard_config config = {p->n, p->spm_bytes, space->segment, space->num_segments};
	struct gen g = {.rng = {p->seed}, .p = p, .space = space, .s = s};

	s->ncmds = 0;
	g.hazard = hazard_create(&config, rng_next(&g.rng));
	g.footprint = malloc(sizeof(*g.footprint));
	if (g.hazard && g.footprint) {
		choose_regions(&g);
		choose_window(&g);
		fill_stream(&g);
	}
	hazard_destroy(g.hazard);
	free(g.footprint);
	return s->ncmds > 0;
}
