// SPDX-License-Identifier: Apache-2.0
/* First fit over a sorted list of holes: few objects, and the same calls give the same addresses on every host. */
#include <stdlib.h>

#include "extent.h"

struct extent_hole {
	struct extent_hole *next;
	uint64_t start;
	uint64_t size;
};

static struct extent_hole *hole_create(uint64_t start, uint64_t size, struct extent_hole *next)
{
	struct extent_hole *hole = malloc(sizeof(*hole));

	if (hole)
		*hole = (struct extent_hole){.next = next, .start = start, .size = size};
	return hole;
}

bool extents_init(struct extents *e, uint64_t start, uint64_t size)
{
	e->holes = hole_create(start, size, NULL);
	return e->holes != NULL;
}

void extents_finish(struct extents *e)
{
	while (e->holes) {
		struct extent_hole *next = e->holes->next;

		free(e->holes);
		e->holes = next;
	}
}

/* Cut [start, start + size) out of *link, which contains it. */
static bool hole_cut(struct extent_hole **link, uint64_t start, uint64_t size)
{
	struct extent_hole *hole = *link;
	uint64_t before = start - hole->start;
	uint64_t after = hole->size - before - size;

	if (before && after) {
		hole->next = hole_create(start + size, after, hole->next);
		if (!hole->next)
			return false;
		hole->size = before;
	} else if (before) {
		hole->size = before;
	} else if (after) {
		hole->start = start + size;
		hole->size = after;
	} else {
		*link = hole->next;
		free(hole);
	}
	return true;
}

bool extents_take(struct extents *e, uint64_t size, uint64_t align, uint64_t *start)
{
	for (struct extent_hole **link = &e->holes; *link; link = &(*link)->next) {
		const struct extent_hole *hole = *link;
		uint64_t at = (hole->start + align - 1) & ~(align - 1);
		uint64_t skip = at - hole->start;

		if (at < hole->start || skip > hole->size || size > hole->size - skip)
			continue;
		*start = at;
		return hole_cut(link, at, size);
	}
	return false;
}

/* Join hole with the one behind it if they touch. */
static void hole_join(struct extent_hole *hole)
{
	struct extent_hole *next = hole->next;

	if (!next || hole->start + hole->size != next->start)
		return;
	hole->size += next->size;
	hole->next = next->next;
	free(next);
}

void extents_give(struct extents *e, uint64_t start, uint64_t size)
{
	struct extent_hole **link = &e->holes;
	struct extent_hole *prev = NULL;
	struct extent_hole *hole;

	while (*link && (*link)->start < start) {
		prev = *link;
		link = &prev->next;
	}
	if (prev && prev->start + prev->size == start) {
		prev->size += size;
		hole_join(prev);
		return;
	}
	hole = hole_create(start, size, *link);
	if (!hole)
		return;
	*link = hole;
	hole_join(hole);
}
