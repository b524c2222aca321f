/* SPDX-License-Identifier: Apache-2.0 */
/* The Verilated quern_spm in C: fill `in`, spm_settle() gives the grants of this cycle, spm_clock() makes the edge. */
#ifndef TESTS_RTL_DMA_SPM_PINS_H
#define TESTS_RTL_DMA_SPM_PINS_H

#include <stdbool.h>
#include <stdint.h>

#define SPM_BYTES 65536u

/* In order of priority. */
enum spm_port {
	SPM_IFM,
	SPM_W,
	SPM_VA,
	SPM_VB,
	SPM_VW,
	SPM_LW,
	SPM_SR,
	SPM_PORTS,
};

struct spm_in {
	bool rst_n;
	bool scrub;
	bool req[SPM_PORTS];
	uint32_t addr[SPM_PORTS];     /* vectors; IFM: bytes */
	uint8_t wdata[SPM_PORTS][32]; /* VW and LW */
	uint32_t be;		      /* LW */
};

struct spm_out {
	bool gnt[SPM_PORTS];
	uint8_t rdata[SPM_PORTS][32]; /* of the grants of the last cycle */
	bool scrub_busy;
	uint32_t conflicts;
};

struct spm_model;

#ifdef __cplusplus
extern "C" {
#endif

/* What reset leaves alone comes from the seed. NULL if memory ran out. */
struct spm_model *spm_create(uint64_t seed);
void spm_destroy(struct spm_model *m);
void spm_settle(struct spm_model *m, const struct spm_in *in, struct spm_out *out);
void spm_clock(struct spm_model *m);

#ifdef __cplusplus
}
#endif

#endif
