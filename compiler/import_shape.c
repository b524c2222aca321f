// SPDX-License-Identifier: Apache-2.0
/* Operators that move or keep bytes: RESHAPE and its kin, PAD, PADV2, CONCATENATION, SLICE, STRIDED_SLICE, RESIZE_NEAREST_NEIGHBOR. */
#include <inttypes.h>
#include <math.h>
#include "tflite_import.h"

/* RESHAPE, SQUEEZE, EXPAND_DIMS: the new shape is the output tensor's; the shape operand, if any, is not read. */
enum status import_reshape(struct import *im)
{
	struct tensor *x, *y;
	struct op *op;
	enum status st = import_any(im, 0, &x);

	if (!st)
		st = import_any_result(im, &y);
	if (st)
		return st;
	if (x->elements != y->elements || x->dtype != y->dtype)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its output does not hold its input's elements",
				 im->g->sources[im->source].name);
	if (x->dtype != QUERN_DTYPE_INT8 && x->dtype != QUERN_DTYPE_UINT8)
		return import_refuse(im, "tensor %s is not int8", x->name);
	op = import_op(im, OP_RESHAPE, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	im->g->sources[im->source].fate = FATE_ELIDED;
	im->g->sources[im->source].note = "same bytes, other shape";
	return STATUS_OK;
}

/* The byte that fills: the zero point, or the constant of PADV2. */
static enum status pad_value(struct import *im, const struct tensor *y, int8_t *value)
{
	const struct tfl_tensor *v = import_input(im, 2);
	struct tensor *t;
	enum status st;

	*value = (int8_t)y->zero_point;
	if (!v)
		return STATUS_OK;
	st = import_data(im, 2, 0, &t);
	if (st)
		return st;
	if (t->kind != TENSOR_CONST || t->elements != 1)
		return import_refuse(im, "its value is not a constant scalar");
	if (!import_same_quant(t, y))
		return import_refuse(im, "its value is quantised differently from its output");
	*value = *(const int8_t *)t->data;
	return STATUS_OK;
}

enum status import_pad(struct import *im)
{
	int32_t pads[8] = {0};
	struct pad_attr p;
	struct tensor *x, *y;
	struct op *op;
	int count = 0;
	enum status st = import_data(im, 0, 4, &x);

	if (!st)
		st = import_result(im, 4, &y);
	if (!st)
		st = import_ints(im, 1, pads, 8, &count);
	if (!st)
		st = pad_value(im, y, &p.value);
	if (st)
		return st;
	if (!import_same_quant(x, y))
		return import_refuse(im, "its input and output are quantised differently");
	for (int i = 0; i < 8; i++)
		if (count != 8 || pads[i] < 0 ||
		    (int64_t)x->dim[i / 2] + pads[i / 2 * 2] + pads[i / 2 * 2 + 1] != y->dim[i / 2])
			return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its paddings do not give its output's shape",
					 im->g->sources[im->source].name);
	if (x->kind == TENSOR_CONST || pads[0] || pads[1] || pads[6] || pads[7])
		return import_refuse(im, "only height and width of an image can be padded");
	op = import_op(im, OP_PAD, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	op->pad = (struct pad_attr){x->dim[0], x->dim[1], x->dim[2], x->dim[3], pads[2],
				    pads[4],   pads[3],	  pads[5],   p.value};
	return STATUS_OK;
}

/* Operand i of a concatenation along axis: same shape but there. Adds its length to *total. */
static enum status concat_operand(struct import *im, int i, int axis, const struct tensor *y, struct tensor **x,
				  int64_t *total)
{
	enum status st = import_data(im, i, y->rank, x);

	if (st)
		return st;
	for (int k = 0; k < y->rank; k++)
		if (k != axis && (*x)->dim[k] != y->dim[k])
			return diag_fail(im->diag, STATUS_BAD_FILE, "%s: operand %d has another shape",
					 im->g->sources[im->source].name, i);
	if (!import_same_quant(*x, y))
		return import_refuse(im, "operand %d is quantised differently from the output", i);
	if ((*x)->kind == TENSOR_CONST)
		return import_refuse(im, "operand %d is a constant", i);
	*total += (*x)->dim[axis];
	return STATUS_OK;
}

