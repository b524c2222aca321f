/* SPDX-License-Identifier: Apache-2.0 */
/* The Verilated seq_bench in C: fill `in`, seq_settle() gives the outputs of this cycle, seq_clock() makes the edge. */
#ifndef TESTS_RTL_DMA_SEQ_PINS_H
#define TESTS_RTL_DMA_SEQ_PINS_H

#include <stdbool.h>
#include <stdint.h>

#define SEQ_ENGINES 4

struct seq_in {
	bool rst_n;
	bool start;
	bool fetch;
	bool drop;
	uint8_t asid;
	uint64_t stream;
	uint32_t ncmds;
	uint32_t first;
	bool abort;
	bool preempt;
	bool force_scrub;
	bool scrub_busy;
	bool tr_done;
	uint64_t tr_paddr;
	uint8_t tr_fault;
	bool ar_ready;
	bool r_valid;
	uint8_t r_data[16];
	bool r_err;
	bool cmd_ready[SEQ_ENGINES];
	bool done[SEQ_ENGINES];
	bool fault[SEQ_ENGINES];
	uint8_t fault_kind;
	uint64_t fault_addr;
	uint32_t fault_index[SEQ_ENGINES];
	bool idle[SEQ_ENGINES];
	bool counter_clear;
	uint8_t wr_bytes;
	uint8_t conflicts;
	bool counter_re;
	uint8_t counter_sel;
	bool trace_enable;
	bool trace_clear;
	bool trace_storm; /* all eight events at once */
	uint32_t cycle;
	bool trace_re;
	uint32_t trace_index;
};

struct seq_out {
	bool running;
	bool fetch_busy;
	bool end;
	uint8_t end_state;
	uint8_t end_fault;
	uint8_t end_unit;
	uint32_t end_index;
	uint64_t end_addr;
	bool scrub;
	bool tr_valid;
	uint64_t tr_vaddr;
	bool ar_valid;
	uint64_t ar_addr;
	uint8_t ar_len;
	bool cmd_valid[SEQ_ENGINES];
	uint32_t cmd[SEQ_ENGINES][16];
	uint32_t cmd_index[SEQ_ENGINES];
	bool flush;
	uint64_t counter;
	uint32_t trace_head;
	uint32_t trace_dropped;
	uint64_t trace;
};

struct seq_model;

#ifdef __cplusplus
extern "C" {
#endif

/* What reset leaves alone comes from the seed. NULL if memory ran out. */
struct seq_model *seq_create(uint64_t seed);
void seq_destroy(struct seq_model *m);
void seq_settle(struct seq_model *m, const struct seq_in *in, struct seq_out *out);
void seq_clock(struct seq_model *m);

#ifdef __cplusplus
}
#endif

#endif
