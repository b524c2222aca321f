/* SPDX-License-Identifier: Apache-2.0 */
/* A register file and host memory that the firmware's logic runs against in unit tests. */
#ifndef QUERN_FW_TEST_FAKE_H
#define QUERN_FW_TEST_FAKE_H

#include "fw.h"

#define FAKE_HOST_BYTES (1u << 20)

struct fake {
	uint32_t reg[QUERN_BAR0_BYTES / 4];
	uint8_t host[FAKE_HOST_BYTES]; /* bus address = index */
	uint64_t cycle;
	uint32_t raised; /* vectors raised and not yet taken by the test */
	uint32_t starts; /* JOB_CTRL.start writes */
	uint32_t aborts;
	uint32_t preempts;
	bool stuck; /* abort does not end the job */
	bool dma_broken;
	bool dma_error; /* of the last transfer in parts */
	uint64_t dma_addr; /* prepared */
	const void *dma_tcm;
	uint32_t fetches; /* records that a doorbell has read */
	bool fetching; /* the firmware has not waited for the last of them */
	uint32_t run_asid; /* taken over by the last start */
	uint32_t run_first;
	uint32_t panic; /* code, 0 if none */
};

extern struct fake fake;

void fake_reset(void);
void fake_job_end(enum quern_job_state state, enum quern_fault fault, uint32_t index);
/* What the chip does when a doorbell finds DB_FETCH armed. */
void fake_doorbell(struct fw *fw, uint32_t ctx);
void *fake_at(uint64_t addr, uint32_t bytes);

#endif
