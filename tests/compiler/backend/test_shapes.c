// SPDX-License-Identifier: Apache-2.0
/* Shapes at the ends of what has to compile; trial.h says what is checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "passes.h"
#include "lib/rng.h"
#include "trial.h"

struct shape {
	const char *name;
	enum op_kind kind;
	uint32_t spm_kib;
	int32_t in[4]; /* batch, height, width, channels */
	int32_t out_c; /* multiplier for OP_DWCONV */
	int32_t kh, kw, stride, dilation, pad;
	int32_t groups;
};

static const struct shape shapes[] = {
	{"one very long row", OP_CONV, 64, {1, 1, 70000, 3}, 8, 1, 3, 1, 1, 0, 1},
	{"one very long column", OP_CONV, 64, {1, 70000, 1, 3}, 8, 3, 1, 1, 1, 0, 1},
	{"long row, many channels", OP_CONV, 32, {1, 1, 3000, 130}, 17, 1, 1, 1, 1, 0, 1},
	{"single pixel", OP_CONV, 32, {1, 1, 1, 1}, 1, 1, 1, 1, 1, 0, 1},
	{"kernel larger than the image", OP_CONV, 32, {1, 2, 3, 20}, 24, 9, 9, 1, 1, 8, 1},
	{"5000 input channels", OP_CONV, 32, {1, 3, 3, 5000}, 20, 1, 1, 1, 1, 0, 1},
	{"window of 7x7x700 in 32 KiB", OP_CONV, 32, {1, 8, 8, 700}, 20, 7, 7, 1, 1, 3, 1},
	{"window of 3x3x2000 in 16 KiB", OP_CONV, 16, {1, 5, 5, 2000}, 10, 3, 3, 2, 1, 1, 1},
	{"3000 output channels", OP_CONV, 32, {1, 3, 3, 40}, 3000, 1, 1, 1, 1, 0, 1},
	{"20000 output channels in 16 KiB", OP_CONV, 16, {1, 1, 1, 40}, 20000, 1, 1, 1, 1, 0, 1},
	{"25088 features, fully connected", OP_CONV, 512, {1, 1, 1, 25088}, 100, 1, 1, 1, 1, 0, 1},
	{"25088 features in 16 KiB", OP_CONV, 16, {1, 1, 1, 25088}, 40, 1, 1, 1, 1, 0, 1},
	{"stride larger than the kernel", OP_CONV, 32, {1, 60, 60, 16}, 16, 1, 1, 40, 1, 0, 1},
	{"stride 300", OP_CONV, 64, {1, 700, 40, 3}, 4, 3, 3, 300, 1, 1, 1},
	{"dilation 20", OP_CONV, 32, {1, 50, 50, 16}, 16, 3, 3, 1, 20, 20, 1},
	{"groups of three", OP_CONV, 64, {1, 10, 10, 300}, 200, 3, 3, 1, 1, 1, 100},
	{"RGB image", OP_CONV, 64, {1, 224, 224, 3}, 16, 7, 7, 2, 1, 3, 1},
	{"grey image 10x4", OP_CONV, 64, {1, 49, 10, 1}, 64, 10, 4, 2, 1, 3, 1},
	{"batch of 50 images", OP_CONV, 64, {50, 4, 4, 8}, 8, 3, 3, 1, 1, 1, 1},
	{"depthwise, one very long row", OP_DWCONV, 64, {1, 1, 20000, 16}, 1, 1, 3, 1, 1, 0, 0},
	{"depthwise, one very long column", OP_DWCONV, 64, {1, 20000, 1, 16}, 1, 3, 1, 1, 1, 0, 0},
	{"depthwise 9x9", OP_DWCONV, 64, {1, 20, 20, 40}, 1, 9, 9, 1, 1, 4, 0},
	{"depthwise 3x3, dilation 6", OP_DWCONV, 64, {1, 33, 33, 40}, 1, 3, 3, 1, 6, 6, 0},
	{"depthwise, stride 9", OP_DWCONV, 64, {1, 64, 64, 24}, 1, 5, 5, 9, 1, 2, 0},
	{"depthwise, image as kernel in 16 KiB", OP_DWCONV, 16, {1, 40, 40, 50}, 1, 40, 40, 1, 1, 0, 0},
	{"depthwise 3000 channels", OP_DWCONV, 32, {1, 5, 5, 3000}, 1, 3, 3, 1, 1, 1, 0},
	{"depthwise multiplier 70", OP_DWCONV, 32, {1, 9, 9, 3}, 70, 3, 3, 1, 1, 1, 0},
	{"pooling of a whole image", OP_POOL, 512, {1, 120, 120, 3}, 0, 120, 120, 1, 1, 0, 0},
	{"pooling of a long row", OP_POOL, 32, {1, 1, 9000, 20}, 0, 1, 200, 7, 1, 0, 0},
	{"pooling 4000 channels", OP_POOL, 32, {1, 7, 7, 4000}, 0, 7, 7, 1, 1, 0, 0},
};

static const char source_name[] = "0:TEST";

static int32_t out_size(const struct shape *s, int32_t in, int32_t k)
{
	int32_t pads = k > 1 ? 2 * s->pad : 0;

	return (in + pads - ((k - 1) * s->dilation + 1)) / s->stride + 1;
}

static void *random_bytes(struct graph *g, struct rng *r, size_t count)
{
	int8_t *p = graph_alloc(g, count, 1);

	for (size_t i = 0; i < count; i++)
		p[i] = (int8_t)rng_next(r);
	return p;
}

