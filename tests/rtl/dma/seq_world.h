/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What surrounds the sequencer in its bench: stream memory, MMU and bus, scrubber, and four engines that take random
 * time. It checks what the sequencer may never do, and keeps the counts that counters and trace are compared with.
 */
#ifndef TESTS_RTL_DMA_SEQ_WORLD_H
#define TESTS_RTL_DMA_SEQ_WORLD_H

#include "seq_job.h"
#include "seq_pins.h"

#define WORLD_HELD 20u
#define WORLD_EVENTS 4096u

struct world_cmd {
	uint32_t index;
	uint64_t when; /* cycle at which it is done, earliest */
};

struct world_engine {
	struct world_cmd held[WORLD_HELD];
	uint32_t count;
	uint32_t room; /* commands that it holds at most */
	uint32_t next; /* index from which its next command comes */
	bool dead;     /* has faulted, or is being flushed */
	uint64_t idle_at;
};

struct world_burst {
	uint64_t addr;
	uint32_t beats;
	uint64_t when;
};

struct world {
	struct seq_model *model;
	struct seq_in in;
	struct seq_out out;
	struct rng rng;
	const struct job *job; /* NULL: nothing may happen */
	const struct job *next; /* its stream may be fetched ahead */
	struct job_stop stop;
	uint8_t mem[JOB_WINDOW];
	uint64_t cycle;

	uint32_t latency; /* of the bus, cycles */
	uint32_t work;	  /* of a command, cycles at most */
	struct world_engine engine[SEQ_ENGINES];
	bool done[JOB_MAX];
	uint32_t all_done_below; /* commands below it are done */
	int32_t token[QUERN_NUM_TOKENS];

	bool tr_busy;
	uint64_t tr_when, tr_vaddr;
	struct world_burst burst[64];
	uint32_t burst_head, burst_count;

	uint32_t scrub_left;
	uint32_t scrubs;

	/* Counted as the chip should. */
	uint64_t run_cycles, busy[SEQ_ENGINES], beats, wr_bytes, conflicts;
	uint64_t event[WORLD_EVENTS]; /* the last ones, in TRACE_DATA format */
	uint32_t events;

	bool ended;
	const char *failed;
};

/* -ENOMEM or 0; out of reset afterwards. */
int world_init(struct world *w, uint64_t seed);
void world_finish(struct world *w);
/* The job's stream is in memory from here on. */
void world_store(struct world *w, const struct job *job);
/* Forgets the last job. */
void world_load(struct world *w, const struct job *job);
void world_cycle(struct world *w);

#endif
