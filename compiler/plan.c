/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which memory a tensor has. Reshapes share it. Ops that see a tensor under different shapes need it dense in host memory, unless the
 * shapes differ only in how pixels are counted; everything else may stay in the scratchpad (plan_spm.c).
 */
#include <stdlib.h>
#include "plan.h"

static bool is_boundary(const struct tensor *t)
{
	return t->kind != TENSOR_INTERMEDIATE;
}

/* The caller's tensors and constants have a fixed home, so two of them cannot share one. */
bool plan_reshape_is_alias(const struct backend *be, const struct op *op)
{
	return be->root[op->inputs[0]->id] == be->root[op->output->id];
}

static void share_reshapes(struct backend *be)
{
	const struct graph *g = be->g;
	bool *boundary = be->scratch;

	for (uint32_t i = 0; i < g->num_tensor_ids; i++) {
		be->root[i] = i;
		boundary[i] = false;
	}
	for (int i = 0; i < g->num_ops; i++) {
		const struct op *op = g->ops[i];

		boundary[op->output->id] = is_boundary(op->output);
		for (int k = 0; k < op->num_inputs; k++)
			if (be->root[op->inputs[k]->id] == op->inputs[k]->id && is_boundary(op->inputs[k]))
				boundary[op->inputs[k]->id] = true;
	}
	for (int i = 0; i < g->num_ops; i++) {
		const struct op *op = g->ops[i];
		uint32_t in = be->root[op->inputs[0]->id], out = op->output->id;

		if (op->kind != OP_RESHAPE || (boundary[in] && boundary[out]))
			continue;
		be->root[out] = in;
		boundary[in] = boundary[in] || boundary[out];
	}
}

/* Shape under which a tensor's pixels are counted when nothing spatial is known about it. */
static struct geom flat_geom(const struct tensor *t)
{
	int32_t c = t->rank ? t->dim[t->rank - 1] : 1;

	return (struct geom){1, 1, t->elements / c, c};
}

static bool is_pointwise(const struct op *op)
{
	const struct conv_attr *a = &op->conv;

	return op->kind == OP_CONV && a->kh == 1 && a->kw == 1 && a->stride_y == 1 && a->stride_x == 1 &&
	       a->pad_top == 0 && a->pad_left == 0 && a->pad_bottom == 0 && a->pad_right == 0;
}

static bool same_geom(const struct geom *a, const struct geom *b)
{
	return a->b == b->b && a->h == b->h && a->w == b->w && a->c == b->c;
}

static int64_t pixels_of(const struct geom *g)
{
	return (int64_t)g->b * g->h * g->w;
}

/* A user that sees the tensor under another shape than the first one did. */
static void need_dense(struct storage *s)
{
	s->host_only = true;
	s->dense = true;
}

static void fix_geom(struct storage *s, struct geom g)
{
	if (!s->has_geom) {
		s->g = g;
		s->has_geom = true;
	} else if (!same_geom(&s->g, &g)) {
		need_dense(s);
	}
}

static int32_t positive(int64_t v)
{
	return v > 0 ? (int32_t)(v < INT32_MAX ? v : INT32_MAX) : 0;
}

static void need_border(struct storage *s, const struct conv_attr *a)
{
	int64_t bottom =
		(int64_t)(a->out_h - 1) * a->stride_y + (int64_t)(a->kh - 1) * a->dilation_y + 1 - a->pad_top - a->in_h;
	int64_t right = (int64_t)(a->out_w - 1) * a->stride_x + (int64_t)(a->kw - 1) * a->dilation_x + 1 - a->pad_left -
			a->in_w;
	int32_t gap = max32(a->pad_left, positive(right));

	if (a->pad_top == 0 && gap == 0 && bottom <= 0)
		return;
	if (s->has_border && s->pad_value != a->in_zp)
		s->host_only = true;
	s->has_border = true;
	s->pad_value = a->in_zp;
	s->pad_t = max32(s->pad_t, a->pad_top);
	s->pad_b = max32(s->pad_b, positive(bottom));
	s->gap = max32(s->gap, gap);
}

/*
 * Few channels: in host memory pixels are not padded to vectors, so a load can lay kernel rows out as runs of bytes, which takes fewer steps
 * than pixels of a vector each.
 */
