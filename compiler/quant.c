// SPDX-License-Identifier: Apache-2.0
/* Quantisation maths: see quant.h. */
#include <math.h>
#include "fixedpoint.h"
#include "quant.h"

#define ADD_LEFT_SHIFT 20
/* Integer bits of the scaled difference in TFLite's softmax. */
#define SOFTMAX_INTEGER_BITS 5

struct quant_mult quant_multiplier(double real)
{
	struct quant_mult m = {0, 0};
	int64_t q;

	if (real == 0)
		return m;
	q = (int64_t)round(frexp(real, &m.shift) * (double)(1ll << 31));
	if (q == 1ll << 31) {
		q /= 2;
		m.shift++;
	}
	if (m.shift < -31)
		return (struct quant_mult){0, 0};
	m.mult = (int32_t)q;
	return m;
}

bool quant_multiplier_ok(double real)
{
	return isfinite(real) && real >= 0 && quant_multiplier(real).shift <= 30;
}

/* Largest distance of an output from the output zero point. */
#define MAX_LEVEL 255

/* The smallest x > 0 with round(x * real) >= level, as double arithmetic has it; estimate is within one of it. */
static int64_t first_reaching(double real, int level)
{
	int64_t x = (int64_t)ceil((level - 0.5) / real);

	while (x > 1 && round((double)(x - 1) * real) >= level)
		x--;
	while (round((double)x * real) < level)
		x++;
	return x;
}

bool quant_single_rounding(double real, int64_t reach, struct quant_mult *out)
{
	struct quant_mult m = quant_multiplier(real);
	__int128 low = 0, high = INT32_MAX;
	bool exact;

	/*
	 * x * mult must reach the tie of each level exactly from x = first_reaching() on: an interval for mult
	 * from each.
	 */
	for (int level = 1; level <= MAX_LEVEL && m.mult && (level - 0.5) / real <= (double)reach; level++) {
		__int128 tie = (__int128)(2 * level - 1) << (30 - m.shift);
		int64_t x = first_reaching(real, level);
		/* Without a right shift negative ties round up: stay off them. */
		__int128 from = m.shift < 0 ? (tie + x - 1) / x : tie / x + 1;
		__int128 to = x > 1 ? (tie + x - 2) / (x - 1) - 1 : INT32_MAX;

		low = from > low ? from : low;
		high = to < high ? to : high;
	}
	exact = low <= high;
	if (exact && m.mult < low)
		m.mult = (int32_t)low;
	if (exact && m.mult > high)
		m.mult = (int32_t)high;
	if (m.shift < 0)
		m.mult = (int32_t)((uint32_t)m.mult | 1u << 31);
	*out = m;
	return exact;
}

/*
 * zero_point + value / scale, rounded half away from zero in float, as the kernels' Prepare does; false beyond
 * int32.
 */
static bool quantise(float value, float scale, int32_t zero_point, int32_t *out)
{
	float q = roundf(value / scale);

	if (!(q >= -1e9f && q <= 1e9f))
		return false;
	*out = zero_point + (int32_t)q;
	return true;
}

static int8_t clamp_int8(int32_t v)
{
	return (int8_t)(v < INT8_MIN ? INT8_MIN : v > INT8_MAX ? INT8_MAX : v);
}

bool quant_activation(int32_t activation, float scale, int32_t zero_point, struct quant_range *out)
{
	int32_t min = INT8_MIN, max = INT8_MAX;
	bool ok;

	switch (activation) {
	case TFL_ACT_NONE:
		ok = true;
		break;
	case TFL_ACT_RELU:
		ok = quantise(0, scale, zero_point, &min);
		break;
	case TFL_ACT_RELU6:
		ok = quantise(0, scale, zero_point, &min) && quantise(6, scale, zero_point, &max);
		break;
	case TFL_ACT_RELU_N1_TO_1:
		ok = quantise(-1, scale, zero_point, &min) && quantise(1, scale, zero_point, &max);
		break;
	default:
		ok = false;
	}
	*out = (struct quant_range){clamp_int8(min), clamp_int8(max)};
	return ok;
}

bool quant_add(float a_scale, float b_scale, float out_scale, struct quant_add *out)
{
	double twice_max = 2 * (a_scale > b_scale ? a_scale : b_scale);
	double out_real = twice_max / ((double)(1 << ADD_LEFT_SHIFT) * out_scale);

	if (!isfinite(out_real) || !isfinite(twice_max))
		return false;
	out->a = quant_multiplier(a_scale / twice_max);
	out->b = quant_multiplier(b_scale / twice_max);
	out->out = quant_multiplier(out_real);
	return out->out.shift <= 0;
}

bool quant_softmax_table(float beta, float scale, int32_t table[256])
{
	double limit = (double)(1ll << 31) - 1;
	double real = (double)beta * scale * (1 << (31 - SOFTMAX_INTEGER_BITS));
	struct quant_mult m;
	double radius;
	int32_t reach;

	if (!(real > 1))
		return false;
	m = quant_multiplier(real < limit ? real : limit);
	/* The largest difference that still fits the scaled representation. */
	radius = ((1 << SOFTMAX_INTEGER_BITS) - 1) * (double)(1ll << (31 - SOFTMAX_INTEGER_BITS)) /
		 (double)(1ll << m.shift);
	reach = (int32_t)floor(radius);
	for (int32_t i = 0; i < 256; i++)
		table[i] = i <= reach ? fixed_exp_q5(fixed_mul((int32_t)((uint32_t)-i << m.shift), m.mult)) : 0;
	return true;
}