enum status import_concatenation(struct import *im)
{
	int32_t axis = fb_i32(&im->m->fb, im->op->options, CONCAT_AXIS, 0);
	struct concat_attr c = {.outer = 1};
	struct tensor *x[IR_MAX_INPUTS], *y;
	int64_t total = 0;
	int32_t inner = 1;
	struct op *op;
	enum status st = import_result(im, 0, &y);

	if (st)
		return st;
	axis += axis < 0 ? y->rank : 0;
	if (axis < 0 || axis >= y->rank)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: axis %" PRId32 " does not exist",
				 im->g->sources[im->source].name, axis);
	if (fb_i8(&im->m->fb, im->op->options, CONCAT_ACTIVATION, 0))
		return import_refuse(im, "a fused activation is not supported");
	for (int k = 0; k < y->rank; k++)
		*(k < axis ? &c.outer : &inner) *= k == axis ? 1 : y->dim[k];
	for (int i = 0; i < im->op->num_inputs && !st; i++) {
		st = concat_operand(im, i, axis, y, &x[i], &total);
		c.run[i] = st ? 0 : x[i]->dim[axis] * inner;
	}
	if (st)
		return st;
	if (total != y->dim[axis])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its operands do not fill its output",
				 im->g->sources[im->source].name);
	op = import_op(im, OP_CONCAT, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = im->op->num_inputs;
	for (int i = 0; i < op->num_inputs; i++)
		op->inputs[i] = x[i];
	op->concat = c;
	return STATUS_OK;
}

/* Input pixel of output pixel i along one dimension, in TFLite's own arithmetic. */
static int32_t nearest(int32_t i, int32_t in, int32_t out, bool half)
{
	float scale = (float)in / (float)out, offset = half ? 0.5f : 0.0f;
	int32_t at = (int32_t)floorf(((float)i + offset) * scale);

	return at < in - 1 ? at : in - 1;
}

/* The whole factor by which the dimension grows; 0 if there is none. */
static int32_t whole_factor(int32_t in, int32_t out, bool half)
{
	int32_t factor = in ? out / in : 0;

	if (!factor || out % in)
		return 0;
	for (int32_t i = 0; i < out; i++)
		if (nearest(i, in, out, half) != i / factor)
			return 0;
	return factor;
}

enum status import_resize_nearest(struct import *im)
{
	bool align = fb_i8(&im->m->fb, im->op->options, RESIZE_ALIGN_CORNERS, 0);
	bool half = fb_i8(&im->m->fb, im->op->options, RESIZE_HALF_PIXEL, 0);
	struct resize_attr r;
	struct tensor *x, *y;
	int32_t size[2];
	struct op *op;
	int count = 0;
	enum status st = import_data(im, 0, 4, &x);

	if (!st)
		st = import_result(im, 4, &y);
	if (!st)
		st = import_ints(im, 1, size, 2, &count);
	if (st)
		return st;
	if (count != 2 || size[0] != y->dim[1] || size[1] != y->dim[2] || x->dim[0] != y->dim[0] || x->dim[3] != y->dim[3])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its size does not give its output's shape",
				 im->g->sources[im->source].name);
	if (!import_same_quant(x, y))
		return import_refuse(im, "its input and output are quantised differently");
	r = (struct resize_attr){x->dim[0], x->dim[1], x->dim[2], x->dim[3],
				 whole_factor(x->dim[1], y->dim[1], half), whole_factor(x->dim[2], y->dim[2], half)};
	if (align || !r.factor_y || !r.factor_x)
		return import_refuse(im, "only whole factors, without aligned corners");
	if (x->kind == TENSOR_CONST)
		return import_refuse(im, "its input is a constant");
	op = import_op(im, OP_RESIZE, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	op->resize = r;
	return STATUS_OK;
}