static bool prefers_dense(const struct backend *be, const struct op *op)
{
	const struct conv_attr *a = &op->conv;
	int32_t n = (int32_t)be->n;

	if (op->kind != OP_CONV || a->groups > 1 || a->dilation_x > 1 || a->in_c >= n)
		return false;
	return 3 * div_up(a->kw * a->in_c, n) <= 2 * a->kw;
}

static void spatial_geoms(struct backend *be, const struct op *op)
{
	struct storage *in = be_storage(be, op->inputs[0]), *out = be_storage(be, op->output);
	const struct conv_attr *a = &op->conv;
	const struct pool_attr *p = &op->pool;

	switch (op->kind) {
	case OP_CONV:
	case OP_DWCONV:
		if (is_pointwise(op))
			break;
		fix_geom(in, (struct geom){a->batch, a->in_h, a->in_w, a->in_c});
		fix_geom(out, (struct geom){a->batch, a->out_h, a->out_w, a->out_c});
		need_border(in, a);
		if (be->tuning.spill_few && prefers_dense(be, op))
			in->host_only = true;
		break;
	case OP_POOL:
		fix_geom(in, (struct geom){p->batch, p->in_h, p->in_w, p->channels});
		fix_geom(out, (struct geom){p->batch, p->out_h, p->out_w, p->channels});
		break;
	case OP_PAD:
	case OP_RESIZE:
	case OP_SLICE:
	case OP_CONCAT:
		for (int i = 0; i < op->num_inputs; i++)
			need_dense(be_storage(be, op->inputs[i]));
		need_dense(out);
		break;
	case OP_RESHAPE:
		if (!plan_reshape_is_alias(be, op)) {
			need_dense(in);
			need_dense(out);
		}
		break;
	default:
		break;
	}
}

static bool is_pixelwise(const struct op *op)
{
	return op->kind == OP_ELTWISE || op->kind == OP_LUT || op->kind == OP_SOFTMAX || is_pointwise(op);
}

/* Pixelwise ops take over the shape of a neighbour. Returns whether something changed. */
static bool spread_geom(struct storage *from, struct storage *to, int32_t pixels)
{
	if (!from->has_geom || to->has_geom || pixels_of(&from->g) != pixels || pixels_of(&to->g) != pixels)
		return false;
	to->g = (struct geom){from->g.b, from->g.h, from->g.w, to->g.c};
	to->has_geom = true;
	return true;
}

static void spread_geoms(struct backend *be)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (int i = 0; i < be->g->num_ops; i++) {
			const struct op *op = be->g->ops[i];
			struct storage *out = be_storage(be, op->output);
			int32_t pixels = flat_geom(op->output).w;

			for (int k = 0; is_pixelwise(op) && k < op->num_inputs; k++) {
				struct storage *in = be_storage(be, op->inputs[k]);

				if (flat_geom(op->inputs[k]).w != pixels)
					continue;
				changed |= spread_geom(in, out, pixels) || spread_geom(out, in, pixels);
			}
		}
	}
}

static bool linear(const struct storage *s)
{
	return s->pad_t == 0 && s->pad_b == 0 && s->gap == 0;
}

/* A fully connected layer may read an image as the kernel that covers it. */
static bool is_flattening(const struct storage *in, const struct conv_attr *a)
{
	return a->groups == 1 && in->g.c != a->in_c && in->g.b == a->in_w && a->in_h == 1 && a->batch == 1 &&
	       (int64_t)in->g.h * in->g.w * in->g.c == a->in_c;
}

/* An operand of a pixelwise op must have its channels, and the pixels of the others in the same order. */
static void check_operand(struct storage *s, const struct tensor *t, int32_t channels, const struct storage *other)
{
	if (s->g.c != channels || pixels_of(&s->g) != t->elements / channels)
		need_dense(s);
	if (!linear(s) && !(other->g.b == s->g.b && other->g.h == s->g.h && other->g.w == s->g.w))
		need_dense(s);
}

static bool covers_pixels(const struct op *op, int input)
{
	return op->kind != OP_ELTWISE || (input == 0 ? op->elt.a_cover : op->elt.b_cover) == ELT_FULL;
}

