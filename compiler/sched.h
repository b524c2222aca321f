/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From commands that are correct in order to commands that overlap. Passes, in this order:
 *   sched_deps.c   which commands of other engines each command must follow (hazards on scratchpad, accumulators, host memory)
 *   sched_order.c  simulated start of each command, and the stream in that order: the in-order dispatch then never holds back an engine
 *   sched_sync.c   tokens: one counter per pair of engines, and only for orderings that nothing else implies
 */
#ifndef COMPILER_SCHED_H
#define COMPILER_SCHED_H

#include "backend.h"

/* Memory that a command touches: nested runs of len bytes (entries of ACC). */
enum space {
	SPACE_SPM,
	SPACE_ACC,
	SPACE_HOST,
};

#define ACCESS_DIMS 6

struct access {
	enum space space;
	bool write;
	uint8_t region; /* SPACE_HOST */
	uint64_t base;
	uint64_t len;
	int dims; /* strides ascending and above len: runs do not overlap within the inner dimension */
	uint64_t count[ACCESS_DIMS];
	uint64_t stride[ACCESS_DIMS];
};

#define MAX_ACCESSES 6

/* sched_access.c: what a packed command touches; returns the number of accesses. */
int sched_accesses(const struct backend *be, const uint32_t *w, struct access *a);

/* sched_order.c: orders and synchronises the emitted commands. */
void sched_run(struct backend *be);
/* sched_predict.c: predicted cycles of the job on the board, and of each source operator (num_sources entries, or NULL). */
uint64_t sched_predict(struct backend *be, const struct board *board, uint64_t *source_cycles);
/* Passes over a stretch of commands between two YIELDs. */
/* sched_deps.c: sets after[] of each command. */
void sched_deps(struct backend *be, struct emit *e);
/* sched_sync.c: sets the wait and signal masks of commands in stream order; order[] maps stream position to command. */
void sched_sync(struct backend *be, struct emit *e, const uint32_t *order);

#endif
