/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every computing command, random and extreme, against the naive reference. Inputs lie in the lower half of the
 * scratchpad, results in the upper half or exactly in place. QUERN_SEED replays a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "func.h"
#include "ref.h"
#include "lib/rng.h"

#define SPM_BYTES 65536u
#define HALF (SPM_BYTES / 2)
#define ACC_ENTRIES (QUERN_ACC_BANKS * QUERN_ACC_ENTRIES)
#define ROUNDS 400

struct bench {
	uint32_t n;
	struct rng rng;
	struct func_machine *m;
	struct ref ref;
};

static uint64_t seed(void)
{
	const char *s = getenv("QUERN_SEED");

	return s ? strtoull(s, NULL, 0) : 1;
}

static void *no_memory(void *ctx, uint64_t bus_addr, uint32_t len, bool write)
{
	(void)ctx, (void)bus_addr, (void)len, (void)write;
	return NULL;
}

static void bench_init(struct bench *b, uint32_t n)
{
	const struct func_mem_ops ops = {.map = no_memory};

	b->n = n;
	b->rng.state = seed() * 1000 + n;
	b->m = func_create(&(struct func_config){n, SPM_BYTES}, &ops, NULL);
	assert_non_null(b->m);
	b->ref = (struct ref){n, SPM_BYTES, malloc(SPM_BYTES), malloc(ACC_ENTRIES * n * 4)};
}

static void bench_finish(struct bench *b)
{
	free(b->ref.spm);
	free(b->ref.acc);
	func_destroy(b->m);
}

static int32_t random_acc(struct rng *r)
{
	static const int32_t extremes[] = {INT32_MIN, INT32_MAX, INT32_MIN + 1, 0, -1, 1, 1 << 30, -(1 << 30)};

	if (rng_one_in(r, 4))
		return extremes[rng_next(r) % 8];
	return (int32_t)rng_next(r) >> rng_in(r, 0, 20);
}

static void randomise(struct bench *b)
{
	uint8_t *spm = func_spm(b->m);
	int32_t *acc = func_acc(b->m);

	for (uint32_t i = 0; i < SPM_BYTES; i++)
		spm[i] = rng_one_in(&b->rng, 8) ? (rng_next(&b->rng) & 1 ? 0x80 : 0x7f) : (uint8_t)rng_next(&b->rng);
	for (uint32_t i = 0; i < ACC_ENTRIES * b->n; i++)
		acc[i] = random_acc(&b->rng);
	memcpy(b->ref.spm, spm, SPM_BYTES);
	memcpy(b->ref.acc, acc, ACC_ENTRIES * b->n * 4);
}

static void check(struct bench *b, const uint32_t *w)
{
	struct func_fault fault;

	if (!func_exec(b->m, w, &fault))
		fail_msg("fault %s at 0x%llx", quern_fault_name(fault.kind), (unsigned long long)fault.addr);
	ref_exec(&b->ref, w);
	assert_memory_equal(func_spm(b->m), b->ref.spm, SPM_BYTES);
	assert_memory_equal(func_acc(b->m), b->ref.acc, ACC_ENTRIES * b->n * 4);
}

static uint32_t input(struct bench *b)
{
	return (uint32_t)rng_in(&b->rng, 0, HALF / 2) / b->n * b->n;
}

static uint32_t output(struct bench *b)
{
	return HALF + input(b);
}

static int8_t any8(struct bench *b)
{
	return rng_one_in(&b->rng, 4) ? (rng_next(&b->rng) & 1 ? INT8_MIN : INT8_MAX) : (int8_t)rng_next(&b->rng);
}

static int32_t any_mult(struct bench *b)
{
	if (rng_one_in(&b->rng, 4))
		return rng_next(&b->rng) & 1 ? INT32_MAX : 0;
	return rng_in(&b->rng, rng_next(&b->rng) & 1 ? 1 << 30 : 0, INT32_MAX);
}

static void make_conv(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_conv c = {
		.accumulate = rng_next(r) & 1,
		.acc_base = (uint16_t)(rng_in(r, 0, 1) * QUERN_ACC_ENTRIES + rng_in(r, 0, 400)),
		.ifm_base = (uint32_t)rng_in(r, 0, HALF / 2),
		.w_base = output(b),
		.nx = (uint16_t)rng_in(r, 1, 10),
		.ny = (uint16_t)rng_in(r, 1, 10),
		.ifm_sx = (uint32_t)rng_in(r, 0, 70),
		.ifm_sy = (uint32_t)rng_in(r, 0, 400),
		.k0 = (uint16_t)rng_in(r, 1, 3),
		.k1 = (uint16_t)rng_in(r, 1, 2),
		.k2 = (uint16_t)rng_in(r, 1, 2),
		.k0_stride = (uint32_t)rng_in(r, 0, 100),
		.k1_stride = (uint32_t)rng_in(r, 0, 500),
		.k2_stride = (uint32_t)rng_in(r, 0, 500),
	};

	if (rng_one_in(r, 3)) /* a negative step, by wrap-around */
		c.ifm_sx = (c.ifm_base ? 0x1000000u - (uint32_t)rng_in(r, 0, (int32_t)c.ifm_base / 10) : 0) & 0xffffff;
	quern_cmd_conv_pack(w, &c);
}

