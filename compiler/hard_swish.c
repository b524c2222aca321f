// SPDX-License-Identifier: Apache-2.0
/*
 * HARD_SWISH: x * relu6(x + 3) / 6. The gate relu6(x + 3) / 6 is a saturating 16-bit value: x scaled so that 3
 * becomes 2^15, halved and lifted into [0, 1]. All steps round as the reference kernel's do.
 */
#include "fixedpoint.h"
#include "hard_swish.h"
#include "quant.h"

/* Bits that the 9-bit difference x - zp is shifted left: as many as 16 bits hold. */
#define HIRES_SHIFT 7

static int16_t saturate(int64_t v)
{
	return (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

/* a * b / 2^15 rounded half away from zero. */
static int16_t mul_round(int16_t a, int16_t b)
{
	int32_t product = (int32_t)a * b;

	return saturate((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/* a * b / 2^15 rounded to zero. */
static int16_t mul_truncate(int16_t a, int16_t b)
{
	return saturate((int32_t)a * b / (1 << 15));
}

/* Q0.31 to Q0.15, rounded, saturating. */
static int16_t narrow(int32_t mult)
{
	return mult >= INT32_MAX - (1 << 15) ? INT16_MAX : (int16_t)((mult + (1 << 15)) >> 16);
}

bool hard_swish_init(struct hard_swish *h, float in_scale, int32_t in_zp, float out_scale, int32_t out_zp)
{
	float hires_scale = (1.0f / 128.0f) * in_scale;
	double out_real = (double)(hires_scale / out_scale);
	double gate_real = (double)(hires_scale / (3.0f / 32768.0f));
	struct quant_mult out, gate;

	if (!quant_multiplier_ok(out_real) || !quant_multiplier_ok(gate_real))
		return false;
	out = quant_multiplier(out_real);
	gate = quant_multiplier(gate_real);
	if (out.shift > 0 || out.shift < -15 || gate.shift < -15 || gate.shift > 16)
		return false;
	*h = (struct hard_swish){in_zp, out_zp, narrow(out.mult), narrow(gate.mult), out.shift, gate.shift};
	return true;
}

int32_t hard_swish_eval(const struct hard_swish *h, int32_t x)
{
	int16_t hires = (int16_t)((x - h->in_zp) * (1 << HIRES_SHIFT));
	int16_t value = mul_round(hires, h->out_mult);
	int16_t gate = hires;

	/* The last bit of a left shift comes after the multiplication, so that only it may saturate visibly. */
	if (h->gate_shift > 0)
		gate = saturate((int64_t)gate * (1 << (h->gate_shift - 1)));
	gate = mul_round(gate, h->gate_mult);
	if (h->gate_shift > 0)
		gate = saturate((int64_t)gate * 2);
	if (h->gate_shift < 0)
		gate = (int16_t)fixed_shr_round(gate, -h->gate_shift);
	gate = (int16_t)((gate + (1 << 15)) >> 1);
	return fixed_shr_round(mul_truncate(gate, value), -h->out_shift) + h->out_zp;
}
