/* SPDX-License-Identifier: Apache-2.0 */
/* Output sizes and padding of sliding windows, by TFLite's SAME and VALID rules. */
#ifndef COMPILER_GEOMETRY_H
#define COMPILER_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

struct window {
	int32_t in;	/* elements along this dimension */
	int32_t kernel; /* taps */
	int32_t stride;
	int32_t dilation;
	int32_t out;	/* result */
	int32_t before; /* result: padding in front */
	int32_t after;	/* result: padding behind */
};

/*
 * Fills the results; false if an argument is below 1, the window is larger than int32, or no output remains.
 * same: SAME, else VALID.
 */
bool window_resolve(struct window *w, bool same);

#endif
