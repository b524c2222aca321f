// SPDX-License-Identifier: Apache-2.0
/* Judges one compiled graph: see trial.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine.h"
#include "race.h"
#include "ref.h"
#include "lib/rng.h"
#include "trial.h"

struct trial {
	const struct graph *g;
	int8_t **want, **got;
	char *text;
};

static int8_t **alloc_data(const struct graph *g)
{
	int8_t **data = calloc(g->num_tensor_ids, sizeof(*data));

	for (int i = 0; i < g->num_inputs; i++)
		data[g->inputs[i]->id] = calloc(1, g->inputs[i]->bytes);
	for (int i = 0; i < g->num_ops; i++) {
		const struct op *op = g->ops[i];

		data[op->output->id] = calloc(1, op->output->bytes);
		for (int k = 0; k < op->num_inputs; k++)
			if (op->inputs[k]->kind == TENSOR_CONST && !data[op->inputs[k]->id])
				data[op->inputs[k]->id] = calloc(1, op->inputs[k]->bytes);
	}
	return data;
}

static void free_data(const struct graph *g, int8_t **data)
{
	for (uint32_t i = 0; data && i < g->num_tensor_ids; i++)
		free(data[i]);
	free(data);
}

static bool same_outputs(struct trial *t, const char *how)
{
	for (int i = 0; i < t->g->num_outputs; i++) {
		const struct tensor *o = t->g->outputs[i];

		for (size_t k = 0; k < o->bytes; k++)
			if (t->want[o->id][k] != t->got[o->id][k]) {
				snprintf(t->text, TRIAL_TEXT, "%s: output %s byte %zu is %d, not %d", how, o->name, k,
					 t->got[o->id][k], t->want[o->id][k]);
				return false;
			}
		memset(t->got[o->id], 0x55, o->bytes);
	}
	return true;
}

/* Random inputs, and what they give. */
static void prepare(struct trial *t, uint64_t seed)
{
	struct rng r = {seed};

	t->want = alloc_data(t->g);
	t->got = alloc_data(t->g);
	for (int i = 0; i < t->g->num_inputs; i++) {
		const struct tensor *in = t->g->inputs[i];

		for (size_t k = 0; k < in->bytes; k++)
			t->want[in->id][k] = t->got[in->id][k] = (int8_t)rng_next(&r);
	}
	ref_run(t->g, t->want);
}

bool trial_check(const struct graph *g, const struct target *target, const struct program_image *image, uint64_t seed,
		 char *text)
{
	struct trial t = {.g = g, .text = text};
	bool ok;

	prepare(&t, seed * 3 + 1);
	ok = machine_run(g, target, image, t.got, 0, text) && same_outputs(&t, "in order") &&
	     race_free(g, target, image, text) && machine_run(g, target, image, t.got, seed | 1, text) &&
	     same_outputs(&t, "out of order");
	free_data(g, t.want);
	free_data(g, t.got);
	return ok;
}
