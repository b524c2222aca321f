// SPDX-License-Identifier: Apache-2.0
/* The graph interpreter: see graph_eval.h. */
#include <stdlib.h>
#include <string.h>
#include "fixedpoint.h"
#include "graph_eval.h"

struct eval {
	uint8_t **buffers; /* by tensor id */
};

static int32_t clamp(int32_t v, int32_t lowest, int32_t highest)
{
	return v < lowest ? lowest : v > highest ? highest : v;
}

static const int8_t *in(const struct eval *e, const struct op *op, int i)
{
	const struct tensor *t = op->inputs[i];

	return t->kind == TENSOR_CONST ? t->data : (const int8_t *)e->buffers[t->id];
}

static int8_t *out(const struct eval *e, const struct op *op)
{
	return (int8_t *)e->buffers[op->output->id];
}

static int32_t pixel(const struct conv_attr *c, const int8_t *x, int32_t b, int32_t y, int32_t col, int32_t channel)
{
	if (y < 0 || y >= c->in_h || col < 0 || col >= c->in_w)
		return c->in_zp;
	return x[((b * c->in_h + y) * c->in_w + col) * c->in_c + channel];
}

/* Sum over one kernel position of the channels that output channel o reads. */
static uint32_t tap_sum(const struct op *op, const int8_t *x, int32_t b, int32_t y, int32_t col, int32_t tap, int32_t o)
{
	const struct conv_attr *c = &op->conv;
	int32_t depth = c->in_c / c->groups, group = o / (c->out_c / c->groups);
	uint32_t sum = 0;

	if (op->kind == OP_DWCONV)
		return (uint32_t)(pixel(c, x, b, y, col, o / c->depth_mult) * c->weights[tap * c->out_c + o]);
	for (int32_t k = 0; k < depth; k++)
		sum += (uint32_t)(pixel(c, x, b, y, col, group * depth + k) *
				  c->weights[(o * c->kh * c->kw + tap) * depth + k]);
	return sum;
}

static int8_t conv_one(const struct op *op, const int8_t *x, int32_t b, int32_t oy, int32_t ox, int32_t o)
{
	const struct conv_attr *c = &op->conv;
	uint32_t acc = (uint32_t)c->bias[o];
	int32_t v;

	for (int32_t ky = 0; ky < c->kh; ky++)
		for (int32_t kx = 0; kx < c->kw; kx++)
			acc += tap_sum(op, x, b, oy * c->stride_y - c->pad_top + ky * c->dilation_y,
				       ox * c->stride_x - c->pad_left + kx * c->dilation_x, ky * c->kw + kx, o);
	v = (int32_t)((uint32_t)fixed_requant_channel((int32_t)acc, c->mult[o], c->shift[o]) + (uint32_t)c->out_zp);
	return (int8_t)clamp(v, c->act_min, c->act_max);
}

static void eval_conv(const struct eval *e, const struct op *op)
{
	const struct conv_attr *c = &op->conv;
	const int8_t *x = in(e, op, 0);
	int8_t *y = out(e, op);

	for (int32_t b = 0; b < c->batch; b++)
		for (int32_t oy = 0; oy < c->out_h; oy++)
			for (int32_t ox = 0; ox < c->out_w; ox++)
				for (int32_t o = 0; o < c->out_c; o++)
					*y++ = conv_one(op, x, b, oy, ox, o);
}

static void eval_eltwise(const struct eval *e, const struct op *op)
{
	const struct eltwise_attr *a = &op->elt;
	const int8_t *xa = in(e, op, 0), *xb = in(e, op, 1);
	int8_t *y = out(e, op);

	for (int32_t i = 0; i < a->pixels * a->channels; i++) {
		int32_t va = xa[a->a_cover == ELT_FULL ? i : i % a->channels] - a->a_zp;
		int32_t vb = xb[a->b_cover == ELT_FULL ? i : i % a->channels] - a->b_zp;
		int32_t v = va * vb;

		if (a->op != QUERN_ELTWISE_OP_MUL) {
			va = fixed_requant(va * (1 << 20), a->a_mult, a->a_shift);
			vb = fixed_requant(vb * (1 << 20), a->b_mult, a->b_shift);
			v = a->op == QUERN_ELTWISE_OP_ADD ? va + vb : va - vb;
		}
		v = fixed_requant(v, a->out_mult, a->out_shift) + a->out_zp;
		y[i] = (int8_t)clamp(v, a->act_min, a->act_max);
	}
}

