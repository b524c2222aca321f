/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the compiler's halves meet: the target a program is compiled for, what the back end produces, and the
 * file it becomes.
 */
#ifndef COMPILER_PROGRAM_H
#define COMPILER_PROGRAM_H

#include <stddef.h>
#include <stdint.h>
#include "ir.h"

/* About the longest that a job of higher priority waits; shorter jobs are not interrupted. At 1 GHz a millisecond. */
#define DEFAULT_YIELD_CYCLES 1000000

/* What the chip is built for. */
#define DEFAULT_BOARD ((struct board){.bus_bytes = 16, .bus_latency = 100})

/* The way to host memory. */
struct board {
	uint32_t bus_bytes;   /* a cycle, each way: 1, 2, 4, 8 or 16 */
	uint32_t bus_latency; /* cycles from a request to its first data or acknowledgement */
};

/* The chip, and what is wanted of the program. */
struct target {
	uint32_t array;	      /* N: 8, 16 or 32 */
	uint32_t spm_bytes;   /* scratchpad */
	uint32_t acc_entries; /* accumulator entries in one bank */
	uint32_t yield_cycles; /* stretch of a job after which it can be preempted, about; 0: DEFAULT_YIELD_CYCLES */
	struct board board;    /* predicted for; zeros: DEFAULT_BOARD */
};

/* Commands first..first+count-1 come from this source operator. */
struct cmd_range {
	uint32_t first;
	uint32_t count;
	uint32_t source; /* index in graph.sources (op->source) */
};

/*
 * Output of the back end; all memory belongs to the image and is freed by program_image_finish().
 * Tensor regions: graph.inputs[i] is region PROGRAM_REGION_TENSOR + i, graph.outputs[j] is region
 * PROGRAM_REGION_TENSOR + num_inputs + j.
 */
struct program_image {
	uint8_t *image; /* region PROGRAM_REGION_IMAGE: commands and constants, malloc'd */
	size_t image_bytes;
	size_t stream_offset;	  /* of the commands in the image, multiple of QUERN_CMD_BYTES */
	uint32_t ncmds;		  /* the last one is END */
	uint64_t arena_bytes;	  /* region PROGRAM_REGION_ARENA */
	struct cmd_range *ranges; /* sorted by first, not overlapping; malloc'd */
	uint32_t num_ranges;
	uint64_t *source_cycles; /* predicted cycles of each source operator, graph.num_sources entries, malloc'd */
	uint64_t cycles;	 /* predicted cycles of the job, overlap between operators included */
	uint64_t score;		 /* what the back end makes small; of no use outside */
	uint32_t spm_peak;	 /* bytes of scratchpad in use at most */
	uint64_t features;	 /* QUERN_FEATURE_* bits the commands need (as a mask) */
};

/*
 * The back end: tiles, allocates and emits the whole graph. On failure out is empty (all zero) and diag names
 * the operator and the reason; STATUS_TOO_BIG when a tile cannot fit the target, STATUS_UNSUPPORTED when the
 * chip cannot do it.
 */
enum status backend_compile(const struct graph *g, const struct target *target, struct program_image *out,
			    struct diag *diag);

/* Frees what the image owns and zeroes it. */
void program_image_finish(struct program_image *image);

#endif
