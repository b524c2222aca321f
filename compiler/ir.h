/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph: what the front end hands to the back end. All quantisation and padding maths is done when an op is
 * built: the back end finds integers it can put into commands (docs/isa.md) and never touches a scale.
 *
 * Conventions
 *  - Tensors in host memory are dense, row-major, innermost dimension last; images are NHWC. Only int8 tensors
 *    flow between ops, except that OP_LUT may read or write uint8 (a byte is a byte), and OP_RESHAPE too.
 *  - Everything belongs to the graph: memory comes from its arena and dies with graph_destroy(). Constant data
 *    may point into the model file, which must outlive the graph; it has no alignment.
 *  - graph.ops is in topological order at all times: each input is a constant, a graph input, or the output of
 *    an earlier op.
 *  - Every op has exactly one output. An op's data inputs come first in inputs[]; weights, tables and biases are
 *    attributes, not inputs.
 *  - The importer checks that attributes agree with the tensors' shapes; the last pass checks it again.
 *    The back end may rely on what this file states and must refuse (STATUS_UNSUPPORTED, with op->name) what it
 *    cannot do.
 */
#ifndef COMPILER_IR_H
#define COMPILER_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "quern/commands.h"
#include "quern/program.h"
#include "status.h"

#define IR_MAX_RANK QUERN_PROGRAM_MAX_RANK
#define IR_MAX_INPUTS 16
/* Largest tensor, elements; products of dimensions of one tensor never overflow int32. */
#define IR_MAX_ELEMENTS (1 << 30)

struct op;
struct arena;

enum tensor_kind {
	TENSOR_INTERMEDIATE,
	TENSOR_INPUT,  /* in graph.inputs: written by the caller before the job */
	TENSOR_OUTPUT, /* in graph.outputs: read by the caller after the job; later ops may read it too */
	TENSOR_CONST,  /* data is not NULL */
};

struct tensor {
	const char *name; /* of the source model; never NULL */
	uint32_t id;	  /* unique in the graph, < graph.num_tensor_ids: for side tables of passes */
	enum tensor_kind kind;
	enum quern_dtype dtype;
	int rank;		  /* 0 to IR_MAX_RANK; 0 is a scalar */
	int32_t dim[IR_MAX_RANK]; /* each >= 1; entries from rank on are 1 */
	int32_t elements;	  /* product of dim */
	float scale;		  /* real = scale * (value - zero_point); 0 when not quantised */
	int32_t zero_point;	  /* within int8 for int8 tensors */
	const void *data;	  /* TENSOR_CONST: little-endian elements, unaligned; else NULL */
	size_t bytes;		  /* elements * size of dtype */
	struct op *producer;	  /* NULL for inputs and constants */
	int uses;		  /* ops that read it, counted per operand, plus 1 for each place in graph.outputs */
};

enum op_kind {
	OP_CONV,    /* CONV_2D, FULLY_CONNECTED */
	OP_DWCONV,  /* DEPTHWISE_CONV_2D, MEAN over height and width */
	OP_ELTWISE, /* ADD, SUB, MUL */
	OP_POOL,    /* MAX_POOL_2D, AVERAGE_POOL_2D */
	OP_SOFTMAX,
	OP_LUT,	    /* a function of one byte: LOGISTIC, TANH, RELU, HARD_SWISH, QUANTIZE... */
	OP_RESHAPE, /* same bytes, other shape: RESHAPE, SQUEEZE, EXPAND_DIMS */
	OP_PAD,	    /* spatial padding that could not be fused into a convolution */
	OP_CONCAT,
	OP_SLICE,  /* SLICE, STRIDED_SLICE: a box of an image */
	OP_RESIZE, /* RESIZE_NEAREST_NEIGHBOR by whole factors */
	OP_KIND_COUNT,
};

