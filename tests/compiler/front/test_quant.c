// SPDX-License-Identifier: Apache-2.0
/* Quantisation, fixed-point and window maths against real arithmetic and values worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "fixedpoint.h"
#include "geometry.h"
#include "hard_swish.h"
#include "mutate.h"
#include "quant.h"

static void test_multiplier_reproduces_the_real(void **state)
{
	struct rng r = rng_make(1, 0);

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double real = ldexp(1 + rng_next(&r) / 4294967296.0, (int)rng_below(&r, 58) - 30);
		struct quant_mult m = quant_multiplier(real);

		assert_in_range(m.mult, 1 << 30, INT32_MAX);
		assert_true(fabs(ldexp(m.mult, m.shift - 31) / real - 1) < ldexp(1, -31));
	}
}

static void test_multiplier_edges(void **state)
{
	(void)state;
	assert_int_equal(quant_multiplier(0).mult, 0);
	assert_int_equal(quant_multiplier(1).mult, 1 << 30);
	assert_int_equal(quant_multiplier(1).shift, 1);
	/* Rounds up to 2^31, which does not fit: halved. */
	assert_int_equal(quant_multiplier(nextafter(1, 0)).mult, 1 << 30);
	assert_int_equal(quant_multiplier(nextafter(1, 0)).shift, 1);
	assert_int_equal(quant_multiplier(ldexp(1, -32)).shift, -31);
	assert_int_equal(quant_multiplier(ldexp(1, -33)).mult, 0);
	assert_int_equal(quant_multiplier(ldexp(1, -33)).shift, 0);
	assert_true(quant_multiplier_ok(ldexp(1, 29)));
	assert_false(quant_multiplier_ok(ldexp(1, 30)));
	assert_false(quant_multiplier_ok(-0.5));
	assert_false(quant_multiplier_ok(NAN));
	assert_false(quant_multiplier_ok(INFINITY));
}

static void check_range(int32_t activation, float scale, int32_t zero_point, int min, int max)
{
	struct quant_range r;

	assert_true(quant_activation(activation, scale, zero_point, &r));
	assert_int_equal(r.min, min);
	assert_int_equal(r.max, max);
}

static void test_activation_ranges(void **state)
{
	struct quant_range r;

	(void)state;
	check_range(TFL_ACT_NONE, 0.1f, 5, -128, 127);
	check_range(TFL_ACT_RELU, 0.1f, 5, 5, 127);
	check_range(TFL_ACT_RELU, 0.1f, -128, -128, 127);
	check_range(TFL_ACT_RELU6, 0.1f, 5, 5, 65);
	check_range(TFL_ACT_RELU6, 0.0235294122f, -128, -128, 127);
	check_range(TFL_ACT_RELU_N1_TO_1, 0.0625f, 1, -15, 17);
	assert_false(quant_activation(TFL_ACT_TANH, 0.1f, 0, &r));
	assert_false(quant_activation(77, 0.1f, 0, &r));
	assert_false(quant_activation(TFL_ACT_RELU6, 1e-12f, 0, &r));
}

static void test_add_params(void **state)
{
	struct quant_add q;

	(void)state;
	assert_true(quant_add(0.5f, 0.25f, 0.5f, &q));
	assert_int_equal(q.a.mult, 1 << 30);
	assert_int_equal(q.a.shift, 0); /* 0.5 / 1.0 */
	assert_int_equal(q.b.mult, 1 << 30);
	assert_int_equal(q.b.shift, -1);
	assert_int_equal(q.out.mult, 1 << 30); /* 1.0 / (2^20 * 0.5) = 2^-19 */
	assert_int_equal(q.out.shift, -18);
	assert_true(quant_add(1, 1, ldexpf(1, -18), &q));
	/* 2 / (2^20 * 2^-20) = 2 is no right shift any more. */
	assert_false(quant_add(1, 1, ldexpf(1, -20), &q));
}

static int32_t once(int32_t x, double real)
{
	return (int32_t)round(x * real);
}

/* Every accumulator near a change of the output, for real multipliers of the size that networks have. */
static void test_single_rounding_is_exact(void **state)
{
	struct rng r = rng_make(2, 0);

	(void)state;
	for (int i = 0; i < 400; i++) {
		double real = (1 + rng_next(&r) / 4294967296.0) * ldexp(1, -2 - (int)rng_below(&r, 11));
		struct quant_mult m;

		if (!quant_single_rounding(real, 1 << 22, &m))
			continue;
		for (int level = -255; level <= 255; level++) {
			int32_t at = (int32_t)((level + 0.5) / real);

			for (int32_t x = at - 2; x <= at + 2; x++)
				if (abs(once(x, real)) <= 255)
					assert_int_equal(fixed_requant_channel(x, m.mult, m.shift), once(x, real));
		}
	}
}

static void test_single_rounding_differs_from_two(void **state)
{
	struct quant_mult m;
	int differ = 0;

	(void)state;
	assert_true(quant_single_rounding(0.1379, 4000, &m));
	assert_true(m.mult < 0);
	for (int32_t x = -1800; x <= 1800; x++) {
		assert_int_equal(fixed_requant_channel(x, m.mult, m.shift), once(x, 0.1379));
		differ += fixed_requant(x, m.mult & INT32_MAX, m.shift) != once(x, 0.1379);
	}
	assert_true(differ > 0);
}