/* The box that begins at begin and has the output's size; the source model said the same when sizes agree. */
static enum status slice_op(struct import *im, struct tensor *x, struct tensor *y, const int32_t *begin,
			    const int32_t *size)
{
	struct op *op;

	for (int i = 0; i < 4; i++)
		if (begin[i] < 0 || size[i] != y->dim[i] || (int64_t)begin[i] + size[i] > x->dim[i])
			return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its box is not in its input or not its output",
					 im->g->sources[im->source].name);
	if (!import_same_quant(x, y))
		return import_refuse(im, "its input and output are quantised differently");
	if (x->kind == TENSOR_CONST || y->dim[0] != x->dim[0])
		return import_refuse(im, "only height, width and channels of an image can be cut");
	op = import_op(im, OP_SLICE, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	op->slice = (struct slice_attr){x->dim[0], x->dim[1], x->dim[2], x->dim[3], y->dim[1],
					y->dim[2], y->dim[3], begin[1],  begin[2],  begin[3]};
	return STATUS_OK;
}

static enum status slice_operands(struct import *im, struct tensor **x, struct tensor **y, int32_t *begin, int32_t *other)
{
	int count[2] = {0};
	enum status st = import_data(im, 0, 4, x);

	if (!st)
		st = import_result(im, 4, y);
	if (!st)
		st = import_ints(im, 1, begin, 4, &count[0]);
	if (!st)
		st = import_ints(im, 2, other, 4, &count[1]);
	if (!st && (count[0] != 4 || count[1] != 4))
		st = import_refuse(im, "only images can be cut");
	return st;
}

enum status import_slice(struct import *im)
{
	int32_t begin[4], size[4];
	struct tensor *x, *y;
	enum status st = slice_operands(im, &x, &y, begin, size);

	for (int i = 0; !st && i < 4; i++)
		if (size[i] == -1)
			size[i] = x->dim[i] - begin[i];
	return st ? st : slice_op(im, x, y, begin, size);
}

/* Masks and negative positions resolved as TFLite does for strides of 1. */
static int32_t position(int32_t at, bool masked, int32_t whole, int32_t otherwise)
{
	if (masked)
		return otherwise;
	at += at < 0 ? whole : 0;
	return at < 0 ? 0 : at > whole ? whole : at;
}

enum status import_strided_slice(struct import *im)
{
	struct fb *fb = &im->m->fb;
	int32_t begin_mask = fb_i32(fb, im->op->options, SLICE_BEGIN_MASK, 0);
	int32_t end_mask = fb_i32(fb, im->op->options, SLICE_END_MASK, 0);
	int32_t begin[4], end[4], stride[4];
	struct tensor *x, *y;
	int count = 0;
	enum status st = slice_operands(im, &x, &y, begin, end);

	if (!st)
		st = import_ints(im, 3, stride, 4, &count);
	if (st)
		return st;
	if (count != 4 || stride[0] != 1 || stride[1] != 1 || stride[2] != 1 || stride[3] != 1)
		return import_refuse(im, "only strides of 1");
	if (fb_i32(fb, im->op->options, SLICE_ELLIPSIS_MASK, 0) || fb_i32(fb, im->op->options, SLICE_NEW_AXIS_MASK, 0) ||
	    fb_i32(fb, im->op->options, SLICE_SHRINK_MASK, 0))
		return import_refuse(im, "only boxes that keep the number of dimensions");
	for (int i = 0; i < 4; i++) {
		begin[i] = position(begin[i], begin_mask >> i & 1, x->dim[i], 0);
		end[i] = position(end[i], end_mask >> i & 1, x->dim[i], x->dim[i]) - begin[i];
	}
	return slice_op(im, x, y, begin, end);
}
