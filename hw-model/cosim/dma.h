/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the client lets the device reach: ranges of bus addresses, each backed by a mapped file, or by the client itself
 * through DMA messages. Sorted by address, never overlapping.
 */
#ifndef HW_MODEL_COSIM_DMA_H
#define HW_MODEL_COSIM_DMA_H

#include <stdint.h>

#include "protocol.h"

struct cosim_range {
	uint64_t addr;
	uint64_t bytes;
	uint8_t *memory; /* NULL: by messages */
	void *mapping;	 /* what memory lies in, for munmap() */
	uint64_t mapping_bytes;
	uint32_t flags; /* COSIM_DMA_MAP_READ, COSIM_DMA_MAP_WRITE */
};

struct cosim_dma {
	struct cosim_range *ranges;
	uint32_t num;
	uint32_t room;
	uint32_t last; /* index of the last range found */
};

void cosim_dma_init(struct cosim_dma *dma);
void cosim_dma_finish(struct cosim_dma *dma);

/* fd is -1 for a range by messages; it stays the caller's. */
int cosim_dma_map(struct cosim_dma *dma, const struct cosim_dma_map *map, int fd);
/* Whole ranges only; -ENOENT if there is none. */
int cosim_dma_unmap(struct cosim_dma *dma, const struct cosim_dma_unmap *unmap);
void cosim_dma_unmap_all(struct cosim_dma *dma);

/* The range that holds all of addr to addr + bytes - 1, or NULL. */
const struct cosim_range *cosim_dma_find(struct cosim_dma *dma, uint64_t addr, uint64_t bytes);

/* After this, a page of a mapped file that the client has cut off reads as zero instead of ending the process. */
int cosim_dma_guard(void);

#endif