static void test_requant_rounds_half_away(void **state)
{
	(void)state;
	assert_int_equal(fixed_requant(3, 1 << 30, 0), 2);    /* 1.5 */
	assert_int_equal(fixed_requant(5, 1 << 30, 0), 3);    /* 2.5 */
	assert_int_equal(fixed_requant(-6, 1 << 30, -1), -2); /* -1.5 */
	assert_int_equal(fixed_requant(1, 1 << 30, 4), 8);
	assert_int_equal(fixed_shr_round(-5, 1), -3);
	assert_int_equal(fixed_shr_round(5, 1), 3);
	assert_int_equal(fixed_shr_round(INT32_MIN, 31), -1);
	assert_int_equal(fixed_shr_round(7, 0), 7);
	assert_int_equal(fixed_mul(INT32_MIN, INT32_MIN), INT32_MAX);
}

static void test_exp_is_close(void **state)
{
	(void)state;
	assert_int_equal(fixed_exp_q5(0), INT32_MAX);
	for (int64_t a = -1; a > -(1ll << 31); a -= 1000003) {
		double want = exp(ldexp((double)a, -26)) * 2147483648.0;

		assert_true(fabs(fixed_exp_q5((int32_t)a) - want) < 2000);
	}
	fixed_exp_q5(INT32_MIN);
}

static void test_softmax_table(void **state)
{
	int32_t table[256];

	(void)state;
	assert_true(quant_softmax_table(1, 0.1f, table));
	assert_int_equal(table[0], INT32_MAX);
	for (int i = 1; i < 256; i++) {
		assert_true(table[i] <= table[i - 1]);
		assert_true(fabs(table[i] - exp(-0.1 * i) * 2147483648.0) < 4000);
	}
	/* Differences whose scaled value leaves Q5.26 count as zero. */
	assert_true(quant_softmax_table(1, 1, table));
	assert_true(table[15] > 0);
	assert_int_equal(table[32], 0);
	assert_int_equal(table[255], 0);
	assert_true(quant_softmax_table(1e6f, 1e6f, table));
	assert_int_equal(table[1], 0);
	assert_false(quant_softmax_table(1e-9f, 1e-3f, table));
	assert_false(quant_softmax_table(NAN, 1, table));
	assert_false(quant_softmax_table(-1, 1, table));
}

static void test_hard_swish_is_close(void **state)
{
	struct hard_swish h;

	(void)state;
	assert_true(hard_swish_init(&h, 0.05f, 3, 0.04f, -20));
	for (int x = -128; x < 128; x++) {
		double v = 0.05 * (x - 3), gate = fmin(fmax(v + 3, 0), 6) / 6;

		assert_true(fabs(hard_swish_eval(&h, x) - (v * gate / 0.04 - 20)) <= 1);
	}
	assert_false(hard_swish_init(&h, 1e3f, 0, 1e-3f, 0));
}

static void check_window(struct window w, bool same, int out, int before, int after)
{
	assert_true(window_resolve(&w, same));
	assert_int_equal(w.out, out);
	assert_int_equal(w.before, before);
	assert_int_equal(w.after, after);
}

static void test_windows(void **state)
{
	struct window bad[] = {
		{.in = 0, .kernel = 1, .stride = 1, .dilation = 1},
		{.in = 4, .kernel = 0, .stride = 1, .dilation = 1},
		{.in = 4, .kernel = 1, .stride = 0, .dilation = 1},
		{.in = 4, .kernel = 1, .stride = 1, .dilation = -1},
		{.in = 4, .kernel = INT32_MAX, .stride = 1, .dilation = 2},
		{.in = 4, .kernel = 1, .stride = INT32_MIN, .dilation = 1},
	};
	struct window small = {.in = 2, .kernel = 3, .stride = 1, .dilation = 1};

	(void)state;
	check_window((struct window){.in = 32, .kernel = 3, .stride = 1, .dilation = 1}, true, 32, 1, 1);
	check_window((struct window){.in = 96, .kernel = 3, .stride = 2, .dilation = 1}, true, 48, 0, 1);
	check_window((struct window){.in = 49, .kernel = 10, .stride = 2, .dilation = 1}, true, 25, 4, 5);
	check_window((struct window){.in = 10, .kernel = 3, .stride = 1, .dilation = 2}, true, 10, 2, 2);
	check_window((struct window){.in = 5, .kernel = 1, .stride = 3, .dilation = 1}, true, 2, 0, 0);
	check_window((struct window){.in = 10, .kernel = 3, .stride = 2, .dilation = 1}, false, 4, 0, 0);
	check_window((struct window){.in = 7, .kernel = 7, .stride = 7, .dilation = 1}, false, 1, 0, 0);
	assert_false(window_resolve(&small, false));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(window_resolve(&bad[i], true));
		assert_false(window_resolve(&bad[i], false));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_multiplier_reproduces_the_real),
		cmocka_unit_test(test_multiplier_edges),
		cmocka_unit_test(test_activation_ranges),
		cmocka_unit_test(test_add_params),
		cmocka_unit_test(test_single_rounding_is_exact),
		cmocka_unit_test(test_single_rounding_differs_from_two),
		cmocka_unit_test(test_requant_rounds_half_away),
		cmocka_unit_test(test_exp_is_close),
		cmocka_unit_test(test_softmax_table),
		cmocka_unit_test(test_hard_swish_is_close),
		cmocka_unit_test(test_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
