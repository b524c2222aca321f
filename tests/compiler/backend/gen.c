// SPDX-License-Identifier: Apache-2.0
/* Random graphs: see gen.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen.h"

#define MAX_OPS 8
#define MAX_WORK 6000000
#define MAX_TENSORS 32

struct gen {
	struct rng *r;
	struct graph *g;
	bool big;
	struct tensor *made[MAX_TENSORS]; /* everything that can be an operand */
	int num_made;
	struct tensor *last;
};

/* Mostly small, sometimes at the other end. */
static int32_t skewed(struct gen *x, int32_t low, int32_t high)
{
	int32_t small = low + (high - low) / 6;

	return rng_one_in(x->r, 4) ? rng_in(x->r, low, high) : rng_in(x->r, low, small > low ? small : low);
}

static int32_t pick_channels(struct gen *x)
{
	static const int32_t usual[] = {1, 2, 3, 4, 7, 8, 15, 16, 17, 24, 31, 32, 33, 40, 48, 64, 100, 130};

	return rng_one_in(x->r, 3) ? rng_in(x->r, 1, 130) : usual[rng_next(x->r) % (sizeof(usual) / sizeof(usual[0]))];
}

static void *fill(struct gen *x, size_t count)
{
	int8_t *p = graph_alloc(x->g, count, 1);

	for (size_t i = 0; p && i < count; i++)
		p[i] = (int8_t)rng_next(x->r);
	return p;
}

static struct tensor *tensor4(struct gen *x, int32_t b, int32_t h, int32_t w, int32_t c)
{
	int32_t dim[4] = {b, h, w, c};
	struct tensor *t =
		graph_tensor(x->g, graph_printf(x->g, "t%u", x->g->num_tensor_ids), QUERN_DTYPE_INT8, 4, dim);

	t->scale = 1;
	t->zero_point = rng_in(x->r, -128, 127);
	return t;
}

static struct op *new_op(struct gen *x, enum op_kind kind, struct tensor *out)
{
	struct op *op;
	uint32_t source = x->g->num_sources++;

	x->g->sources[source].name = graph_printf(x->g, "%u:%s", source, op_kind_str(kind));
	x->g->sources[source].kind_name = op_kind_str(kind);
	op = graph_op(x->g, kind, source, out);
	op->inputs[0] = x->last;
	op->num_inputs = 1;
	return op;
}

static void finish_op(struct gen *x, struct op *op)
{
	x->last = op->output;
	if (x->num_made < MAX_TENSORS)
		x->made[x->num_made++] = op->output;
}

static void activation(struct gen *x, int8_t *low, int8_t *high)
{
	*low = rng_one_in(x->r, 2) ? -128 : (int8_t)rng_in(x->r, -128, 0);
	*high = rng_one_in(x->r, 2) ? 127 : (int8_t)rng_in(x->r, 1, 127);
}

/* Mostly such that results use the whole range of int8; sometimes anything. */
static void requant(struct gen *x, struct conv_attr *a, int32_t depth)
{
	int32_t *bias = graph_alloc(x->g, (size_t)a->out_c, 4), *mult = graph_alloc(x->g, (size_t)a->out_c, 4),
		bits = 0;
	int8_t *shift = graph_alloc(x->g, (size_t)a->out_c, 1);

	while (1 << bits < depth)
		bits++;
	for (int32_t o = 0; o < a->out_c; o++) {
		bool wild = rng_one_in(x->r, 20);

		bias[o] = wild ? (int32_t)rng_next(x->r) : rng_in(x->r, -2000, 2000) * (1 + bits);
		mult[o] = wild ? rng_in(x->r, 0, INT32_MAX) : rng_in(x->r, 1 << 30, INT32_MAX);
		mult[o] |= rng_one_in(x->r, 4) ? INT32_MIN : 0;
		shift[o] = (int8_t)(wild ? rng_in(x->r, -31, 30) : -6 - bits / 2 + rng_in(x->r, -1, 1));
	}
	a->bias = bias;
	a->mult = mult;
	a->shift = shift;
	a->out_zp = (int8_t)rng_in(x->r, -128, 127);
	activation(x, &a->act_min, &a->act_max);
}

