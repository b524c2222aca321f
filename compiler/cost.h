/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cycles of the chip's parts, from the rules of the RTL. What an engine takes for a command when nothing stalls is for choosing tiles and the
 * order of commands; predictions come from timing.h, which uses the same numbers.
 */
#ifndef COMPILER_COST_H
#define COMPILER_COST_H

#include <stdint.h>

/*
 * Around the job, in firmware and hardware, cycles and accesses to host memory: from the doorbell to the first fetch of commands, to the start
 * of the sequencer, and from the end of the stream to the interrupt. The one place that knows; the bench compares.
 */
#define COST_JOB_FETCH 20
#define COST_JOB_START(latency) (168 + 3 * (latency) / 2)
#define COST_JOB_END(latency) (55 + (latency))

/* Bus words have 16 bytes; a slower bus takes several cycles for one. Latency of the chip's own registers on the way. */
#define COST_BUS_WORD 16
#define COST_BUS_REGISTERS 3
/* Translation: of a page that is known; levels of the first walk; bus words of a level; cycles beside them. */
#define COST_TRANSLATE 2
#define COST_WALK_LEVELS 3
#define COST_WALK_BEATS 4
#define COST_WALK_EXTRA 6
/* Sequencer: bus words of a command, commands fetched ahead, from the last word to dispatch, between two dispatches, from there to the head
 * of the engine's queue, from a completion to the start of the command that waits for its token, after the last completion. */
#define COST_CMD_BEATS 4
#define COST_FETCH_AHEAD 16
#define COST_CHECK 3
#define COST_DISPATCH 4
#define COST_QUEUE 3
#define COST_TOKEN 3
#define COST_END 6
/* DMA engines: from acceptance to the first burst, from the last beat to the scratchpad, from there to completion, from acceptance to
 * the first word on the write channel. */
#define COST_DMA_ACCEPT 2
#define COST_LOAD_WRITE 2
#define COST_LOAD_DONE 2
#define COST_STORE_READ 6
/* Matrix and vector engine: checks of an accepted command, from the last row of weights to their use, from the last operand to completion. */
#define COST_ENGINE_CHECK 3
#define COST_MATRIX_SWAP 2
#define COST_MATRIX_DRAIN 6
#define COST_REQUANT_DRAIN 10
#define COST_ELTWISE_DRAIN 14
#define COST_MAP_DRAIN 6
#define COST_VECTOR_DRAIN 10
/* REQUANT: its parameters; cycles in which results before it may still be on their way. */
#define COST_PARAM_VECTORS 9
#define COST_PARAM_WAIT 9
/* SOFTMAX: cycles per element, per vector and per row. */
#define COST_SOFTMAX_ELEMENT 2
#define COST_SOFTMAX_VECTOR 12
#define COST_SOFTMAX_ROW 32

struct backend;
struct cmd;

struct quern_cmd_softmax;

/* Cycles at work. */
uint64_t cost_softmax(const struct quern_cmd_softmax *s, uint32_t n);
/* Sets busy and latency of a packed command. */
void cost_command(const struct backend *be, struct cmd *c);

/* A tile of pixels over steps weight blocks of n x n. */
static inline uint64_t cost_conv(uint64_t pixels, uint64_t steps, uint32_t n)
{
	return steps * (pixels > n ? pixels : n);
}

#endif
