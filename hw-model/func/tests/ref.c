/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The naive reference. Arithmetic is done in __int128 and cut to size at the end, divisions are divisions, and softmax
 * follows gemmlowp's fixed-point classes step by step instead of the closed form of docs/isa.md.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "quern/commands.h"
#include "ref.h"

typedef __int128 wide;

#define A24 0xffffff

static int s8(const struct ref *r, uint64_t a)
{
	int b = r->spm[a & A24];

	return b >= 128 ? b - 256 : b;
}

static int32_t s32(const struct ref *r, uint64_t a)
{
	uint32_t v = 0;

	for (int i = 3; i >= 0; i--)
		v = v << 8 | r->spm[(a + (uint64_t)i) & A24];
	return (int32_t)v;
}

static void put(struct ref *r, uint64_t a, wide v)
{
	r->spm[a & A24] = (uint8_t)(v & 0xff);
}

static wide clamp(wide v, wide low, wide high)
{
	if (v < low)
		v = low;
	if (v > high)
		v = high;
	return v;
}

static int32_t wrap(wide v)
{
	return (int32_t)(uint32_t)(v & 0xffffffff);
}

static wide power(int e)
{
	return (wide)1 << e;
}

/* Nearest integer to v / 2^r, halves away from zero. */
static wide divide_by_power(wide v, int r)
{
	wide half = r ? power(r - 1) : 0;

	return v >= 0 ? (v + half) / power(r) : -((-v + half) / power(r));
}

/* a * b / 2^31 as gemmlowp rounds it: the nudge is for halves upwards, the division truncates. */
static wide high_mul(wide a, wide b)
{
	wide p = a * b;

	return p >= 0 ? (p + power(30)) / power(31) : (p + 1 - power(30)) / power(31);
}

int32_t ref_mbqm(int32_t x, int32_t m, int32_t s)
{
	wide shifted = wrap((wide)x * power(s > 0 ? s : 0));

	return wrap(divide_by_power(high_mul(shifted, m), s < 0 ? -s : 0));
}

static void ref_conv(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_conv c;

	quern_cmd_conv_unpack(&c, w);
	for (uint64_t e = 0; e < (uint64_t)c.nx * c.ny; e++) {
		for (uint32_t o = 0; o < r->n; o++) {
			int32_t *acc = &r->acc[(c.acc_base + e) * r->n + o];
			wide sum = c.accumulate ? *acc : 0;
			uint64_t step = 0;

			for (uint64_t i2 = 0; i2 < c.k2; i2++)
				for (uint64_t i1 = 0; i1 < c.k1; i1++)
					for (uint64_t i0 = 0; i0 < c.k0; i0++, step++)
						for (uint64_t k = 0; k < r->n; k++) {
							uint64_t a = c.ifm_base + e / c.nx * c.ifm_sy +
								     e % c.nx * c.ifm_sx + i0 * c.k0_stride +
								     i1 * c.k1_stride + i2 * c.k2_stride;
							uint64_t b = c.w_base + step * r->n * r->n + k * r->n + o;

							sum += s8(r, (a & A24) + k) * s8(r, b);
						}
			*acc = wrap(sum);
		}
	}
}

static void ref_dwconv(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_dwconv c;

	quern_cmd_dwconv_unpack(&c, w);
	uint64_t onx = (uint64_t)(c.in_nx - c.kw) / c.sx + 1;
	uint64_t ony = (uint64_t)(c.in_ny - c.kh) / c.sy + 1;

	for (uint64_t e = 0; e < onx * ony; e++) {
		for (uint64_t lane = 0; lane < r->n; lane++) {
			int32_t *acc = &r->acc[(c.acc_base + e) * r->n + lane];
			wide sum = c.accumulate ? *acc : 0;

			for (uint64_t ky = 0; ky < c.kh; ky++)
				for (uint64_t kx = 0; kx < c.kw; kx++) {
					uint64_t pixel =
						(e / onx * c.sy + ky) * c.py_v + (e % onx * c.sx + kx) * c.px_v;

					sum += s8(r, c.ifm_base + pixel * r->n + lane) *
					       s8(r, c.w_base + (ky * c.kw + kx) * r->n + lane);
				}
			*acc = wrap(sum);
		}
	}
}

/* With truncate, the product loses its fraction before the right shift rounds. */
static wide ref_requant_one(int32_t x, int32_t m, int s, bool truncate)
{
	wide shifted = wrap((wide)x * power(s > 0 ? s : 0));

	if (!truncate)
		return ref_mbqm(x, m, s);
	return wrap(divide_by_power(shifted * m / power(31), s < 0 ? -s : 0));
}

