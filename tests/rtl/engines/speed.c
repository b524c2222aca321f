/* SPDX-License-Identifier: Apache-2.0 */
/* Every case is `count` equal commands without refused accesses. The limit is steady state plus 3 % plus a start-up. */
#include "speed.h"
#include <stdio.h>
#include <string.h>

#define START_UP 60u /* cycles: first block of weights, pipeline, completion */

struct speed_case {
	const char *name;
	void (*make)(uint32_t *w, uint32_t n, uint32_t i);
	int engine;
	uint32_t count;
	/* cycles of one command in steady state: fixed, and per N */
	uint32_t steady;
	uint32_t steady_n;
	uint32_t each; /* extra cycles a command may take because it waits for the one before */
};

static void conv(uint32_t *w, uint32_t n, uint32_t nx, uint32_t ny, uint32_t k0, uint32_t i)
{
	struct quern_cmd_conv c = {
		.acc_base = (uint16_t)(i % 2 * QUERN_ACC_ENTRIES),
		.ifm_base = 3,
		.w_base = 32768 - n * n * (i % 2),
		.nx = (uint16_t)nx,
		.ny = (uint16_t)ny,
		.ifm_sx = n,
		.ifm_sy = nx * n,
		.k0 = (uint16_t)k0,
		.k1 = 1,
		.k2 = 1,
		.k0_stride = 5,
	};

	quern_cmd_conv_pack(w, &c);
}

static void conv_large(uint32_t *w, uint32_t n, uint32_t i)
{
	conv(w, n, 16, 16, 8, i);
}

static void conv_small(uint32_t *w, uint32_t n, uint32_t i)
{
	conv(w, n, 8, 8, 1, i);
}

static void fully_connected(uint32_t *w, uint32_t n, uint32_t i)
{
	conv(w, n, 1, 1, 32768 / (n * n), i);
}

static void dwconv(uint32_t *w, uint32_t n, uint32_t sx)
{
	struct quern_cmd_dwconv c = {
		.w_base = 32768,
		.in_nx = 34,
		.in_ny = 17,
		.px_v = 1,
		.py_v = 34,
		.kw = n == 8 ? 2 : 3,
		.kh = 3,
		.sx = (uint8_t)sx,
		.sy = (uint8_t)sx,
	};

	quern_cmd_dwconv_pack(w, &c);
}

static void dwconv_1(uint32_t *w, uint32_t n, uint32_t i)
{
	(void)i;
	dwconv(w, n, 1);
}

static void dwconv_2(uint32_t *w, uint32_t n, uint32_t i)
{
	(void)i;
	dwconv(w, n, 2);
}

static void requant(uint32_t *w, uint32_t n, uint32_t i)
{
	struct quern_cmd_requant c = {
		.acc_base = (uint16_t)(i % 2 * QUERN_ACC_ENTRIES),
		.out_base = 16384,
		.param_base = n * 10 * i,
		.nx = 16,
		.ny = 16,
		.out_sx_v = 1,
		.out_sy_v = 16,
	};

	quern_cmd_requant_pack(w, &c);
}

static void eltwise(uint32_t *w, uint32_t n, uint32_t i)
{
	struct quern_cmd_eltwise c = {
		.nx = 16,
		.ny = 16,
		.b_base = 8192 + n * i,
		.out_base = 32768,
		.a_sx_v = 1,
		.a_sy_v = 16,
		.b_sx_v = 1,
		.b_sy_v = 16,
		.out_sx_v = 1,
		.out_sy_v = 16,
	};

	quern_cmd_eltwise_pack(w, &c);
}

static void map(uint32_t *w, uint32_t op)
{
	struct quern_cmd_map c = {
		.op = (uint8_t)op,
		.nx = 256,
		.ny = 1,
		.out_base = 32768,
		.in_sx_v = 1,
		.out_sx_v = 1,
	};

	quern_cmd_map_pack(w, &c);
}

static void copy(uint32_t *w, uint32_t n, uint32_t i)
{
	(void)n, (void)i;
	map(w, QUERN_MAP_OP_COPY);
}

