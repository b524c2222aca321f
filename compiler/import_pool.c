// SPDX-License-Identifier: Apache-2.0
/*
 * MAX_POOL_2D and AVERAGE_POOL_2D: both work on the stored integers, so input and output must share their
 * quantisation.
 */
#include "geometry.h"
#include "quant.h"
#include "tflite_import.h"

static enum status set_window(struct import *im, const struct tensor *x, const struct tensor *y, struct pool_attr *p)
{
	struct fb_table opt = im->op->options;
	struct fb *fb = &im->m->fb;
	bool same = fb_i8(fb, opt, POOL_PADDING, TFL_SAME) == TFL_SAME;
	struct window wy = {.in = x->dim[1], .dilation = 1}, wx = {.in = x->dim[2], .dilation = 1};

	wy.kernel = p->kh = fb_i32(fb, opt, POOL_FILTER_H, 0);
	wx.kernel = p->kw = fb_i32(fb, opt, POOL_FILTER_W, 0);
	wy.stride = p->stride_y = fb_i32(fb, opt, POOL_STRIDE_H, 0);
	wx.stride = p->stride_x = fb_i32(fb, opt, POOL_STRIDE_W, 0);
	if (!window_resolve(&wy, same) || !window_resolve(&wx, same))
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its window or strides do not fit the image",
				 im->g->sources[im->source].name);
	if (p->kh > QUERN_POOL_MAX_K || p->kw > QUERN_POOL_MAX_K)
		return import_refuse(im, "its window has a side above %d", QUERN_POOL_MAX_K);
	if (y->dim[0] != x->dim[0] || y->dim[1] != wy.out || y->dim[2] != wx.out || y->dim[3] != x->dim[3])
		return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its output has another shape than its input gives",
				 im->g->sources[im->source].name);
	p->batch = x->dim[0];
	p->in_h = x->dim[1];
	p->in_w = x->dim[2];
	p->channels = x->dim[3];
	p->out_h = wy.out;
	p->out_w = wx.out;
	p->pad_top = wy.before;
	p->pad_bottom = wy.after;
	p->pad_left = wx.before;
	p->pad_right = wx.after;
	return STATUS_OK;
}

static enum status import_pool(struct import *im, enum quern_pool_op kind)
{
	struct pool_attr p = {.op = kind};
	struct quant_range range;
	struct tensor *x, *y;
	struct op *op;
	enum status st = import_data(im, 0, 4, &x);

	if (!st)
		st = import_result(im, 4, &y);
	if (!st && x->kind == TENSOR_CONST)
		st = import_refuse(im, "its input is a constant");
	if (!st && !import_same_quant(x, y))
		st = import_refuse(im, "its input and output are quantised differently");
	if (!st)
		st = set_window(im, x, y, &p);
	if (!st &&
	    !quant_activation(fb_i8(&im->m->fb, im->op->options, POOL_ACTIVATION, 0), y->scale, y->zero_point, &range))
		st = import_refuse(im, "its fused activation is not a clamp");
	if (st)
		return st;
	p.act_min = range.min;
	p.act_max = range.max;
	op = import_op(im, OP_POOL, y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = x;
	op->pool = p;
	return STATUS_OK;
}

enum status import_max_pool_2d(struct import *im)
{
	return import_pool(im, QUERN_POOL_OP_MAX);
}

enum status import_average_pool_2d(struct import *im)
{
	return import_pool(im, QUERN_POOL_OP_AVG);
}
