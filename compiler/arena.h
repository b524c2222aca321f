/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once. Blocks are zeroed. A limit on the sum keeps a hostile file from exhausting
 * the host.
 */
#ifndef COMPILER_ARENA_H
#define COMPILER_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_create(size_t limit_bytes);
void arena_destroy(struct arena *a);
/* NULL when count * size overflows, the limit is passed, or malloc fails. Aligned for any type. */
void *arena_alloc(struct arena *a, size_t count, size_t size);

#endif
