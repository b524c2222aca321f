// SPDX-License-Identifier: Apache-2.0
/*
 * ADD, SUB and MUL, with the broadcasts that cost nothing: whole tensors, one value a channel, and constants of
 * any broadcast shape.
 */
#include <inttypes.h>
#include <string.h>
#include "quant.h"
#include "tflite_import.h"

/* Dimension i of t counted from the innermost, 1 beyond its rank. */
static int32_t dim_from_end(const struct tensor *t, int i)
{
	return i < t->rank ? t->dim[t->rank - 1 - i] : 1;
}

static bool broadcasts_to(const struct tensor *t, const struct tensor *y)
{
	for (int i = 0; i < IR_MAX_RANK; i++)
		if (dim_from_end(t, i) != 1 && dim_from_end(t, i) != dim_from_end(y, i))
			return false;
	return true;
}

/* A constant, repeated to the shape of y. */
static struct tensor *expand_const(struct import *im, const struct tensor *t, int rank, const int32_t *dim)
{
	struct tensor *e = graph_tensor(im->g, t->name, QUERN_DTYPE_INT8, rank, dim);
	int8_t *data = e ? graph_alloc(im->g, e->bytes, 1) : NULL;

	if (!data)
		return NULL;
	for (int32_t n = 0; n < e->elements; n++) {
		int32_t rest = n, at = 0, step = 1;

		for (int i = 0; i < rank; i++) {
			int32_t index = rest % dim_from_end(e, i);

			rest /= dim_from_end(e, i);
			at += dim_from_end(t, i) > 1 ? index * step : 0;
			step *= dim_from_end(t, i);
		}
		data[n] = ((const int8_t *)t->data)[at];
	}
	e->kind = TENSOR_CONST;
	e->data = data;
	e->scale = t->scale;
	e->zero_point = t->zero_point;
	return e;
}

/* How t covers y; replaces constants that need it. */
static enum status cover(struct import *im, const struct tensor *y, struct tensor **t, enum elt_cover *out)
{
	int32_t channels = dim_from_end(y, 0);
	bool constant = (*t)->kind == TENSOR_CONST;
	enum status st;

	if (!broadcasts_to(*t, y))
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: operand %s does not broadcast to the output",
				 im->g->sources[im->source].name, (*t)->name);
	*out = (*t)->elements == y->elements ? ELT_FULL : ELT_CHANNEL;
	if (*out == ELT_FULL || ((*t)->elements == channels && dim_from_end(*t, 0) == channels))
		return STATUS_OK;
	if (!constant)
		return import_refuse(im, "operand %s is broadcast in a way that is not one value a channel",
				     (*t)->name);
	*out = (*t)->elements == 1 ? ELT_CHANNEL : ELT_FULL;
	st = import_spend(im, *out == ELT_FULL ? y->elements : channels);
	if (st)
		return st;
	*t = *out == ELT_FULL ? expand_const(im, *t, y->rank, y->dim) : expand_const(im, *t, 1, &channels);
	return *t ? STATUS_OK : import_no_memory(im);
}

static enum status set_multipliers(struct import *im, const struct tensor *a, const struct tensor *b,
				   const struct tensor *y, struct eltwise_attr *e)
{
	struct quant_add q = {0};
	double real = a->scale * b->scale / y->scale; /* float, as MUL's Prepare */

	if (e->op == QUERN_ELTWISE_OP_MUL) {
		if (!quant_multiplier_ok(real))
			return import_refuse(im, "the ratio of its scales is out of range");
		q.out = quant_multiplier(real);
	} else if (!quant_add(a->scale, b->scale, y->scale, &q)) {
		return import_refuse(im, "the ratio of its scales is out of range");
	}
	e->a_mult = q.a.mult;
	e->b_mult = q.b.mult;
	e->out_mult = q.out.mult;
	e->a_shift = (int8_t)q.a.shift;
	e->b_shift = (int8_t)q.b.shift;
	e->out_shift = (int8_t)q.out.shift;
	return STATUS_OK;
}

static enum status import_eltwise(struct import *im, enum quern_eltwise_op kind)
{
	struct eltwise_attr e = {.op = kind};
	struct tensor *a, *b, *y;
	struct quant_range range;
	struct op *op;
	enum status st = import_data(im, 0, 0, &a);

	if (!st)
		st = import_data(im, 1, 0, &b);
	if (!st)
		st = import_result(im, 0, &y);
	if (!st && a->kind == TENSOR_CONST && b->kind == TENSOR_CONST)
		st = import_refuse(im, "both operands are constants");
	if (!st)
		st = set_multipliers(im, a, b, y, &e);
	if (!st &&
	    !quant_activation(fb_i8(&im->m->fb, im->op->options, ELT_ACTIVATION, 0), y->scale, y->zero_point, &range))
		st = import_refuse(im, "its fused activation is not a clamp");
	e.a_zp = st ? 0 : (int8_t)a->zero_point;
	e.b_zp = st ? 0 : (int8_t)b->zero_point;
	if (!st)
		st = cover(im, y, &a, &e.a_cover);
	if (!st)
		st = cover(im, y, &b, &e.b_cover);
	if (!st && e.a_cover != ELT_FULL && e.b_cover != ELT_FULL)
		st = import_refuse(im, "both operands are broadcast");
	if (st)
		return st;
	e.channels = dim_from_end(y, 0);
	e.pixels = y->elements / e.channels;
	e.out_zp = (int8_t)y->zero_point;
	e.act_min = range.min;
	e.act_max = range.max;
	op = import_op(im, OP_ELTWISE, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 2;
	op->inputs[0] = a;
	op->inputs[1] = b;
	op->elt = e;
	return STATUS_OK;
}

enum status import_add(struct import *im)
{
	return import_eltwise(im, QUERN_ELTWISE_OP_ADD);
}

enum status import_sub(struct import *im)
{
	return import_eltwise(im, QUERN_ELTWISE_OP_SUB);
}

enum status import_mul(struct import *im)
{
	return import_eltwise(im, QUERN_ELTWISE_OP_MUL);
}
