// SPDX-License-Identifier: Apache-2.0
/*
 * The walk over a model's operators: see tflite_import.h. Operators come in execution order; an operand that
 * nothing has produced by then makes the file malformed.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "tflite_import.h"

/* Between these no product or quotient of two scales and a byte leaves the normal floats. */
#define SCALE_MIN 1e-15f
#define SCALE_MAX 1e15f

struct importer {
	int32_t builtin;
	enum tfl_options options; /* of its option table; NONE if it needs none */
	int min_inputs, max_inputs;
	enum status (*run)(struct import *im);
};

static const struct importer importers[] = {
	{TFL_ADD, TFL_OPTIONS_ADD, 2, 2, import_add},
	{TFL_AVERAGE_POOL_2D, TFL_OPTIONS_POOL, 1, 1, import_average_pool_2d},
	{TFL_CONCATENATION, TFL_OPTIONS_CONCATENATION, 1, IR_MAX_INPUTS, import_concatenation},
	{TFL_CONV_2D, TFL_OPTIONS_CONV, 2, 3, import_conv_2d},
	{TFL_DEPTHWISE_CONV_2D, TFL_OPTIONS_DEPTHWISE, 2, 3, import_depthwise_conv_2d},
	{TFL_DEQUANTIZE, TFL_OPTIONS_NONE, 1, 1, import_dequantize},
	{TFL_FULLY_CONNECTED, TFL_OPTIONS_FULLY_CONNECTED, 2, 3, import_fully_connected},
	{TFL_LOGISTIC, TFL_OPTIONS_NONE, 1, 1, import_logistic},
	{TFL_MAX_POOL_2D, TFL_OPTIONS_POOL, 1, 1, import_max_pool_2d},
	{TFL_MUL, TFL_OPTIONS_MUL, 2, 2, import_mul},
	{TFL_RELU, TFL_OPTIONS_NONE, 1, 1, import_relu},
	{TFL_RELU_N1_TO_1, TFL_OPTIONS_NONE, 1, 1, import_relu_n1_to_1},
	{TFL_RELU6, TFL_OPTIONS_NONE, 1, 1, import_relu6},
	{TFL_RESHAPE, TFL_OPTIONS_NONE, 1, 2, import_reshape},
	{TFL_SOFTMAX, TFL_OPTIONS_SOFTMAX, 1, 1, import_softmax},
	{TFL_TANH, TFL_OPTIONS_NONE, 1, 1, import_tanh},
	{TFL_PAD, TFL_OPTIONS_NONE, 2, 2, import_pad},
	{TFL_MEAN, TFL_OPTIONS_REDUCER, 2, 2, import_mean},
	{TFL_SUB, TFL_OPTIONS_SUB, 2, 2, import_sub},
	{TFL_SQUEEZE, TFL_OPTIONS_NONE, 1, 1, import_reshape},
	{TFL_PADV2, TFL_OPTIONS_NONE, 3, 3, import_pad},
	{TFL_EXPAND_DIMS, TFL_OPTIONS_NONE, 2, 2, import_reshape},
	{TFL_SLICE, TFL_OPTIONS_NONE, 3, 3, import_slice},
	{TFL_STRIDED_SLICE, TFL_OPTIONS_STRIDED_SLICE, 4, 4, import_strided_slice},
	{TFL_RESIZE_NEAREST_NEIGHBOR, TFL_OPTIONS_RESIZE_NEAREST, 2, 2, import_resize_nearest},
	{TFL_LEAKY_RELU, TFL_OPTIONS_LEAKY_RELU, 1, 1, import_leaky_relu},
	{TFL_QUANTIZE, TFL_OPTIONS_NONE, 1, 1, import_quantize},
	{TFL_HARD_SWISH, TFL_OPTIONS_NONE, 1, 1, import_hard_swish},
};

enum status import_refuse(struct import *im, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(im->diag->text, sizeof(im->diag->text), fmt, ap);
	va_end(ap);
	return STATUS_UNSUPPORTED;
}

enum status import_no_memory(struct import *im)
{
	return diag_fail(im->diag, STATUS_NO_MEMORY,
			 "out of memory (or beyond the limit of 1 GiB) while building the graph");
}

enum status import_spend(struct import *im, int64_t bytes)
{
	im->budget -= bytes;
	if (im->budget < 0)
		return diag_fail(im->diag, STATUS_TOO_BIG, "the constants of all operators exceed %" PRId64 " bytes",
				 IMPORT_CONST_BUDGET);
	return STATUS_OK;
}

