/* SPDX-License-Identifier: Apache-2.0 */
/* HARD_SWISH of TFLite's reference kernel for int8: 16-bit fixed point, evaluated at compile time into a table. */
#ifndef COMPILER_HARD_SWISH_H
#define COMPILER_HARD_SWISH_H

#include <stdbool.h>
#include <stdint.h>

struct hard_swish {
	int32_t in_zp, out_zp;
	int16_t out_mult, gate_mult; /* Q0.15 */
	int out_shift, gate_shift;   /* positive is left */
};

/* False if the scales are out of the kernel's range. */
bool hard_swish_init(struct hard_swish *h, float in_scale, int32_t in_zp, float out_scale, int32_t out_zp);
/* x: stored int8 input. The result is to be clamped to int8. */
int32_t hard_swish_eval(const struct hard_swish *h, int32_t x);

#endif