/*
 * OP_CONV, OP_DWCONV. inputs[0] is the image. Exactly the REQUANT of docs/isa.md, with its truncate flag:
 *   acc[o] = bias[o] + sum over taps of int8 x * int8 w        (int32, wraps; x = in_zp outside the image)
 *   out    = clamp(MBQM(acc, mult[o], shift[o]) + out_zp, act_min, act_max)
 * bias already holds -in_zp * sum(w), so padding bytes must be in_zp.
 * Tap (ky, kx) of output (oy, ox) reads
 *   row    oy*stride_y - pad_top  + ky*dilation_y
 *   column ox*stride_x - pad_left + kx*dilation_x
 *
 * OP_CONV weights: [out_c][kh][kw][in_c / groups]; output channel o belongs to group o / (out_c / groups).
 *   FULLY_CONNECTED is the 1x1 convolution of a 1 x rows image: batch = in_h = kh = kw = 1, in_w = out_w = rows.
 * OP_DWCONV weights: [kh][kw][out_c]; out_c = in_c * depth_mult; groups = in_c.
 *   Output channel o reads input channel o / depth_mult.
 *   MEAN has weights that are all 1 and a kernel as large as the image.
 */
struct conv_attr {
	int32_t batch;
	int32_t in_h, in_w, in_c;
	int32_t out_h, out_w, out_c;
	int32_t kh, kw;
	int32_t stride_y, stride_x;
	int32_t dilation_y, dilation_x;
	/* >= 0, below the kernel's reach (k-1)*dilation+1; out == (in + pads - reach) / stride + 1, rounded down. */
	int32_t pad_top, pad_left, pad_bottom, pad_right;
	int32_t depth_mult; /* OP_DWCONV; 1 for OP_CONV */
	int32_t groups;	    /* OP_CONV: 1 or a divisor of in_c and out_c */
	const int8_t *weights;
	size_t weight_bytes;
	const int32_t *bias; /* out_c entries, in_zp folded in */
	const int32_t *mult; /* out_c entries as REQUANT reads them: bit 31 is its truncate flag, not a sign */
	const int8_t *shift; /* out_c entries, -31 to 30, positive is left */
	int8_t in_zp;
	int8_t out_zp, act_min, act_max;
};

/* How an operand of OP_ELTWISE covers the output. */
enum elt_cover {
	ELT_FULL,    /* same elements in the same order */
	ELT_CHANNEL, /* `channels` elements, the same for every pixel (broadcast scalars are materialised to this) */
};

/*
 * OP_ELTWISE. inputs[0] is a, inputs[1] is b; either may be a constant, not both. At least one is ELT_FULL.
 * Both operands may be the same tensor. Fields go to the ELTWISE command as they are; MUL has a_mult = b_mult = 0.
 */
struct eltwise_attr {
	enum quern_eltwise_op op;
	int32_t pixels, channels; /* output elements = pixels * channels; channels is the innermost dimension */
	enum elt_cover a_cover, b_cover;
	int32_t a_mult, b_mult, out_mult;   /* >= 0 */
	int8_t a_shift, b_shift, out_shift; /* a, b: -31 to 0; out: -31 to 30 */
	int8_t a_zp, b_zp, out_zp;
	int8_t act_min, act_max;
};

/*
 * OP_POOL. Window elements outside the image are skipped: MAX ignores them, AVG divides by the number inside
 * (round half away from zero).
 */
struct pool_attr {
	enum quern_pool_op op;
	int32_t batch;
	int32_t in_h, in_w, channels;
	int32_t out_h, out_w;
	int32_t kh, kw;
	int32_t stride_y, stride_x;
	int32_t pad_top, pad_left, pad_bottom, pad_right; /* every window has at least one element inside */
	int8_t act_min, act_max;
};

/* OP_SOFTMAX along the innermost dimension; the output has scale 1/256 and zero point -128. */
struct softmax_attr {
	int32_t rows, len;
	const int32_t *table; /* 256 entries for the SOFTMAX command */
};

/* OP_LUT. */
struct lut_attr {
	int32_t count;	      /* elements */
	const uint8_t *table; /* 256 entries, indexed by the input as unsigned byte */
};

