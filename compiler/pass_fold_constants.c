// SPDX-License-Identifier: Apache-2.0
/*
 * Evaluates RESHAPE and LUT of constants: what exporters leave behind around quantised constants. Other
 * operators on constants only are refused, because ir.h promises the back end that data inputs are not
 * constants.
 */
#include <string.h>
#include "passes.h"

static enum status fold(struct graph *g, struct op *op, struct diag *diag)
{
	const struct tensor *x = op->inputs[0];
	struct tensor *y = op->output;
	const uint8_t *from = x->data;
	uint8_t *to;

	if (y->kind == TENSOR_OUTPUT)
		return diag_fail(diag, STATUS_UNSUPPORTED, "%s: an output of the model is a constant", op->name);
	y->kind = TENSOR_CONST;
	y->producer = NULL;
	y->data = from;
	source_elided(g, op->source, "folded into a constant");
	if (op->kind == OP_RESHAPE)
		return STATUS_OK;
	y->data = to = graph_alloc(g, y->bytes, 1);
	if (!to)
		return diag_fail(diag, STATUS_NO_MEMORY, "%s: out of memory", op->name);
	for (size_t i = 0; i < y->bytes; i++)
		to[i] = op->lut.table[from[i]];
	return STATUS_OK;
}

static int count_constants(const struct op *op)
{
	int n = 0;

	for (int i = 0; i < op->num_inputs; i++)
		n += op->inputs[i]->kind == TENSOR_CONST;
	return n;
}

enum status pass_fold_constants(struct graph *g, struct diag *diag)
{
	enum status st = STATUS_OK;

	for (int i = 0; i < g->num_ops && !st; i++) {
		struct op *op = g->ops[i];
		int constants = count_constants(op);

		if (!constants || (op->kind == OP_ELTWISE && constants == 1))
			continue;
		if (op->kind != OP_RESHAPE && op->kind != OP_LUT)
			return diag_fail(diag, STATUS_UNSUPPORTED,
					 "%s: it computes on constants; fold them when exporting the model", op->name);
		st = fold(g, op, diag);
		g->ops[i] = NULL;
	}
	graph_compact(g);
	return st;
}
