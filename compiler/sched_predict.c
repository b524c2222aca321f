/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Predictions. An operator is charged as `accel-run --profile` charges it: in order, for what it adds to the end of the program. So operators
 * that share their tiles (plan_fuse.c) compare with the measurement one by one: the first of them bears what both take.
 */
#include <stdlib.h>
#include "cost.h"
#include "sched.h"
#include "timing.h"

static struct timing_machine machine_of(const struct backend *be, const struct board *board)
{
	const struct graph *g = be->g;
	struct timing_machine m = {.n = be->n, .board = *board, .stream_offset = be->pool.size};

	m.region_bytes[QUERN_PROGRAM_REGION_IMAGE] = be->pool.size + (uint64_t)be->emit.count * QUERN_CMD_BYTES;
	m.region_bytes[QUERN_PROGRAM_REGION_ARENA] = be->arena_bytes;
	for (int i = 0; i < g->num_inputs; i++)
		m.region_bytes[QUERN_PROGRAM_REGION_TENSOR + i] = g->inputs[i]->bytes;
	for (int i = 0; i < g->num_outputs; i++)
		m.region_bytes[QUERN_PROGRAM_REGION_TENSOR + g->num_inputs + i] = g->outputs[i]->bytes;
	return m;
}

/* Ends of the operators, then what each adds. end: start of the sequencer. */
static void charge(const struct backend *be, uint64_t end, uint64_t *source_cycles)
{
	for (uint32_t i = 0; i < be->emit.count; i++) {
		const struct cmd *c = &be->emit.cmds[i];

		if (c->unit != QUERN_UNIT_SEQ && c->end > source_cycles[c->source])
			source_cycles[c->source] = c->end;
	}
	for (uint32_t i = 0; i < be->g->num_sources; i++) {
		uint64_t own = source_cycles[i];

		source_cycles[i] = own > end ? own - end : 0;
		end = own > end ? own : end;
	}
}

uint64_t sched_predict(struct backend *be, const struct board *board, uint64_t *source_cycles)
{
	struct timing_machine m = machine_of(be, board);
	uint64_t cycles = 0;
	enum status status = timing_run(&m, be->emit.cmds, be->emit.count, &cycles);

	if (status != STATUS_OK) {
		be_fail(be, status, status == STATUS_NO_MEMORY ? "out of memory" : "the stream blocks itself");
		return 0;
	}
	if (source_cycles)
		charge(be, COST_JOB_START(board->bus_latency), source_cycles);
	return cycles;
}
