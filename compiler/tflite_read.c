// SPDX-License-Identifier: Apache-2.0
/*
 * From the bytes of a .tflite file to the arrays of struct tfl_model. Every index that the file holds (buffer,
 * tensor, operator code) is checked here once, every count is bounded, and every constant is known to have as
 * many bytes as its shape asks for.
 */
#include <inttypes.h>
#include <stdio.h>
#include "tflite_read.h"

struct reader {
	struct tfl_model *m;
	struct fb *fb;
	struct graph *g;
	struct diag *diag;
	struct fb_table subgraph;
	struct fb_vec codes, buffers;
};

static enum status no_memory(struct reader *r)
{
	return diag_fail(r->diag, STATUS_NO_MEMORY, "out of memory while reading the model");
}

static enum status broken(struct reader *r)
{
	return diag_fail(r->diag, STATUS_BAD_FILE, "broken .tflite file: %s, at byte %" PRIu32, r->fb->error,
			 r->fb->error_at);
}

/* Copies a name, with what is not printable ASCII replaced, so that messages stay on one line. */
static const char *copy_name(struct reader *r, const struct fb_vec *v)
{
	uint32_t n = v->count < TFL_MAX_NAME ? v->count : TFL_MAX_NAME - 1;
	char *s = graph_alloc(r->g, (size_t)n + 1, 1);

	for (uint32_t i = 0; s && i < n; i++) {
		uint8_t c = r->fb->data[v->pos + i];

		s[i] = c > ' ' && c < 0x7f ? (char)c : '_';
	}
	return s;
}

static enum status read_shape(struct reader *r, struct tfl_tensor *t, struct fb_table table)
{
	struct fb_vec shape = fb_vec(r->fb, table, TENSOR_SHAPE, 4);
	int64_t elements = 1;

	if (shape.count > IR_MAX_RANK) {
		t->trouble = "has more than 6 dimensions";
		return STATUS_OK;
	}
	t->rank = (int)shape.count;
	for (uint32_t i = 0; i < shape.count; i++) {
		t->dim[i] = fb_vec_i32(r->fb, &shape, i);
		if (t->dim[i] < 1) {
			t->trouble = "has a dimension that is not known or not positive";
			return STATUS_OK;
		}
		elements *= t->dim[i];
		if (elements > IR_MAX_ELEMENTS) {
			t->trouble = "has more than 2^30 elements";
			return STATUS_OK;
		}
	}
	t->elements = (int32_t)elements;
	return STATUS_OK;
}

static enum status read_data(struct reader *r, struct tfl_tensor *t, struct fb_table table)
{
	uint32_t index = fb_u32(r->fb, table, TENSOR_BUFFER, 0);
	uint64_t want = (uint64_t)t->elements * tfl_type_bytes(t->type);
	struct fb_table buffer;
	struct fb_vec data;

	if (index >= r->buffers.count && index)
		return diag_fail(r->diag, STATUS_BAD_FILE, "tensor %s: buffer %" PRIu32 " does not exist", t->name,
				 index);
	buffer = fb_vec_table(r->fb, &r->buffers, index);
	if (fb_u64(r->fb, buffer, BUFFER_OFFSET, 0) > 1) {
		t->trouble = "has its data outside the FlatBuffer";
		return STATUS_OK;
	}
	data = fb_vec(r->fb, buffer, BUFFER_DATA, 1);
	if (!data.count || t->trouble)
		return STATUS_OK;
	if (data.count != want && tfl_type_bytes(t->type))
		return diag_fail(r->diag, STATUS_BAD_FILE,
				 "tensor %s: its buffer has %" PRIu32 " bytes, its shape needs %" PRIu64, t->name,
				 data.count, want);
	t->data = r->fb->data + data.pos;
	return STATUS_OK;
}

static void read_quantization(struct reader *r, struct tfl_tensor *t, struct fb_table table)
{
	struct fb_table q = fb_sub(r->fb, table, TENSOR_QUANTIZATION);

	t->scales = fb_vec(r->fb, q, QUANT_SCALE, 4);
	t->zero_points = fb_vec(r->fb, q, QUANT_ZERO_POINT, 8);
	t->scale_axis = fb_i32(r->fb, q, QUANT_DIMENSION, 0);
	if (fb_u8(r->fb, q, QUANT_DETAILS_TYPE, 0))
		t->trouble = "has custom quantisation";
}

