/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the job may be preempted. At a YIELD nothing may live in the scratchpad, so tensors that are alive between two operators there must
 * go through host memory. Every stretch of about yield_cycles of the target gets one, at the boundary in its second half that costs the fewest bytes;
 * shorter jobs get none.
 */
#include "plan.h"

static uint64_t rough_cycles(const struct backend *be, const struct op *op)
{
	uint64_t cycles = (uint64_t)op->output->elements / be->n;

	if (op->kind == OP_CONV)
		cycles += op->conv.weight_bytes * (uint64_t)op->output->elements / (uint64_t)op->conv.out_c /
			  (be->n * be->n);
	if (op->kind == OP_DWCONV)
		cycles += (uint64_t)op->inputs[0]->elements / be->n;
	return cycles;
}

static bool crosses(const struct storage *s, int op)
{
	return s->used && !s->fixed && s->first <= op && s->last > op;
}

/* Bytes that a YIELD behind op sends through host memory. */
static uint64_t price(const struct backend *be, int op)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
		const struct storage *s = &be->storages[i];

		if (crosses(s, op) && !s->host_only)
			bytes += (uint64_t)s->g.b * (uint64_t)s->g.h * (uint64_t)s->g.w * (uint64_t)s->g.c;
	}
	return bytes;
}

static void yield_after(struct backend *be, int op)
{
	be->yields[op] = true;
	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++)
		if (crosses(&be->storages[i], op))
			be->storages[i].host_only = true;
}

void plan_yields(struct backend *be)
{
	uint64_t stretch = be->t.yield_cycles ? be->t.yield_cycles : DEFAULT_YIELD_CYCLES, since = 0,
		 best_price = UINT64_MAX;
	int best = -1;

	for (int i = 0; i + 1 < be->g->num_ops; i++) {
		since += rough_cycles(be, be->g->ops[i]);
		if (be->fused[i])
			continue;
		if (since >= stretch / 2 && price(be, i) < best_price) {
			best = i;
			best_price = price(be, i);
		}
		if (since < stretch)
			continue;
		yield_after(be, best);
		/* Count again from the chosen boundary. */
		i = best;
		since = 0;
		best = -1;
		best_price = UINT64_MAX;
	}
}
