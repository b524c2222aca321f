/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cycles of the engines, as the RTL takes them when nothing stalls. Used to choose tiles, to order commands, and for predictions.
 */
#ifndef COMPILER_COST_H
#define COMPILER_COST_H

#include <stdint.h>

/* Host bus: bytes per cycle, cycles from a request to its first data or acknowledgement. */
#define COST_BUS_BYTES 16
#define COST_BUS_LATENCY 100
/* Cycles between two commands of one engine, and from the end of an engine's work to visible results. */
#define COST_MATRIX_START 2
#define COST_MATRIX_DRAIN 8
#define COST_VECTOR_START 4
#define COST_VECTOR_DRAIN 8
#define COST_DMA_START 4
/* From a signal to the start of the command that waits for it. */
#define COST_TOKEN 4
/* Between two commands that the sequencer dispatches: 64 bytes of stream at the bus width. */
#define COST_DISPATCH 4
/* A YIELD: the engines are idle while the stream starts again. */
#define COST_YIELD 150
/* Commands that wait in the queue of an engine. */
#define COST_QUEUE_DEPTH 8
/* SOFTMAX: cycles per vector of a row (three passes), and per row for the reciprocal. */
#define COST_SOFTMAX_PASSES 3
#define COST_SOFTMAX_ROW 32

struct backend;
struct cmd;

/* Sets busy and latency of a packed command. */
void cost_command(const struct backend *be, struct cmd *c);

/* A tile of pixels over steps weight blocks of n x n. */
static inline uint64_t cost_conv(uint64_t pixels, uint64_t steps, uint32_t n)
{
	return COST_MATRIX_START + steps * (pixels > n ? pixels : n);
}

#endif