static enum status read_tensor(struct reader *r, struct tfl_tensor *t, struct fb_table table)
{
	struct fb_vec name = fb_str(r->fb, table, TENSOR_NAME);
	enum status st;

	t->name = copy_name(r, &name);
	if (!t->name)
		return no_memory(r);
	t->type = fb_i8(r->fb, table, TENSOR_TYPE, TFL_FLOAT32);
	if (fb_u8(r->fb, table, TENSOR_IS_VARIABLE, 0))
		t->trouble = "is a variable";
	if (fb_has(r->fb, table, TENSOR_SPARSITY))
		t->trouble = "is sparse";
	read_quantization(r, t, table);
	st = read_shape(r, t, table);
	if (st)
		return st;
	st = read_data(r, t, table);
	if (st)
		return st;
	return r->fb->error ? broken(r) : STATUS_OK;
}

static enum status read_tensors(struct reader *r)
{
	struct fb_vec v = fb_vec(r->fb, r->subgraph, SUBGRAPH_TENSORS, 4);
	enum status st = STATUS_OK;

	if (v.count > TFL_MAX_TENSORS)
		return diag_fail(r->diag, STATUS_TOO_BIG, "the model has %" PRIu32 " tensors, more than %d", v.count,
				 TFL_MAX_TENSORS);
	r->m->tensors = graph_alloc(r->g, v.count, sizeof(*r->m->tensors));
	if (!r->m->tensors)
		return no_memory(r);
	r->m->num_tensors = (int32_t)v.count;
	for (uint32_t i = 0; i < v.count && !st; i++)
		st = read_tensor(r, &r->m->tensors[i], fb_vec_table(r->fb, &v, i));
	return st;
}

/* Copies tensor indices; lowest is -1 where an operand may be left out, else 0. */
static enum status read_indices(struct reader *r, const struct fb_vec *v, int32_t lowest, int32_t *out)
{
	for (uint32_t i = 0; i < v->count; i++) {
		out[i] = fb_vec_i32(r->fb, v, i);
		if (out[i] < lowest || out[i] >= r->m->num_tensors)
			return diag_fail(r->diag, STATUS_BAD_FILE, "tensor index %" PRId32 " does not exist", out[i]);
	}
	return STATUS_OK;
}

static enum status read_opcode(struct reader *r, struct tfl_op *op, struct fb_table table)
{
	uint32_t index = fb_u32(r->fb, table, OPERATOR_OPCODE, 0);
	struct fb_table code = fb_vec_table(r->fb, &r->codes, index);
	struct fb_vec custom = fb_str(r->fb, code, OPCODE_CUSTOM);
	int32_t old = fb_i8(r->fb, code, OPCODE_DEPRECATED_BUILTIN, 0);
	int32_t now = fb_i32(r->fb, code, OPCODE_BUILTIN, 0);

	if (index >= r->codes.count)
		return diag_fail(r->diag, STATUS_BAD_FILE, "operator code %" PRIu32 " does not exist", index);
	op->builtin = now > old ? now : old;
	op->kind_name = tfl_op_name(op->builtin);
	if (op->builtin == TFL_CUSTOM)
		op->kind_name = graph_printf(r->g, "CUSTOM(%s)", copy_name(r, &custom) ?: "?");
	else if (!op->kind_name)
		op->kind_name = graph_printf(r->g, "BUILTIN_%" PRId32, op->builtin);
	return op->kind_name ? STATUS_OK : no_memory(r);
}

static enum status read_op(struct reader *r, struct tfl_op *op, struct fb_table table)
{
	struct fb_vec in = fb_vec(r->fb, table, OPERATOR_INPUTS, 4);
	struct fb_vec out = fb_vec(r->fb, table, OPERATOR_OUTPUTS, 4);
	enum status st = read_opcode(r, op, table);

