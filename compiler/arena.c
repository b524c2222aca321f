// SPDX-License-Identifier: Apache-2.0
/* Arena: a list of chunks, each cut from the front; big blocks get a chunk of their own. */
#include <stdalign.h>
#include <stdlib.h>
#include "arena.h"

#define CHUNK_BYTES 65536u

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct chunk *chunks; /* the first one has room */
	size_t total, limit;
};

struct arena *arena_create(size_t limit_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a)
		a->limit = limit_bytes;
	return a;
}

void arena_destroy(struct arena *a)
{
	if (!a)
		return;
	while (a->chunks) {
		struct chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	free(a);
}

static struct chunk *add_chunk(struct arena *a, size_t need)
{
	size_t size = need > CHUNK_BYTES ? need : CHUNK_BYTES;
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	c->size = size;
	/* A block of its own goes behind the chunk that still has room. */
	if (need > CHUNK_BYTES && a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = a->chunks;
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > a->limit)
		return NULL;
	bytes = bytes ? (bytes + align - 1) / align * align : align;
	if (bytes > a->limit - a->total)
		return NULL;
	if (!c || c->size - c->used < bytes)
		c = add_chunk(a, bytes);
	if (!c)
		return NULL;
	a->total += bytes;
	p = c->bytes + c->used;
	c->used += bytes;
	return p;
}
