/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TFLite operators to ops of the graph. tflite_import.c walks the model and calls one import_*() for each
 * operator; those live in import_<group>.c, read operands through the helpers below, and answer
 * STATUS_UNSUPPORTED through import_refuse() for what the chip cannot do exactly. Such an operator is noted in
 * graph.sources and the walk goes on, so that a report names all of them.
 */
#ifndef COMPILER_TFLITE_IMPORT_H
#define COMPILER_TFLITE_IMPORT_H

#include "ir.h"
#include "tflite_read.h"

/*
 * Constants that all operators together may name, bytes: bounds the time that a file which shares one buffer a
 * million times can take.
 */
#define IMPORT_CONST_BUDGET ((int64_t)1 << 30)

struct import {
	struct graph *g;
	struct tfl_model *m;
	struct diag *diag;
	struct tensor **map; /* graph tensor of each model tensor, NULL until used */
	bool *ready;	     /* constant, graph input, or output of an operator that was imported */
	int32_t *boundary;   /* int8 tensor that stands for a float one at the boundary, behind QUANTIZE; or -1 */
	int64_t budget;
	const struct tfl_op *op; /* the operator being imported */
	uint32_t source;
};

/*
 * Fills an empty graph from a .tflite file's bytes, which must outlive it. STATUS_UNSUPPORTED: graph.sources
 * says which operators and why, and diag has a summary; the graph may then be reported, not compiled.
 */
enum status tflite_import(struct graph *g, const void *data, size_t bytes, struct diag *diag);

/* STATUS_UNSUPPORTED with the reason; the operator's name is added by the caller. */
enum status import_refuse(struct import *im, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum status import_no_memory(struct import *im);
/* Takes bytes from the budget of constants; STATUS_TOO_BIG when it is used up. */
enum status import_spend(struct import *im, int64_t bytes);

/* Model tensor of operand i, NULL if it is not given. */
const struct tfl_tensor *import_input(const struct import *im, int i);
const struct tfl_tensor *import_output(const struct import *im, int i);
/* Operand i as graph tensor: int8, quantised per tensor. rank: required rank, or 0 for any. */
enum status import_data(struct import *im, int i, int rank, struct tensor **out);
/* The same for output 0, which must not have been computed before. */
enum status import_result(struct import *im, int rank, struct tensor **out);
/* Operand i as graph tensor whatever its type; LUT and RESHAPE use it. */
enum status import_any(struct import *im, int i, struct tensor **out);
enum status import_any_result(struct import *im, struct tensor **out);
/* A constant integer operand (INT32 or INT64), at most max entries, each within int32: axes and paddings. */
enum status import_ints(struct import *im, int i, int32_t *values, int max, int *count);
/* Appends an op with this kind for the current operator. NULL when out of memory. */
struct op *import_op(struct import *im, enum op_kind kind, struct tensor *output);
/* True if both tensors have one scale and zero point, the same. */
bool import_same_quant(const struct tensor *a, const struct tensor *b);

enum status import_conv_2d(struct import *im);
enum status import_depthwise_conv_2d(struct import *im);
enum status import_fully_connected(struct import *im);
enum status import_mean(struct import *im);
enum status import_add(struct import *im);
enum status import_sub(struct import *im);
enum status import_mul(struct import *im);
enum status import_max_pool_2d(struct import *im);
enum status import_average_pool_2d(struct import *im);
enum status import_softmax(struct import *im);
enum status import_reshape(struct import *im);
enum status import_pad(struct import *im);
enum status import_concatenation(struct import *im);
enum status import_resize_nearest(struct import *im);
enum status import_slice(struct import *im);
enum status import_strided_slice(struct import *im);
enum status import_logistic(struct import *im);
enum status import_tanh(struct import *im);
enum status import_relu(struct import *im);
enum status import_relu6(struct import *im);
enum status import_relu_n1_to_1(struct import *im);
enum status import_leaky_relu(struct import *im);
enum status import_hard_swish(struct import *im);
enum status import_quantize(struct import *im);
enum status import_dequantize(struct import *im);

#endif
