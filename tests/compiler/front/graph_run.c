// SPDX-License-Identifier: Apache-2.0
/*
 * graph-run MODEL.tflite IN.bin OUT.bin: imports a model, runs the passes and executes the graph. IN holds the
 * inputs one behind the other, OUT gets the outputs likewise. The exit code is enum status; judge_front.py
 * compares OUT with TFLite.
 */
#include <stdio.h>
#include <stdlib.h>
#include "file.h"
#include "graph_eval.h"
#include "passes.h"
#include "tflite_import.h"

static enum status run(const struct graph *g, const uint8_t *in, size_t in_bytes, const char *out_path,
		       struct diag *diag)
{
	const uint8_t *inputs[QUERN_PROGRAM_MAX_TENSORS];
	uint8_t *outputs[QUERN_PROGRAM_MAX_TENSORS] = {0};
	FILE *f = fopen(out_path, "wbe");
	enum status st = f ? STATUS_OK : diag_fail(diag, STATUS_IO, "%s: cannot be written", out_path);

	for (int i = 0; i < g->num_inputs && !st; i++) {
		if (g->inputs[i]->bytes > in_bytes)
			st = diag_fail(diag, STATUS_IO, "not enough input bytes");
		inputs[i] = in;
		in += st ? 0 : g->inputs[i]->bytes;
		in_bytes -= st ? 0 : g->inputs[i]->bytes;
	}
	for (int i = 0; i < g->num_outputs && !st; i++) {
		outputs[i] = malloc(g->outputs[i]->bytes);
		st = outputs[i] ? STATUS_OK : STATUS_NO_MEMORY;
	}
	if (!st)
		st = graph_eval(g, inputs, outputs);
	for (int i = 0; i < g->num_outputs; i++) {
		if (!st)
			fwrite(outputs[i], 1, g->outputs[i]->bytes, f);
		free(outputs[i]);
	}
	if (f && fclose(f))
		st = diag_fail(diag, STATUS_IO, "%s: cannot be written", out_path);
	return st;
}

int main(int argc, char **argv)
{
	uint8_t *model = NULL, *in = NULL;
	size_t model_bytes, in_bytes;
	struct diag diag = {""};
	struct graph *g = graph_create();
	enum status st = argc == 4 && g
				 ? STATUS_OK
				 : diag_fail(&diag, STATUS_USAGE, "usage: graph-run MODEL.tflite IN.bin OUT.bin");

	if (!st)
		st = file_read(argv[1], &model, &model_bytes, &diag);
	if (!st)
		st = file_read(argv[2], &in, &in_bytes, &diag);
	if (!st)
		st = tflite_import(g, model, model_bytes, &diag);
	if (!st)
		st = passes_run(g, &diag);
	if (!st)
		st = run(g, in, in_bytes, argv[3], &diag);
	if (st)
		fprintf(stderr, "graph-run: %s\n", diag.text);
	graph_destroy(g);
	free(model);
	free(in);
	return st;
}
