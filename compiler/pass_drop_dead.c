// SPDX-License-Identifier: Apache-2.0
/* Removes operators whose result nobody reads, from the last to the first, so that what fed only them goes too. */
#include "passes.h"

enum status pass_drop_dead(struct graph *g, struct diag *diag)
{
	(void)diag;
	for (int i = g->num_ops - 1; i >= 0; i--) {
		struct op *op = g->ops[i];

		if (op->output->uses)
			continue;
		for (int k = 0; k < op->num_inputs; k++)
			op->inputs[k]->uses--;
		source_elided(g, op->source, "nobody reads its result");
		g->ops[i] = NULL;
	}
	graph_compact(g);
	return STATUS_OK;
}
