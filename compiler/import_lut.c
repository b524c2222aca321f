// SPDX-License-Identifier: Apache-2.0
/*
 * Functions of one int8 element: the compiler evaluates the reference kernel for all 256 inputs and the chip
 * looks the result up. QUANTIZE and DEQUANTIZE between float and int8 are taken at the model's boundary only:
 * the program binds the int8 tensor.
 */
#include <math.h>
#include <stdlib.h>
#include "fixedpoint.h"
#include "hard_swish.h"
#include "quant.h"
#include "tflite_import.h"

/* Arguments of the functions below; what a function does not need is 0. */
struct unary {
	const struct tensor *x, *y;
	struct quant_mult mult, negative_mult;
	struct quant_range range;
	struct hard_swish swish;
	float (*real)(float);
};

typedef int32_t (*unary_fn)(const struct unary *u, int32_t x);

static int32_t clamp(int32_t v, int32_t lowest, int32_t highest)
{
	return v < lowest ? lowest : v > highest ? highest : v;
}

static int32_t lowest_of(const struct tensor *t)
{
	return t->dtype == QUERN_DTYPE_UINT8 ? 0 : INT8_MIN;
}

/* Appends the op with table[x] = fn(x), clamped to the output's type. */
static enum status append(struct import *im, const struct unary *u, unary_fn fn)
{
	int32_t in_low = lowest_of(u->x), out_low = lowest_of(u->y);
	uint8_t *table = graph_alloc(im->g, 256, 1);
	struct op *op;

	if (!table)
		return import_no_memory(im);
	for (int32_t x = in_low; x < in_low + 256; x++)
		table[(uint8_t)x] = (uint8_t)clamp(fn(u, x), out_low, out_low + 255);
	op = import_op(im, OP_LUT, (struct tensor *)u->y);
	if (!op)
		return import_no_memory(im);
	op->num_inputs = 1;
	op->inputs[0] = (struct tensor *)u->x;
	op->lut.count = u->y->elements;
	op->lut.table = table;
	return STATUS_OK;
}

static enum status same_shape(struct import *im, const struct tensor *x, const struct tensor *y)
{
	if (x->elements == y->elements)
		return STATUS_OK;
	return diag_fail(im->diag, STATUS_BAD_FILE, "%s: its output has another shape than its input",
			 im->g->sources[im->source].name);
}

/* int8 operand and result. */
static enum status get_operands(struct import *im, struct unary *u)
{
	struct tensor *x, *y;
	enum status st = import_data(im, 0, 0, &x);

	if (!st)
		st = import_result(im, 0, &y);
	if (!st)
		st = same_shape(im, x, y);
	if (st)
		return st;
	u->x = x;
	u->y = y;
	return STATUS_OK;
}

/* Float functions: dequantise, evaluate and quantise in float, as the reference kernels fill their tables. */
static int32_t eval_real(const struct unary *u, int32_t x)
{
	float inverse = 1 / u->y->scale;
	float v = roundf(u->real(u->x->scale * (float)(x - u->x->zero_point)) * inverse);

	return v > 1e6f ? 1000000 : v < -1e6f ? -1000000 : (int32_t)(v + (float)u->y->zero_point);
}

static float logistic(float x)
{
	return 1.0f / (1.0f + expf(-x));
}

enum status import_logistic(struct import *im)
{
	struct unary u = {.real = logistic};
	enum status st = get_operands(im, &u);

	return st ? st : append(im, &u, eval_real);
}

enum status import_tanh(struct import *im)
{
	struct unary u = {.real = tanhf};
	enum status st = get_operands(im, &u);

	return st ? st : append(im, &u, eval_real);
}

/* Requantise, with another multiplier for negative inputs, and clamp to a range. */
static int32_t eval_requant(const struct unary *u, int32_t x)
{
	int32_t v = x - u->x->zero_point;
	const struct quant_mult *m = v < 0 ? &u->negative_mult : &u->mult;

	return clamp(fixed_requant(v, m->mult, m->shift) + u->y->zero_point, u->range.min, u->range.max);
}

/* Ratios above 2^16 never leave the clamp; refusing them keeps all sums within int32. */
static enum status set_mult(struct import *im, double real, struct quant_mult *m)
{
	if (!quant_multiplier_ok(real) || real > 65536)
		return import_refuse(im, "the ratio of its scales is out of range");
	*m = quant_multiplier(real);
	return STATUS_OK;
}

static enum status import_clamp(struct import *im, enum tfl_activation activation)
{
	struct unary u = {0};
	enum status st = get_operands(im, &u);

