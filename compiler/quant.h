/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TFLite's quantisation maths: real scales to the integers of commands. Each function states the formula of the
 * reference kernel it mirrors, float or double included, because one unit in the last place of a multiplier
 * changes results.
 */
#ifndef COMPILER_QUANT_H
#define COMPILER_QUANT_H

#include <stdbool.h>
#include <stdint.h>
#include "tflite_schema.h"

struct quant_mult {
	int32_t mult; /* Q0.31, 0 or at least 2^30; bit 31 may be the truncate flag */
	int shift;    /* positive is left */
};

struct quant_range {
	int8_t min, max;
};

/* real > 0 as mult / 2^31 * 2^shift, mult rounded half away from zero; 0 and anything below 2^-32 give mult 0. */
struct quant_mult quant_multiplier(double real);

/* Fits the shift fields of the chip: real is finite, not negative and below 2^30. */
bool quant_multiplier_ok(double real);

/*
 * FULLY_CONNECTED rounds acc * real once, in double. Finds the multiplier that with REQUANT's truncate flag (set
 * here where shift < 0) gives the same for all |acc| <= reach whose result is within +-255; beyond that outputs
 * are saturated. False if none does: out is then the closest.
 */
bool quant_single_rounding(double real, int64_t reach, struct quant_mult *out);

/* Clamp of a fused activation for int8; false for activations that are not clamps or ranges beyond int32. */
bool quant_activation(int32_t activation, float scale, int32_t zero_point, struct quant_range *out);

struct quant_add {
	struct quant_mult a, b, out;
};

/*
 * ADD and SUB with left shift 20; false if a multiplier does not fit the command (a result scale far below the
 * operands').
 */
bool quant_add(float a_scale, float b_scale, float out_scale, struct quant_add *out);

/*
 * Softmax: table[i] is exp(-i * beta * scale) in Q0.31, 0 where TFLite's integer kernel cuts off. False if beta
 * * scale is out of range.
 */
bool quant_softmax_table(float beta, float scale, int32_t table[256]);

#endif
