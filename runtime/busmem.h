/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host memory as a device in this process sees it: 4 KiB frames at bus addresses.
 *
 * A block is contiguous for the processor. On the bus its pages are scattered, as they are on a real host, except that
 * every whole 2 MiB of it is contiguous and aligned, as huge pages are. Bus addresses lie above 4 GiB, so that a
 * truncated one is found out. The same calls give the same addresses on every host: cycle counts depend on them.
 *
 * Allocation is serialised by the caller; busmem_at() may run at the same time in other threads. Rejected: one flat
 * array at an offset, which would be physically contiguous and so would flatter the MMU; and one mmap() for each page of
 * a memfd, which meets the kernel's limit of mappings with one large model.
 */
#ifndef RUNTIME_BUSMEM_H
#define RUNTIME_BUSMEM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extent.h"
#include "quern/sv39.h"

#define BUSMEM_BASE ((uint64_t)1 << 32)
#define BUSMEM_SCATTERED ((uint32_t)1 << 20) /* frames: 4 GiB of single pages, then as much of contiguous ones */
#define BUSMEM_FRAMES (2 * BUSMEM_SCATTERED)
#define BUSMEM_PAGE ((uint32_t)QUERN_SV39_PAGE_BYTES)
#define BUSMEM_HUGE ((uint32_t)1 << 21)

struct busmem {
	_Atomic(unsigned char *) *frame; /* the page behind each frame; NULL: a bus error */
	uint32_t *freed;		 /* stack of single frames given back */
	uint32_t num_freed;
	uint32_t max_freed;
	uint32_t next;		   /* place in the scattered sequence */
	uint32_t num_used;	   /* of the scattered sequence */
	struct extents contiguous; /* frame numbers */
};

struct busmem_block {
	unsigned char *map;
	uint64_t bytes;	 /* whole pages */
	uint32_t *frame; /* of each page */
};

bool busmem_init(struct busmem *m);
void busmem_finish(struct busmem *m);

/* Zeroed. False if out of memory, with *block cleared. */
bool busmem_alloc(struct busmem *m, uint64_t bytes, struct busmem_block *block);
/* For rings and tables: all of it contiguous on the bus. */
bool busmem_alloc_contiguous(struct busmem *m, uint64_t bytes, struct busmem_block *block);
/* A cleared block is ignored. */
void busmem_free(struct busmem *m, struct busmem_block *block);

uint64_t busmem_bus(const struct busmem_block *block, uint64_t offset);

/* The bytes at a bus address, which must not cross a page; NULL is a bus error. */
static inline void *busmem_at(const struct busmem *m, uint64_t bus, uint32_t bytes)
{
	uint64_t frame = (bus - BUSMEM_BASE) >> QUERN_SV39_PAGE_SHIFT;
	uint32_t offset = bus & (BUSMEM_PAGE - 1);
	unsigned char *page;

	if (bus < BUSMEM_BASE || frame >= BUSMEM_FRAMES || bytes > BUSMEM_PAGE - offset)
		return NULL;
	page = atomic_load_explicit(&m->frame[frame], memory_order_acquire);
	return page ? page + offset : NULL;
}

#endif
