/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed-point arithmetic of docs/isa.md. Everything wraps modulo 2^32, so sums go through uint32_t.
 * Branch-free, so that loops over lanes vectorise.
 */
#ifndef HW_MODEL_FUNC_ARITH_H
#define HW_MODEL_FUNC_ARITH_H

#include <stdint.h>

static inline int32_t add32(int32_t a, int32_t b)
{
	return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t sub32(int32_t a, int32_t b)
{
	return (int32_t)((uint32_t)a - (uint32_t)b);
}

/* Rounded a * b / 2^31 without the saturation of INT32_MIN * INT32_MIN. */
static inline int32_t doubling_high_mul(int32_t a, int32_t b)
{
	int64_t p = (int64_t)a * b;
	int64_t v = p + (p >= 0 ? 1ll << 30 : 1 - (1ll << 30));

	return (int32_t)((v + ((v >> 63) & 0x7fffffff)) >> 31);
}

/* h / 2^r, rounded half away from zero; 0 <= r <= 31. */
static inline int32_t rounding_shift_right(int32_t h, uint32_t r)
{
	int32_t mask = (int32_t)((1u << r) - 1);
	int32_t threshold = (mask >> 1) + (h < 0);

	return (h >> r) + ((h & mask) > threshold);
}

/* MBQM; m >= 0, -31 <= shift <= 30. */
static inline int32_t mbqm(int32_t x, int32_t m, int32_t shift)
{
	uint32_t left = shift > 0 ? (uint32_t)shift : 0;
	uint32_t right = shift < 0 ? (uint32_t)-shift : 0;

	return rounding_shift_right(doubling_high_mul((int32_t)((uint32_t)x << left), m), right);
}

static inline int32_t srdhm(int32_t a, int32_t b)
{
	return a == INT32_MIN && b == INT32_MIN ? INT32_MAX : doubling_high_mul(a, b);
}

static inline int32_t rdbpot(int32_t v, uint32_t r)
{
	return r > 31 ? 0 : rounding_shift_right(v, r);
}

/* v * 2^n saturated; n <= 31. */
static inline int32_t sat_shl(int32_t v, uint32_t n)
{
	int64_t wide = (int64_t)v * (1ll << n);

	return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* The order matters when low > high, which is legal: high wins. */
static inline int8_t clamp_act(int64_t v, int8_t low, int8_t high)
{
	int64_t t = v > low ? v : low;

	return (int8_t)(t < high ? t : high);
}

#endif