	if (st)
		return st;
	op->options_type = fb_u8(r->fb, table, OPERATOR_OPTIONS_TYPE, 0);
	if (op->options_type)
		op->options = fb_sub(r->fb, table, OPERATOR_OPTIONS);
	if (in.count > IR_MAX_INPUTS || out.count > TFL_MAX_OUTPUTS) {
		op->trouble = "it has too many operands (limits: 16 inputs, 8 outputs)";
		return r->fb->error ? broken(r) : STATUS_OK;
	}
	op->num_inputs = (int)in.count;
	op->num_outputs = (int)out.count;
	st = read_indices(r, &in, -1, op->inputs);
	if (!st)
		st = read_indices(r, &out, 0, op->outputs);
	if (st)
		return st;
	return r->fb->error ? broken(r) : STATUS_OK;
}

static enum status read_ops(struct reader *r)
{
	struct fb_vec v = fb_vec(r->fb, r->subgraph, SUBGRAPH_OPERATORS, 4);
	enum status st = STATUS_OK;

	if (v.count > TFL_MAX_OPERATORS)
		return diag_fail(r->diag, STATUS_TOO_BIG, "the model has %" PRIu32 " operators, more than %d", v.count,
				 TFL_MAX_OPERATORS);
	r->m->ops = graph_alloc(r->g, v.count, sizeof(*r->m->ops));
	if (!r->m->ops)
		return no_memory(r);
	r->m->num_ops = (int32_t)v.count;
	for (uint32_t i = 0; i < v.count && !st; i++)
		st = read_op(r, &r->m->ops[i], fb_vec_table(r->fb, &v, i));
	return st;
}

static enum status read_boundary(struct reader *r, int field, int32_t **indices, int32_t *count)
{
	struct fb_vec v = fb_vec(r->fb, r->subgraph, field, 4);

	if (v.count > QUERN_PROGRAM_MAX_TENSORS)
		return diag_fail(r->diag, STATUS_TOO_BIG,
				 "the model has %" PRIu32 " %s; a program binds at most %d tensors", v.count,
				 field == SUBGRAPH_INPUTS ? "inputs" : "outputs", QUERN_PROGRAM_MAX_TENSORS);
	*indices = graph_alloc(r->g, v.count, sizeof(**indices));
	if (!*indices)
		return no_memory(r);
	*count = (int32_t)v.count;
	return read_indices(r, &v, 0, *indices);
}

static enum status read_header(struct reader *r)
{
	struct fb_table root = fb_root(r->fb, TFL_IDENTIFIER);
	uint32_t version = fb_u32(r->fb, root, MODEL_VERSION, 0);
	struct fb_vec subgraphs = fb_vec(r->fb, root, MODEL_SUBGRAPHS, 4);
	struct fb_vec name;

	r->codes = fb_vec(r->fb, root, MODEL_OPERATOR_CODES, 4);
	r->buffers = fb_vec(r->fb, root, MODEL_BUFFERS, 4);
	r->subgraph = fb_vec_table(r->fb, &subgraphs, 0);
	name = fb_str(r->fb, r->subgraph, SUBGRAPH_NAME);
	if (r->fb->error)
		return broken(r);
	if (version != TFL_SCHEMA_VERSION)
		return diag_fail(r->diag, STATUS_UNSUPPORTED, "schema version %" PRIu32 ", only %d is known", version,
				 TFL_SCHEMA_VERSION);
	if (!subgraphs.count)
		return diag_fail(r->diag, STATUS_BAD_FILE, "the file has no subgraph");
	if (subgraphs.count > 1)
		return diag_fail(r->diag, STATUS_UNSUPPORTED,
				 "the model has %" PRIu32 " subgraphs (control flow); only one is supported",
				 subgraphs.count);
	r->m->name = copy_name(r, &name);
	return r->m->name ? STATUS_OK : no_memory(r);
}

enum status tfl_read(struct tfl_model *m, struct graph *g, const void *data, size_t bytes, struct diag *diag)
{
	struct reader r = {.m = m, .fb = &m->fb, .g = g, .diag = diag};
	enum status st;

	*m = (struct tfl_model){0};
	fb_init(&m->fb, data, bytes);
	st = read_header(&r);
	if (!st)
		st = read_tensors(&r);
	if (!st)
		st = read_ops(&r);
	if (!st)
		st = read_boundary(&r, SUBGRAPH_INPUTS, &m->inputs, &m->num_inputs);
	if (!st)
		st = read_boundary(&r, SUBGRAPH_OUTPUTS, &m->outputs, &m->num_outputs);
	if (!st && m->fb.error)
		st = broken(&r);
	return st;
}
