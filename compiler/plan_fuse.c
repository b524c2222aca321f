/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An elementwise op right behind a convolution that alone reads its result is done tile by tile with it: the sum of a residual block then
 * neither waits for the whole convolution nor sends its operand through host memory.
 */
#include "plan.h"

/* The operand that is not the convolution's result; NULL if the two cannot be done together. */
const struct tensor *plan_fused_operand(const struct op *conv, const struct op *elt)
{
	bool first = elt->inputs[0] == conv->output, second = elt->num_inputs > 1 && elt->inputs[1] == conv->output;

	if (elt->kind != OP_ELTWISE || elt->elt.a_cover != ELT_FULL || elt->elt.b_cover != ELT_FULL || first == second)
		return NULL;
	return elt->inputs[first ? 1 : 0];
}

static bool can_fuse(const struct backend *be, int index)
{
	const struct op *conv = be->g->ops[index];
	const struct storage *middle = be_storage(be, conv->output);

	if (conv->kind != OP_CONV && conv->kind != OP_DWCONV)
		return false;
	if (conv->kind == OP_DWCONV && conv->conv.depth_mult == 1)
		return false;
	if (middle->host_only || middle->fixed || middle->first != index || middle->last != index + 1)
		return false;
	return plan_fused_operand(conv, be->g->ops[index + 1]);
}

void plan_fusions(struct backend *be)
{
	for (int i = 0; i + 1 < be->g->num_ops; i++) {
		struct storage *out = be_storage(be, be->g->ops[i + 1]->output);

		if (!can_fuse(be, i))
			continue;
		be->fused[i] = true;
		out->first = min32(out->first, i);
	}
}
