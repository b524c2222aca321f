/* SPDX-License-Identifier: Apache-2.0 */
/* The chip: its Verilated library, found beside this program or in QUERN_RTL_DIR. */
#ifndef HW_MODEL_COSIM_CHIP_H
#define HW_MODEL_COSIM_CHIP_H

#include "load.h"

struct cosim_chip_options {
	uint32_t array; /* N of N x N */
	bool jitter;	/* bus latency drawn from seed */
	uint64_t seed;
	const char *trace;   /* FST file, NULL: none */
	uint64_t trace_from; /* cycles */
	uint64_t trace_to;
};

/* False with a message on stderr. */
bool cosim_chip_open(const struct cosim_chip_options *options, struct quern_sim_api *api, struct quern_sim **sim);
void cosim_chip_close(struct quern_sim_api *api, struct quern_sim *sim);

#endif
