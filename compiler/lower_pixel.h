/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that work on pixels one by one, with up to two operands: how they are cut and walked through. */
#ifndef COMPILER_LOWER_PIXEL_H
#define COMPILER_LOWER_PIXEL_H

#include "tile.h"

#define PIXEL_OPERANDS 3

/* One operand; the last of a job is the result. */
struct pixel_operand {
	const struct storage *s;
	bool broadcast; /* one pixel for all */
	struct ring ring;
	struct view v; /* of the current tile; strides 0 for a broadcast */
};

/* Grid of vectors of one command: strides in vectors. */
struct pixel_grid {
	int32_t cols, blocks; /* pixels of a row, vectors of a pixel; nx is their product when rows are contiguous */
	uint16_t nx, ny;
	uint32_t base[PIXEL_OPERANDS];
	uint16_t sx[PIXEL_OPERANDS], sy[PIXEL_OPERANDS];
};

struct pixel_job {
	struct geom g;
	int count; /* operands, the result included */
	struct pixel_operand x[PIXEL_OPERANDS];
	bool whole_pixels;  /* tiles must not cut channels */
	int32_t th, tw, tc; /* tile: rows, columns, channels */
	const void *attr;   /* for emit */
	uint32_t table;	    /* scratchpad address, for emit */
	void (*emit)(struct backend *be, const struct pixel_job *j, const struct pixel_grid *grid);
};

/* Calls emit for every grid of a tile whose operands have their views. */
void pixel_emit(struct backend *be, const struct pixel_job *j, const struct box *tile);
/* Chooses tiles, loads, calls emit for every grid, stores. table_bytes: of a table at image offset table_offset that emit needs, or 0. */
void pixel_run(struct backend *be, struct pixel_job *j, uint64_t table_offset, uint32_t table_bytes);

/* lower_eltwise.c: emit of OP_ELTWISE; attr is its struct eltwise_attr. */
void eltwise_emit(struct backend *be, const struct pixel_job *j, const struct pixel_grid *g);

#endif
