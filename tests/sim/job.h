/* SPDX-License-Identifier: Apache-2.0 */
/* Address spaces, command streams and jobs for the tests of this folder. */
#ifndef TESTS_SIM_JOB_H
#define TESTS_SIM_JOB_H

#include <quern/commands.h>

#include "chip.h"

/* Host memory of a chip: data from the start, page tables from the end. */
struct space {
	struct chip *chip;
	uint32_t asid;
	uint64_t root; /* bus address */
};

struct job_result {
	uint32_t state; /* enum quern_job_state */
	uint32_t fault;
	uint32_t unit;
	uint32_t index;
	uint64_t addr;
	uint64_t cycles; /* counter JOB_CYCLES */
};

#define STREAM_MAX 64

struct job {
	struct space *space;
	uint64_t stream; /* virtual address */
	uint64_t region[QUERN_NUM_REGIONS];
	uint32_t cmds[STREAM_MAX][QUERN_CMD_WORDS];
	uint32_t ncmds;
};

/* A space without mappings; asid is also its number among the spaces of the chip. */
void space_init(struct space *space, struct chip *chip, uint32_t asid);
/* Set the leaf for va at a level; missing tables are made. */
void space_set(struct space *space, uint64_t va, unsigned int level, uint64_t pte);
/* Map bytes from va, in 4 KiB pages that lie in reverse order from bus on. */
void space_map(struct space *space, uint64_t va, uint64_t bus, uint64_t bytes, bool writable);

/* A job whose stream will be at va, which is mapped writable. */
void job_init(struct job *job, struct space *space, uint64_t stream);
void job_op(struct job *job, enum quern_op op);
/* bytes between region 0 + offset and the scratchpad. */
void job_load(struct job *job, uint64_t offset, uint32_t spm, uint32_t bytes);
void job_store(struct job *job, uint64_t offset, uint32_t spm, uint32_t bytes);

/* Where va lies in host memory, through the tables. */
void *space_host(struct space *space, uint64_t va);

/* Add the job to the chip's script: registers, start, wait for its end, acknowledge. */
struct job_steps {
	unsigned int status;
	unsigned int index;
	unsigned int addr_lo;
	unsigned int addr_hi;
	unsigned int cycles;
};
struct job_steps job_script(struct job *job);
struct job_result job_result(const struct chip *chip, const struct job_steps *steps);
/* All in one: END is added, the chip runs, the result is read. */
struct job_result job_run(struct job *job);

#endif /* TESTS_SIM_JOB_H */