static void check_pixelwise(struct backend *be, const struct op *op)
{
	struct storage *out = be_storage(be, op->output);
	int32_t channels = flat_geom(op->output).c;

	for (int k = 0; k < op->num_inputs; k++) {
		struct storage *in = be_storage(be, op->inputs[k]);

		if (!covers_pixels(op, k)) {
			if (in->g.c != op->elt.channels || pixels_of(&in->g) != 1)
				need_dense(in);
		} else if (is_pointwise(op) && is_flattening(in, &op->conv)) {
			check_operand(out, op->output, channels, out);
			if (!linear(out) && out->g.b != in->g.b)
				need_dense(out);
		} else {
			check_operand(in, op->inputs[k], is_pointwise(op) ? op->conv.in_c : channels, out);
			check_operand(out, op->output, channels, in);
		}
	}
}

static void fixed_home(struct backend *be, const struct tensor *t, int region)
{
	struct storage *s = be_storage(be, t);

	need_dense(s);
	s->region = (uint8_t)region;
	s->offset = 0;
	s->fixed = true;
}

static void const_home(struct backend *be, const struct tensor *t)
{
	struct storage *s = be_storage(be, t);
	uint8_t *bytes;

	if (s->fixed)
		return;
	fixed_home(be, t, QUERN_PROGRAM_REGION_IMAGE);
	bytes = pool_add(&be->pool, t->bytes, &s->offset);
	for (size_t i = 0; bytes && i < t->bytes; i++)
		bytes[i] = ((const uint8_t *)t->data)[i];
}

static void set_homes(struct backend *be)
{
	const struct graph *g = be->g;

	for (int i = 0; i < g->num_inputs; i++)
		fixed_home(be, g->inputs[i], QUERN_PROGRAM_REGION_TENSOR + i);
	for (int i = 0; i < g->num_outputs; i++)
		fixed_home(be, g->outputs[i], QUERN_PROGRAM_REGION_TENSOR + g->num_inputs + i);
	for (int i = 0; i < g->num_ops; i++)
		for (int k = 0; k < g->ops[i]->num_inputs; k++)
			if (g->ops[i]->inputs[k]->kind == TENSOR_CONST)
				const_home(be, g->ops[i]->inputs[k]);
}

static void note_use(struct backend *be, const struct tensor *t, int index)
{
	struct storage *s = be_storage(be, t);

	if (!s->used) {
		s->used = true;
		s->first = index;
		if (!s->has_geom)
			s->g = flat_geom(t);
	}
	s->last = index;
}

void plan_storages(struct backend *be)
{
	const struct graph *g = be->g;

	share_reshapes(be);
	for (int i = 0; i < g->num_ops; i++) {
		const struct op *op = g->ops[i];

		note_use(be, op->output, i);
		for (int k = 0; k < op->num_inputs; k++)
			note_use(be, op->inputs[k], i);
	}
	for (int i = 0; i < g->num_ops; i++)
		spatial_geoms(be, g->ops[i]);
	spread_geoms(be);
	for (int i = 0; i < g->num_ops; i++)
		if (is_pixelwise(g->ops[i]))
			check_pixelwise(be, g->ops[i]);
	set_homes(be);
}

/* Shape of the pixels of a pixelwise op: of an operand that cannot be counted otherwise, or else of the output. */
struct geom plan_pixel_geom(const struct backend *be, const struct op *op)
{
	struct geom flat = flat_geom(op->output);
	const struct storage *best = be_storage(be, op->output);

	for (int k = 0; k < op->num_inputs; k++) {
		const struct storage *s = be_storage(be, op->inputs[k]);

		if (s->resident && !linear(s) && flat_geom(op->inputs[k]).w == flat.w)
			best = s;
	}
	if (pixels_of(&best->g) != flat.w)
		return flat;
	return (struct geom){best->g.b, best->g.h, best->g.w, flat.c};
}

struct conv_attr plan_conv_attr(const struct backend *be, const struct op *op)
{
	const struct storage *in = be_storage(be, op->inputs[0]);
	struct conv_attr a = op->conv;
	struct geom g;

	if (!is_pointwise(op))
		return a;
	if (!in->dense && is_flattening(in, &a)) {
		a.batch = in->g.b;
		a.in_h = a.kh = in->g.h;
		a.in_w = a.kw = in->g.w;
		a.in_c = in->g.c;
		a.out_h = a.out_w = 1;
		return a;
	}
	g = plan_pixel_geom(be, op);
	a.batch = g.b;
	a.in_h = a.out_h = g.h;
	a.in_w = a.out_w = g.w;
	return a;
}
