/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions on the CONV command: dense, grouped, fully connected, and depthwise with a multiplier.
 *
 * The reduction of a block of N output channels is a sequence of steps of N x N weights, three nested loops (i2, i1, i0):
 *   pitched  i2 = kernel row, i1 = kernel column, i0 = block of N input channels
 *   dense    few channels: i1 = `fold` kernel rows that one vector covers, i0 = vector of the kernel row (columns and channels together)
 * A segment is a sub-range of the three loops; usually there is one, the whole.
 */
#ifndef COMPILER_LOWER_CONV_H
#define COMPILER_LOWER_CONV_H

#include "tile.h"

enum weight_mode {
	WEIGHTS_RETAIN, /* all blocks stay for the whole op */
	WEIGHTS_STREAM, /* groups of blocks pass through a ring for every outer tile */
	WEIGHTS_SPLIT,	/* segments of one block pass through a ring for every accumulator tile */
};

struct conv_tiling {
	int32_t th, tw; /* outer tile: what is loaded and stored at once, output pixels */
	int32_t tb;	/* and blocks of output channels; all of them unless even a narrow tile is too large */
	enum weight_mode mode;
	bool split_input; /* the input is loaded per segment too */
	int32_t group;	  /* blocks per load */
	int32_t seg[3];	  /* size of a segment in i0, i1, i2 */
	struct ring in, out, weights, params;
	struct ring other; /* operand of the elementwise op done with it */
	uint64_t cycles;   /* estimate */
};

struct conv_job {
	const struct op *op;
	struct conv_attr a;
	bool depthwise; /* weights are laid out as OP_DWCONV's */
	const struct storage *in, *out;
	struct geom gi, go;
	bool dense;
	int32_t fold;
	int32_t dense_row; /* bytes of a row of a dense buffer; the columns of every outer tile when fold > 1 */
	int32_t in_per_group, out_per_group;
	int32_t window;	       /* input channels that a block can depend on */
	int32_t k[3];	       /* steps in i0, i1, i2 */
	uint32_t steps;	       /* product of k */
	int32_t blocks;	       /* of N output channels */
	uint64_t block_bytes;  /* parameters and weights of one block */
	uint64_t image_offset; /* of block 0 */
	/* The elementwise op done with it, or NULL; its other operand; and where the result goes in the end. */
	const struct op *post;
	const struct storage *other, *final;
	struct conv_tiling t;
};

/* First input channel that block depends on. */
static inline int32_t conv_first_channel(const struct backend *be, const struct conv_job *j, int32_t block)
{
	return block * (int32_t)be->n / j->out_per_group * j->in_per_group;
}

/* Input box of output rows [y0, y1) and columns [x0, x1). */
struct box conv_input_box(const struct conv_job *j, const struct box *out);
/* lower_conv_tile.c: fills j->t; false if nothing fits. */
bool conv_choose_tiling(struct backend *be, struct conv_job *j);
/* Rows and columns of an accumulator tile for an outer tile. */
void conv_acc_tile(const struct backend *be, const struct conv_job *j, int32_t th, int32_t tw, int32_t *ny,
		   int32_t *nx);
/* lower_conv_weights.c: puts parameters and weights of all blocks into the image, in the order of the segments. */
void conv_write_weights(struct backend *be, struct conv_job *j);
/* Parameters of N channels from channel c on, as REQUANT reads them. */
void conv_write_params(const struct backend *be, const struct conv_attr *a, int32_t c, uint8_t *out);

#endif