static void lut(uint32_t *w, uint32_t n, uint32_t i)
{
	(void)n, (void)i;
	map(w, QUERN_MAP_OP_LUT);
}

static void pool(uint32_t *w, uint32_t n, uint32_t i)
{
	struct quern_cmd_pool c = {
		.op = QUERN_POOL_OP_AVG,
		.nx = 8,
		.ny = 8,
		.out_base = 32768,
		.in_sx_v = 2,
		.in_sy_v = 32,
		.out_sx_v = 1,
		.out_sy_v = 8,
		.kw = 2,
		.kh = 2,
		.kx_v = 1,
		.ky_v = 16,
		.mult = 1u << 31,
		.half = 2,
		.shift = 33,
	};

	(void)n, (void)i;
	quern_cmd_pool_pack(w, &c);
}

static void softmax(uint32_t *w, uint32_t n, uint32_t i)
{
	struct quern_cmd_softmax c = {.len = 1000, .rows = 1, .out_base = 32768, .table_base = 16384};

	(void)n, (void)i;
	quern_cmd_softmax_pack(w, &c);
}

static const struct speed_case cases[] = {
	{"CONV 256 pixels x 8 steps", conv_large, ENGINE_MATRIX, 1, 2048, 0, 0},
	{"CONV 64 pixels x 1 step, 8 commands", conv_small, ENGINE_MATRIX, 8, 64, 0, 0},
	{"CONV 1 pixel, 32 KiB of weights", fully_connected, ENGINE_MATRIX, 1, 0, 32768, 0},
	{"DWCONV 34 x 17, stride 1, 4 commands", dwconv_1, ENGINE_MATRIX, 4, 34 * 17, 0, 0},
	{"DWCONV 34 x 17, stride 2, 4 commands", dwconv_2, ENGINE_MATRIX, 4, 34 * 17, 0, 0},
	{"REQUANT 256 vectors, 4 commands", requant, ENGINE_VECTOR, 4, 256, 0, 0},
	{"ELTWISE 256 vectors, 4 commands", eltwise, ENGINE_VECTOR, 4, 256, 0, 16},
	{"MAP COPY 256 vectors, 4 commands", copy, ENGINE_VECTOR, 4, 256, 0, 12},
	{"MAP LUT 256 vectors, 4 commands", lut, ENGINE_VECTOR, 4, 256, 0, 48},
	{"POOL AVG 8 x 8 windows of 2 x 2, 4 commands", pool, ENGINE_VECTOR, 4, 256, 0, 16},
	{"SOFTMAX 1000 elements", softmax, ENGINE_VECTOR, 1, 2000, 0, 1800},
};

/* A count of N means per-N work: `steady_n` bytes at N bytes a cycle. */
static uint32_t steady_cycles(const struct speed_case *s, uint32_t n)
{
	return s->steady + s->steady_n / n;
}

static bool run_case(struct bench *b, const struct speed_case *s)
{
	struct batch batch = {.count = s->count};
	struct outcome o;
	uint32_t steady = s->count * steady_cycles(s, b->n), limit;

	for (uint32_t i = 0; i < s->count; i++) {
		batch.cmd[i].engine = s->engine;
		s->make(batch.cmd[i].w, b->n, i);
	}
	bench_run(b, &batch, &o);
	if (o.hung || o.fault) {
		printf("%s: %s\n", s->name, o.hung ? "hung" : "faulted");
		return false;
	}
	limit = steady + steady * 3 / 100 + START_UP + s->count * s->each;
	printf("N=%-2u  %-45s %6llu cycles, ideal %5u, limit %5u; busy %llu, operands %llu, bank %llu%s\n", b->n,
	       s->name, (unsigned long long)o.cycles, steady, limit, (unsigned long long)o.events[s->engine][0],
	       (unsigned long long)o.events[s->engine][1], (unsigned long long)o.events[s->engine][2],
	       o.cycles > limit ? "  TOO SLOW" : "");
	return o.cycles <= limit;
}

bool speed_all(struct bench *b)
{
	bool ok = true;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok = run_case(b, &cases[i]) && ok;
	return ok;
}