/* A window along one dimension of size in; pads are at most reach - 1 in all. Returns the output size. */
static int32_t window(struct gen *x, int32_t in, int32_t *k, int32_t *dilation, int32_t *stride, int32_t *before,
		      int32_t *after)
{
	int32_t reach;

	*k = rng_one_in(x->r, 3) ? 1 : rng_one_in(x->r, 6) ? rng_in(x->r, 1, 9) : rng_in(x->r, 1, 5);
	*dilation = rng_one_in(x->r, 6) ? rng_in(x->r, 1, 3) : 1;
	*stride = rng_one_in(x->r, 12) ? rng_in(x->r, 1, 11) : rng_in(x->r, 1, 3);
	*before = *after = 0;
	reach = (*k - 1) * *dilation + 1;
	if (rng_one_in(x->r, 2) && reach > 1) {
		*before = rng_in(x->r, 0, reach - 1);
		*after = rng_in(x->r, 0, reach - 1);
	}
	while (in + *before + *after < reach) {
		if (*before < reach - 1)
			++*before;
		else if (*after < reach - 1)
			++*after;
	}
	return (in + *before + *after - reach) / *stride + 1;
}

static void conv_window(struct gen *x, struct conv_attr *a)
{
	a->batch = x->last->dim[0];
	a->in_h = x->last->dim[1];
	a->in_w = x->last->dim[2];
	a->in_c = x->last->dim[3];
	a->in_zp = (int8_t)x->last->zero_point;
	a->depth_mult = 1;
	a->groups = 1;
	a->out_h = window(x, a->in_h, &a->kh, &a->dilation_y, &a->stride_y, &a->pad_top, &a->pad_bottom);
	a->out_w = window(x, a->in_w, &a->kw, &a->dilation_x, &a->stride_x, &a->pad_left, &a->pad_right);
}

static bool too_much(const struct conv_attr *a, int32_t depth)
{
	return (int64_t)a->batch * a->out_h * a->out_w * a->out_c * a->kh * a->kw * depth > MAX_WORK;
}

static void add_conv_op(struct gen *x, enum op_kind kind, const struct conv_attr *attr, int32_t depth)
{
	struct conv_attr a = *attr;
	struct op *op;

	a.weight_bytes = (size_t)a.out_c * (size_t)a.kh * (size_t)a.kw * (size_t)depth;
	a.weights = fill(x, a.weight_bytes);
	requant(x, &a, a.kh * a.kw * depth);
	op = new_op(x, kind, tensor4(x, a.batch, a.out_h, a.out_w, a.out_c));
	op->conv = a;
	op->macs = 1;
	finish_op(x, op);
}

static void add_conv(struct gen *x)
{
	struct conv_attr a = {0};

	conv_window(x, &a);
	a.out_c = pick_channels(x);
	if (rng_one_in(x->r, 6)) {
		a.groups = rng_in(x->r, 1, a.in_c);
		while (a.in_c % a.groups)
			a.groups--;
		a.out_c = a.groups * rng_in(x->r, 1, 1 + 64 / a.groups);
	}
	while (a.groups == 1 && a.out_c > 1 && too_much(&a, a.in_c))
		a.out_c /= 2;
	if (!too_much(&a, a.in_c / a.groups))
		add_conv_op(x, OP_CONV, &a, a.in_c / a.groups);
}

static void add_dw(struct gen *x)
{
	struct conv_attr a = {0};

	conv_window(x, &a);
	if (rng_one_in(x->r, 4))
		a.depth_mult = rng_in(x->r, 1, 9);
	if (rng_one_in(x->r, 6) && a.batch == 1) {
		a.kh = a.in_h;
		a.kw = a.in_w;
		a.out_h = a.out_w = a.stride_y = a.stride_x = a.dilation_y = a.dilation_x = 1;
		a.pad_top = a.pad_left = a.pad_bottom = a.pad_right = 0;
	}
	a.groups = a.in_c;
	a.out_c = a.in_c * a.depth_mult;
	if (too_much(&a, 1))
		return;
	add_conv_op(x, OP_DWCONV, &a, 1);
	if (rng_one_in(x->r, 3))
		memset((void *)(uintptr_t)x->last->producer->conv.weights, 1, x->last->producer->conv.weight_bytes);
}