static void set_conv(struct graph *g, struct rng *r, const struct shape *s, struct op *op)
{
	bool dw = s->kind == OP_DWCONV;
	int32_t out_c = op->output->dim[3], depth = dw ? 1 : s->in[3] / s->groups, bits = 0;
	int32_t pad_y = s->kh > 1 ? s->pad : 0, pad_x = s->kw > 1 ? s->pad : 0;
	int32_t *bias = graph_alloc(g, (size_t)out_c, 4), *mult = graph_alloc(g, (size_t)out_c, 4);
	int8_t *shift = graph_alloc(g, (size_t)out_c, 1);

	while (1 << bits < depth * s->kh * s->kw)
		bits++;
	for (int32_t o = 0; o < out_c; o++) {
		bias[o] = rng_in(r, -5000, 5000);
		mult[o] = rng_in(r, 1 << 30, INT32_MAX);
		shift[o] = (int8_t)(-6 - bits / 2);
	}
	op->conv = (struct conv_attr){
		.batch = s->in[0],
		.in_h = s->in[1],
		.in_w = s->in[2],
		.in_c = s->in[3],
		.out_h = op->output->dim[1],
		.out_w = op->output->dim[2],
		.out_c = out_c,
		.kh = s->kh,
		.kw = s->kw,
		.stride_y = s->stride,
		.stride_x = s->stride,
		.dilation_y = s->dilation,
		.dilation_x = s->dilation,
		.pad_top = pad_y,
		.pad_left = pad_x,
		.pad_bottom = pad_y,
		.pad_right = pad_x,
		.depth_mult = dw ? s->out_c : 1,
		.groups = dw ? s->in[3] : s->groups,
		.weight_bytes = (size_t)out_c * (size_t)s->kh * (size_t)s->kw * (size_t)depth,
		.bias = bias,
		.mult = mult,
		.shift = shift,
		.in_zp = (int8_t)op->inputs[0]->zero_point,
		.out_zp = 3,
		.act_min = -128,
		.act_max = 127,
	};
	op->conv.weights = random_bytes(g, r, op->conv.weight_bytes);
	if (dw && s->kh == s->in[1])
		memset((void *)(uintptr_t)op->conv.weights, 1, op->conv.weight_bytes);
}

static struct graph *build(const struct shape *s, struct rng *r)
{
	struct graph *g = graph_create();
	int32_t out[4] = {s->in[0], out_size(s, s->in[1], s->kh), out_size(s, s->in[2], s->kw), s->out_c};
	struct op *op;

	if (s->kind != OP_CONV)
		out[3] = s->in[3] * (s->kind == OP_DWCONV ? s->out_c : 1);
	g->name = s->name;
	g->sources = graph_alloc(g, 1, sizeof(*g->sources));
	g->sources[0].name = g->sources[0].kind_name = source_name;
	g->num_sources = 1;
	g->inputs = graph_alloc(g, 1, sizeof(*g->inputs));
	g->outputs = graph_alloc(g, 1, sizeof(*g->outputs));
	g->inputs[g->num_inputs++] = graph_tensor(g, "in", QUERN_DTYPE_INT8, 4, s->in);
	g->outputs[g->num_outputs++] = graph_tensor(g, "out", QUERN_DTYPE_INT8, 4, out);
	g->inputs[0]->kind = TENSOR_INPUT;
	g->inputs[0]->zero_point = -7;
	g->outputs[0]->kind = TENSOR_OUTPUT;
	op = graph_op(g, s->kind, 0, g->outputs[0]);
	op->inputs[0] = g->inputs[0];
	op->num_inputs = 1;
	if (s->kind != OP_POOL)
		set_conv(g, r, s, op);
	else
		op->pool = (struct pool_attr){.op = QUERN_POOL_OP_AVG,
					      .batch = s->in[0],
					      .in_h = s->in[1],
					      .in_w = s->in[2],
					      .channels = s->in[3],
					      .out_h = out[1],
					      .out_w = out[2],
					      .kh = s->kh,
					      .kw = s->kw,
					      .stride_y = s->stride,
					      .stride_x = s->stride,
					      .act_min = -128,
					      .act_max = 127};
	return g;
}

static bool check_shape(const struct shape *s, uint32_t array, char *text)
{
	struct rng r = {5};
	struct graph *g = build(s, &r);
	struct target t = {.array = array, .spm_bytes = s->spm_kib << 10, .acc_entries = QUERN_ACC_ENTRIES};
	struct program_image image = {0};
	struct diag diag = {""};
	enum status status = pass_verify(g, &diag);
	bool ok = false;

	if (status == STATUS_OK)
		status = backend_compile(g, &t, &image, &diag);
	snprintf(text, TRIAL_TEXT, "%.200s", diag.text);
	if (status == STATUS_OK)
		ok = trial_check(g, &t, &image, 1, text);
	if (ok)
		printf("%2ux%-2u %6u commands %9llu cycles  %s\n", array, array, image.ncmds,
		       (unsigned long long)image.cycles, s->name);
	program_image_finish(&image);
	graph_destroy(g);
	return ok;
}

/* With a number: that shape only. */
int main(int argc, char **argv)
{
	static const uint32_t arrays[] = {8, 16, 32};
	int failed = 0, only = argc > 1 ? atoi(argv[1]) : -1, count = (int)(sizeof(shapes) / sizeof(shapes[0]));

	for (int i = 0; i < count; i++)
		for (int k = 0; k < 3 && (only < 0 || only == i); k++) {
			char text[TRIAL_TEXT];

			if (check_shape(&shapes[i], arrays[k], text))
				continue;
			failed++;
			printf("%ux%u, %s: %s\n  replay: backend-shapes %d\n", arrays[k], arrays[k], shapes[i].name,
			       text, i);
		}
	printf("%d shapes, %d failures\n", count, failed);
	return failed != 0;
}
