/* SPDX-License-Identifier: Apache-2.0 */
/* What convolution-like operators share: requantisation parameters per output channel. */
#ifndef COMPILER_IMPORT_CONV_H
#define COMPILER_IMPORT_CONV_H

#include "geometry.h"
#include "tflite_import.h"

/* Weights and bias as the file gives them. */
struct conv_operands {
	struct tensor *x, *y;
	const struct tfl_tensor *w, *bias; /* bias NULL if there is none */
	const int8_t *weights;
	int64_t channel_step; /* from a channel's first weight to the next channel's */
	int64_t tap_step;     /* from a weight of a channel to the next of the same channel */
	int32_t taps;	      /* weights of one channel */
	int scale_axis;	      /* dimension of w that runs over output channels */
	bool single_rounding; /* results are rounded once: FULLY_CONNECTED */
};

/* Data, weights and bias operands, their types and ranks. */
enum status conv_get_operands(struct import *im, int rank, struct conv_operands *o);
/* Fills bias, mult, shift and the int8 fields of c; c->out_c must be set. */
enum status conv_set_requant(struct import *im, const struct conv_operands *o, int32_t activation, struct conv_attr *c);
/* mult and shift of every channel from one real multiplier. */
enum status conv_alloc_params(struct import *im, struct conv_attr *c, int32_t **bias, int32_t **mult, int8_t **shift);

#endif
