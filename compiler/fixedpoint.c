// SPDX-License-Identifier: Apache-2.0
/*
 * Fixed-point arithmetic: see fixedpoint.h. Right shifts of negative numbers are arithmetic with the compilers
 * we build with.
 */
#include "fixedpoint.h"

int32_t fixed_mul(int32_t a, int32_t b)
{
	int64_t product = (int64_t)a * b;
	int64_t nudge = product >= 0 ? 1ll << 30 : 1 - (1ll << 30);

	if (a == INT32_MIN && b == INT32_MIN)
		return INT32_MAX;
	return (int32_t)((product + nudge) / (1ll << 31));
}

int32_t fixed_shr_round(int32_t x, int exponent)
{
	int32_t mask = (int32_t)((1ll << exponent) - 1);
	int32_t threshold = (mask >> 1) + (x < 0);

	return (x >> exponent) + ((x & mask) > threshold);
}

int32_t fixed_requant(int32_t x, int32_t mult, int shift)
{
	int left = shift > 0 ? shift : 0;
	int right = shift < 0 ? -shift : 0;

	return fixed_shr_round(fixed_mul((int32_t)((uint32_t)x << left), mult), right);
}

int32_t fixed_requant_channel(int32_t x, int32_t mult, int shift)
{
	int left = shift > 0 ? shift : 0;
	int right = shift < 0 ? -shift : 0;
	int64_t product = (int64_t)(int32_t)((uint32_t)x << left) * (mult & INT32_MAX);

	if (mult >= 0)
		return fixed_requant(x, mult, shift);
	return fixed_shr_round((int32_t)(product / (1ll << 31)), right);
}

/* exp(a) for -1/4 <= a < 0, Q0.31: Taylor expansion around -1/8 to the fourth order. */
static int32_t exp_quarter(int32_t a)
{
	const int32_t exp_minus_eighth = 1895147668;
	const int32_t one_third = 715827883;
	int32_t x = a + (1 << 28);
	int32_t x2 = fixed_mul(x, x);
	int32_t x3 = fixed_mul(x2, x);
	int32_t x4_4 = fixed_shr_round(fixed_mul(x2, x2), 2);
	int32_t tail = fixed_shr_round(fixed_mul(x4_4 + x3, one_third) + x2, 1);

	return exp_minus_eighth + fixed_mul(exp_minus_eighth, x + tail);
}

int32_t fixed_exp_q5(int32_t a)
{
	/* exp(-2^(i-2)) in Q0.31. */
	static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
	const int32_t quarter = 1 << 24;
	int32_t fraction = (a & (quarter - 1)) - quarter; /* in [-1/4, 0) */
	int64_t rest = (int64_t)fraction - a;		  /* a multiple of 1/4 */
	int32_t result = exp_quarter(fraction * 32);	  /* Q5.26 to Q0.31 */

	if (a == 0)
		return INT32_MAX;
	for (int i = 0; i < 7; i++)
		if (rest & (1ll << (24 + i)))
			result = fixed_mul(result, factors[i]);
	return result;
}
