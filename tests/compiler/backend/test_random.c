// SPDX-License-Identifier: Apache-2.0
/* Random graphs through the back end; trial.h says what is checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen.h"
#include "passes.h"
#include "trial.h"

/* What became of a seed. */
enum outcome { PASSED, SKIPPED, FAILED };

struct subject {
	struct graph *g;
	struct target t;
	struct program_image image;
	char text[TRIAL_TEXT];
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
			fprintf(stderr,
				" in %dx%dx%dx%d kernel %dx%d stride %d,%d dilation %d,%d pads %d,%d,%d,%d groups %d "
				"mult %d",
				c->batch, c->in_h, c->in_w, c->in_c, c->kh, c->kw, c->stride_y, c->stride_x,
				c->dilation_y, c->dilation_x, c->pad_top, c->pad_left, c->pad_bottom, c->pad_right,
				c->groups, c->depth_mult);
		fprintf(stderr, "\n");
	}
}

static struct target random_target(struct rng *r)
{
	static const uint32_t arrays[] = {8, 16, 16, 32}, kib[] = {16, 32, 32, 64, 64, 128, 512};

	return (struct target){.array = arrays[rng_next(r) % 4],
			       .spm_bytes = kib[rng_next(r) % 7] << 10,
			       .acc_entries = QUERN_ACC_ENTRIES,
			       .yield_cycles = rng_one_in(r, 4) ? (uint32_t)rng_in(r, 10, 3000) : 0};
}

static enum outcome compile(struct subject *t)
{
	struct diag diag = {""};
	enum status status = pass_verify(t->g, &diag);

	if (status == STATUS_OK)
		status = backend_compile(t->g, &t->t, &t->image, &diag);
	snprintf(t->text, sizeof(t->text), "%s: %.200s", status_name(status), diag.text);
	if (status == STATUS_OK)
		return PASSED;
	/* A small scratchpad cannot hold the window of every pooling. */
	return status == STATUS_TOO_BIG && t->t.spm_bytes <= 128 << 10 ? SKIPPED : FAILED;
}

static enum outcome run_seed(uint64_t seed, bool verbose)
{
	struct rng r = {seed};
	struct subject t = {0};
	enum outcome outcome;

	t.t = random_target(&r);
	t.g = gen_graph(&r, rng_one_in(&r, 3));
	outcome = compile(&t);
	if (verbose)
		describe(t.g);
	if (outcome == PASSED && !trial_check(t.g, &t.t, &t.image, seed, t.text))
		outcome = FAILED;
	if (verbose)
		fprintf(stderr, "%u commands, %llu cycles, %u bytes of scratchpad\n", t.image.ncmds,
			(unsigned long long)t.image.cycles, t.image.spm_peak);
	if (outcome != PASSED && (verbose || outcome == FAILED))
		fprintf(stderr, "seed %llu, %ux%u, %u KiB: %s\n  replay: backend-random --seed %llu\n",
			(unsigned long long)seed, t.t.array, t.t.array, t.t.spm_bytes >> 10, t.text,
			(unsigned long long)seed);
	program_image_finish(&t.image);
	graph_destroy(t.g);
	return outcome;
}

int main(int argc, char **argv)
{
	uint64_t first = 1, count = 500;
	int seen[3] = {0};

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
