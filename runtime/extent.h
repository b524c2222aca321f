/* SPDX-License-Identifier: Apache-2.0 */
/* A range of numbers of which parts are taken and given back: device virtual addresses, contiguous bus addresses. */
#ifndef RUNTIME_EXTENT_H
#define RUNTIME_EXTENT_H

#include <stdbool.h>
#include <stdint.h>

struct extent_hole;

struct extents {
	struct extent_hole *holes; /* sorted, never adjacent */
};

/* False if out of memory. */
bool extents_init(struct extents *e, uint64_t start, uint64_t size);
void extents_finish(struct extents *e);

/* The lowest fitting place; align is a power of two. False if there is none, or out of memory. */
bool extents_take(struct extents *e, uint64_t size, uint64_t align, uint64_t *start);

/* What is given back must have been taken. If memory runs out the range is lost until extents_finish(). */
void extents_give(struct extents *e, uint64_t start, uint64_t size);

#endif
