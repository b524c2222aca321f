/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host memory, page table and bus around the DMA engines, with random timing. It also checks what the engines may never
 * do: cross 4 KiB, change a request that is not taken, ask for anything new or write bytes while they are flushed.
 */
#ifndef TESTS_RTL_DMA_HOST_H
#define TESTS_RTL_DMA_HOST_H

#include "dma_pins.h"
#include "func.h"
#include "lib/rng.h"

#define HOST_PAGES 256u
#define HOST_PAGE_BYTES 4096u
#define HOST_BYTES (HOST_PAGES * HOST_PAGE_BYTES)
#define HOST_VA 0x1234500000ull /* of the window of HOST_BYTES */
#define HOST_PA 0xab00000000ull
#define HOST_QUEUE 64u

struct host_page {
	uint32_t phys; /* page number in the window of physical memory */
	bool valid;
	bool read;
	bool write;
};

/* Chances in percent, times in cycles. */
struct host_timing {
	uint32_t latency_min;
	uint32_t latency_max;
	uint32_t request_pct; /* address accepted */
	uint32_t data_pct;    /* read beat delivered, write beat accepted */
	uint32_t miss_pct;    /* translation takes long */
	uint32_t miss_cycles;
};

struct host_burst {
	uint64_t addr;
	uint32_t beats;
	uint32_t moved;
	uint64_t when; /* cycle of the first beat, or of the response */
	bool error;
};

struct host_queue {
	struct host_burst burst[HOST_QUEUE];
	uint32_t head;
	uint32_t count;
};

struct host_tr {
	bool busy;
	uint64_t vaddr;
	uint64_t when;
};

struct host {
	uint8_t *mem;
	struct host_page page[HOST_PAGES];
	bool bus_error[HOST_PAGES]; /* physical pages that the bus refuses */
	struct host_timing timing;
	struct rng rng;
	uint64_t cycle;
	struct host_queue reads;
	struct host_queue writes;    /* announced, data to come */
	struct host_queue responses; /* data complete */
	struct host_tr tr[2];	     /* load, store */
	struct dma_in last_in;
	struct dma_out last_out;
	const char *failed; /* first rule broken */
};

/* -ENOMEM or 0. */
int host_init(struct host *h, uint64_t seed);
void host_finish(struct host *h);
/* Every page valid and shuffled, no faults. */
void host_map_all(struct host *h);
/* What the MMU says: enum quern_fault. */
enum quern_fault host_translate(const struct host *h, uint64_t vaddr, bool write, uint64_t *paddr);
/* The offset in memory of a bus address, or -1 where the bus answers with an error. */
int64_t host_offset(const struct host *h, uint64_t paddr);

/* Inputs of this cycle; what follows from the outputs of this cycle. */
void host_drive(struct host *h, struct dma_in *in);
void host_observe(struct host *h, const struct dma_in *in, const struct dma_out *out);
bool host_quiet(const struct host *h);

#endif
