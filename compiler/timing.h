/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the chip executes a stream: a simulation of sequencer, tokens, bus and engines, command by command and burst by burst. It computes
 * no data and follows the rules of the RTL, not its signals: within a few per cent, ten thousand times as fast. Predictions come from here.
 *
 * Not modelled: conflicts of the engines in the banks of the scratchpad (a few per cent of the slower engines' cycles), where the host puts
 * buffers, and what else the host's memory does.
 */
#ifndef COMPILER_TIMING_H
#define COMPILER_TIMING_H

#include <stdbool.h>
#include <stdint.h>
#include "program.h"

struct cmd;

struct timing_machine {
	uint32_t n; /* array size */
	struct board board;
	uint64_t region_bytes[QUERN_NUM_REGIONS];
	uint64_t stream_offset; /* in the region of the image */
};

/*
 * Commands in stream order, without END. Sets start (accepted by the engine) and end (completed) of each, in cycles from the doorbell,
 * and the cycles until the interrupt. STATUS_INTERNAL if the stream blocks itself.
 */
enum status timing_run(const struct timing_machine *m, struct cmd *cmds, uint32_t count, uint64_t *cycles);

#endif