static void make_dwconv(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_dwconv c = {
		.accumulate = rng_next(r) & 1,
		.acc_base = (uint16_t)(rng_in(r, 0, 1) * QUERN_ACC_ENTRIES + rng_in(r, 0, 300)),
		.ifm_base = input(b),
		.w_base = output(b),
		.px_v = (uint16_t)rng_in(r, 0, 3),
		.py_v = (uint16_t)rng_in(r, 0, 20),
		.kw = (uint8_t)rng_in(r, 1, QUERN_DW_MAX_KW),
		.sx = (uint8_t)rng_in(r, 1, 8),
		.sy = (uint8_t)rng_in(r, 1, 8),
	};

	c.kh = (uint8_t)rng_in(r, 1, c.kw * 3u > b->n ? (int)b->n / c.kw : QUERN_DW_MAX_KH);
	c.in_nx = (uint16_t)(c.kw + rng_in(r, 0, 9));
	c.in_ny = (uint16_t)(c.kh + rng_in(r, 0, 9));
	quern_cmd_dwconv_pack(w, &c);
}

static void make_requant(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_requant c = {
		.acc_base = (uint16_t)(rng_in(r, 0, 1) * QUERN_ACC_ENTRIES + rng_in(r, 0, 400)),
		.out_base = output(b),
		.param_base = input(b),
		.nx = (uint16_t)rng_in(r, 1, 10),
		.ny = (uint16_t)rng_in(r, 1, 10),
		.out_sx_v = (uint16_t)rng_in(r, 0, 5),
		.out_sy_v = (uint16_t)rng_in(r, 0, 40),
		.out_zp = any8(b),
		.act_min = any8(b),
		.act_max = any8(b),
	};
	uint8_t *shifts = func_spm(b->m) + c.param_base + 8 * b->n;

	if (rng_next(r) & 1) /* shifts near those of real layers, where results do not saturate */
		for (uint32_t i = 0; i < b->n; i++)
			b->ref.spm[c.param_base + 8 * b->n + i] = shifts[i] = (uint8_t)rng_in(r, -31, -15);
	quern_cmd_requant_pack(w, &c);
}

static void make_eltwise(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_eltwise c = {
		.op = (uint8_t)rng_in(r, 0, 2),
		.nx = (uint16_t)rng_in(r, 1, 6),
		.ny = (uint16_t)rng_in(r, 1, 6),
		.a_base = input(b),
		.b_base = input(b),
		.out_base = output(b),
		.a_sx_v = (uint16_t)rng_in(r, 0, 20),
		.a_sy_v = (uint16_t)rng_in(r, 0, 20),
		.b_sx_v = (uint16_t)rng_in(r, 0, 20),
		.b_sy_v = (uint16_t)rng_in(r, 0, 20),
		.out_sx_v = (uint16_t)rng_in(r, 0, 20),
		.out_sy_v = (uint16_t)rng_in(r, 0, 20),
		.a_mult = any_mult(b),
		.b_mult = any_mult(b),
		.out_mult = any_mult(b),
		.a_shift = (int8_t)rng_in(r, -31, 0),
		.b_shift = (int8_t)rng_in(r, -6, 0),
		.out_shift = (int8_t)rng_in(r, -31, 30),
		.a_zp = any8(b),
		.b_zp = any8(b),
		.out_zp = any8(b),
		.act_min = any8(b),
		.act_max = any8(b),
	};

	if (rng_next(r) & 1)
		c.out_shift = (int8_t)(c.op == QUERN_ELTWISE_OP_MUL ? rng_in(r, -10, -4) : rng_in(r, -22, -16));
	if (rng_one_in(r, 4)) {
		c.out_base = c.a_base;
		c.a_sx_v = c.out_sx_v = 1;
		c.a_sy_v = c.out_sy_v = c.nx;
	}
	quern_cmd_eltwise_pack(w, &c);
}

static void make_pool(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_pool c = {
		.op = rng_next(r) & 1,
		.nx = (uint16_t)rng_in(r, 1, 5),
		.ny = (uint16_t)rng_in(r, 1, 5),
		.in_base = input(b),
		.out_base = output(b),
		.in_sx_v = (uint16_t)rng_in(r, 0, 20),
		.in_sy_v = (uint16_t)rng_in(r, 0, 20),
		.out_sx_v = (uint16_t)rng_in(r, 0, 20),
		.out_sy_v = (uint16_t)rng_in(r, 0, 20),
		.kw = (uint16_t)rng_in(r, 1, 5),
		.kh = (uint16_t)rng_in(r, 1, 5),
		.kx_v = (uint16_t)rng_in(r, 0, 9),
		.ky_v = (uint16_t)rng_in(r, 0, 20),
		.mult = rng_next(r),
		.half = rng_next(r) & 0xffffff,
		.shift = (uint8_t)rng_in(r, 0, 63),
		.act_min = any8(b),
		.act_max = any8(b),
	};

	if (rng_next(r) & 1) { /* a true average */
		uint32_t divisor = (uint32_t)c.kw * c.kh;

		c.half = divisor / 2;
		c.shift = 31;
		c.mult = (1u << 31) / divisor + 1;
	}
	quern_cmd_pool_pack(w, &c);
}