static int8_t pool_one(const struct pool_attr *p, const int8_t *x, int32_t b, int32_t oy, int32_t ox, int32_t channel)
{
	int32_t best = INT8_MIN, sum = 0, count = 0, v;

	for (int32_t y = oy * p->stride_y - p->pad_top; y < oy * p->stride_y - p->pad_top + p->kh; y++) {
		for (int32_t col = ox * p->stride_x - p->pad_left; col < ox * p->stride_x - p->pad_left + p->kw;
		     col++) {
			if (y < 0 || y >= p->in_h || col < 0 || col >= p->in_w)
				continue;
			v = x[((b * p->in_h + y) * p->in_w + col) * p->channels + channel];
			best = v > best ? v : best;
			sum += v;
			count++;
		}
	}
	v = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
	return (int8_t)clamp(p->op == QUERN_POOL_OP_MAX ? best : v, p->act_min, p->act_max);
}

static void eval_pool(const struct eval *e, const struct op *op)
{
	const struct pool_attr *p = &op->pool;
	const int8_t *x = in(e, op, 0);
	int8_t *y = out(e, op);

	for (int32_t b = 0; b < p->batch; b++)
		for (int32_t oy = 0; oy < p->out_h; oy++)
			for (int32_t ox = 0; ox < p->out_w; ox++)
				for (int32_t c = 0; c < p->channels; c++)
					*y++ = pool_one(p, x, b, oy, ox, c);
}

