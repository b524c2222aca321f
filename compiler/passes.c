// SPDX-License-Identifier: Apache-2.0
/* The pass list and what passes share. */
#include "passes.h"

enum status passes_run(struct graph *g, struct diag *diag)
{
	static enum status (*const passes[])(struct graph *, struct diag *) = {
		pass_fold_constants, pass_fuse_pad, pass_fuse_lut, pass_drop_dead, pass_verify,
	};
	enum status st = STATUS_OK;

	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]) && !st; i++)
		st = passes[i](g, diag);
	return st;
}

void graph_compact(struct graph *g)
{
	int n = 0;

	for (int i = 0; i < g->num_ops; i++)
		if (g->ops[i])
			g->ops[n++] = g->ops[i];
	g->num_ops = n;
	graph_count_uses(g);
}

void source_fused(struct graph *g, uint32_t source, uint32_t into)
{
	g->sources[source].fate = FATE_FUSED;
	g->sources[source].into = into;
	g->sources[source].note = NULL;
}

void source_elided(struct graph *g, uint32_t source, const char *note)
{
	g->sources[source].fate = FATE_ELIDED;
	g->sources[source].note = note;
}
