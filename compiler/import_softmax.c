// SPDX-License-Identifier: Apache-2.0
/* SOFTMAX along the innermost dimension: the exponentials become a table, the rest is the SOFTMAX command. */
#include <inttypes.h>
#include "quant.h"
#include "tflite_import.h"

static enum status check_softmax(struct import *im, const struct tensor *x, const struct tensor *y)
{
	if (x->kind == TENSOR_CONST)
		return import_refuse(im, "its input is a constant");
	if (x->rank < 1 || y->elements != x->elements || y->dim[y->rank - 1] != x->dim[x->rank - 1])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its output has another shape than its input",
				 im->g->sources[im->source].name);
	if (y->scale != 1.0f / 256 || y->zero_point != -128)
		return import_refuse(im, "its output must have scale 1/256 and zero point -128");
	if (x->dim[x->rank - 1] > QUERN_SOFTMAX_MAX_LEN)
		return import_refuse(im, "its rows have %" PRId32 " elements, more than %d", x->dim[x->rank - 1],
				     QUERN_SOFTMAX_MAX_LEN);
	return STATUS_OK;
}

enum status import_softmax(struct import *im)
{
	float beta = fb_f32(&im->m->fb, im->op->options, SOFTMAX_BETA, 0);
	struct tensor *x, *y;
	int32_t *table;
	struct op *op;
	enum status st = import_data(im, 0, 0, &x);

	if (!st)
		st = import_result(im, 0, &y);
	if (!st)
		st = check_softmax(im, x, y);
	if (st)
		return st;
	table = graph_alloc(im->g, 256, sizeof(*table));
	if (!table)
		return import_no_memory(im);
	if (!quant_softmax_table(beta, x->scale, table))
		return import_refuse(im, "beta * input scale is too small for integer arithmetic");
	op = import_op(im, OP_SOFTMAX, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	op->softmax.len = x->dim[x->rank - 1];
	op->softmax.rows = x->elements / op->softmax.len;
	op->softmax.table = table;
	return STATUS_OK;
}