	if (!st)
		st = set_mult(im, u.x->scale / u.y->scale, &u.mult);
	if (st)
		return st;
	if (!quant_activation(activation, u.y->scale, u.y->zero_point, &u.range))
		return import_refuse(im, "its range is beyond its output's scale");
	u.negative_mult = u.mult;
	return append(im, &u, eval_requant);
}

enum status import_relu(struct import *im)
{
	return import_clamp(im, TFL_ACT_RELU);
}

enum status import_relu6(struct import *im)
{
	return import_clamp(im, TFL_ACT_RELU6);
}

enum status import_relu_n1_to_1(struct import *im)
{
	return import_clamp(im, TFL_ACT_RELU_N1_TO_1);
}

enum status import_leaky_relu(struct import *im)
{
	float alpha = fb_f32(&im->m->fb, im->op->options, LEAKY_RELU_ALPHA, 0);
	struct unary u = {.range = {INT8_MIN, INT8_MAX}};
	enum status st = get_operands(im, &u);

	if (!st)
		st = set_mult(im, u.x->scale / u.y->scale, &u.mult);
	if (!st)
		st = set_mult(im, u.x->scale * alpha / u.y->scale, &u.negative_mult);
	return st ? st : append(im, &u, eval_requant);
}

static int32_t eval_hard_swish(const struct unary *u, int32_t x)
{
	return hard_swish_eval(&u->swish, x);
}

enum status import_hard_swish(struct import *im)
{
	struct unary u = {0};
	enum status st = get_operands(im, &u);

	if (st)
		return st;
	if (!hard_swish_init(&u.swish, u.x->scale, u.x->zero_point, u.y->scale, u.y->zero_point))
		return import_refuse(im, "the ratio of its scales is out of range");
	return append(im, &u, eval_hard_swish);
}

static int32_t eval_quantize(const struct unary *u, int32_t x)
{
	return fixed_requant(x - u->x->zero_point, u->mult.mult, u->mult.shift) + u->y->zero_point;
}

static bool is_byte(const struct tensor *t)
{
	return t->dtype == QUERN_DTYPE_INT8 || t->dtype == QUERN_DTYPE_UINT8;
}

static bool in_list(const int32_t *list, int32_t n, int32_t index)
{
	for (int32_t i = 0; i < n; i++)
		if (list[i] == index)
			return true;
	return false;
}

/* Lets the int8 tensor `inner` stand for the float tensor `outer` at the boundary. */
static enum status replace_boundary(struct import *im, int32_t outer, int32_t inner, const char *side)
{
	struct source_op *s = &im->g->sources[im->source];

	if (im->boundary[outer] >= 0)
		return import_refuse(im, "%s %s is converted twice", side, im->m->tensors[outer].name);
	im->boundary[outer] = inner;
	s->fate = FATE_ELIDED;
	s->note = graph_printf(im->g, "the program's %s is the int8 tensor %s", side, im->m->tensors[inner].name);
	return s->note ? STATUS_OK : import_no_memory(im);
}

/* Between bytes: a table. From a float input: the program takes the quantised tensor. */
enum status import_quantize(struct import *im)
{
	struct unary u = {0};
	struct tensor *x, *y;
	int32_t outer = im->op->inputs[0];
	enum status st = import_any(im, 0, &x);

	if (!st)
		st = import_any_result(im, &y);
	if (!st)
		st = same_shape(im, x, y);
	if (st)
		return st;
	if (x->dtype == QUERN_DTYPE_FLOAT32 && in_list(im->m->inputs, im->m->num_inputs, outer))
		return replace_boundary(im, outer, im->op->outputs[0], "input");
	if (!is_byte(x) || !is_byte(y) || x->scale == 0 || y->scale == 0)
		return import_refuse(im, "it converts between types other than int8 and uint8");
	u.x = x;
	u.y = y;
	st = set_mult(im, (double)x->scale / (double)y->scale, &u.mult);
	return st ? st : append(im, &u, eval_quantize);
}

/* To a float output: the program gives the quantised tensor. */
enum status import_dequantize(struct import *im)
{
	int32_t outer = im->op->outputs[0];
	struct tensor *x;
	enum status st = import_any(im, 0, &x);

	if (st)
		return st;
	if (!is_byte(x) || !in_list(im->m->outputs, im->m->num_outputs, outer))
		return import_refuse(im, "its result is not an output of the model, and the chip has no float");
	return replace_boundary(im, outer, im->op->inputs[0], "output");
}
