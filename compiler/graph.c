// SPDX-License-Identifier: Apache-2.0
/* Building the graph of ir.h. The check of its rules is pass_verify.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "arena.h"
#include "ir.h"

#define GRAPH_LIMIT_BYTES ((size_t)1 << 30)

struct graph *graph_create(void)
{
	struct arena *a = arena_create(GRAPH_LIMIT_BYTES);
	struct graph *g;

	if (!a)
		return NULL;
	g = arena_alloc(a, 1, sizeof(*g));
	if (!g) {
		arena_destroy(a);
		return NULL;
	}
	g->arena = a;
	g->name = "";
	return g;
}

void graph_destroy(struct graph *g)
{
	if (g)
		arena_destroy(g->arena);
}

void *graph_alloc(struct graph *g, size_t count, size_t size)
{
	return arena_alloc(g->arena, count, size);
}

char *graph_printf(struct graph *g, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	s = graph_alloc(g, (size_t)n + 1, 1);
	if (!s)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

static size_t dtype_bytes(enum quern_dtype dtype)
{
	switch (dtype) {
	case QUERN_DTYPE_INT8:
	case QUERN_DTYPE_UINT8:
		return 1;
	case QUERN_DTYPE_INT16:
		return 2;
	case QUERN_DTYPE_INT32:
	case QUERN_DTYPE_FLOAT32:
		return 4;
	}
	return 0;
}

struct tensor *graph_tensor(struct graph *g, const char *name, enum quern_dtype dtype, int rank, const int32_t *dim)
{
	struct tensor *t = graph_alloc(g, 1, sizeof(*t));

	if (!t)
		return NULL;
	t->name = name;
	t->id = g->num_tensor_ids++;
	t->dtype = dtype;
	t->rank = rank;
	t->elements = 1;
	for (int i = 0; i < IR_MAX_RANK; i++) {
		t->dim[i] = i < rank ? dim[i] : 1;
		t->elements *= t->dim[i];
	}
	t->bytes = (size_t)t->elements * dtype_bytes(dtype);
	return t;
}

/* Room for one more op: the array doubles, its old copies stay in the arena. */
static bool grow_ops(struct graph *g)
{
	struct op **ops;

	/* Full when the count is zero or a power of two. */
	if (g->num_ops & (g->num_ops - 1))
		return true;
	ops = graph_alloc(g, g->num_ops ? (size_t)g->num_ops * 2 : 1, sizeof(*ops));
	if (!ops)
		return false;
	if (g->num_ops)
		memcpy(ops, g->ops, (size_t)g->num_ops * sizeof(*ops));
	g->ops = ops;
	return true;
}

struct op *graph_op(struct graph *g, enum op_kind kind, uint32_t source, struct tensor *output)
{
	struct op *op = graph_alloc(g, 1, sizeof(*op));

	if (!op || !grow_ops(g))
		return NULL;
	op->kind = kind;
	op->source = source;
	op->name = g->sources[source].name;
	op->kind_name = g->sources[source].kind_name;
	op->output = output;
	output->producer = op;
	g->ops[g->num_ops++] = op;
	return op;
}

void graph_count_uses(struct graph *g)
{
	for (int i = 0; i < g->num_ops; i++) {
		g->ops[i]->output->uses = 0;
		for (int k = 0; k < g->ops[i]->num_inputs; k++)
			g->ops[i]->inputs[k]->uses = 0;
	}
	for (int i = 0; i < g->num_inputs; i++)
		g->inputs[i]->uses = 0;
	for (int i = 0; i < g->num_ops; i++)
		for (int k = 0; k < g->ops[i]->num_inputs; k++)
			g->ops[i]->inputs[k]->uses++;
	for (int i = 0; i < g->num_outputs; i++)
		g->outputs[i]->uses++;
}

const char *op_kind_str(enum op_kind kind)
{
	static const char *const names[OP_KIND_COUNT] = {
		[OP_CONV] = "CONV",	  [OP_DWCONV] = "DWCONV",   [OP_ELTWISE] = "ELTWISE",
		[OP_POOL] = "POOL",	  [OP_SOFTMAX] = "SOFTMAX", [OP_LUT] = "LUT",
		[OP_RESHAPE] = "RESHAPE", [OP_PAD] = "PAD",	    [OP_CONCAT] = "CONCAT",
		[OP_RESIZE] = "RESIZE",     [OP_SLICE] = "SLICE",
	};

	return (unsigned int)kind < OP_KIND_COUNT ? names[kind] : "unknown";
}
