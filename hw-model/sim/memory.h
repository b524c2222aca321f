/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's bus and memory as the chip meets them: an AXI4 slave with a given latency and bandwidth.
 *
 * Reads of one ID are answered in order; bursts of different IDs whose latency is over take turns on the data channel.
 * Addresses are always accepted, for the chip bounds what it has outstanding. Nothing is allocated while it runs.
 */
#ifndef QUERN_SIM_MEMORY_H
#define QUERN_SIM_MEMORY_H

#include "model.h"
#include "quern_sim.h"

#define QUERN_MEMORY_IDS 4
/* The chip's limit for each ID and for writes in all (quern_bus MAX_READS), to the next power of two above. */
#define QUERN_MEMORY_DEPTH 64

struct quern_burst {
	uint64_t addr;
	uint64_t due;	/* cycle of the first data, or of the response */
	uint32_t beats; /* left */
	uint8_t id;
	bool error;
};

struct quern_burst_queue {
	struct quern_burst burst[QUERN_MEMORY_DEPTH];
	unsigned int head; /* free-running */
	unsigned int tail;
};

struct quern_memory {
	/* what is there */
	uint8_t *base;
	uint64_t bus_addr;
	uint64_t bytes;
	const struct quern_sim_memory_ops *ops;
	void *ctx;

	/* what it costs */
	uint32_t latency;
	uint32_t beat_cycles; /* cycles a beat occupies its data channel */
	bool jitter;
	uint64_t random;

	/* what is going on */
	struct quern_burst_queue reads[QUERN_MEMORY_IDS];
	struct quern_burst_queue writes; /* addresses waiting for data */
	struct quern_burst_queue responses;
	unsigned int outstanding; /* bursts of all queues, so that idle cycles cost nothing */
	int turn;		  /* ID whose burst has the read data channel, -1: none */
	unsigned int last;	  /* ID that had it last */
	uint64_t read_free;	  /* first cycle at which the read data channel can carry another beat */
	uint64_t write_free;
};

void quern_memory_init(struct quern_memory *memory, const struct quern_sim_params *params);

/* Drives the chip's inputs for the cycle that ends with the next clock edge. */
void quern_memory_step(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now);

static inline void quern_memory_cycle(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now)
{
	if (memory->outstanding || *pins->arvalid || *pins->awvalid || *pins->rvalid || *pins->bvalid)
		quern_memory_step(memory, pins, now);
}

#endif /* QUERN_SIM_MEMORY_H */
