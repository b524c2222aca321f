// SPDX-License-Identifier: Apache-2.0
/*
 * The rules of ir.h, checked once more before the back end relies on them. A graph from the importer and the
 * passes never fails here: a failure is a bug of the compiler, and this turns it into a message instead of wrong
 * commands.
 */
#include <inttypes.h>
#include "passes.h"

struct verifier {
	const struct graph *g;
	struct diag *diag;
	const struct op *op;
	bool *known; /* tensors that exist at this point of the order, by id */
};

static enum status fail(const struct verifier *v, const char *rule)
{
	return diag_fail(v->diag, STATUS_INTERNAL, "%s: internal error: %s", v->op ? v->op->name : "graph", rule);
}

static int64_t taps_reach(int32_t k, int32_t dilation)
{
	return ((int64_t)k - 1) * dilation + 1;
}

/* One dimension of a sliding window: the output follows from the rest. */
static bool window_ok(int64_t in, int64_t before, int64_t after, int64_t reach, int64_t stride, int64_t out)
{
	if (in < 1 || before < 0 || after < 0 || stride < 1 || reach < 1 || before >= reach || after >= reach)
		return false;
	return in + before + after >= reach && (in + before + after - reach) / stride + 1 == out;
}

static bool conv_sizes_ok(const struct op *op)
{
	const struct conv_attr *c = &op->conv;
	int64_t depth = op->kind == OP_DWCONV ? 1 : c->in_c / c->groups;

	if (c->groups < 1 || c->in_c % c->groups || c->out_c % c->groups || c->depth_mult < 1)
		return false;
	if (op->kind == OP_DWCONV && (c->groups != c->in_c || c->out_c != c->in_c * c->depth_mult))
		return false;
	return (int64_t)c->weight_bytes == (int64_t)c->out_c * c->kh * c->kw * depth && c->weights && c->bias &&
	       c->mult && c->shift;
}

static enum status check_conv(const struct verifier *v)
{
	const struct conv_attr *c = &v->op->conv;

	if (!conv_sizes_ok(v->op))
		return fail(v, "weights do not match the channels");
	if ((int64_t)c->batch * c->in_h * c->in_w * c->in_c != v->op->inputs[0]->elements ||
	    (int64_t)c->batch * c->out_h * c->out_w * c->out_c != v->op->output->elements)
		return fail(v, "image sizes do not match the tensors");
	if (!window_ok(c->in_h, c->pad_top, c->pad_bottom, taps_reach(c->kh, c->dilation_y), c->stride_y, c->out_h) ||
	    !window_ok(c->in_w, c->pad_left, c->pad_right, taps_reach(c->kw, c->dilation_x), c->stride_x, c->out_w))
		return fail(v, "padding does not give the output's size");
	for (int32_t i = 0; i < c->out_c; i++)
		if (c->shift[i] < -31 || c->shift[i] > 30)
			return fail(v, "a shift is out of range");
	if (c->act_min > c->act_max || c->in_zp != v->op->inputs[0]->zero_point)
		return fail(v, "zero point or activation range");
	return STATUS_OK;
}

static bool cover_ok(const struct tensor *t, enum elt_cover cover, const struct eltwise_attr *e)
{
	return t->elements == (cover == ELT_FULL ? e->pixels * e->channels : e->channels);
}

static enum status check_eltwise(const struct verifier *v)
{
	const struct eltwise_attr *e = &v->op->elt;
	const struct tensor *a = v->op->inputs[0], *b = v->op->inputs[1];

	if ((int64_t)e->pixels * e->channels != v->op->output->elements || !cover_ok(a, e->a_cover, e) ||
	    !cover_ok(b, e->b_cover, e))
		return fail(v, "operand sizes");
	if (e->a_cover != ELT_FULL && e->b_cover != ELT_FULL)
		return fail(v, "no operand covers the output");
	if (a->kind == TENSOR_CONST && b->kind == TENSOR_CONST)
		return fail(v, "both operands are constants");
	if (e->a_mult < 0 || e->b_mult < 0 || e->out_mult < 0 || e->a_shift > 0 || e->b_shift > 0 || e->a_shift < -31 ||
	    e->b_shift < -31 || e->out_shift < -31 || e->out_shift > 30 || e->act_min > e->act_max)
		return fail(v, "a multiplier is out of range");
	return STATUS_OK;
}

static enum status check_pool(const struct verifier *v)
{
	const struct pool_attr *p = &v->op->pool;

	if ((int64_t)p->batch * p->in_h * p->in_w * p->channels != v->op->inputs[0]->elements ||
	    (int64_t)p->batch * p->out_h * p->out_w * p->channels != v->op->output->elements)
		return fail(v, "image sizes do not match the tensors");
	if (!window_ok(p->in_h, p->pad_top, p->pad_bottom, p->kh, p->stride_y, p->out_h) ||
	    !window_ok(p->in_w, p->pad_left, p->pad_right, p->kw, p->stride_x, p->out_w) || p->act_min > p->act_max)
		return fail(v, "window");
	return STATUS_OK;
}

static enum status check_pad(const struct verifier *v)
{
	const struct pad_attr *p = &v->op->pad;
	int64_t h = (int64_t)p->top + p->in_h + p->bottom, w = (int64_t)p->left + p->in_w + p->right;

	if (p->top < 0 || p->left < 0 || p->bottom < 0 || p->right < 0 ||
	    p->batch * h * w * p->channels != v->op->output->elements ||
	    (int64_t)p->batch * p->in_h * p->in_w * p->channels != v->op->inputs[0]->elements)
		return fail(v, "padding does not give the output's size");
	return STATUS_OK;
}