/* Rows of features: all but the last dimension are rows, or everything of a small image is one row. */
static void add_fc(struct gen *x)
{
	struct conv_attr a = {.batch = 1,
			      .in_h = 1,
			      .out_h = 1,
			      .kh = 1,
			      .kw = 1,
			      .stride_y = 1,
			      .stride_x = 1,
			      .dilation_y = 1,
			      .dilation_x = 1,
			      .depth_mult = 1,
			      .groups = 1};
	struct op *op;

	a.in_zp = (int8_t)x->last->zero_point;
	a.in_w = a.out_w = rng_one_in(x->r, 2) ? x->last->dim[0] : x->last->elements / x->last->dim[3];
	a.in_c = x->last->elements / a.in_w;
	a.out_c = pick_channels(x);
	if (too_much(&a, a.in_c))
		return;
	a.weight_bytes = (size_t)a.out_c * (size_t)a.in_c;
	a.weights = fill(x, a.weight_bytes);
	requant(x, &a, a.in_c);
	op = new_op(x, OP_CONV, tensor4(x, a.in_w, 1, 1, a.out_c));
	op->conv = a;
	finish_op(x, op);
}

static struct tensor *constant_like(struct gen *x, const struct tensor *t, bool channel)
{
	struct tensor *c =
		channel ? tensor4(x, 1, 1, 1, t->dim[3]) : tensor4(x, t->dim[0], t->dim[1], t->dim[2], t->dim[3]);

	c->kind = TENSOR_CONST;
	c->data = fill(x, c->bytes);
	return c;
}

/* An earlier tensor that can be the other operand, or a constant. */
static struct tensor *other_operand(struct gen *x, enum elt_cover *cover)
{
	const struct tensor *t = x->last;
	int from = rng_in(x->r, 0, x->num_made - 1);

	*cover = ELT_FULL;
	for (int i = 0; i < x->num_made && !rng_one_in(x->r, 8); i++) {
		struct tensor *o = x->made[(from + i) % x->num_made];

		if (o->elements == t->elements && o->dim[3] == t->dim[3])
			return o;
		if (o->elements == t->dim[3]) {
			*cover = ELT_CHANNEL;
			return o;
		}
	}
	*cover = rng_one_in(x->r, 2) ? ELT_CHANNEL : ELT_FULL;
	return constant_like(x, t, *cover == ELT_CHANNEL);
}

static void add_elt(struct gen *x)
{
	const struct tensor *t = x->last;
	struct eltwise_attr e = {.op = rng_next(x->r) % 3, .pixels = t->elements / t->dim[3], .channels = t->dim[3]};
	struct tensor *b = other_operand(x, &e.b_cover);
	struct op *op = new_op(x, OP_ELTWISE, tensor4(x, t->dim[0], t->dim[1], t->dim[2], t->dim[3]));

	if (e.op != QUERN_ELTWISE_OP_MUL) {
		e.a_mult = rng_in(x->r, 1 << 29, INT32_MAX);
		e.b_mult = rng_in(x->r, 1 << 29, INT32_MAX);
		e.a_shift = (int8_t)-rng_in(x->r, 0, 4);
		e.b_shift = (int8_t)-rng_in(x->r, 0, 4);
	}
	e.out_mult = rng_in(x->r, 1 << 30, INT32_MAX);
	e.out_shift = (int8_t)(e.op == QUERN_ELTWISE_OP_MUL ? -rng_in(x->r, 3, 9) : -rng_in(x->r, 17, 21));
	e.a_zp = (int8_t)t->zero_point;
	e.b_zp = (int8_t)b->zero_point;
	e.out_zp = (int8_t)op->output->zero_point;
	activation(x, &e.act_min, &e.act_max);
	op->inputs[1] = b;
	op->num_inputs = 2;
	if (rng_one_in(x->r, 3)) {
		enum elt_cover cover = e.a_cover;

		e.a_cover = e.b_cover;
		e.b_cover = cover;
		op->inputs[1] = op->inputs[0];
		op->inputs[0] = b;
	}
	op->elt = e;
	finish_op(x, op);
}

static void add_pool(struct gen *x)
{
	const struct tensor *t = x->last;
	struct pool_attr p = {.op = rng_next(x->r) % 2,
			      .batch = t->dim[0],
			      .in_h = t->dim[1],
			      .in_w = t->dim[2],
			      .channels = t->dim[3]};
	int32_t dilation[2] = {2, 2};
	struct op *op;

	while (dilation[0] > 1)
		p.out_h = window(x, p.in_h, &p.kh, &dilation[0], &p.stride_y, &p.pad_top, &p.pad_bottom);
	while (dilation[1] > 1)
		p.out_w = window(x, p.in_w, &p.kw, &dilation[1], &p.stride_x, &p.pad_left, &p.pad_right);
	if (rng_one_in(x->r, 3)) {
		p.kh = p.in_h;
		p.kw = p.in_w;
		p.out_h = p.out_w = p.stride_y = p.stride_x = 1;
		p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 0;
	}
	if (p.kh > QUERN_POOL_MAX_K || p.kw > QUERN_POOL_MAX_K)
		return;
	if ((p.out_h - 1) * p.stride_y - p.pad_top >= p.in_h || (p.out_w - 1) * p.stride_x - p.pad_left >= p.in_w)
		return; /* a window wholly in the padding */
	if (p.kh - p.pad_top < 1 || p.kw - p.pad_left < 1)
		return;
	activation(x, &p.act_min, &p.act_max);
	op = new_op(x, OP_POOL, tensor4(x, p.batch, p.out_h, p.out_w, p.channels));
	op->output->zero_point = t->zero_point;
	op->pool = p;
	finish_op(x, op);
}