const struct tfl_tensor *import_input(const struct import *im, int i)
{
	return i < im->op->num_inputs && im->op->inputs[i] >= 0 ? &im->m->tensors[im->op->inputs[i]] : NULL;
}

const struct tfl_tensor *import_output(const struct import *im, int i)
{
	return i < im->op->num_outputs ? &im->m->tensors[im->op->outputs[i]] : NULL;
}

static bool map_dtype(int32_t type, enum quern_dtype *out)
{
	switch (type) {
	case TFL_INT8:
		*out = QUERN_DTYPE_INT8;
		return true;
	case TFL_UINT8:
		*out = QUERN_DTYPE_UINT8;
		return true;
	case TFL_INT16:
		*out = QUERN_DTYPE_INT16;
		return true;
	case TFL_INT32:
		*out = QUERN_DTYPE_INT32;
		return true;
	case TFL_FLOAT32:
		*out = QUERN_DTYPE_FLOAT32;
		return true;
	}
	return false;
}

/* Per-tensor scale and zero point; tensors without or with several scales keep scale 0. */
static enum status set_quant(struct import *im, const struct tfl_tensor *src, struct tensor *t)
{
	int64_t lowest = t->dtype == QUERN_DTYPE_UINT8 ? 0 : INT8_MIN;
	int64_t zero_point;
	float scale;

	if (src->scales.count != 1)
		return STATUS_OK;
	scale = fb_vec_f32(&im->m->fb, &src->scales, 0);
	zero_point = fb_vec_i64(&im->m->fb, &src->zero_points, 0);
	if (!(scale > SCALE_MIN && scale < SCALE_MAX))
		return import_refuse(im, "tensor %s has a scale outside %g to %g", src->name, (double)SCALE_MIN,
				     (double)SCALE_MAX);
	if (zero_point < lowest || zero_point > lowest + 255)
		return import_refuse(im, "tensor %s has a zero point outside its type", src->name);
	t->scale = scale;
	t->zero_point = (int32_t)zero_point;
	return STATUS_OK;
}

/* The graph tensor of model tensor index. */
static enum status get_tensor(struct import *im, int32_t index, struct tensor **out)
{
	const struct tfl_tensor *src = &im->m->tensors[index];
	enum quern_dtype dtype;
	enum status st;

	*out = im->map[index];
	if (*out)
		return STATUS_OK;
	if (src->trouble)
		return import_refuse(im, "tensor %s %s", src->name, src->trouble);
	if (!map_dtype(src->type, &dtype))
		return import_refuse(im, "tensor %s is %s; the chip computes int8", src->name,
				     tfl_type_name(src->type));
	*out = graph_tensor(im->g, src->name, dtype, src->rank, src->dim);
	if (!*out)
		return import_no_memory(im);
	st = set_quant(im, src, *out);
	if (st)
		return st;
	if (src->data) {
		(*out)->kind = TENSOR_CONST;
		(*out)->data = src->data;
	}
	im->map[index] = *out;
	return STATUS_OK;
}

/* int8, one scale, and the rank asked for. */
static enum status check_data(struct import *im, const struct tfl_tensor *src, const struct tensor *t, int rank)
{
	if (t->dtype != QUERN_DTYPE_INT8)
		return import_refuse(im, "tensor %s is %s; quantise the model to int8", src->name,
				     tfl_type_name(src->type));
	if (src->scales.count > 1)
		return import_refuse(im, "tensor %s is quantised per channel; only weights may be", src->name);
	if (t->scale == 0)
		return import_refuse(im, "tensor %s has no quantisation parameters", src->name);
	if (rank && t->rank != rank)
		return import_refuse(im, "tensor %s has %d dimensions, not %d", src->name, t->rank, rank);
	return STATUS_OK;
}

enum status import_any(struct import *im, int i, struct tensor **out)
{
	const struct tfl_tensor *src = import_input(im, i);

	if (!src)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: operand %d is missing",
				 im->g->sources[im->source].name, i);
	return get_tensor(im, im->op->inputs[i], out);
}

enum status import_data(struct import *im, int i, int rank, struct tensor **out)
{
	enum status st = import_any(im, i, out);

	return st ? st : check_data(im, import_input(im, i), *out, rank);
}

enum status import_any_result(struct import *im, struct tensor **out)
{
	int32_t index = im->op->outputs[0];

	if (im->ready[index])
		return diag_fail(im->diag, STATUS_BAD_FILE,
				 "%s: its output %s is a constant, an input or already computed",
				 im->g->sources[im->source].name, im->m->tensors[index].name);
	return get_tensor(im, index, out);
}