static void ref_requant(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_requant c;
	struct ref params = *r;

	quern_cmd_requant_unpack(&c, w);
	params.spm = malloc(r->spm_bytes);
	memcpy(params.spm, r->spm, r->spm_bytes);
	for (uint64_t y = 0; y < c.ny; y++)
		for (uint64_t x = 0; x < c.nx; x++)
			for (uint64_t o = 0; o < r->n; o++) {
				int32_t bias = s32(&params, c.param_base + 4 * o);
				int32_t raw = s32(&params, c.param_base + 4 * (r->n + o)), mult = raw & 0x7fffffff;
				int shift = s8(&params, c.param_base + 8 * r->n + o);
				int32_t acc = r->acc[(c.acc_base + y * c.nx + x) * r->n + o];
				wide v = ref_requant_one(wrap((wide)acc + bias), mult, (int)clamp(shift, -31, 30),
							 raw < 0);

				put(r, c.out_base + (y * c.out_sy_v + x * c.out_sx_v) * r->n + o,
				    clamp(wrap(v + c.out_zp), c.act_min, c.act_max));
			}
	free(params.spm);
}

static wide eltwise_value(const struct quern_cmd_eltwise *c, int a, int b)
{
	wide sa = ref_mbqm(wrap((wide)(a - c->a_zp) * 1048576), c->a_mult, c->a_shift);
	wide sb = ref_mbqm(wrap((wide)(b - c->b_zp) * 1048576), c->b_mult, c->b_shift);

	switch (c->op) {
	case QUERN_ELTWISE_OP_ADD:
		return sa + sb;
	case QUERN_ELTWISE_OP_SUB:
		return sa - sb;
	default:
		return (wide)(a - c->a_zp) * (b - c->b_zp);
	}
}

static void ref_eltwise(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_eltwise c;

	quern_cmd_eltwise_unpack(&c, w);
	for (uint64_t y = 0; y < c.ny; y++)
		for (uint64_t x = 0; x < c.nx; x++)
			for (uint64_t i = 0; i < r->n; i++) {
				int a = s8(r, c.a_base + (y * c.a_sy_v + x * c.a_sx_v) * r->n + i);
				int b = s8(r, c.b_base + (y * c.b_sy_v + x * c.b_sx_v) * r->n + i);
				wide v = ref_mbqm(wrap(eltwise_value(&c, a, b)), c.out_mult, c.out_shift);

				put(r, c.out_base + (y * c.out_sy_v + x * c.out_sx_v) * r->n + i,
				    clamp(wrap(v + c.out_zp), c.act_min, c.act_max));
			}
}

static wide pool_value(const struct ref *r, const struct quern_cmd_pool *c, uint64_t corner)
{
	wide max = -128;
	wide sum = 0;

	for (uint64_t ky = 0; ky < c->kh; ky++)
		for (uint64_t kx = 0; kx < c->kw; kx++) {
			int x = s8(r, corner + (ky * c->ky_v + kx * c->kx_v) * r->n);

			sum += x;
			max = x > max ? x : max;
		}
	if (c->op == QUERN_POOL_OP_MAX)
		return max;
	if (sum == 0)
		return 0;
	return sum > 0 ? (sum + c->half) * c->mult / power(c->shift) : -((-sum + c->half) * c->mult / power(c->shift));
}

static void ref_pool(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_pool c;

	quern_cmd_pool_unpack(&c, w);
	for (uint64_t y = 0; y < c.ny; y++)
		for (uint64_t x = 0; x < c.nx; x++)
			for (uint64_t i = 0; i < r->n; i++) {
				uint64_t corner = c.in_base + (y * c.in_sy_v + x * c.in_sx_v) * r->n + i;

				put(r, c.out_base + (y * c.out_sy_v + x * c.out_sx_v) * r->n + i,
				    clamp(pool_value(r, &c, corner), c.act_min, c.act_max));
			}
}

static void ref_map(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_map c;

	quern_cmd_map_unpack(&c, w);
	for (uint64_t y = 0; y < c.ny; y++)
		for (uint64_t x = 0; x < c.nx; x++)
			for (uint64_t i = 0; i < r->n; i++) {
				int v = s8(r, c.in_base + (y * c.in_sy_v + x * c.in_sx_v) * r->n + i);

				if (c.op == QUERN_MAP_OP_LUT)
					v = s8(r, c.table_base + (uint64_t)(v & 0xff));
				put(r, c.out_base + (y * c.out_sy_v + x * c.out_sx_v) * r->n + i, v);
			}
}