static void add_softmax(struct gen *x)
{
	const struct tensor *t = x->last;
	int64_t v = INT32_MAX, factor = rng_in(x->r, 200, 255);
	int32_t *table = graph_alloc(x->g, 256, 4);
	struct op *op;

	if (t->dim[3] > QUERN_SOFTMAX_MAX_LEN)
		return;
	op = new_op(x, OP_SOFTMAX, tensor4(x, t->dim[0], t->dim[1], t->dim[2], t->dim[3]));
	for (int i = 0; i < 256; i++, v = v * factor / 256)
		table[i] = (int32_t)v;
	op->softmax = (struct softmax_attr){.rows = t->elements / t->dim[3], .len = t->dim[3], .table = table};
	finish_op(x, op);
}

static void add_lut(struct gen *x)
{
	const struct tensor *t = x->last;
	struct op *op = new_op(x, OP_LUT, tensor4(x, t->dim[0], t->dim[1], t->dim[2], t->dim[3]));

	op->lut = (struct lut_attr){.count = t->elements, .table = fill(x, 256)};
	finish_op(x, op);
}

static void add_reshape(struct gen *x)
{
	const struct tensor *t = x->last;
	int32_t h = 1, c = rng_one_in(x->r, 2) ? t->dim[3] : rng_in(x->r, 1, t->elements), rest;
	struct op *op;

	while (t->elements % c)
		c--;
	rest = t->elements / c;
	h = rng_in(x->r, 1, rest);
	while (rest % h)
		h--;
	op = new_op(x, OP_RESHAPE, rng_one_in(x->r, 2) ? tensor4(x, 1, h, rest / h, c) : tensor4(x, h, 1, rest / h, c));
	op->output->zero_point = t->zero_point;
	finish_op(x, op);
}

static void add_pad(struct gen *x)
{
	const struct tensor *t = x->last;
	struct pad_attr p = {.batch = t->dim[0],
			     .in_h = t->dim[1],
			     .in_w = t->dim[2],
			     .channels = t->dim[3],
			     .top = rng_in(x->r, 0, 3),
			     .left = rng_in(x->r, 0, 3),
			     .bottom = rng_in(x->r, 0, 3),
			     .right = rng_in(x->r, 0, 3),
			     .value = (int8_t)rng_next(x->r)};
	struct op *op = new_op(x, OP_PAD,
			       tensor4(x, p.batch, p.top + p.in_h + p.bottom, p.left + p.in_w + p.right, p.channels));

	op->pad = p;
	finish_op(x, op);
}

static void add_resize(struct gen *x)
{
	const struct tensor *t = x->last;
	struct resize_attr a = {t->dim[0], t->dim[1], t->dim[2], t->dim[3], rng_in(x->r, 1, 3), rng_in(x->r, 1, 3)};
	struct op *op;

	if (t->elements > 4000)
		return;
	op = new_op(x, OP_RESIZE, tensor4(x, a.batch, a.in_h * a.factor_y, a.in_w * a.factor_x, a.channels));
	op->resize = a;
	finish_op(x, op);
}

static int32_t cut(struct gen *x, int32_t whole, int32_t *at)
{
	*at = rng_in(x->r, 0, whole - 1);
	return rng_in(x->r, 1, whole - *at);
}

static void add_slice(struct gen *x)
{
	const struct tensor *t = x->last;
	struct slice_attr a = {.batch = t->dim[0], .in_h = t->dim[1], .in_w = t->dim[2], .in_c = t->dim[3]};
	struct op *op;

	a.out_h = cut(x, a.in_h, &a.y);
	a.out_w = cut(x, a.in_w, &a.x);
	a.out_c = cut(x, a.in_c, &a.c);
	op = new_op(x, OP_SLICE, tensor4(x, a.batch, a.out_h, a.out_w, a.out_c));
	op->slice = a;
	finish_op(x, op);
}