enum status import_result(struct import *im, int rank, struct tensor **out)
{
	enum status st = import_any_result(im, out);

	return st ? st : check_data(im, import_output(im, 0), *out, rank);
}

enum status import_ints(struct import *im, int i, int32_t *values, int max, int *count)
{
	const struct tfl_tensor *src = import_input(im, i);
	bool wide = src && src->type == TFL_INT64;

	if (!src || !src->data)
		return import_refuse(im, "operand %d must be a constant", i);
	if (src->type != TFL_INT32 && !wide)
		return import_refuse(im, "operand %d is %s, not INT32 or INT64", i, tfl_type_name(src->type));
	if (src->elements > max)
		return import_refuse(im, "operand %d has %" PRId32 " entries, more than %d", i, src->elements, max);
	for (int k = 0; k < src->elements; k++) {
		int64_t v = wide ? (int64_t)le64(src->data + 8 * k) : (int32_t)le32(src->data + 4 * k);

		if (v < INT32_MIN || v > INT32_MAX)
			return import_refuse(im, "operand %d has an entry beyond 32 bits", i);
		values[k] = (int32_t)v;
	}
	*count = src->elements;
	return STATUS_OK;
}

struct op *import_op(struct import *im, enum op_kind kind, struct tensor *output)
{
	return graph_op(im->g, kind, im->source, output);
}

bool import_same_quant(const struct tensor *a, const struct tensor *b)
{
	return a->scale == b->scale && a->zero_point == b->zero_point;
}

static const struct importer *find_importer(int32_t builtin)
{
	for (size_t i = 0; i < sizeof(importers) / sizeof(importers[0]); i++)
		if (importers[i].builtin == builtin)
			return &importers[i];
	return NULL;
}

static enum status import_current(struct import *im)
{
	const struct importer *imp = find_importer(im->op->builtin);
	const char *name = im->g->sources[im->source].name;

	if (im->op->trouble)
		return import_refuse(im, "%s", im->op->trouble);
	for (int i = 0; i < im->op->num_inputs; i++)
		if (im->op->inputs[i] >= 0 && !im->ready[im->op->inputs[i]])
			return diag_fail(im->diag, STATUS_BAD_FILE, "%s: nothing produces its operand %s", name,
					 import_input(im, i)->name);
	if (!imp)
		return import_refuse(im, "operator not known to this compiler");
	if (im->op->num_inputs < imp->min_inputs || im->op->num_inputs > imp->max_inputs || im->op->num_outputs != 1)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: %d inputs and %d outputs are not what it takes", name,
				 im->op->num_inputs, im->op->num_outputs);
	if (imp->options && im->op->options_type && im->op->options_type != (int32_t)imp->options)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its options are of another operator", name);
	return imp->run(im);
}

/* Imports operator i; a refusal is noted and is no error of the walk. */
static enum status walk_one(struct import *im, int32_t i)
{
	struct source_op *s = &im->g->sources[i];
	enum status st;

	im->op = &im->m->ops[i];
	im->source = (uint32_t)i;
	st = import_current(im);
	for (int k = 0; k < im->op->num_outputs; k++)
		im->ready[im->op->outputs[k]] = true;
	if (im->m->fb.error)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: broken options: %s, at byte %" PRIu32, s->name,
				 im->m->fb.error, im->m->fb.error_at);
	if (st != STATUS_UNSUPPORTED)
		return st;
	s->fate = FATE_UNSUPPORTED;
	s->note = graph_printf(im->g, "%s", im->diag->text);
	return s->note ? STATUS_OK : import_no_memory(im);
}

static enum status name_sources(struct import *im)
{
	struct graph *g = im->g;

	g->sources = graph_alloc(g, (size_t)im->m->num_ops, sizeof(*g->sources));
	if (!g->sources)
		return import_no_memory(im);
	g->num_sources = (uint32_t)im->m->num_ops;
	for (int32_t i = 0; i < im->m->num_ops; i++) {
		const struct tfl_op *op = &im->m->ops[i];
		const char *out = op->num_outputs ? im->m->tensors[op->outputs[0]].name : "";
		int shown = (int)strcspn(out, ";"); /* converters append the names of all that they fused */

		g->sources[i].kind_name = op->kind_name;
		g->sources[i].name = graph_printf(g, "%" PRId32 ":%s %.*s", i, op->kind_name, shown, out);
		if (!g->sources[i].name)
			return import_no_memory(im);
	}
	return STATUS_OK;
}

