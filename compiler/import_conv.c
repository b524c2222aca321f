// SPDX-License-Identifier: Apache-2.0
/*
 * CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED. The input's zero point is folded into the bias: sum((x - zp) *
 * w) = sum(x * w) - zp * sum(w).
 */
#include <inttypes.h>
#include <stdlib.h>
#include "import_conv.h"
#include "quant.h"

enum status conv_get_operands(struct import *im, int rank, struct conv_operands *o)
{
	enum status st = import_data(im, 0, rank, &o->x);

	if (!st)
		st = import_result(im, rank, &o->y);
	if (st)
		return st;
	o->w = import_input(im, 1);
	o->bias = import_input(im, 2);
	if (o->x->kind == TENSOR_CONST)
		return import_refuse(im, "its input %s is a constant", o->x->name);
	if (!o->w || !o->w->data || o->w->trouble)
		return import_refuse(im, "its weights are not a dense constant");
	if (o->w->type != TFL_INT8)
		return import_refuse(im, "its weights are %s, not INT8", tfl_type_name(o->w->type));
	if (o->bias && (!o->bias->data || o->bias->type != TFL_INT32))
		return import_refuse(im, "its bias is not a constant of INT32");
	o->weights = (const int8_t *)o->w->data;
	return import_spend(im, o->w->elements);
}

enum status conv_alloc_params(struct import *im, struct conv_attr *c, int32_t **bias, int32_t **mult, int8_t **shift)
{
	size_t n = (size_t)c->out_c;

	*bias = graph_alloc(im->g, n, sizeof(**bias));
	*mult = graph_alloc(im->g, n, sizeof(**mult));
	*shift = graph_alloc(im->g, n, sizeof(**shift));
	if (!*bias || !*mult || !*shift)
		return import_no_memory(im);
	c->bias = *bias;
	c->mult = *mult;
	c->shift = *shift;
	return STATUS_OK;
}

/* Bias of channel o, wrapping as int32 accumulators do. */
static int32_t effective_bias(const struct conv_operands *o, int32_t channel)
{
	const int8_t *w = o->weights + channel * o->channel_step;
	uint32_t bias = o->bias ? le32(o->bias->data + 4 * (size_t)channel) : 0;
	int64_t sum = 0;

	for (int32_t i = 0; i < o->taps; i++)
		sum += w[i * o->tap_step];
	return (int32_t)(bias - (uint32_t)o->x->zero_point * (uint32_t)sum);
}

/* Scales of the weights: one, or one for each output channel along the right axis, and no zero points. */
static enum status check_weight_quant(struct import *im, const struct conv_operands *o, int32_t out_c)
{
	const struct tfl_tensor *w = o->w;
	uint32_t n = w->scales.count;

	if (n != 1 && (n != (uint32_t)out_c || w->scale_axis != o->scale_axis))
		return import_refuse(im,
				     "its weights have %" PRIu32 " scales along dimension %" PRId32
				     ", not 1 or %" PRId32 " along %d",
				     n, w->scale_axis, out_c, o->scale_axis);
	for (uint32_t i = 0; i < w->zero_points.count && i < n; i++)
		if (fb_vec_i64(&im->m->fb, &w->zero_points, i))
			return import_refuse(im, "its weights have a zero point that is not 0");
	return STATUS_OK;
}

static double real_multiplier(const struct import *im, const struct conv_operands *o, int32_t channel)
{
	float w = fb_vec_f32(&im->m->fb, &o->w->scales, o->w->scales.count > 1 ? (uint32_t)channel : 0);

	return (double)o->x->scale * (double)w / (double)o->y->scale;
}

/* Largest magnitude that the accumulator of a channel can have. */
static int64_t reach_of(const struct conv_operands *o, int32_t channel)
{
	const int8_t *w = o->weights + channel * o->channel_step;
	int64_t reach = o->bias ? llabs((int32_t)le32(o->bias->data + 4 * (size_t)channel)) : 0;

	for (int32_t i = 0; i < o->taps; i++)
		reach += 255 * abs(w[i * o->tap_step]);
	return reach;
}