static void add_concat(struct gen *x)
{
	const struct tensor *t = x->last;
	struct concat_attr c = {.outer = t->elements / t->dim[3]};
	struct tensor *in[3];
	int count = 0, total = 0;
	struct op *op;

	for (int i = 0; i < x->num_made && count < 2; i++)
		if (x->made[i]->elements % c.outer == 0 && x->made[i]->elements / c.outer <= 200)
			in[count++] = x->made[i];
	in[count++] = x->last;
	for (int i = 0; i < count; i++) {
		c.run[i] = in[i]->elements / c.outer;
		total += c.run[i];
	}
	op = new_op(x, OP_CONCAT, tensor4(x, t->dim[0], t->dim[1], t->dim[2], total));
	for (int i = 0; i < count; i++)
		op->inputs[i] = in[i];
	op->num_inputs = count;
	op->concat = c;
	finish_op(x, op);
}

static void add_random(struct gen *x)
{
	static void (*const kinds[])(struct gen * x) = {add_conv, add_conv,    add_conv, add_dw,    add_dw,
							add_elt,  add_elt,     add_pool, add_fc,    add_softmax,
							add_lut,  add_reshape, add_pad,	 add_concat,
							add_resize, add_slice};

	kinds[rng_next(x->r) % (sizeof(kinds) / sizeof(kinds[0]))](x);
}

static struct tensor *input(struct gen *x)
{
	int32_t c = pick_channels(x), limit = x->big ? 60000 : 6000, h = skewed(x, 1, x->big ? 120 : 40),
		w = skewed(x, 1, x->big ? 300 : 40);
	int32_t b = rng_one_in(x->r, 6) ? rng_in(x->r, 2, 4) : 1;
	struct tensor *t;

	if (rng_one_in(x->r, 12)) {
		h = 1;
		w = 1;
		c = rng_in(x->r, 1, x->big ? 3000 : 300);
	}
	while (b * h * w * c > limit) {
		if (b > 1)
			b--;
		else if (h * w > 64)
			*(h > w ? &h : &w) /= 2;
		else
			c /= 2;
	}
	t = tensor4(x, b, h, w, c);
	t->kind = TENSOR_INPUT;
	x->g->inputs[x->g->num_inputs++] = t;
	x->made[x->num_made++] = t;
	return t;
}

static void add_output(struct gen *x, struct tensor *t)
{
	if (t->kind != TENSOR_INTERMEDIATE)
		return;
	t->kind = TENSOR_OUTPUT;
	x->g->outputs[x->g->num_outputs++] = t;
}

/* Whatever nobody reads is an output; so are some others. */
static void choose_outputs(struct gen *x)
{
	add_output(x, x->last);
	for (int i = 0; i < x->g->num_ops && x->g->num_outputs < 6; i++) {
		bool read = false;

		for (int k = 0; k < x->g->num_ops; k++)
			for (int n = 0; n < x->g->ops[k]->num_inputs; n++)
				read = read || x->g->ops[k]->inputs[n] == x->g->ops[i]->output;
		if (!read || rng_one_in(x->r, 12))
			add_output(x, x->g->ops[i]->output);
	}
}

struct graph *gen_graph(struct rng *r, bool big)
{
	struct gen x = {.r = r, .g = graph_create(), .big = big};
	int ops = rng_in(r, 1, MAX_OPS);

	if (!x.g)
		return NULL;
	x.g->name = "random";
	x.g->sources = graph_alloc(x.g, 64, sizeof(*x.g->sources));
	x.g->inputs = graph_alloc(x.g, 4, sizeof(*x.g->inputs));
	x.g->outputs = graph_alloc(x.g, 8, sizeof(*x.g->outputs));
	x.last = input(&x);
	if (rng_one_in(r, 5))
		x.last = input(&x);
	for (int tries = 0; x.g->num_ops < ops && tries < 40; tries++) {
		add_random(&x);
		/* Branches. */
		if (rng_one_in(r, 6))
			x.last = x.made[rng_in(r, 0, x.num_made - 1)];
	}
	if (!x.g->num_ops)
		add_lut(&x);
	x.last = x.g->ops[x.g->num_ops - 1]->output;
	choose_outputs(&x);
	return x.g;
}