/* OP_PAD of an NHWC image. */
struct pad_attr {
	int32_t batch;
	int32_t in_h, in_w, channels;
	int32_t top, left, bottom, right; /* >= 0; out_h = top + in_h + bottom */
	int8_t value;			  /* the byte outside */
};

/*
 * OP_CONCAT. The output is `outer` groups of run[0] bytes of inputs[0], run[1] bytes of inputs[1]... (all inputs
 * int8, same quantisation, not constants; the same tensor may appear twice). Concatenation on channels: outer =
 * pixels, run[i] = channels of input i.
 */
struct concat_attr {
	int32_t outer;
	int32_t run[IR_MAX_INPUTS];
};

/* OP_SLICE: the box of an image that begins at y, x, c; its size is the output's. */
struct slice_attr {
	int32_t batch;
	int32_t in_h, in_w, in_c;
	int32_t out_h, out_w, out_c;
	int32_t y, x, c; /* the box lies inside */
};

/* OP_RESIZE: each pixel becomes factor_y x factor_x equal ones. */
struct resize_attr {
	int32_t batch;
	int32_t in_h, in_w, channels;
	int32_t factor_y, factor_x; /* >= 1 */
};

struct op {
	enum op_kind kind;
	const char *name;      /* "3:CONV_2D conv1": for messages */
	const char *kind_name; /* "CONV_2D": operator of the source model */
	uint32_t source;       /* index in graph.sources */
	uint64_t macs;	       /* multiply-accumulates: CONV and DWCONV only */
	int num_inputs;
	struct tensor *inputs[IR_MAX_INPUTS];
	struct tensor *output;
	union {
		struct conv_attr conv;
		struct eltwise_attr elt;
		struct pool_attr pool;
		struct softmax_attr softmax;
		struct lut_attr lut;
		struct pad_attr pad;
		struct concat_attr concat;
		struct slice_attr slice;
		struct resize_attr resize;
	};
};

/* What became of an operator of the source model. */
enum source_fate {
	FATE_CHIP,	  /* its own op */
	FATE_FUSED,	  /* part of another op: into */
	FATE_ELIDED,	  /* no work at run time: a reshape, a constant, dead code */
	FATE_UNSUPPORTED, /* note says why */
};

struct source_op {
	const char *name; /* "3:CONV_2D conv1" */
	const char *kind_name;
	uint64_t macs;
	enum source_fate fate;
	uint32_t into;	  /* FATE_FUSED: index of the source that does its work */
	const char *note; /* reason or remark, or NULL */
};

struct graph {
	const char *name; /* the model's */
	struct arena *arena;
	struct op **ops;
	int num_ops;
	struct tensor **inputs;
	int num_inputs;
	struct tensor **outputs;
	int num_outputs; /* distinct tensors, none of them a graph input or constant */
	struct source_op *sources;
	uint32_t num_sources;
	uint32_t num_tensor_ids;
};

/* NULL when out of memory. The graph is empty. */
struct graph *graph_create(void);
/* Frees the graph and everything allocated from it. NULL is allowed. */
void graph_destroy(struct graph *g);
/*
 * count * size zeroed bytes that live as long as the graph, aligned for any type; NULL when out of memory or
 * beyond the limit of 1 GiB.
 */
void *graph_alloc(struct graph *g, size_t count, size_t size);
/* Formatted string that lives as long as the graph; NULL when out of memory. */
char *graph_printf(struct graph *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * A tensor of this shape with the next id, kind INTERMEDIATE, not quantised; NULL when out of memory. dim: rank
 * entries, each >= 1.
 */
struct tensor *graph_tensor(struct graph *g, const char *name, enum quern_dtype dtype, int rank, const int32_t *dim);
/*
 * Appends an op of this kind that computes output; sets output->producer. Its inputs and attributes are the
 * caller's to fill.
 */
struct op *graph_op(struct graph *g, enum op_kind kind, uint32_t source, struct tensor *output);
/* Sets uses of every tensor that an op or the graph's boundary names. Passes call it after they changed operands. */
void graph_count_uses(struct graph *g);
/* "CONV", "DWCONV"... */
const char *op_kind_str(enum op_kind kind);

#endif
