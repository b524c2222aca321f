/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Verilated engines_bench in C. A cycle: fill `in`, engines_settle() computes `out` before the clock edge (grants
 * do not change requests, so they can be filled in from a first settle), engines_clock() makes the edge.
 */
#ifndef TESTS_RTL_ENGINES_ENGINES_PINS_H
#define TESTS_RTL_ENGINES_ENGINES_PINS_H

#include <stdbool.h>
#include <stdint.h>

#define ENGINES_SPM_BYTES 65536u
#define ENGINES_MAX_N 32

enum { ENGINE_MATRIX, ENGINE_VECTOR, ENGINES };

/* Scratchpad ports. IFM addresses are bytes, the others vectors. */
enum { PORT_IFM, PORT_W, PORT_VA, PORT_VB, PORT_VW, PORTS };

struct engine_out {
	bool ready;
	bool done;
	bool fault;
	uint8_t fault_kind;
	uint64_t fault_addr;
	uint32_t fault_index;
	bool idle;
	uint8_t events; /* bit 0 busy, 1 waiting for weights or parameters, 2 waiting for a bank */
};

struct engines_in {
	bool rst_n;
	bool scrub;
	uint32_t cmd[16];
	uint32_t cmd_index;
	bool valid[ENGINES];
	bool flush[ENGINES];
	bool gnt[PORTS];
	uint8_t rdata[PORTS][ENGINES_MAX_N];
	bool dump;
	uint32_t dump_addr;
};

struct engines_out {
	bool scrub_busy;
	struct engine_out engine[ENGINES];
	bool req[PORTS];
	uint32_t addr[PORTS];
	uint8_t wdata[ENGINES_MAX_N];
	int32_t dump[ENGINES_MAX_N];
};

struct engines_model;

#ifdef __cplusplus
extern "C" {
#endif

/* NULL if memory ran out. */
struct engines_model *engines_create(void);
void engines_destroy(struct engines_model *m);
void engines_settle(struct engines_model *m, const struct engines_in *in, struct engines_out *out);
void engines_clock(struct engines_model *m);

#ifdef __cplusplus
}
#endif

#endif
