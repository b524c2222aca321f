/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random legal commands. Results of the vector engine go to the upper part of the scratchpad, the matrix engine mostly
 * reads the lower part, so that the two engines' commands seldom have to wait for each other.
 */
#ifndef TESTS_RTL_ENGINES_GEN_H
#define TESTS_RTL_ENGINES_GEN_H

#include "bench.h"

#define GEN_OUT_BASE 24576u /* results of the vector engine lie above */

struct gen {
	struct rng rng;
	uint32_t n;
	uint8_t *spm;  /* may be written while commands are made: sane parameters and tables */
	uint32_t only; /* opcode; 0: all */
	/* Made last: what a command follows closely tests the engines' interlocks. */
	uint32_t last_acc; /* last accumulator of a matrix command */
	uint32_t last_out; /* first byte of a vector command's results */
};

/* Where a command reads and writes, as far as order needs it. */
struct gen_use {
	uint32_t acc_lo, acc_hi; /* accumulators, hi excluded */
	bool reads_results;	 /* matrix command that reads the upper part */
};

/* A loop of an address: n iterations, stride in bytes, may be negative. */
struct gen_loop {
	uint32_t n;
	int32_t stride;
};

/* Bytes that a nest of loops touches, relative to its base. */
struct gen_span {
	int64_t lo;
	int64_t hi; /* first byte above */
};

struct gen_span gen_span(const struct gen_loop *loops, uint32_t count, uint32_t access_bytes);
/* A base, multiple of align, that keeps the span inside [from, to). It must fit. */
uint32_t gen_base(struct gen *g, struct gen_span span, uint32_t from, uint32_t to, uint32_t align);
/* So many accumulators of one bank, sometimes its last ones. */
uint16_t gen_acc(struct gen *g, uint32_t entries, struct gen_use *use);

void gen_conv(struct gen *g, uint32_t *w, struct gen_use *use);
void gen_dwconv(struct gen *g, uint32_t *w, struct gen_use *use);
void gen_requant(struct gen *g, uint32_t *w, struct gen_use *use);
void gen_eltwise(struct gen *g, uint32_t *w);
void gen_pool(struct gen *g, uint32_t *w);
void gen_map(struct gen *g, uint32_t *w);
void gen_softmax(struct gen *g, uint32_t *w);

/* count commands with the order marks they need; matrix_pct of them for the matrix engine. */
void gen_batch(struct gen *g, struct batch *batch, uint32_t count, uint32_t matrix_pct);

#endif