static void make_map(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_map c = {
		.op = rng_next(r) & 1,
		.nx = (uint16_t)rng_in(r, 1, 6),
		.ny = (uint16_t)rng_in(r, 1, 6),
		.in_base = input(b),
		.out_base = output(b),
		.in_sx_v = (uint16_t)rng_in(r, 0, 20),
		.in_sy_v = (uint16_t)rng_in(r, 0, 20),
		.out_sx_v = (uint16_t)rng_in(r, 0, 20),
		.out_sy_v = (uint16_t)rng_in(r, 0, 20),
		.table_base = input(b),
	};

	quern_cmd_map_pack(w, &c);
}

/* A table as the compiler makes it, exp(-i * step) in Q0.31, or raw garbage. */
static void make_softmax(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_softmax c = {
		.len = (uint16_t)(rng_one_in(r, 10) ? QUERN_SOFTMAX_MAX_LEN : rng_in(r, 1, 300)),
		.rows = (uint16_t)rng_in(r, 1, 3),
		.in_base = input(b),
		.out_base = output(b),
		.in_row_v = (uint16_t)rng_in(r, 0, 30),
		.out_row_v = (uint16_t)rng_in(r, 0, 30),
		.table_base = (HALF - 1024) / b->n * b->n,
	};
	double value = 2147483647.0;
	double decay = 1.0 - 1.0 / rng_in(r, 2, 40);

	if (!rng_one_in(r, 4)) {
		for (uint32_t i = 0; i < 256; i++, value *= decay) {
			int32_t e = (int32_t)value;

			memcpy(func_spm(b->m) + c.table_base + 4 * i, &e, 4);
			memcpy(b->ref.spm + c.table_base + 4 * i, &e, 4);
		}
	}
	quern_cmd_softmax_pack(w, &c);
}

static void make_fill(struct bench *b, uint32_t *w)
{
	struct rng *r = &b->rng;
	struct quern_cmd_fill c = {
		.spm_base = (uint32_t)rng_in(r, 0, HALF),
		.len = (uint32_t)rng_in(r, 1, 99),
		.n1 = (uint16_t)rng_in(r, 1, 5),
		.n2 = (uint16_t)rng_in(r, 1, 4),
		.n3 = (uint16_t)rng_in(r, 1, 3),
		.spm_s1 = (uint32_t)rng_in(r, 0, 200),
		.spm_s2 = (uint32_t)rng_in(r, 0, 900),
		.spm_s3 = (uint32_t)rng_in(r, 0, 3000),
		.value = any8(b),
	};

	quern_cmd_fill_pack(w, &c);
}

static void against_reference(void (*make)(struct bench *b, uint32_t *w))
{
	for (uint32_t n = 8; n <= 32; n *= 2) {
		struct bench b;

		bench_init(&b, n);
		for (int i = 0; i < ROUNDS; i++) {
			uint32_t w[QUERN_CMD_WORDS];

			if (i % 10 == 0)
				randomise(&b);
			make(&b, w);
			check(&b, w);
		}
		bench_finish(&b);
	}
}

#define OP_TEST(op)                                                                                                    \
	static void test_##op(void **state)                                                                            \
	{                                                                                                              \
		(void)state;                                                                                           \
		against_reference(make_##op);                                                                          \
	}
OP_TEST(conv)
OP_TEST(dwconv)
OP_TEST(requant)
OP_TEST(eltwise)
OP_TEST(pool)
OP_TEST(map)
OP_TEST(softmax)
OP_TEST(fill)

/* The largest sums a step can make, where float would first go wrong if it could. */
static void test_conv_extremes(void **state)
{
	static const uint8_t values[] = {0x80, 0x7f, 0x81, 0x00};

	(void)state;
	for (uint32_t n = 8; n <= 32; n *= 2) {
		struct bench b;

		bench_init(&b, n);
		for (uint32_t i = 0; i < 16; i++) {
			uint32_t w[QUERN_CMD_WORDS];

			randomise(&b);
			make_conv(&b, w);
			memset(func_spm(b.m), values[i % 4], HALF);
			memset(func_spm(b.m) + HALF, values[i / 4], HALF);
			memcpy(b.ref.spm, func_spm(b.m), SPM_BYTES);
			check(&b, w);
		}
		bench_finish(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conv),	cmocka_unit_test(test_dwconv), cmocka_unit_test(test_requant),
		cmocka_unit_test(test_eltwise), cmocka_unit_test(test_pool),   cmocka_unit_test(test_map),
		cmocka_unit_test(test_softmax), cmocka_unit_test(test_fill),   cmocka_unit_test(test_conv_extremes),
	};

	print_message("replay: QUERN_SEED=%llu\n", (unsigned long long)seed());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