static struct quant_mult channel_multiplier(struct import *im, const struct conv_operands *o, int32_t channel,
					    double real)
{
	struct quant_mult m = quant_multiplier(real);

	if (o->single_rounding && !quant_single_rounding(real, reach_of(o, channel), &m))
		im->g->sources[im->source].note = "a few results may differ by one: no multiplier rounds like TFLite";
	return m;
}

enum status conv_set_requant(struct import *im, const struct conv_operands *o, int32_t activation, struct conv_attr *c)
{
	struct quant_range range;
	int32_t *bias, *mult;
	int8_t *shift;
	enum status st = check_weight_quant(im, o, c->out_c);

	if (!st && o->bias && o->bias->elements != c->out_c)
		st = diag_fail(im->diag, STATUS_BAD_FILE, "bias %s has %" PRId32 " entries for %" PRId32 " channels",
			       o->bias->name, o->bias->elements, c->out_c);
	if (!st)
		st = conv_alloc_params(im, c, &bias, &mult, &shift);
	if (st)
		return st;
	if (!quant_activation(activation, o->y->scale, o->y->zero_point, &range))
		return import_refuse(im, "its fused activation %" PRId32 " is not a clamp", activation);
	for (int32_t i = 0; i < c->out_c; i++) {
		double real = real_multiplier(im, o, i);
		struct quant_mult m;

		if (!quant_multiplier_ok(real))
			return import_refuse(im, "the scale of output channel %" PRId32 " is out of range", i);
		m = channel_multiplier(im, o, i, real);
		bias[i] = effective_bias(o, i);
		mult[i] = m.mult;
		shift[i] = (int8_t)m.shift;
	}
	c->in_zp = (int8_t)o->x->zero_point;
	c->out_zp = (int8_t)o->y->zero_point;
	c->act_min = range.min;
	c->act_max = range.max;
	return STATUS_OK;
}

/* The image's and kernel's sizes from the operands, the rest from options. */
static enum status set_window(struct import *im, const struct conv_operands *o, bool same, struct conv_attr *c)
{
	struct window y = {.in = o->x->dim[1], .kernel = c->kh, .stride = c->stride_y, .dilation = c->dilation_y};
	struct window x = {.in = o->x->dim[2], .kernel = c->kw, .stride = c->stride_x, .dilation = c->dilation_x};

	if (!window_resolve(&y, same) || !window_resolve(&x, same))
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its kernel, strides or dilation do not fit the image",
				 im->g->sources[im->source].name);
	if (o->y->dim[0] != o->x->dim[0] || o->y->dim[1] != y.out || o->y->dim[2] != x.out || o->y->dim[3] != c->out_c)
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its output has another shape than its operands give",
				 im->g->sources[im->source].name);
	c->batch = o->x->dim[0];
	c->in_h = o->x->dim[1];
	c->in_w = o->x->dim[2];
	c->in_c = o->x->dim[3];
	c->out_h = y.out;
	c->out_w = x.out;
	c->pad_top = y.before;
	c->pad_bottom = y.after;
	c->pad_left = x.before;
	c->pad_right = x.after;
	c->weights = o->weights;
	c->weight_bytes = (size_t)o->w->elements;
	return STATUS_OK;
}

static enum status append(struct import *im, enum op_kind kind, const struct conv_operands *o,
			  const struct conv_attr *c)
{
	struct op *op = import_op(im, kind, o->y);

	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = o->x;
	op->conv = *c;
	op->macs = (uint64_t)o->y->elements * (uint64_t)o->taps;
	im->g->sources[im->source].macs = op->macs;
	return STATUS_OK;
}

enum status import_conv_2d(struct import *im)
{
	struct conv_operands o = {.scale_axis = 0, .tap_step = 1};
	struct fb_table opt = im->op->options;
	struct fb *fb = &im->m->fb;
	struct conv_attr c = {.depth_mult = 1};
	enum status st = conv_get_operands(im, 4, &o);

