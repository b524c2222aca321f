// SPDX-License-Identifier: Apache-2.0
/*
 * Merges a LUT into the operator that alone feeds it:
 *  - a table that only clamps (RELU, RELU6, or QUANTIZE between equal scales) narrows the activation range of
 *    CONV, DWCONV, ELTWISE, POOL; exact, because a clamp of a clamp is a clamp;
 *  - a table behind a table is their composition.
 */
#include "passes.h"

struct range {
	int min, max;
};

static int clamp(int v, struct range r)
{
	return v < r.min ? r.min : v > r.max ? r.max : v;
}

/* True if the table maps each int8 to itself, clamped to *r. */
static bool is_clamp(const struct op *lut, struct range *r)
{
	const uint8_t *table = lut->lut.table;

	if (lut->inputs[0]->dtype != QUERN_DTYPE_INT8 || lut->output->dtype != QUERN_DTYPE_INT8)
		return false;
	r->min = (int8_t)table[(uint8_t)INT8_MIN];
	r->max = (int8_t)table[INT8_MAX];
	for (int x = INT8_MIN; x <= INT8_MAX; x++)
		if ((int8_t)table[(uint8_t)x] != clamp(x, *r))
			return false;
	return r->min <= r->max;
}

/* The activation range of an op that has one. */
static bool get_activation(struct op *op, int8_t **min, int8_t **max)
{
	switch (op->kind) {
	case OP_CONV:
	case OP_DWCONV:
		*min = &op->conv.act_min;
		*max = &op->conv.act_max;
		return true;
	case OP_ELTWISE:
		*min = &op->elt.act_min;
		*max = &op->elt.act_max;
		return true;
	case OP_POOL:
		*min = &op->pool.act_min;
		*max = &op->pool.act_max;
		return true;
	default:
		return false;
	}
}

static bool fuse_clamp(struct op *op, const struct op *lut)
{
	int8_t *min, *max;
	struct range r;

	if (!get_activation(op, &min, &max) || !is_clamp(lut, &r))
		return false;
	*min = (int8_t)clamp(*min, r);
	*max = (int8_t)clamp(*max, r);
	return true;
}

static bool compose(struct graph *g, struct op *op, const struct op *lut)
{
	uint8_t *table;

	if (op->kind != OP_LUT)
		return false;
	table = graph_alloc(g, 256, 1);
	if (!table)
		return false;
	for (int i = 0; i < 256; i++)
		table[i] = lut->lut.table[op->lut.table[i]];
	op->lut.table = table;
	return true;
}

enum status pass_fuse_lut(struct graph *g, struct diag *diag)
{
	(void)diag;
	for (int i = 0; i < g->num_ops; i++) {
		struct op *lut = g->ops[i];
		struct tensor *between = lut->inputs[0];
		struct op *op = between->producer;

		if (lut->kind != OP_LUT || !op || between->uses != 1 || between->kind != TENSOR_INTERMEDIATE)
			continue;
		if (!fuse_clamp(op, lut) && !compose(g, op, lut))
			continue;
		op->output = lut->output;
		op->output->producer = op;
		source_fused(g, lut->source, op->source);
		g->ops[i] = NULL;
	}
	graph_compact(g);
	return STATUS_OK;
}
