/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a stream on the functional model in another order than the stream's: queues for four engines, tokens counted at
 * completion, and a seeded choice of who goes next. A race-free stream must give the same bytes in every such order.
 * At YIELD, scratchpad and accumulators are overwritten with noise: they are dead there.
 */
#ifndef TESTS_STREAM_INTERLEAVE_H
#define TESTS_STREAM_INTERLEAVE_H

#include "func.h"
#include "stream.h"

enum interleave_outcome { INTERLEAVE_DONE, INTERLEAVE_FAULT, INTERLEAVE_DEADLOCK };

struct interleave_result {
	enum interleave_outcome outcome;
	struct func_fault fault;
	uint32_t index; /* of the faulting command */
};

/* The machine's space must be set; config describes the machine. */
void interleave_run(struct func_machine *m, const struct func_config *config, const struct stream *s, uint64_t seed,
		    struct interleave_result *result);

#endif
