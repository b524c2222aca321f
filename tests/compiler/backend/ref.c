// SPDX-License-Identifier: Apache-2.0
/* Scalar interpreter of the graph: see ref.h. Accumulation wraps as ir.h says. */
#include <string.h>
#include "ref.h"

static int32_t wrap(int64_t v)
{
	return (int32_t)(uint32_t)v;
}

/* TFLite's MultiplyByQuantizedMultiplier with double rounding; bit 31 of the multiplier drops the first of the two. */
static int32_t mbqm(int32_t x, int32_t m, int shift)
{
	int32_t mult = m & INT32_MAX;
	int left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
	int64_t product = (int64_t)wrap((int64_t)((uint64_t)(uint32_t)x << left)) * mult;
	int64_t nudge = m < 0 ? 0 : product >= 0 ? 1ll << 30 : 1 - (1ll << 30);
	int32_t high = (int32_t)((product + nudge) / (1ll << 31));
	int32_t mask = (int32_t)((1ll << right) - 1);
	int32_t rest = high & mask, threshold = (mask >> 1) + (high < 0);

	return (high >> right) + (rest > threshold);
}

static int8_t clamp(int32_t v, int8_t low, int8_t high)
{
	return (int8_t)(v < low ? low : v > high ? high : v);
}

static int8_t pixel(const struct conv_attr *a, const int8_t *in, int b, int y, int x, int c)
{
	if (y < 0 || y >= a->in_h || x < 0 || x >= a->in_w)
		return a->in_zp;
	return in[((b * a->in_h + y) * a->in_w + x) * a->in_c + c];
}

static int32_t taps(const struct op *op, const int8_t *in, int b, int oy, int ox, int o)
{
	const struct conv_attr *a = &op->conv;
	int per_in = a->in_c / a->groups, per_out = a->out_c / a->groups, y = oy * a->stride_y - a->pad_top;
	int x = ox * a->stride_x - a->pad_left;
	int64_t acc = 0;

	for (int ky = 0; ky < a->kh; ky++)
		for (int kx = 0; kx < a->kw; kx++)
			for (int c = 0; c < per_in; c++) {
				int w = op->kind == OP_CONV ? a->weights[((o * a->kh + ky) * a->kw + kx) * per_in + c]
							    : a->weights[(ky * a->kw + kx) * a->out_c + o];

				acc += w * pixel(a, in, b, y + ky * a->dilation_y, x + kx * a->dilation_x,
						 o / per_out * per_in + c);
			}
	return wrap(acc);
}

static void run_conv(const struct op *op, const int8_t *in, int8_t *out)
{
	const struct conv_attr *a = &op->conv;

	for (int b = 0; b < a->batch; b++)
		for (int y = 0; y < a->out_h; y++)
			for (int x = 0; x < a->out_w; x++)
				for (int o = 0; o < a->out_c; o++) {
					int32_t acc = wrap((int64_t)taps(op, in, b, y, x, o) + a->bias[o]);
					int32_t v = wrap((int64_t)mbqm(acc, a->mult[o], a->shift[o]) + a->out_zp);

					*out++ = clamp(v, a->act_min, a->act_max);
				}
}

static int8_t elt(const struct eltwise_attr *a, int8_t x, int8_t y)
{
	int32_t sx, sy, v;

	if (a->op == QUERN_ELTWISE_OP_MUL) {
		v = mbqm((x - a->a_zp) * (y - a->b_zp), a->out_mult, a->out_shift);
	} else {
		sx = mbqm((x - a->a_zp) * (1 << 20), a->a_mult, a->a_shift);
		sy = mbqm((y - a->b_zp) * (1 << 20), a->b_mult, a->b_shift);
		v = a->op == QUERN_ELTWISE_OP_ADD ? wrap((int64_t)sx + sy) : wrap((int64_t)sx - sy);
		v = mbqm(v, a->out_mult, a->out_shift);
	}
	return clamp(wrap((int64_t)v + a->out_zp), a->act_min, a->act_max);
}

static void run_eltwise(const struct op *op, const int8_t *x, const int8_t *y, int8_t *out)
{
	const struct eltwise_attr *a = &op->elt;

	for (int i = 0; i < a->pixels * a->channels; i++)
		out[i] = elt(a, x[a->a_cover == ELT_FULL ? i : i % a->channels],
			     y[a->b_cover == ELT_FULL ? i : i % a->channels]);
}

static int8_t pooled(const struct pool_attr *a, const int8_t *in, int b, int oy, int ox, int c)
{
	int32_t sum = 0, count = 0, most = -128;

	for (int ky = 0; ky < a->kh; ky++)
		for (int kx = 0; kx < a->kw; kx++) {
			int y = oy * a->stride_y - a->pad_top + ky, x = ox * a->stride_x - a->pad_left + kx;
			int8_t v;

			if (y < 0 || y >= a->in_h || x < 0 || x >= a->in_w)
				continue;
			v = in[((b * a->in_h + y) * a->in_w + x) * a->channels + c];
			most = v > most ? v : most;
			sum += v;
			count++;
		}
	if (a->op == QUERN_POOL_OP_MAX)
		return clamp(most, a->act_min, a->act_max);
	return clamp(sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count, a->act_min, a->act_max);
}

static void run_pool(const struct op *op, const int8_t *in, int8_t *out)
{
	const struct pool_attr *a = &op->pool;

	for (int b = 0; b < a->batch; b++)
		for (int y = 0; y < a->out_h; y++)
			for (int x = 0; x < a->out_w; x++)
				for (int c = 0; c < a->channels; c++)
					*out++ = pooled(a, in, b, y, x, c);
}

