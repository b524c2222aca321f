// SPDX-License-Identifier: Apache-2.0
/* What the client lets the device reach: see dma.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dma.h"

#define MAX_RANGES 1048576u /* 4 GiB in pages of 4 KiB, as a client with an IOMMU maps them */
#define FIRST_ROOM 64u

/* The table that the signal handler looks into; only the thread that accesses the memory changes it. */
static struct cosim_dma *guarded;

void cosim_dma_init(struct cosim_dma *dma)
{
	memset(dma, 0, sizeof(*dma));
	guarded = dma;
}

void cosim_dma_finish(struct cosim_dma *dma)
{
	cosim_dma_unmap_all(dma);
	free(dma->ranges);
	dma->ranges = NULL;
	dma->room = 0;
	guarded = NULL;
}

/* Index of the first range that ends above addr. */
static uint32_t first_above(const struct cosim_dma *dma, uint64_t addr)
{
	uint32_t low = 0;
	uint32_t high = dma->num;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct cosim_range *range = &dma->ranges[mid];

		if (range->addr + (range->bytes - 1) >= addr)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool contains(const struct cosim_range *range, uint64_t addr, uint64_t bytes)
{
	return addr >= range->addr && addr - range->addr < range->bytes && bytes <= range->bytes - (addr - range->addr);
}

const struct cosim_range *cosim_dma_find(struct cosim_dma *dma, uint64_t addr, uint64_t bytes)
{
	uint32_t i;

	if (dma->last < dma->num && contains(&dma->ranges[dma->last], addr, bytes))
		return &dma->ranges[dma->last];
	i = first_above(dma, addr);
	if (i == dma->num || !contains(&dma->ranges[i], addr, bytes))
		return NULL;
	dma->last = i;
	return &dma->ranges[i];
}

static int make_room(struct cosim_dma *dma)
{
	struct cosim_range *ranges;
	uint32_t room;

	if (dma->num < dma->room)
		return 0;
	if (dma->num >= MAX_RANGES)
		return -ENOSPC;
	room = dma->room ? dma->room * 2 : FIRST_ROOM;
	ranges = realloc(dma->ranges, room * sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	dma->ranges = ranges;
	dma->room = room;
	return 0;
}

static int check_map(const struct cosim_dma *dma, const struct cosim_dma_map *map)
{
	uint32_t i;

	if (!map->size || map->addr + (map->size - 1) < map->addr)
		return -EINVAL;
	if (!map->flags || map->flags & ~(COSIM_DMA_MAP_READ | COSIM_DMA_MAP_WRITE))
		return -EINVAL;
	i = first_above(dma, map->addr);
	if (i < dma->num && dma->ranges[i].addr <= map->addr + (map->size - 1))
		return -EEXIST;
	return 0;
}

static int map_file(struct cosim_range *range, const struct cosim_dma_map *map, int fd)
{
	uint64_t skip = map->offset % (uint64_t)sysconf(_SC_PAGESIZE);
	int prot =
		(map->flags & COSIM_DMA_MAP_READ ? PROT_READ : 0) | (map->flags & COSIM_DMA_MAP_WRITE ? PROT_WRITE : 0);
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || map->offset > (uint64_t)st.st_size ||
	    map->size > (uint64_t)st.st_size - map->offset)
		return -EINVAL;
	range->mapping_bytes = map->size + skip;
	range->mapping = mmap(NULL, range->mapping_bytes, prot, MAP_SHARED, fd, (off_t)(map->offset - skip));
	if (range->mapping == MAP_FAILED)
		return -errno;
	range->memory = (uint8_t *)range->mapping + skip;
	return 0;
}

int cosim_dma_map(struct cosim_dma *dma, const struct cosim_dma_map *map, int fd)
{
	struct cosim_range range = {.addr = map->addr, .bytes = map->size, .flags = map->flags};
	uint32_t at;
	int ret = check_map(dma, map);

	if (!ret)
		ret = make_room(dma);
	if (!ret && fd >= 0)
		ret = map_file(&range, map, fd);
	if (ret)
		return ret;
	at = first_above(dma, map->addr);
	memmove(&dma->ranges[at + 1], &dma->ranges[at], (dma->num - at) * sizeof(range));
	dma->ranges[at] = range;
	dma->num++;
	return 0;
}

static void remove_ranges(struct cosim_dma *dma, uint32_t from, uint32_t to)
{
	uint32_t i;

	for (i = from; i < to; i++)
		if (dma->ranges[i].memory)
			munmap(dma->ranges[i].mapping, dma->ranges[i].mapping_bytes);
	if (to < dma->num)
		memmove(&dma->ranges[from], &dma->ranges[to], (dma->num - to) * sizeof(dma->ranges[0]));
	dma->num -= to - from;
}

void cosim_dma_unmap_all(struct cosim_dma *dma)
{
	remove_ranges(dma, 0, dma->num);
}

int cosim_dma_unmap(struct cosim_dma *dma, const struct cosim_dma_unmap *unmap)
{
	uint64_t end = unmap->addr + (unmap->size - 1);
	uint32_t from, to;

	if (!unmap->size || end < unmap->addr)
		return -EINVAL;
	from = first_above(dma, unmap->addr);
	for (to = from; to < dma->num && dma->ranges[to].addr <= end; to++)
		if (dma->ranges[to].addr < unmap->addr || dma->ranges[to].addr + (dma->ranges[to].bytes - 1) > end)
			return -EINVAL;
	if (from == to)
		return -ENOENT;
	remove_ranges(dma, from, to);
	return 0;
}

/* Puts a page of zeros where the file has none any more. Runs in the thread that touched it. */
static void on_bus_error(int signal, siginfo_t *info, void *context)
{
	uint8_t *at = info->si_addr;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint32_t i;

	(void)context;
	for (i = 0; guarded && i < guarded->num; i++) {
		const struct cosim_range *range = &guarded->ranges[i];
		uint8_t *start = range->mapping;

		if (!range->memory || at < start || (uint64_t)(at - start) >= range->mapping_bytes)
			continue;
		at = (uint8_t *)((uintptr_t)at & ~(page - 1));
		if (mmap(at, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at)
			return;
	}
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

int cosim_dma_guard(void)
{
	const struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}
