// SPDX-License-Identifier: Apache-2.0
/* Address spaces, command streams and jobs: see job.h. */
#include <string.h>

#include <quern/sv39.h>

#include "job.h"
#include "lib/commands.h"

#define SPACE_BYTES (256u * 4096)

/* Tables of a space: its first word of the area counts the pages taken. */
static uint64_t area_of(const struct space *space)
{
	return HOST_BYTES - (space->asid + 1) * (uint64_t)SPACE_BYTES;
}

static uint64_t take_table(struct space *space)
{
	uint32_t *taken = (uint32_t *)(space->chip->host + area_of(space));
	uint64_t page = area_of(space) + ++*taken * 4096ull;

	assert_true(*taken < SPACE_BYTES / 4096);
	memset(space->chip->host + page, 0, 4096);
	return HOST_BASE + page;
}

static uint64_t *entry_at(struct space *space, uint64_t table, unsigned int index)
{
	return (uint64_t *)(space->chip->host + (table - HOST_BASE)) + index;
}

void space_init(struct space *space, struct chip *chip, uint32_t asid)
{
	space->chip = chip;
	space->asid = asid;
	memset(chip->host + area_of(space), 0, 4096);
	space->root = take_table(space);
}

void space_set(struct space *space, uint64_t va, unsigned int level, uint64_t pte)
{
	uint64_t table = space->root;
	uint64_t *entry;
	unsigned int l;

	for (l = 2; l > level; l--) {
		entry = entry_at(space, table, quern_sv39_index(va, l));
		if (!*entry)
			*entry = quern_pte_table(take_table(space));
		table = quern_pte_bus(*entry);
	}
	*entry_at(space, table, quern_sv39_index(va, level)) = pte;
}

void space_map(struct space *space, uint64_t va, uint64_t bus, uint64_t bytes, bool writable)
{
	uint64_t at;

	for (at = 0; at < bytes; at += 4096)
		space_set(space, va + at, 0, quern_pte_leaf(bus + (bytes - 4096 - at), writable));
}

static int read_entry(void *ctx, uint64_t bus, uint64_t *pte)
{
	struct chip *chip = ctx;

	if (bus < HOST_BASE || bus >= HOST_BASE + HOST_BYTES)
		return -1;
	memcpy(pte, chip->host + (bus - HOST_BASE), 8);
	return 0;
}

void *space_host(struct space *space, uint64_t va)
{
	struct quern_sv39_result r = quern_sv39_walk(read_entry, space->chip, space->root, va, false);

	assert_int_equal(r.fault, QUERN_FAULT_NONE);
	return space->chip->host + (r.bus - HOST_BASE);
}

void job_init(struct job *job, struct space *space, uint64_t stream)
{
	memset(job, 0, sizeof(*job));
	job->space = space;
	job->stream = stream;
}

static uint32_t *next(struct job *job)
{
	assert_true(job->ncmds < STREAM_MAX);
	return job->cmds[job->ncmds++];
}

void job_op(struct job *job, enum quern_op op)
{
	next(job)[0] = op;
}

void job_load(struct job *job, uint64_t offset, uint32_t spm, uint32_t bytes)
{
	pack_copy(next(job), QUERN_OP_LOAD, 0, offset, spm, bytes);
}

void job_store(struct job *job, uint64_t offset, uint32_t spm, uint32_t bytes)
{
	pack_copy(next(job), QUERN_OP_STORE, 0, offset, spm, bytes);
}

static void write_stream(struct job *job)
{
	uint32_t i;

	for (i = 0; i < job->ncmds; i++)
		memcpy(space_host(job->space, job->stream + (uint64_t)i * QUERN_CMD_BYTES), job->cmds[i],
		       QUERN_CMD_BYTES);
}

struct job_steps job_script(struct job *job)
{
	struct chip *chip = job->space->chip;
	struct job_steps steps;
	unsigned int i;

	write_stream(job);
	script_write(chip, QUERN_REG_ASID_ROOT(job->space->asid), 1u << 31 | (uint32_t)(job->space->root >> 12));
	for (i = 0; i < QUERN_NUM_REGIONS; i++) {
		script_write(chip, QUERN_REG_REGION_LO(i), (uint32_t)job->region[i]);
		script_write(chip, QUERN_REG_REGION_HI(i), (uint32_t)(job->region[i] >> 32));
	}
	script_write(chip, QUERN_REG_JOB_ASID, job->space->asid);
	script_write(chip, QUERN_REG_JOB_STREAM_LO, (uint32_t)job->stream);
	script_write(chip, QUERN_REG_JOB_STREAM_HI, (uint32_t)(job->stream >> 32));
	script_write(chip, QUERN_REG_JOB_NCMDS, job->ncmds);
	script_write(chip, QUERN_REG_JOB_FIRST, 0);
	script_write(chip, QUERN_REG_CORE_IRQ_ENABLE, 4);
	script_write(chip, QUERN_REG_CORE_IRQ_STATUS, 4);
	script_write(chip, QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_START_MASK);
	chip_script(chip, SCRIPT_SLEEP, 0, 0, 0);
	steps.status = script_read(chip, QUERN_REG_JOB_STATUS);
	steps.index = script_read(chip, QUERN_REG_JOB_INDEX);
	steps.addr_lo = script_read(chip, QUERN_REG_FAULT_ADDR_LO);
	steps.addr_hi = script_read(chip, QUERN_REG_FAULT_ADDR_HI);
	steps.cycles = script_read(chip, QUERN_REG_COUNTER(QUERN_COUNTER_JOB_CYCLES));
	script_write(chip, QUERN_REG_JOB_CTRL, QUERN_JOB_CTRL_ACK_MASK);
	return steps;
}

struct job_result job_result(const struct chip *chip, const struct job_steps *steps)
{
	uint32_t status = chip_result(chip, steps->status);

	return (struct job_result){
		.state = (status & QUERN_JOB_STATUS_STATE_MASK) >> QUERN_JOB_STATUS_STATE_LSB,
		.fault = (status & QUERN_JOB_STATUS_FAULT_MASK) >> QUERN_JOB_STATUS_FAULT_LSB,
		.unit = (status & QUERN_JOB_STATUS_UNIT_MASK) >> QUERN_JOB_STATUS_UNIT_LSB,
		.index = chip_result(chip, steps->index),
		.addr = chip_result(chip, steps->addr_lo) | (uint64_t)chip_result(chip, steps->addr_hi) << 32,
		.cycles = chip_result(chip, steps->cycles),
	};
}

struct job_result job_run(struct job *job)
{
	struct job_steps steps;

	job_op(job, QUERN_OP_END);
	steps = job_script(job);
	chip_execute(job->space->chip);
	return job_result(job->space->chip, &steps);
}
