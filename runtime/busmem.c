// SPDX-License-Identifier: Apache-2.0
/* Frames: a table from frame number to page, and two ways to choose numbers. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "busmem.h"

/* x -> x * 5 + ODD mod 2^20 visits every number once before it repeats; neighbours in time are far apart. */
#define SCATTER_MUL 5u
#define SCATTER_ADD 411557u

bool busmem_init(struct busmem *m)
{
	size_t table = BUSMEM_FRAMES * sizeof(m->frame[0]);
	void *p = mmap(NULL, table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	memset(m, 0, sizeof(*m));
	if (p == MAP_FAILED)
		return false;
	m->frame = p;
	if (extents_init(&m->contiguous, BUSMEM_SCATTERED, BUSMEM_FRAMES - BUSMEM_SCATTERED))
		return true;
	munmap(p, table);
	return false;
}

void busmem_finish(struct busmem *m)
{
	if (!m->frame)
		return;
	munmap(m->frame, BUSMEM_FRAMES * sizeof(m->frame[0]));
	free(m->freed);
	extents_finish(&m->contiguous);
	memset(m, 0, sizeof(*m));
}

static bool take_single(struct busmem *m, uint32_t *frame)
{
	if (m->num_freed) {
		*frame = m->freed[--m->num_freed];
		return true;
	}
	if (m->num_used == BUSMEM_SCATTERED)
		return false;
	m->num_used++;
	m->next = (m->next * SCATTER_MUL + SCATTER_ADD) % BUSMEM_SCATTERED;
	*frame = m->next;
	return true;
}

/* If the stack cannot grow the frame is lost until the device is closed. */
static void give_single(struct busmem *m, uint32_t frame)
{
	if (m->num_freed == m->max_freed) {
		uint32_t max = m->max_freed ? 2 * m->max_freed : 256;
		uint32_t *freed = realloc(m->freed, max * sizeof(*freed));

		if (!freed)
			return;
		m->freed = freed;
		m->max_freed = max;
	}
	m->freed[m->num_freed++] = frame;
}

/* Put a page of the block into the table. */
static void publish(struct busmem *m, struct busmem_block *block, uint64_t page, uint32_t frame)
{
	block->frame[page] = frame;
	atomic_store_explicit(&m->frame[frame], block->map + page * BUSMEM_PAGE, memory_order_release);
}

static bool place_run(struct busmem *m, struct busmem_block *block, uint64_t first, uint64_t num, uint64_t align)
{
	uint64_t frame;

	if (!extents_take(&m->contiguous, num, align, &frame))
		return false;
	for (uint64_t i = 0; i < num; i++)
		publish(m, block, first + i, (uint32_t)(frame + i));
	return true;
}

static void withdraw(struct busmem *m, struct busmem_block *block, uint64_t num_pages)
{
	for (uint64_t i = num_pages; i-- > 0;) {
		uint32_t frame = block->frame[i];

		atomic_store_explicit(&m->frame[frame], NULL, memory_order_release);
		if (frame < BUSMEM_SCATTERED)
			give_single(m, frame);
		else
			extents_give(&m->contiguous, frame, 1);
	}
}

static bool place_scattered(struct busmem *m, struct busmem_block *block)
{
	const uint64_t huge = BUSMEM_HUGE / BUSMEM_PAGE;
	uint64_t pages = block->bytes / BUSMEM_PAGE;
	uint64_t i = 0;
	uint32_t frame;

	while (i < pages) {
		if (pages - i >= huge && place_run(m, block, i, huge, huge)) {
			i += huge;
		} else if (take_single(m, &frame)) {
			publish(m, block, i++, frame);
		} else {
			withdraw(m, block, i);
			return false;
		}
	}
	return true;
}

static bool block_init(struct busmem_block *block, uint64_t bytes)
{
	const uint64_t limit = (uint64_t)BUSMEM_FRAMES * BUSMEM_PAGE;

	memset(block, 0, sizeof(*block));
	if (!bytes || bytes > limit)
		return false;
	block->bytes = (bytes + BUSMEM_PAGE - 1) & ~(uint64_t)(BUSMEM_PAGE - 1);
	block->frame = calloc(block->bytes / BUSMEM_PAGE, sizeof(*block->frame));
	if (!block->frame)
		return false;
	block->map = mmap(NULL, block->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block->map != MAP_FAILED)
		return true;
	free(block->frame);
	memset(block, 0, sizeof(*block));
	return false;
}

static void block_finish(struct busmem_block *block)
{
	munmap(block->map, block->bytes);
	free(block->frame);
	memset(block, 0, sizeof(*block));
}

bool busmem_alloc(struct busmem *m, uint64_t bytes, struct busmem_block *block)
{
	if (!block_init(block, bytes))
		return false;
	if (place_scattered(m, block))
		return true;
	block_finish(block);
	return false;
}

bool busmem_alloc_contiguous(struct busmem *m, uint64_t bytes, struct busmem_block *block)
{
	if (!block_init(block, bytes))
		return false;
	if (place_run(m, block, 0, block->bytes / BUSMEM_PAGE, 1))
		return true;
	block_finish(block);
	return false;
}

void busmem_free(struct busmem *m, struct busmem_block *block)
{
	if (!block->map)
		return;
	withdraw(m, block, block->bytes / BUSMEM_PAGE);
	block_finish(block);
}

uint64_t busmem_bus(const struct busmem_block *block, uint64_t offset)
{
	uint64_t frame = block->frame[offset / BUSMEM_PAGE];

	return BUSMEM_BASE + frame * BUSMEM_PAGE + offset % BUSMEM_PAGE;
}
