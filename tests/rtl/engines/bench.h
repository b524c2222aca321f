/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engines on a scratchpad that refuses accesses at random, beside the functional model. A batch of commands is
 * executed by both; commands of different engines overlap as far as their order marks allow.
 */
#ifndef TESTS_RTL_ENGINES_BENCH_H
#define TESTS_RTL_ENGINES_BENCH_H

#include "engines_pins.h"
#include "func.h"
#include "lib/rng.h"

#define BATCH_MAX 48

struct bench_cmd {
	uint32_t w[QUERN_CMD_WORDS];
	int engine;
	uint32_t after; /* so many commands of the other engine must be done before this one starts */
	/* Filled by the run: cycles of acceptance and completion. */
	uint64_t accepted;
	uint64_t done;
};

struct batch {
	struct bench_cmd cmd[BATCH_MAX];
	uint32_t count;
	uint32_t first_index; /* command index of cmd[0] */
	uint64_t flush_at;    /* cycles from the start; 0: run to the end */
};

/* What a batch came to. */
struct outcome {
	bool hung;
	bool fault;
	bool flushed;
	int engine; /* that faulted */
	uint8_t kind;
	uint64_t addr;
	uint32_t index;
	uint32_t done[ENGINES];
	uint64_t cycles;
	uint64_t events[ENGINES][3];
};

struct bench {
	uint32_t n;
	struct engines_model *model;
	struct func_machine *func;
	struct engines_in in;
	struct engines_out out;
	struct rng rng;		   /* of grants */
	uint32_t grant_pct[PORTS]; /* 100: every request is granted */
	uint32_t offer_pct;	   /* cycles in which a command that may start is offered */
	uint64_t cycle;
	bool protocol_error;
	uint8_t spm[ENGINES_SPM_BYTES];
};

bool bench_init(struct bench *b, uint32_t n);
void bench_finish(struct bench *b);
void bench_cycle(struct bench *b);
/* Runs until all commands are done, a fault, or the flush. Engines are flushed after a fault. */
void bench_run(struct bench *b, struct batch *batch, struct outcome *o);
/* Zeroes accumulators and operands, as between address spaces. False if it does not end. */
bool bench_scrub(struct bench *b);
/* False, with a message, if scratchpad or accumulators differ from the functional model's. */
bool bench_compare(struct bench *b);
/* Makes the functional model's state the chip's. */
void bench_resync(struct bench *b);

#endif
