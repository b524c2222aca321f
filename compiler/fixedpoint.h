/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fixed-point arithmetic of TFLite's reference kernels, as docs/isa.md states it: what the compiler folds,
 * the chip would compute.
 */
#ifndef COMPILER_FIXEDPOINT_H
#define COMPILER_FIXEDPOINT_H

#include <stdint.h>

/* Saturating rounding doubling high product: a * b / 2^31, rounded half away from zero. */
int32_t fixed_mul(int32_t a, int32_t b);
/* x / 2^exponent rounded half away from zero; 0 <= exponent <= 31. */
int32_t fixed_shr_round(int32_t x, int exponent);
/* MBQM of docs/isa.md: x * mult / 2^31 * 2^shift with both roundings; mult >= 0, -31 <= shift <= 30. */
int32_t fixed_requant(int32_t x, int32_t mult, int shift);
/* REQUANT's scaling: fixed_requant(), or with the truncate flag in mult's bit 31 one rounding only. */
int32_t fixed_requant_channel(int32_t x, int32_t mult, int shift);
/* exp(a / 2^26) in Q0.31 for a <= 0 (Q5.26), by the polynomial and barrel shifter that gemmlowp defines. */
int32_t fixed_exp_q5(int32_t a);

#endif
