/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of timing.h. Every part of the chip that acts by itself is an agent with the cycle of its next action, or TIMING_NEVER while it
 * waits for another one, who then plans it anew. timing.c always runs the earliest.
 */
#ifndef COMPILER_TIMING_SIM_H
#define COMPILER_TIMING_SIM_H

#include "emit.h"
#include "timing.h"

#define TIMING_NEVER UINT64_MAX
/* The chip's: commands queued for an engine, accepted and not done; bursts in flight. Powers of two. */
#define TIMING_QUEUE 8
#define TIMING_HELD 16
#define TIMING_BURSTS 32
/* Arrived and not dispatched: what is fetched ahead. */
#define TIMING_ARRIVALS 32
#define TIMING_TLB_SETS 16
#define TIMING_TLB_WAYS 4

enum timing_unit_id {
	TU_LOAD,
	TU_STORE,
	TU_MATRIX,
	TU_VECTOR,
	TU_COUNT
};

enum timing_agent {
	TA_FETCH,
	TA_BUS,
	TA_LOAD,
	TA_DISPATCH,
	TA_ISSUE,			  /* first of TU_COUNT */
	TA_DONE = TA_ISSUE + TU_COUNT,	  /* first of TU_COUNT */
	TA_COUNT = TA_DONE + TU_COUNT,
};

/* What the sequencer keeps for an engine. Counters run on; index = counter mod size. */
struct timing_unit {
	uint32_t queue[TIMING_QUEUE];
	uint64_t known[TIMING_QUEUE]; /* when the head can ask for its tokens */
	uint32_t queued, accepted;    /* commands put into and taken from the queue */
	uint32_t held[TIMING_HELD];
	uint64_t done[TIMING_HELD]; /* TIMING_NEVER: not known yet */
	uint32_t completed;
	uint64_t ready; /* when the engine takes another */
};

struct timing_burst {
	uint64_t due; /* first cycle in which memory can answer */
	uint32_t beats;
};

/* Bursts that a read client waits for. */
struct timing_client {
	struct timing_burst burst[2 * TIMING_BURSTS];
	uint32_t asked, answered;
};

enum timing_client_id {
	TC_FETCH,
	TC_LOAD,
	TC_COUNT
};

struct timing_line {
	uint64_t tag;
	uint64_t ready;
};

/* What the load engine writes, in order: the data of a burst, or a FILL. */
struct timing_item {
	uint64_t from;	 /* not before; of a burst TIMING_NEVER until it is answered */
	uint32_t cycles; /* of the scratchpad port */
	uint32_t beats;	 /* of a burst */
	bool last;	 /* ends its command */
};

#define TIMING_ITEMS (4 * TIMING_BURSTS)
/* More than bursts of one word fit the load engine's FIFO. */
#define TIMING_RELEASES 512

struct timing_load {
	bool active;
	struct quern_cmd_load c; /* being cut into bursts */
	uint32_t i1, i2, i3;
	uint64_t host, left; /* rest of the run: address, bytes */
	uint32_t spm;
	struct timing_item item[TIMING_ITEMS];
	uint32_t put, arrived, taken; /* items made, seen by the bus side, written */
	uint64_t free_at;	      /* the scratchpad side */
	uint32_t reserved;	      /* beats asked for and not written */
	struct {
		uint64_t at;
		uint32_t beats;
	} release[TIMING_RELEASES]; /* when they will be */
	uint32_t release_put, release_taken;
};

struct timing_store {
	uint64_t free_at;		  /* the write channel */
	uint64_t response[TIMING_BURSTS]; /* of the last bursts */
	uint32_t bursts;
};

/* When the matrix engine reads a bank of the accumulators in every cycle. */
struct timing_span {
	uint64_t from, to;
	uint32_t bank;
};

struct timing_matrix {
	uint64_t fetched; /* all weights of the last command are in the array or its shadow */
	uint64_t last;	  /* last vector of the last command has been read */
	uint64_t take;	  /* the shadow became free for the next command's first block */
	struct timing_span span[TIMING_HELD];
	uint32_t spans;
};

struct timing_sim {
	const struct timing_machine *m;
	struct cmd *cmds;
	uint32_t count;
	uint64_t now;
	uint64_t next[TA_COUNT];
	struct timing_unit unit[TU_COUNT];
	uint32_t tokens[QUERN_NUM_TOKENS];
	uint32_t beat_cycles;

	/* Sequencer: commands asked for, arrived, dispatched. */
	uint32_t asked, arrived, dispatched;
	uint64_t arrival[TIMING_ARRIVALS];
	uint64_t fetch_ready, dispatch_ready;

	struct timing_client client[TC_COUNT];
	uint64_t bus_free;
	int bus_last;
	struct timing_line tlb[TIMING_TLB_SETS][TIMING_TLB_WAYS];
	uint32_t tlb_next[TIMING_TLB_SETS];
	bool walked; /* upper levels are known */

	struct timing_load load;
	struct timing_store store;
	struct timing_matrix matrix;
	uint64_t vector_done; /* of the last command that has left the engine */
	uint64_t vector_last; /* its last operand was read */
	bool vector_requant;
};

static inline uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* timing_bus.c */
void timing_fetch(struct timing_sim *s);
void timing_plan_fetch(struct timing_sim *s);
void timing_bus(struct timing_sim *s);
/* Cycle in which the translation of an access that begins at `at` is there. */
uint64_t timing_translate(struct timing_sim *s, uint32_t region, uint64_t offset, uint64_t at);
void timing_ask(struct timing_sim *s, enum timing_client_id client, uint64_t at, uint32_t beats);

/* timing_dma.c */
void timing_load(struct timing_sim *s);
void timing_load_accept(struct timing_sim *s, const struct cmd *c);
void timing_load_data(struct timing_sim *s, uint64_t end);
void timing_store_accept(struct timing_sim *s, const struct cmd *c);

/* timing_engine.c */
void timing_matrix_accept(struct timing_sim *s, const struct cmd *c);
void timing_vector_accept(struct timing_sim *s);
void timing_vector_complete(struct timing_sim *s, const struct cmd *c);

/* timing.c: anew, after a command has arrived. */
void timing_plan_dispatch(struct timing_sim *s);
/* When the nth command that an engine has accepted completes; from when it takes another. */
void timing_set_done(struct timing_sim *s, int unit, uint32_t nth, uint64_t at);
void timing_set_ready(struct timing_sim *s, int unit, uint64_t at);

#endif