/* gemmlowp's fixed point: a raw int32 whose value is raw / 2^(31 - integer bits). */
static int32_t fp_mul(int32_t a, int32_t b)
{
	return a == INT32_MIN && b == INT32_MIN ? INT32_MAX : wrap(high_mul(a, b));
}

static int32_t fp_saturate(wide v)
{
	return (int32_t)clamp(v, INT32_MIN, INT32_MAX);
}

/* 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31: Newton's method on the mean of 1 and a, in Q2.29. */
static int32_t fp_one_over_one_plus(int32_t a)
{
	wide mean_sum = (wide)a + INT32_MAX;
	int32_t half_denominator = wrap((mean_sum + (mean_sum >= 0 ? 1 : -1)) / 2);
	int32_t x = wrap(1515870810 + (wide)fp_mul(half_denominator, -1010580540));

	for (int i = 0; i < 3; i++) {
		int32_t q2_product = fp_mul(half_denominator, x);
		int32_t one_minus = wrap(power(29) - q2_product);
		int32_t q4_correction = fp_mul(x, one_minus);

		x = wrap((wide)x + fp_saturate((wide)q4_correction * 4));
	}
	return fp_saturate((wide)x * 2);
}

static void softmax_row(struct ref *r, const struct quern_cmd_softmax *c, uint64_t in, uint64_t out)
{
	int max = -128;
	uint32_t sum = 0;
	int headroom = 0;
	int32_t scale = 0;

	for (uint64_t i = 0; i < c->len; i++)
		max = s8(r, in + i) > max ? s8(r, in + i) : max;
	for (uint64_t i = 0; i < c->len; i++)
		sum += (uint32_t)divide_by_power(s32(r, c->table_base + 4 * (uint64_t)(max - s8(r, in + i))), 12);
	while (headroom < 32 && !(sum >> (31 - headroom) & 1))
		headroom++;
	if (sum)
		scale = fp_one_over_one_plus(wrap(((wide)sum << headroom) - power(31)));
	for (uint64_t i = 0; i < (c->len + r->n - 1) / r->n * r->n; i++) {
		int exponent = 12 - headroom + 31 - 8;
		wide v = 0;

		if (i < c->len) {
			v = fp_mul(scale, s32(r, c->table_base + 4 * (uint64_t)(max - s8(r, in + i))));
			v = clamp((exponent > 31 ? 0 : divide_by_power(v, exponent)) - 128, -128, 127);
		}
		put(r, out + i, v);
	}
}

static void ref_softmax(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_softmax c;

	quern_cmd_softmax_unpack(&c, w);
	for (uint64_t y = 0; y < c.rows; y++)
		softmax_row(r, &c, c.in_base + y * c.in_row_v * r->n, c.out_base + y * c.out_row_v * r->n);
}

static void ref_fill(struct ref *r, const uint32_t *w)
{
	struct quern_cmd_fill c;

	quern_cmd_fill_unpack(&c, w);
	for (uint64_t i3 = 0; i3 < c.n3; i3++)
		for (uint64_t i2 = 0; i2 < c.n2; i2++)
			for (uint64_t i1 = 0; i1 < c.n1; i1++)
				for (uint64_t i = 0; i < c.len; i++)
					put(r, c.spm_base + i1 * c.spm_s1 + i2 * c.spm_s2 + i3 * c.spm_s3 + i, c.value);
}

void ref_exec(struct ref *r, const uint32_t *w)
{
	switch (w[0] & 0xff) {
	case QUERN_OP_CONV:
		ref_conv(r, w);
		break;
	case QUERN_OP_DWCONV:
		ref_dwconv(r, w);
		break;
	case QUERN_OP_REQUANT:
		ref_requant(r, w);
		break;
	case QUERN_OP_ELTWISE:
		ref_eltwise(r, w);
		break;
	case QUERN_OP_POOL:
		ref_pool(r, w);
		break;
	case QUERN_OP_MAP:
		ref_map(r, w);
		break;
	case QUERN_OP_SOFTMAX:
		ref_softmax(r, w);
		break;
	case QUERN_OP_FILL:
		ref_fill(r, w);
		break;
	default:
		abort();
	}
}