static int32_t srdhm(int32_t a, int32_t b)
{
	int64_t p = (int64_t)a * b;

	if (a == INT32_MIN && b == INT32_MIN)
		return INT32_MAX;
	return (int32_t)((p + (p >= 0 ? 1ll << 30 : 1 - (1ll << 30))) / (1ll << 31));
}

static int32_t rdbpot(int32_t v, int shift)
{
	int64_t mask, rest;

	if (shift > 31)
		return 0;
	mask = (1ll << shift) - 1;
	rest = v & mask;
	return (v >> shift) + (rest > (mask >> 1) + (v < 0));
}

static int32_t saturating_shl(int32_t v, int n)
{
	int64_t wide = (int64_t)v * (1ll << n);

	return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* 1 / (1 + f) in Q0.31 by three Newton steps, as gemmlowp does it. */
static int32_t one_over_one_plus(int32_t f)
{
	int32_t half = (int32_t)(((int64_t)f + INT32_MAX + 1) >> 1);
	int32_t x = wrap(1515870810ll + srdhm(half, -1010580540));

	for (int i = 0; i < 3; i++) {
		int32_t d = wrap((1ll << 29) - srdhm(half, x));

		x = wrap((int64_t)x + saturating_shl(srdhm(x, d), 2));
	}
	return saturating_shl(x, 1);
}

static void softmax_row(const struct softmax_attr *a, const int8_t *in, int8_t *out)
{
	int32_t most = -128, y;
	uint32_t sum = 0;
	int zeros;

	for (int i = 0; i < a->len; i++)
		most = in[i] > most ? in[i] : most;
	for (int i = 0; i < a->len; i++)
		sum += (uint32_t)rdbpot(a->table[most - in[i]], 12);
	zeros = sum ? __builtin_clz(sum) : 32;
	y = sum ? one_over_one_plus((int32_t)((sum << zeros) - (1u << 31))) : 0;
	for (int i = 0; i < a->len; i++)
		out[i] = clamp(rdbpot(srdhm(y, a->table[most - in[i]]), 12 - zeros + 31 - 8) - 128, -128, 127);
}

static void run_pad(const struct op *op, const int8_t *in, int8_t *out)
{
	const struct pad_attr *a = &op->pad;

	for (int b = 0; b < a->batch; b++)
		for (int y = -a->top; y < a->in_h + a->bottom; y++)
			for (int x = -a->left; x < a->in_w + a->right; x++)
				for (int c = 0; c < a->channels; c++) {
					bool inside = y >= 0 && y < a->in_h && x >= 0 && x < a->in_w;

					*out++ = inside ? in[((b * a->in_h + y) * a->in_w + x) * a->channels + c]
							: a->value;
				}
}

static void run_slice(const struct op *op, const int8_t *in, int8_t *out)
{
	const struct slice_attr *a = &op->slice;

	for (int b = 0; b < a->batch; b++)
		for (int y = a->y; y < a->y + a->out_h; y++)
			for (int x = a->x; x < a->x + a->out_w; x++, out += a->out_c)
				memcpy(out, in + ((b * a->in_h + y) * a->in_w + x) * a->in_c + a->c, (size_t)a->out_c);
}

static void run_resize(const struct op *op, const int8_t *in, int8_t *out)
{
	const struct resize_attr *a = &op->resize;
	int h = a->in_h * a->factor_y, w = a->in_w * a->factor_x, c = a->channels;

	for (int b = 0; b < a->batch; b++)
		for (int y = 0; y < h; y++)
			for (int x = 0; x < w; x++, out += c)
				memcpy(out, in + ((b * a->in_h + y / a->factor_y) * a->in_w + x / a->factor_x) * c,
				       (size_t)c);
}

static void run_concat(const struct op *op, int8_t **data, int8_t *out)
{
	const struct concat_attr *a = &op->concat;

	for (int o = 0; o < a->outer; o++)
		for (int i = 0; i < op->num_inputs; i++) {
			memcpy(out, data[op->inputs[i]->id] + o * a->run[i], (size_t)a->run[i]);
			out += a->run[i];
		}
}

static void run_op(const struct op *op, int8_t **data)
{
	const int8_t *in = data[op->inputs[0]->id];
	int8_t *out = data[op->output->id];

	switch (op->kind) {
	case OP_CONV:
	case OP_DWCONV:
		run_conv(op, in, out);
		break;
	case OP_ELTWISE:
		run_eltwise(op, in, data[op->inputs[1]->id], out);
		break;
	case OP_POOL:
		run_pool(op, in, out);
		break;
	case OP_SOFTMAX:
		for (int r = 0; r < op->softmax.rows; r++)
			softmax_row(&op->softmax, in + r * op->softmax.len, out + r * op->softmax.len);
		break;
	case OP_LUT:
		for (int i = 0; i < op->lut.count; i++)
			out[i] = (int8_t)op->lut.table[(uint8_t)in[i]];
		break;
	case OP_PAD:
		run_pad(op, in, out);
		break;
	case OP_SLICE:
		run_slice(op, in, out);
		break;
	case OP_RESIZE:
		run_resize(op, in, out);
		break;
	case OP_CONCAT:
		run_concat(op, data, out);
		break;
	default:
		memcpy(out, in, op->output->bytes);
	}
}

void ref_run(const struct graph *g, int8_t **data)
{
	for (int i = 0; i < g->num_ops; i++) {
		for (int k = 0; k < g->ops[i]->num_inputs; k++)
			if (g->ops[i]->inputs[k]->kind == TENSOR_CONST)
				memcpy(data[g->ops[i]->inputs[k]->id], g->ops[i]->inputs[k]->data,
				       g->ops[i]->inputs[k]->bytes);
		run_op(g->ops[i], data);
	}
}