static int32_t shl_saturating(int32_t v, int n)
{
	int64_t wide = (int64_t)v << n;

	return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* 2^31 / s in the normalised form of the SOFTMAX command; *headroom: leading zeros of s. */
static int32_t reciprocal(uint32_t s, int *headroom)
{
	int32_t half, x;

	*headroom = __builtin_clz(s);
	half = (int32_t)(((int64_t)(int32_t)((s << *headroom) - (1u << 31)) + INT32_MAX + 1) >> 1);
	x = 1515870810 + fixed_mul(half, -1010580540);
	for (int i = 0; i < 3; i++)
		x += shl_saturating(fixed_mul(x, (1 << 29) - fixed_mul(half, x)), 2);
	return shl_saturating(x, 1);
}

static void softmax_row(const struct softmax_attr *a, const int8_t *x, int8_t *y)
{
	int32_t max = INT8_MIN, scale;
	uint32_t sum = 0;
	int headroom, shift;

	for (int32_t i = 0; i < a->len; i++)
		max = x[i] > max ? x[i] : max;
	for (int32_t i = 0; i < a->len; i++)
		sum += (uint32_t)fixed_shr_round(a->table[max - x[i]], 12);
	scale = reciprocal(sum, &headroom);
	shift = 12 - headroom + 31 - 8;
	for (int32_t i = 0; i < a->len; i++) {
		int32_t v = shift > 31 ? 0 : fixed_shr_round(fixed_mul(scale, a->table[max - x[i]]), shift);

		y[i] = (int8_t)clamp(v - 128, INT8_MIN, INT8_MAX);
	}
}

static void eval_softmax(const struct eval *e, const struct op *op)
{
	for (int32_t r = 0; r < op->softmax.rows; r++)
		softmax_row(&op->softmax, in(e, op, 0) + r * op->softmax.len, out(e, op) + r * op->softmax.len);
}

static void eval_lut(const struct eval *e, const struct op *op)
{
	const uint8_t *x = (const uint8_t *)in(e, op, 0);
	uint8_t *y = (uint8_t *)out(e, op);

	for (int32_t i = 0; i < op->lut.count; i++)
		y[i] = op->lut.table[x[i]];
}

static void eval_pad(const struct eval *e, const struct op *op)
{
	const struct pad_attr *p = &op->pad;
	size_t row = (size_t)p->in_w * (size_t)p->channels,
	       out_row = row + (size_t)(p->left + p->right) * (size_t)p->channels;
	const int8_t *x = in(e, op, 0);
	int8_t *y = out(e, op);

	memset(y, p->value, op->output->bytes);
	for (int32_t b = 0; b < p->batch; b++) {
		y += (size_t)p->top * out_row;
		for (int32_t i = 0; i < p->in_h; i++, x += row, y += out_row)
			memcpy(y + (size_t)p->left * (size_t)p->channels, x, row);
		y += (size_t)p->bottom * out_row;
	}
}

static void eval_slice(const struct eval *e, const struct op *op)
{
	const struct slice_attr *s = &op->slice;
	const int8_t *x = in(e, op, 0);
	int8_t *y = out(e, op);
	size_t run = (size_t)s->out_c;

	for (int32_t i = 0; i < s->batch * s->out_h; i++)
		for (int32_t k = 0; k < s->out_w; k++, y += run) {
			size_t row = (size_t)(i / s->out_h * s->in_h + s->y + i % s->out_h);

			memcpy(y, x + (row * (size_t)s->in_w + (size_t)(s->x + k)) * (size_t)s->in_c + s->c, run);
		}
}

static void eval_resize(const struct eval *e, const struct op *op)
{
	const struct resize_attr *r = &op->resize;
	size_t pix = (size_t)r->channels, row = pix * (size_t)r->in_w;
	const int8_t *x = in(e, op, 0);
	int8_t *y = out(e, op);

	for (int32_t i = 0; i < r->batch * r->in_h * r->factor_y; i++)
		for (int32_t k = 0; k < r->in_w * r->factor_x; k++, y += pix)
			memcpy(y, x + (size_t)(i / r->factor_y) * row + (size_t)(k / r->factor_x) * pix, pix);
}

static void eval_concat(const struct eval *e, const struct op *op)
{
	int8_t *y = out(e, op);

	for (int32_t r = 0; r < op->concat.outer; r++) {
		for (int i = 0; i < op->num_inputs; i++) {
			size_t run = (size_t)op->concat.run[i];

			memcpy(y, in(e, op, i) + (size_t)r * run, run);
			y += run;
		}
	}
}

static void eval_op(const struct eval *e, const struct op *op)
{
	switch (op->kind) {
	case OP_CONV:
	case OP_DWCONV:
		eval_conv(e, op);
		break;
	case OP_ELTWISE:
		eval_eltwise(e, op);
		break;
	case OP_POOL:
		eval_pool(e, op);
		break;
	case OP_SOFTMAX:
		eval_softmax(e, op);
		break;
	case OP_LUT:
		eval_lut(e, op);
		break;
	case OP_RESHAPE:
		memcpy(out(e, op), in(e, op, 0), op->output->bytes);
		break;
	case OP_PAD:
		eval_pad(e, op);
		break;
	case OP_SLICE:
		eval_slice(e, op);
		break;
	case OP_RESIZE:
		eval_resize(e, op);
		break;
	case OP_CONCAT:
		eval_concat(e, op);
		break;
	default:
		abort();
	}
}

enum status graph_eval(const struct graph *g, const uint8_t *const *inputs, uint8_t *const *outputs)
{
	struct eval e = {.buffers = calloc(g->num_tensor_ids + 1u, sizeof(*e.buffers))};
	enum status st = e.buffers ? STATUS_OK : STATUS_NO_MEMORY;

	for (int i = 0; i < g->num_inputs && !st; i++) {
		uint8_t *copy = malloc(g->inputs[i]->bytes);

		e.buffers[g->inputs[i]->id] = copy;
		if (copy)
			memcpy(copy, inputs[i], g->inputs[i]->bytes);
		else
			st = STATUS_NO_MEMORY;
	}
	for (int i = 0; i < g->num_ops && !st; i++) {
		struct tensor *y = g->ops[i]->output;

		e.buffers[y->id] = malloc(y->bytes);
		if (e.buffers[y->id])
			eval_op(&e, g->ops[i]);
		else
			st = STATUS_NO_MEMORY;
	}
	for (int i = 0; i < g->num_outputs && !st; i++)
		memcpy(outputs[i], e.buffers[g->outputs[i]->id], g->outputs[i]->bytes);
	for (uint32_t i = 0; e.buffers && i < g->num_tensor_ids; i++)
		free(e.buffers[i]);
	free(e.buffers);
	return st;
}
