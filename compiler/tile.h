/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of tensors between host memory and scratchpad, and the buffers of an op while it is lowered. */
#ifndef COMPILER_TILE_H
#define COMPILER_TILE_H

#include "backend.h"

/* Equal buffers that are used in turn; slots = 0 is no buffer. */
struct ring {
	uint64_t bytes; /* of one slot, multiple of SPM_GRANULE */
	uint32_t slots;
	uint32_t addr;
	uint32_t next;
};

/* Bytes that may be read beyond a tensor. */
uint32_t tile_slack(const struct backend *be);
/* Bytes of a buffer for the box. dense: pixels are not padded to vectors. */
uint64_t tile_bytes(const struct backend *be, const struct box *box, bool dense);
struct view tile_view(const struct backend *be, const struct box *box, bool dense, uint32_t addr);
/* Loads the box of one image under the shape g of the op; what lies outside in y and x is filled with value. */
void tile_load(struct backend *be, const struct storage *s, const struct geom *g, const struct box *box,
	       const struct view *v, int8_t value);
void tile_store(struct backend *be, const struct storage *s, const struct geom *g, const struct box *box,
		const struct view *v);
/* The view of a resident tensor under the shape g of the op. */
struct view tile_resident(const struct storage *s, const struct geom *g);
/* Fills the border of a resident tensor. */
void tile_border(struct backend *be, const struct storage *s);
/* Loads bytes of the image. */
void tile_const(struct backend *be, uint64_t offset, uint32_t bytes, uint32_t addr);

/* Buffers of one op: all at once, so that nothing can fail to fit later. False, with the error set, if they do not fit. */
bool ring_get(struct backend *be, struct ring **rings, int count);
uint32_t ring_next(struct ring *r);
/* For rings whose slots all stay: the slot k after the first, without moving on. */
uint32_t ring_slot(const struct ring *r, uint32_t k);
void ring_put(struct backend *be, struct ring **rings, int count);

/* First entry for a tile of accumulators; banks take turns. */
uint32_t acc_alloc(struct backend *be, uint32_t entries);

#endif