static enum status check_concat(const struct verifier *v)
{
	const struct concat_attr *c = &v->op->concat;
	int64_t sum = 0;

	for (int i = 0; i < v->op->num_inputs; i++) {
		if ((int64_t)c->outer * c->run[i] != v->op->inputs[i]->elements)
			return fail(v, "an operand's size");
		sum += v->op->inputs[i]->elements;
	}
	return sum == v->op->output->elements ? STATUS_OK : fail(v, "operands do not fill the output");
}

static enum status check_resize(const struct verifier *v)
{
	const struct resize_attr *r = &v->op->resize;
	int64_t in = (int64_t)r->batch * r->in_h * r->in_w * r->channels;

	if (r->factor_y < 1 || r->factor_x < 1 || in != v->op->inputs[0]->elements ||
	    in * r->factor_y * r->factor_x != v->op->output->elements)
		return fail(v, "factors do not give the output's size");
	return STATUS_OK;
}

static bool inside(int32_t at, int32_t size, int32_t whole)
{
	return at >= 0 && size >= 1 && (int64_t)at + size <= whole;
}

static enum status check_slice(const struct verifier *v)
{
	const struct slice_attr *s = &v->op->slice;

	if ((int64_t)s->batch * s->in_h * s->in_w * s->in_c != v->op->inputs[0]->elements ||
	    (int64_t)s->batch * s->out_h * s->out_w * s->out_c != v->op->output->elements ||
	    !inside(s->y, s->out_h, s->in_h) || !inside(s->x, s->out_w, s->in_w) || !inside(s->c, s->out_c, s->in_c))
		return fail(v, "the box does not lie in the image");
	return STATUS_OK;
}

static enum status check_softmax(const struct verifier *v)
{
	const struct softmax_attr *s = &v->op->softmax;

	if (s->len < 1 || s->len > QUERN_SOFTMAX_MAX_LEN || (int64_t)s->rows * s->len != v->op->output->elements ||
	    !s->table || v->op->inputs[0]->elements != v->op->output->elements)
		return fail(v, "rows");
	return STATUS_OK;
}

static enum status check_bytes(const struct verifier *v)
{
	if (v->op->inputs[0]->elements != v->op->output->elements)
		return fail(v, "element counts differ");
	if (v->op->kind == OP_LUT && (v->op->lut.count != v->op->output->elements || !v->op->lut.table))
		return fail(v, "table");
	return STATUS_OK;
}

static enum status check_attributes(const struct verifier *v)
{
	switch (v->op->kind) {
	case OP_CONV:
	case OP_DWCONV:
		return check_conv(v);
	case OP_ELTWISE:
		return check_eltwise(v);
	case OP_POOL:
		return check_pool(v);
	case OP_SOFTMAX:
		return check_softmax(v);
	case OP_PAD:
		return check_pad(v);
	case OP_CONCAT:
		return check_concat(v);
	case OP_RESIZE:
		return check_resize(v);
	case OP_SLICE:
		return check_slice(v);
	case OP_LUT:
	case OP_RESHAPE:
		return check_bytes(v);
	default:
		return fail(v, "unknown kind");
	}
}

static bool dtype_ok(const struct op *op, const struct tensor *t)
{
	bool any_byte = op->kind == OP_LUT || op->kind == OP_RESHAPE;

	return t->dtype == QUERN_DTYPE_INT8 || (any_byte && t->dtype == QUERN_DTYPE_UINT8);
}

/* Operands exist, the result is new, and both have types the chip takes. */
static enum status check_operands(const struct verifier *v)
{
	const struct op *op = v->op;
	int want = op->kind == OP_ELTWISE ? 2 : 1;

	if (op->num_inputs != want && (op->kind != OP_CONCAT || op->num_inputs < 1 || op->num_inputs > IR_MAX_INPUTS))
		return fail(v, "number of operands");
	for (int i = 0; i < op->num_inputs; i++) {
		const struct tensor *t = op->inputs[i];

		if (!dtype_ok(op, t))
			return fail(v, "operand type");
		if (t->kind == TENSOR_CONST ? op->kind != OP_ELTWISE : !v->known[t->id])
			return fail(v, "operand is a constant or not computed yet");
	}
	if (v->known[op->output->id] || op->output->kind == TENSOR_CONST || op->output->producer != op)
		return fail(v, "result is computed twice");
	return dtype_ok(op, op->output) && op->source < v->g->num_sources ? STATUS_OK
									  : fail(v, "result type or source");
}

static enum status check_outputs(struct verifier *v)
{
	v->op = NULL;
	for (int i = 0; i < v->g->num_outputs; i++) {
		const struct tensor *t = v->g->outputs[i];

		if (!v->known[t->id] || t->kind != TENSOR_OUTPUT || !t->producer)
			return fail(v, "an output is not computed");
	}
	return STATUS_OK;
}

enum status pass_verify(struct graph *g, struct diag *diag)
{
	struct verifier v = {.g = g, .diag = diag};
	enum status st = STATUS_OK;

	v.known = graph_alloc(g, g->num_tensor_ids, sizeof(*v.known));
	if (!v.known)
		return diag_fail(diag, STATUS_NO_MEMORY, "out of memory");
	for (int i = 0; i < g->num_inputs; i++)
		v.known[g->inputs[i]->id] = true;
	for (int i = 0; i < g->num_ops && !st; i++) {
		v.op = g->ops[i];
		st = check_operands(&v);
		if (!st)
			st = check_attributes(&v);
		v.known[v.op->output->id] = true;
	}
	return st ? st : check_outputs(&v);
}