/* One side of the graph's boundary: the tensors that a program binds. */
static enum status set_boundary(struct import *im, const int32_t *indices, int32_t count, enum tensor_kind kind,
				struct tensor **out)
{
	const char *side = kind == TENSOR_INPUT ? "input" : "output";

	for (int32_t i = 0; i < count; i++) {
		int32_t index = im->boundary[indices[i]] >= 0 ? im->boundary[indices[i]] : indices[i];
		struct tensor *t;
		enum status st = get_tensor(im, index, &t);

		if (st)
			return st;
		if (t->dtype != QUERN_DTYPE_INT8 && t->dtype != QUERN_DTYPE_UINT8)
			return import_refuse(im, "%s %s is %s; quantise the model to int8", side, t->name,
					     tfl_type_name(im->m->tensors[index].type));
		if (t->kind != TENSOR_INTERMEDIATE)
			return import_refuse(im, "%s %s is a constant or appears twice at the model's boundary", side,
					     t->name);
		if (kind == TENSOR_OUTPUT && !t->producer)
			return diag_fail(im->diag, STATUS_BAD_FILE, "nothing produces output %s", t->name);
		t->kind = kind;
		out[i] = t;
	}
	return STATUS_OK;
}

static enum status set_boundaries(struct import *im)
{
	struct graph *g = im->g;
	int32_t ni = im->m->num_inputs, no = im->m->num_outputs;
	enum status st;

	if (ni + no > QUERN_PROGRAM_MAX_TENSORS)
		return diag_fail(im->diag, STATUS_TOO_BIG,
				 "the model has %" PRId32 " inputs and outputs; a program binds at most %d", ni + no,
				 QUERN_PROGRAM_MAX_TENSORS);
	if (!ni || !no)
		return diag_fail(im->diag, STATUS_BAD_FILE, "the model has no %s", ni ? "output" : "input");
	g->inputs = graph_alloc(g, (size_t)ni, sizeof(*g->inputs));
	g->outputs = graph_alloc(g, (size_t)no, sizeof(*g->outputs));
	if (!g->inputs || !g->outputs)
		return import_no_memory(im);
	st = set_boundary(im, im->m->inputs, ni, TENSOR_INPUT, g->inputs);
	if (!st)
		st = set_boundary(im, im->m->outputs, no, TENSOR_OUTPUT, g->outputs);
	if (st)
		return st;
	g->num_inputs = ni;
	g->num_outputs = no;
	graph_count_uses(g);
	return STATUS_OK;
}

static enum status prepare(struct import *im)
{
	size_t n = (size_t)im->m->num_tensors;

	im->map = graph_alloc(im->g, n, sizeof(*im->map));
	im->ready = graph_alloc(im->g, n, sizeof(*im->ready));
	im->boundary = graph_alloc(im->g, n, sizeof(*im->boundary));
	if (!im->map || !im->ready || !im->boundary)
		return import_no_memory(im);
	for (size_t i = 0; i < n; i++) {
		im->boundary[i] = -1;
		im->ready[i] = im->m->tensors[i].data != NULL;
	}
	for (int32_t i = 0; i < im->m->num_inputs; i++)
		im->ready[im->m->inputs[i]] = true;
	return name_sources(im);
}

/* The summary of a walk that refused operators. */
static enum status sum_up(struct import *im)
{
	const struct source_op *first = NULL;
	uint32_t refused = 0;

	for (uint32_t i = 0; i < im->g->num_sources; i++) {
		if (im->g->sources[i].fate != FATE_UNSUPPORTED)
			continue;
		first = first ? first : &im->g->sources[i];
		refused++;
	}
	if (!refused)
		return STATUS_OK;
	return diag_fail(im->diag, STATUS_UNSUPPORTED,
			 "%" PRIu32 " of %" PRIu32 " operators cannot run on the chip; the first is %s: %s", refused,
			 im->g->num_sources, first->name, first->note);
}

enum status tflite_import(struct graph *g, const void *data, size_t bytes, struct diag *diag)
{
	struct tfl_model m;
	struct import im = {.g = g, .m = &m, .diag = diag, .budget = IMPORT_CONST_BUDGET};
	enum status st = tfl_read(&m, g, data, bytes, diag);

	if (st)
		return st;
	g->name = m.name;
	st = prepare(&im);
	for (int32_t i = 0; i < m.num_ops && !st; i++)
		st = walk_one(&im, i);
	if (!st)
		st = sum_up(&im);
	return st ? st : set_boundaries(&im);
}
