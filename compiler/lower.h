/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering: one function per kind of op. Each emits commands that are correct in stream order and leaves tokens to the scheduler. */
#ifndef COMPILER_LOWER_H
#define COMPILER_LOWER_H

#include "backend.h"

void lower_conv(struct backend *be, const struct op *op);
void lower_dw(struct backend *be, const struct op *op);
void lower_eltwise(struct backend *be, const struct op *op);
void lower_pool(struct backend *be, const struct op *op);
void lower_softmax(struct backend *be, const struct op *op);
void lower_lut(struct backend *be, const struct op *op);
void lower_reshape(struct backend *be, const struct op *op);
void lower_pad(struct backend *be, const struct op *op);
void lower_concat(struct backend *be, const struct op *op);
void lower_resize(struct backend *be, const struct op *op);
void lower_slice(struct backend *be, const struct op *op);

/* Accumulators from entry acc on, which hold the tile's pixels, to N channels of the view. params: scratchpad address. */
void lower_requant(struct backend *be, const struct conv_attr *a, const struct view *v, const struct box *tile,
		   int32_t channel, uint32_t params, uint32_t acc);

#endif
