/* SPDX-License-Identifier: Apache-2.0 */
/* The DMA engines in their environment, beside the functional model: runs batches of commands on both and compares. */
#ifndef TESTS_RTL_DMA_BENCH_H
#define TESTS_RTL_DMA_BENCH_H

#include "host.h"

#define BATCH_MAX 24u

enum bench_engine {
	BENCH_LOAD,
	BENCH_STORE,
	BENCH_ENGINES,
};

struct batch {
	uint32_t count;
	uint32_t cmd[BATCH_MAX][16];
	enum bench_engine engine[BATCH_MAX];
};

/* What an engine has been given and has done. */
struct bench_track {
	uint32_t next;	   /* command of the batch to offer, or batch.count */
	uint32_t accepted; /* in all */
	uint32_t done;
	bool faulted;
	struct dma_engine_out fault;
};

struct bench {
	uint32_t n;
	struct dma_model *model;
	struct host host;
	struct func_machine *func;
	uint8_t *func_mem;
	struct rng rng;
	struct dma_in in;
	struct dma_out out;
	struct bench_track track[BENCH_ENGINES];
	const struct batch *batch;
	uint32_t noise_pct; /* chance that another port of the scratchpad asks */
	uint64_t cycles;
	uint64_t written_bytes;
};

/* -ENOMEM or 0. Scrubbed and idle afterwards. */
int bench_init(struct bench *b, uint32_t n, uint64_t seed);
void bench_finish(struct bench *b);

void bench_cycle(struct bench *b);
/* Gives the batch to the engines; bench_cycle() then offers the commands. */
void bench_start(struct bench *b, const struct batch *batch);
/* All commands done, or an engine has faulted. */
bool bench_over(const struct bench *b);
/* Flushes both engines until they are idle; false if they do not become idle. */
bool bench_flush(struct bench *b);
/* Reads the whole scratchpad of the chip. */
void bench_read_spm(struct bench *b, uint8_t *spm);
/* Makes the functional model's scratchpad and memory those of the chip. */
void bench_adopt(struct bench *b, const uint8_t *spm);
/* NULL, or what is wrong. */
const char *bench_problem(const struct bench *b);

#endif
