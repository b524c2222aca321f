// SPDX-License-Identifier: Apache-2.0
/*
 * Random graphs through the back end and the functional model, compared byte by byte with a scalar interpreter; every stream is checked for
 * races and executed once more with the engines in another order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen.h"
#include "machine.h"
#include "passes.h"
#include "race.h"
#include "ref.h"

/* What became of a seed. */
enum outcome { PASSED, SKIPPED, FAILED };

struct trial {
	uint64_t seed;
	bool verbose;
	struct graph *g;
	struct target t;
	struct program_image image;
	int8_t **want, **got;
	char text[256];
};

static void describe(const struct graph *g)
{
	for (int i = 0; i < g->num_ops; i++) {
		const struct op *op = g->ops[i];
		const struct conv_attr *c = &op->conv;

		fprintf(stderr, "  %s ->", op->name);
		for (int k = 0; k < op->output->rank; k++)
			fprintf(stderr, "%s%d", k ? "x" : " ", op->output->dim[k]);
		fprintf(stderr, " (from t%u)", op->inputs[0]->id);
		if (op->kind == OP_CONV || op->kind == OP_DWCONV)
			fprintf(stderr, " in %dx%dx%dx%d kernel %dx%d stride %d,%d dilation %d,%d pads %d,%d,%d,%d groups %d mult %d", c->batch,
				c->in_h, c->in_w, c->in_c, c->kh, c->kw, c->stride_y, c->stride_x, c->dilation_y, c->dilation_x, c->pad_top,
				c->pad_left, c->pad_bottom, c->pad_right, c->groups, c->depth_mult);
		fprintf(stderr, "\n");
	}
}

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
				snprintf(t->text, sizeof(t->text), "%s: output %s byte %zu is %d, not %d", how, o->name, k, t->got[o->id][k],
					 t->want[o->id][k]);
				return false;
			}
		memset(t->got[o->id], 0x55, o->bytes);
	}
	return true;
}

static struct target random_target(struct rng *r)
{
	static const uint32_t arrays[] = { 8, 16, 16, 32 }, kib[] = { 16, 32, 32, 64, 64, 128, 512 };

	return (struct target){ .array = arrays[rng_next(r) % 4], .spm_bytes = kib[rng_next(r) % 7] << 10, .acc_entries = QUERN_ACC_ENTRIES };
}

static enum outcome compile(struct trial *t)
{
	struct diag diag = { "" };
	enum status status = pass_verify(t->g, &diag);

	if (status == STATUS_OK)
		status = backend_compile(t->g, &t->t, &t->image, &diag);
	snprintf(t->text, sizeof(t->text), "%s: %.200s", status_name(status), diag.text);
	if (status == STATUS_OK)
		return PASSED;
	/* A scratchpad of a few KiB cannot hold the window of every pooling. */
	return status == STATUS_TOO_BIG && t->t.spm_bytes <= 32 << 10 ? SKIPPED : FAILED;
}

static bool check(struct trial *t)
{
	struct rng r = { t->seed * 3 + 1 };

	t->want = alloc_data(t->g);
	t->got = alloc_data(t->g);
	for (int i = 0; i < t->g->num_inputs; i++) {
		const struct tensor *in = t->g->inputs[i];

		for (size_t k = 0; k < in->bytes; k++)
			t->want[in->id][k] = t->got[in->id][k] = (int8_t)rng_next(&r);
	}
	ref_run(t->g, t->want);
	return machine_run(t->g, &t->t, &t->image, t->got, 0, t->text) && same_outputs(t, "in order") &&
	       race_free(t->g, &t->t, &t->image, t->text) &&
	       machine_run(t->g, &t->t, &t->image, t->got, t->seed | 1, t->text) && same_outputs(t, "out of order");
}

static enum outcome run_seed(uint64_t seed, bool verbose)
{
	struct rng r = { seed };
	struct trial t = { .seed = seed, .verbose = verbose };
	enum outcome outcome;

	t.t = random_target(&r);
	t.g = gen_graph(&r, rng_one_in(&r, 3));
	outcome = compile(&t);
	if (verbose)
		describe(t.g);
	if (outcome == PASSED && !check(&t))
		outcome = FAILED;
	if (verbose)
		fprintf(stderr, "%u commands, %llu cycles, %u bytes of scratchpad\n", t.image.ncmds, (unsigned long long)t.image.cycles,
			t.image.spm_peak);
	if (outcome != PASSED && (verbose || outcome == FAILED))
		fprintf(stderr, "seed %llu, %ux%u, %u KiB: %s\n  replay: backend-random --seed %llu\n", (unsigned long long)seed, t.t.array,
			t.t.array, t.t.spm_bytes >> 10, t.text, (unsigned long long)seed);
	free_data(t.g, t.want);
	free_data(t.g, t.got);
	program_image_finish(&t.image);
	graph_destroy(t.g);
	return outcome;
}

int main(int argc, char **argv)
{
	uint64_t first = 1, count = 500;
	int seen[3] = { 0 };

	for (int i = 1; i + 1 < argc; i += 2) {
		uint64_t v = strtoull(argv[i + 1], NULL, 0);

		if (!strcmp(argv[i], "--count"))
			count = v;
		else if (!strcmp(argv[i], "--first"))
			first = v;
		else if (!strcmp(argv[i], "--seed"))
			return run_seed(v, true) == FAILED;
	}
	for (uint64_t seed = first; seed < first + count && seen[FAILED] < 10; seed++)
		seen[run_seed(seed, false)]++;
	printf("%d passed, %d too big for their scratchpad, %d failed\n", seen[PASSED], seen[SKIPPED], seen[FAILED]);
	return seen[FAILED] != 0;
}
