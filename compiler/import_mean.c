// SPDX-License-Identifier: Apache-2.0
/*
 * MEAN over height and width. TFLite folds the division by the number of elements into the requantisation
 * multiplier, so the mean is a depthwise convolution whose weights are 1 and whose kernel covers the image:
 * exact, rounding included.
 */
#include <string.h>
#include "import_conv.h"
#include "quant.h"

/* Axes must be height and width of an image, in any order and sign. */
static enum status check_axes(struct import *im)
{
	int32_t axes[2] = {0};
	int count = 0;
	enum status st = import_ints(im, 1, axes, 2, &count);

	if (st)
		return st;
	for (int i = 0; i < 2; i++)
		axes[i] += axes[i] < 0 ? 4 : 0;
	if (count == 2 && ((axes[0] == 1 && axes[1] == 2) || (axes[0] == 2 && axes[1] == 1)))
		return STATUS_OK;
	return import_refuse(im, "only the mean over height and width is supported");
}

/*
 * The multiplier of the sum of n elements: in_scale / out_scale / n, divided in integers with the shift that
 * keeps its precision.
 */
static struct quant_mult mean_multiplier(double real, int32_t n)
{
	struct quant_mult m = quant_multiplier(real);
	int shift = 31 - __builtin_clz((unsigned int)n);

	if (shift > 31 + m.shift)
		shift = 31 + m.shift;
	m.mult = (int32_t)(((int64_t)m.mult << shift) / n);
	m.shift -= shift;
	return m;
}

static enum status set_params(struct import *im, const struct tensor *x, const struct tensor *y, struct conv_attr *c)
{
	int32_t n = x->dim[1] * x->dim[2];
	double real = (double)x->scale / (double)y->scale;
	int8_t *weights, *shift;
	int32_t *bias, *mult;
	struct quant_mult m;
	enum status st = conv_alloc_params(im, c, &bias, &mult, &shift);

	if (!st)
		st = import_spend(im, (int64_t)n * c->out_c);
	if (st)
		return st;
	c->weight_bytes = (size_t)n * (size_t)c->out_c;
	c->weights = weights = graph_alloc(im->g, c->weight_bytes, 1);
	if (!weights)
		return import_no_memory(im);
	if (!quant_multiplier_ok(real) || n > 1 << 22)
		return import_refuse(im, "the ratio of its scales or its image is too large");
	m = mean_multiplier(real, n);
	memset(weights, 1, c->weight_bytes);
	for (int32_t i = 0; i < c->out_c; i++) {
		bias[i] = -n * x->zero_point;
		mult[i] = m.mult;
		shift[i] = (int8_t)m.shift;
	}
	return STATUS_OK;
}

enum status import_mean(struct import *im)
{
	struct conv_attr c = {.out_h = 1,
			      .out_w = 1,
			      .stride_y = 1,
			      .stride_x = 1,
			      .dilation_y = 1,
			      .dilation_x = 1,
			      .depth_mult = 1};
	struct tensor *x, *y;
	struct op *op;
	enum status st = import_data(im, 0, 4, &x);

	if (!st)
		st = import_result(im, 0, &y);
	if (!st)
		st = check_axes(im);
	if (st)
		return st;
	if (x->kind == TENSOR_CONST)
		return import_refuse(im, "its input is a constant");
	if ((int64_t)y->elements != (int64_t)x->dim[0] * x->dim[3])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its output has another shape than its input gives",
				 im->g->sources[im->source].name);
	c.batch = x->dim[0];
	c.in_h = c.kh = x->dim[1];
	c.in_w = c.kw = x->dim[2];
	c.in_c = c.out_c = c.groups = x->dim[3];
	c.in_zp = (int8_t)x->zero_point;
	c.out_zp = (int8_t)y->zero_point;
	c.act_min = INT8_MIN;
	c.act_max = INT8_MAX;
	st = set_params(im, x, y, &c);
	if (st)
		return st;
	op = import_op(im, OP_DWCONV, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	op->conv = c;
	return STATUS_OK;
}