	if (st)
		return st;
	if (o.w->rank != 4 || o.x->dim[3] % o.w->dim[3] || o.w->dim[0] % (o.x->dim[3] / o.w->dim[3]))
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its weights do not match its input's channels",
				 im->g->sources[im->source].name);
	c.out_c = o.w->dim[0];
	c.kh = o.w->dim[1];
	c.kw = o.w->dim[2];
	c.groups = o.x->dim[3] / o.w->dim[3];
	c.stride_y = fb_i32(fb, opt, CONV_STRIDE_H, 0);
	c.stride_x = fb_i32(fb, opt, CONV_STRIDE_W, 0);
	c.dilation_y = fb_i32(fb, opt, CONV_DILATION_H, 1);
	c.dilation_x = fb_i32(fb, opt, CONV_DILATION_W, 1);
	o.taps = o.w->elements / c.out_c;
	o.channel_step = o.taps;
	st = set_window(im, &o, fb_i8(fb, opt, CONV_PADDING, TFL_SAME) == TFL_SAME, &c);
	if (!st)
		st = conv_set_requant(im, &o, fb_i8(fb, opt, CONV_ACTIVATION, 0), &c);
	return st ? st : append(im, OP_CONV, &o, &c);
}

enum status import_depthwise_conv_2d(struct import *im)
{
	struct conv_operands o = {.scale_axis = 3, .channel_step = 1};
	struct fb_table opt = im->op->options;
	struct fb *fb = &im->m->fb;
	struct conv_attr c = {0};
	enum status st = conv_get_operands(im, 4, &o);

	if (st)
		return st;
	if (o.w->rank != 4 || o.w->dim[0] != 1 || o.w->dim[3] % o.x->dim[3])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its weights do not match its input's channels",
				 im->g->sources[im->source].name);
	c.out_c = o.w->dim[3];
	c.kh = o.w->dim[1];
	c.kw = o.w->dim[2];
	c.groups = o.x->dim[3];
	c.depth_mult = o.w->dim[3] / o.x->dim[3];
	c.stride_y = fb_i32(fb, opt, DW_STRIDE_H, 0);
	c.stride_x = fb_i32(fb, opt, DW_STRIDE_W, 0);
	c.dilation_y = fb_i32(fb, opt, DW_DILATION_H, 1);
	c.dilation_x = fb_i32(fb, opt, DW_DILATION_W, 1);
	o.taps = c.kh * c.kw;
	o.tap_step = c.out_c;
	st = set_window(im, &o, fb_i8(fb, opt, DW_PADDING, TFL_SAME) == TFL_SAME, &c);
	if (!st)
		st = conv_set_requant(im, &o, fb_i8(fb, opt, DW_ACTIVATION, 0), &c);
	return st ? st : append(im, OP_DWCONV, &o, &c);
}

/* Any shape whose elements are rows of the weights' depth; the result has the same rows. */
enum status import_fully_connected(struct import *im)
{
	struct conv_operands o = {.scale_axis = 0, .tap_step = 1, .single_rounding = true};
	struct fb_table opt = im->op->options;
	struct fb *fb = &im->m->fb;
	struct conv_attr c = {.batch = 1, .in_h = 1, .out_h = 1, .kh = 1, .kw = 1, .stride_y = 1, .stride_x = 1};
	enum status st = conv_get_operands(im, 0, &o);

	if (st)
		return st;
	if (fb_i8(fb, opt, FC_WEIGHTS_FORMAT, 0))
		return import_refuse(im, "its weights are shuffled");
	if (o.w->rank != 2 || o.x->elements % o.w->dim[1] ||
	    o.y->elements / o.w->dim[0] != o.x->elements / o.w->dim[1] || o.y->elements % o.w->dim[0])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: the shapes of its operands do not match",
				 im->g->sources[im->source].name);
	c.in_c = o.w->dim[1];
	c.out_c = o.w->dim[0];
	c.in_w = o.x->elements / c.in_c;
	c.out_w = c.in_w;
	c.dilation_y = c.dilation_x = c.depth_mult = c.groups = 1;
	c.weights = o.weights;
	c.weight_bytes = (size_t)o.w->elements;
	o.taps = c.in_c;
	o.channel_step = c.in_c;
	st = conv_set_requant(im, &o, fb_i8(fb, opt, FC_ACTIVATION, 0), &c);
	return st ? st : append(im, OP_CONV, &o, &c);
}
