// SPDX-License-Identifier: Apache-2.0
/* Jobs end to end: streams through translation, faults, isolation, abort, preemption, bandwidth, counters, traces. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <quern/sv39.h>

#include "groups.h"
#include "job.h"

#define VA_STREAM 0x10000ull
#define VA_IN 0x3fff0000ull /* the input crosses a table of level 0, and one of level 1 */
#define VA_OUT 0x2000000000ull
#define BUS_STREAM (HOST_BASE + 0x1000)
#define BUS_IN (HOST_BASE + 0x10000)
#define BUS_OUT (HOST_BASE + 0x210000)
#define AREA_BYTES 0x100000ull

static void open_space(struct space *space, struct chip *chip, uint32_t asid)
{
	space_init(space, chip, asid);
	space_map(space, VA_STREAM, BUS_STREAM, 0x2000, true);
	space_map(space, VA_IN, BUS_IN, AREA_BYTES, false);
	space_map(space, VA_OUT, BUS_OUT, AREA_BYTES, true);
}

static void fill_random(struct chip *chip, uint64_t bus, uint64_t bytes)
{
	uint64_t word;
	uint64_t i;

	for (i = 0; i < bytes; i += 8) {
		word = rng_u64(&chip->rng);
		memcpy(chip->host + (bus - HOST_BASE) + i, &word, 8);
	}
}

static void check_copy(struct space *space, uint64_t from, uint64_t to, uint64_t bytes)
{
	uint64_t i;

	for (i = 0; i < bytes; i++)
		assert_int_equal(*(uint8_t *)space_host(space, to + i), *(uint8_t *)space_host(space, from + i));
}

/* LOAD to the scratchpad and STORE from it, with any alignment; returns the job's cycles. */
static uint64_t copy(struct chip *chip, uint32_t bytes, uint32_t offset)
{
	struct job_result r;
	struct space space;
	struct job job;

	open_space(&space, chip, 3);
	fill_random(chip, BUS_IN, AREA_BYTES);
	job_init(&job, &space, VA_STREAM);
	job_load(&job, VA_IN + offset, 0, bytes);
	job_op(&job, QUERN_OP_BARRIER);
	job_store(&job, VA_OUT + 3 * offset, 0, bytes);
	r = job_run(&job);
	assert_int_equal(r.state, QUERN_JOB_STATE_DONE);
	check_copy(&space, VA_IN + offset, VA_OUT + 3 * offset, bytes);
	return r.cycles;
}

static void copies(void **state)
{
	struct chip *chip = *state;

	copy(chip, 1, 0);
	copy(chip, 16, 0);
	copy(chip, 4096, 0);
	copy(chip, 70001, 5);
	copy(chip, 40000, 15 * 4096 + 4095);
}

/* The same cycles again, and in the build with assertions, which powers up with other contents. */
static void deterministic(void **state)
{
	const uint32_t flags = chip_params.flags;
	uint64_t cycles = copy(*state, 50000, 77);
	uint64_t total = quern_sim_cycles(((struct chip *)*state)->sim);
	struct chip other;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		chip_params.flags = i ? flags ^ QUERN_SIM_CHECK : flags;
		chip_open(&other);
		chip_params.flags = flags;
		assert_int_equal(copy(&other, 50000, 77), cycles);
		assert_int_equal(quern_sim_cycles(other.sim), total);
		chip_close(&other);
	}
	copy(*state, 100, 1); /* one chip's end is not another's */
}

static void large_pages(void **state)
{
	struct chip *chip = *state;
	struct space space;
	struct job_result r;
	struct job job;

	space_init(&space, chip, 1);
	space_map(&space, VA_STREAM, BUS_STREAM, 0x1000, true);
	space_set(&space, 0x40000000, 2, quern_pte_leaf(HOST_BASE, false));
	space_set(&space, VA_OUT, 1, quern_pte_leaf(HOST_BASE + 0x200000, true));
	fill_random(chip, HOST_BASE + 0x20000, 0x20000);
	job_init(&job, &space, VA_STREAM);
	job_load(&job, 0x40000000 + 0x20000, 0, 0x20000);
	job_op(&job, QUERN_OP_BARRIER);
	job_store(&job, VA_OUT + 0x1234, 0, 0x20000);
	r = job_run(&job);
	assert_int_equal(r.state, QUERN_JOB_STATE_DONE);
	assert_memory_equal(chip->host + 0x20000, chip->host + 0x201234, 0x20000);
}

static struct job_result fault_of(struct chip *chip, struct space *space, uint64_t load, uint64_t store)
{
	struct job_result r;
	struct job job;

	script_write(chip, QUERN_REG_TLB_INVALIDATE, space->asid); /* some cases take rights away */
	job_init(&job, space, VA_STREAM);
	if (load)
		job_load(&job, load, 0, 64);
	if (store)
		job_store(&job, store, 0, 64);
	r = job_run(&job);
	if (r.state == QUERN_JOB_STATE_FAULT)
		assert_int_equal(r.index, 0);
	return r;
}

static void check_fault(struct job_result r, enum quern_fault fault, enum quern_unit unit, uint64_t addr)
{
	assert_int_equal(r.state, QUERN_JOB_STATE_FAULT);
	assert_int_equal(r.fault, fault);
	assert_int_equal(r.unit, unit);
	assert_int_equal(r.addr, addr);
}

static void faults(void **state)
{
	const uint64_t hole = 0x5000000;
	struct chip *chip = *state;
	struct space space;

	open_space(&space, chip, 2);
	check_fault(fault_of(chip, &space, hole, 0), QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, hole);
	check_fault(fault_of(chip, &space, 0, hole), QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_STORE, hole);
	check_fault(fault_of(chip, &space, 0, VA_IN + 32), QUERN_FAULT_PAGE_WRITE, QUERN_UNIT_STORE, VA_IN + 32);
	check_fault(fault_of(chip, &space, 1ull << 38, 0), QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 1ull << 38);
	space_set(&space, hole, 0, quern_pte_leaf(HOST_BASE, true) & ~QUERN_PTE_D);
	check_fault(fault_of(chip, &space, 0, hole), QUERN_FAULT_PAGE_WRITE, QUERN_UNIT_STORE, hole);
	space_set(&space, hole, 0, quern_pte_leaf(HOST_BASE, false) & ~QUERN_PTE_R);
	check_fault(fault_of(chip, &space, hole, 0), QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, hole);
	space_set(&space, hole, 0, (quern_pte_leaf(HOST_BASE, false) & ~QUERN_PTE_R) | QUERN_PTE_X);
	check_fault(fault_of(chip, &space, hole, 0), QUERN_FAULT_PAGE_READ, QUERN_UNIT_LOAD, hole);
	space_set(&space, hole, 0, quern_pte_leaf(HOST_BASE + HOST_BYTES, true));
	assert_int_equal(fault_of(chip, &space, hole, 0).fault, QUERN_FAULT_BUS);
	assert_int_equal(fault_of(chip, &space, 0, hole).fault, QUERN_FAULT_BUS);
	space_set(&space, 0x40000000 * 3ull, 2, quern_pte_table(HOST_BASE + HOST_BYTES));
	assert_int_equal(fault_of(chip, &space, 0x40000000 * 3ull, 0).fault, QUERN_FAULT_BUS);
}

/* What is mapped after a fault, or granted, is found without an invalidation. */
static void mapped_later(void **state)
{
	const uint64_t page = VA_IN + AREA_BYTES; /* in the line of mapped neighbours */
	struct chip *chip = *state;
	struct space space;
	struct job job;
	unsigned int i;

	open_space(&space, chip, 2);
	for (i = 0; i < 3; i++) {
		if (i)
			space_set(&space, page, 0, quern_pte_leaf(HOST_BASE, i == 2));
		job_init(&job, &space, VA_STREAM);
		job_load(&job, page - 64, 0, 128);
		if (i == 2)
			job_store(&job, page, 0, 64);
		assert_int_equal(job_run(&job).state, i ? QUERN_JOB_STATE_DONE : QUERN_JOB_STATE_FAULT);
	}
}

static void no_address_space(void **state)
{
	struct chip *chip = *state;
	struct job_steps steps;
	struct space space;
	struct job job;
	unsigned int i;

	open_space(&space, chip, 2);
	job_init(&job, &space, VA_STREAM);
	job_op(&job, QUERN_OP_END);
	steps = job_script(&job);
	for (i = 0; i < chip->steps; i++)
		if (chip->script[i].addr == CORE_REG(QUERN_REG_ASID_ROOT(2)))
			chip->script[i].value = 0;
	chip_execute(chip);
	assert_int_equal(job_result(chip, &steps).fault, QUERN_FAULT_ASID);
}

/* Two spaces, one address, two contents; what one has in the TLB is not the other's. */
static void isolation(void **state)
{
	struct chip *chip = *state;
	struct space space[2];
	struct job_steps steps[4];
	struct job job[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		open_space(&space[i], chip, 4 + i);
		space_map(&space[i], VA_STREAM, BUS_STREAM + i * 0x2000, 0x2000, true);
		space_map(&space[i], VA_IN, BUS_IN + i * 0x10000, 0x10000, false);
		space_map(&space[i], VA_OUT, BUS_OUT + i * 0x10000, 0x10000, true);
		job_init(&job[i], &space[i], VA_STREAM);
		job_load(&job[i], VA_IN, 0, 0x10000);
		job_op(&job[i], QUERN_OP_BARRIER);
		job_store(&job[i], VA_OUT, 0, 0x10000);
		job_op(&job[i], QUERN_OP_END);
	}
	fill_random(chip, BUS_IN, 0x20000);
	for (i = 0; i < 4; i++)
		steps[i] = job_script(&job[i % 2]);
	chip_execute(chip);
	for (i = 0; i < 4; i++)
		assert_int_equal(job_result(chip, &steps[i]).state, QUERN_JOB_STATE_DONE);
	for (i = 0; i < 2; i++)
		check_copy(&space[i], VA_IN, VA_OUT, 0x10000);
	assert_memory_equal(chip->host + (BUS_IN - HOST_BASE), chip->host + (BUS_OUT - HOST_BASE), 0x20000);
}

/* A page that moves is found at its new place after an invalidation. */
static void invalidation(void **state)
{
	struct chip *chip = *state;
	struct space space;
	unsigned int round;
	struct job job;

	open_space(&space, chip, 7);
	for (round = 0; round < 3; round++) {
		space_set(&space, VA_OUT, 0, quern_pte_leaf(BUS_OUT + round * 0x4000, true));
		memset(chip->host + (BUS_IN - HOST_BASE), 0x11 * (int)(round + 1), AREA_BYTES);
		script_write(chip, QUERN_REG_TLB_INVALIDATE, round == 1 ? QUERN_TLB_INVALIDATE_ALL_MASK : 7);
		script_poll(chip, QUERN_REG_TLB_INVALIDATE, 1, 0);
		job_init(&job, &space, VA_STREAM);
		job_load(&job, VA_IN, 0, 64);
		job_op(&job, QUERN_OP_BARRIER);
		job_store(&job, VA_OUT, 0, 64);
		assert_int_equal(job_run(&job).state, QUERN_JOB_STATE_DONE);
		assert_memory_equal(chip->host + (BUS_OUT - HOST_BASE) + round * 0x4000,
				    chip->host + (BUS_IN - HOST_BASE), 64);
	}
}

static void abort_job(void **state)
{
	struct chip *chip = *state;
	struct job_steps steps;
	struct space space;
	struct job job;
	unsigned int i;

	open_space(&space, chip, 1);
	job_init(&job, &space, VA_STREAM);
	for (i = 0; i < 40; i++)
		job_load(&job, VA_IN, 0, 0x40000);
	job_op(&job, QUERN_OP_END);
	steps = job_script(&job);
	chip->script[steps.status - 1] =
		(struct script_step){.op = SCRIPT_WRITE, .addr = CORE_REG(QUERN_REG_JOB_CTRL), .value = 2};
	chip->script[steps.index] = (struct script_step){.op = SCRIPT_READ, .addr = CORE_REG(QUERN_REG_JOB_INDEX)};
	chip->script[steps.status].op = SCRIPT_POLL;
	chip->script[steps.status].mask = QUERN_JOB_STATUS_STATE_MASK;
	chip->script[steps.status].value = QUERN_JOB_STATE_FAULT;
	chip_execute(chip);
	assert_int_equal(job_result(chip, &steps).fault, QUERN_FAULT_ABORTED);
	copy(chip, 5000, 9);
}

/* A preempted job stops at its YIELD and resumes after it. */
static void preempt(void **state)
{
	struct chip *chip = *state;
	struct job_steps steps;
	struct space space;
	struct job job;
	unsigned int i;

	open_space(&space, chip, 1);
	fill_random(chip, BUS_IN, AREA_BYTES);
	for (i = 0; i < 2; i++) {
		job_init(&job, &space, VA_STREAM);
		job_load(&job, VA_IN, 0, 128);
		job_op(&job, QUERN_OP_BARRIER);
		job_store(&job, VA_OUT, 0, 128);
		job_op(&job, QUERN_OP_YIELD);
		job_load(&job, VA_IN + 128, 0, 128);
		job_op(&job, QUERN_OP_BARRIER);
		job_store(&job, VA_OUT + 128, 0, 128);
		job_op(&job, QUERN_OP_END);
		steps = job_script(&job);
		if (i == 0)
			chip->script[steps.status - 2].value |= QUERN_JOB_CTRL_PREEMPT_MASK;
		else
			chip->script[steps.status - 5].value = 4;
		chip_execute(chip);
		assert_int_equal(job_result(chip, &steps).state, i ? QUERN_JOB_STATE_DONE : QUERN_JOB_STATE_PREEMPTED);
		if (i == 0)
			assert_int_equal(job_result(chip, &steps).index, 4);
		check_copy(&space, VA_IN, VA_OUT, 128 * (i + 1));
	}
}

/* What the bus carries, or the scratchpad takes where a vector is narrower than the bus. */
static uint32_t bytes_per_cycle(struct chip *chip)
{
	uint32_t bus = chip_params.bus_bytes_per_cycle ? chip_params.bus_bytes_per_cycle : 16;
	struct quern_sim_info info;

	quern_sim_info(chip->sim, &info);
	return info.array < bus ? info.array : bus;
}

/* Scattered 4 KiB pages cost a stream no bandwidth: the first walks, then the bus's rate. */
static void bandwidth(void **state)
{
	const uint32_t bytes = 0x40000;
	struct chip *chip = *state;
	const uint64_t beats = bytes / bytes_per_cycle(chip);
	struct job_result r;
	struct space space;
	struct job job;

	if (chip_params.flags & QUERN_SIM_JITTER)
		skip();
	open_space(&space, chip, 1);
	job_init(&job, &space, VA_STREAM);
	job_load(&job, VA_IN, 0, bytes);
	r = job_run(&job); /* the scrub is over after this one */
	job_init(&job, &space, VA_STREAM);
	job_load(&job, VA_IN + 0x40000, 0, bytes);
	r = job_run(&job);
	assert_int_equal(r.state, QUERN_JOB_STATE_DONE);
	print_message("LOAD of %u bytes in scattered pages: %lu cycles, %.1f %% of the bus\n", bytes,
		      (unsigned long)r.cycles, 100.0 * (double)beats / (double)r.cycles);
	assert_true(r.cycles < beats + 900);
	job_init(&job, &space, VA_STREAM);
	job_store(&job, VA_OUT, 0, bytes);
	r = job_run(&job);
	print_message("STORE of %u bytes in scattered pages: %lu cycles, %.1f %% of the bus\n", bytes,
		      (unsigned long)r.cycles, 100.0 * (double)beats / (double)r.cycles);
	assert_true(r.cycles < beats + 1100);
}

/* Each cycle of a job, each engine is busy, waits for one thing, or is idle. */
static void add_up(const uint64_t c[32])
{
	static const struct {
		unsigned int first; /* busy, then three stalls */
		unsigned int idle;
	} engines[] = {
		{QUERN_COUNTER_LD_BUSY, QUERN_COUNTER_LD_IDLE},
		{QUERN_COUNTER_ST_BUSY, QUERN_COUNTER_ST_IDLE},
		{QUERN_COUNTER_MX_BUSY, QUERN_COUNTER_MX_IDLE},
		{QUERN_COUNTER_VE_BUSY, QUERN_COUNTER_VE_IDLE},
	};
	unsigned int i, k;

	for (i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		uint64_t sum = c[engines[i].idle];

		for (k = 0; k < 4; k++)
			sum += c[engines[i].first + k];
		assert_int_equal(sum, c[QUERN_COUNTER_JOB_CYCLES]);
	}
}

static void counters(void **state)
{
	struct chip *chip = *state;
	uint64_t c[32];

	copy(chip, 32768, 0);
	assert_int_equal(quern_sim_counters(chip->sim, c), 0);
	assert_int_equal(c[QUERN_COUNTER_CMDS], 4);
	assert_int_equal(c[QUERN_COUNTER_WR_BYTES], 32768);
	assert_true(c[QUERN_COUNTER_RD_BYTES] >= 32768 + 64);
	assert_true(c[QUERN_COUNTER_RD_BYTES] < 32768 + 4096);
	assert_true(c[QUERN_COUNTER_TLB_LOOKUPS] >= 17);
	assert_true(c[QUERN_COUNTER_TLB_MISSES] >= 3 && c[QUERN_COUNTER_TLB_MISSES] <= 5);
	assert_true(c[QUERN_COUNTER_JOB_CYCLES] > 4096);
	assert_true(c[QUERN_COUNTER_LD_BUSY] > 0 && c[QUERN_COUNTER_ST_BUSY] > 0);
	assert_int_equal(c[QUERN_COUNTER_MX_IDLE], c[QUERN_COUNTER_JOB_CYCLES]);
	add_up(c);
}

/* What the end of a job writes into the TCM is what the counters say. */
static void report(void **state)
{
	static const unsigned int which[] = {QUERN_COUNTER_JOB_CYCLES, QUERN_COUNTER_MX_BUSY,  QUERN_COUNTER_VE_BUSY,
					     QUERN_COUNTER_RD_BYTES,   QUERN_COUNTER_WR_BYTES, QUERN_COUNTER_TLB_MISSES};
	const uint32_t at = 0x9008;
	struct chip *chip = *state;
	struct job_steps steps;
	struct space space;
	unsigned int first, i;
	struct job job;
	uint64_t c[32];

	open_space(&space, chip, 3);
	job_init(&job, &space, VA_STREAM);
	job_load(&job, VA_IN, 0, 3000);
	job_op(&job, QUERN_OP_BARRIER);
	job_store(&job, VA_OUT, 0, 700);
	job_op(&job, QUERN_OP_END);
	script_write(chip, QUERN_REG_JOB_REPORT, at);
	steps = job_script(&job);
	first = chip_script(chip, SCRIPT_READ, at, 0, 0);
	for (i = 4; i < 60; i += 4)
		chip_script(chip, SCRIPT_READ, at + i, 0, 0);
	chip_execute(chip);
	assert_int_equal(job_result(chip, &steps).state, QUERN_JOB_STATE_DONE);
	assert_int_equal(quern_sim_counters(chip->sim, c), 0);
	assert_true(chip_result(chip, first) > c[QUERN_COUNTER_JOB_CYCLES]);
	for (i = 0; i < 6; i++)
		assert_int_equal(chip_result(chip, first + 2 + 2 * i) |
					 (uint64_t)chip_result(chip, first + 3 + 2 * i) << 32, c[which[i]]);
}

/*
 * With FETCH and TOUCH before START a job finds its commands and translations, and what is written to the registers for
 * the next job while it runs is not its own.
 */
static void fetched_ahead(void **state)
{
	struct chip *chip = *state;
	struct job_steps steps;
	struct space space;
	uint64_t cycles[3];
	unsigned int i, at;
	struct job job;

	for (i = 0; i < 3; i++) {
		open_space(&space, chip, 3);
		fill_random(chip, BUS_IN, 0x1000);
		script_write(chip, QUERN_REG_TLB_INVALIDATE, QUERN_TLB_INVALIDATE_ALL_MASK);
		job_init(&job, &space, VA_STREAM);
		job.region[0] = VA_IN;
		job_load(&job, 0, 0, 512);
		job_op(&job, QUERN_OP_BARRIER);
		job_store(&job, VA_OUT - VA_IN, 0, 512);
		job_op(&job, QUERN_OP_END);
		steps = job_script(&job);
		at = steps.status; /* behind START and SLEEP, before them the two of the interrupt */
		if (i)
			chip->script[at - 4] = (struct script_step){
				.op = SCRIPT_WRITE, .addr = CORE_REG(QUERN_REG_JOB_CTRL), .value = QUERN_JOB_CTRL_FETCH_MASK | QUERN_JOB_CTRL_TOUCH_MASK};
		chip->script[at - 3] = (struct script_step){.op = SCRIPT_POLL, .addr = CORE_REG(QUERN_REG_STATUS), .mask = QUERN_STATUS_BUS_BUSY_MASK};
		chip->script[at - 1] = (struct script_step){
			.op = SCRIPT_WRITE, .addr = CORE_REG(i == 1 ? QUERN_REG_REGION_LO(0) : QUERN_REG_JOB_STREAM_LO), .value = 0x77000};
		chip->script[at].op = SCRIPT_POLL;
		chip->script[at].mask = QUERN_JOB_STATUS_STATE_MASK;
		chip->script[at].value = QUERN_JOB_STATE_DONE;
		chip_execute(chip);
		check_copy(&space, VA_IN, VA_OUT, 512);
		cycles[i] = job_result(chip, &steps).cycles;
	}
	assert_true(cycles[1] < cycles[0] && cycles[2] < cycles[0]);
}

static void trace_ring(void **state)
{
	struct chip *chip = *state;
	uint32_t event;

	chip_write(chip, QUERN_REG_TRACE_CTRL, QUERN_TRACE_CTRL_ENABLE_MASK);
	copy(chip, 1000, 0);
	assert_int_equal(chip_read(chip, QUERN_REG_TRACE_HEAD), 4);
	assert_int_equal(chip_read(chip, QUERN_REG_TRACE_DROPPED), 0);
	event = chip_read(chip, QUERN_REG_TRACE_DATA(0) + 4);
	assert_int_equal(event & 0xffffff, 0);
	assert_int_equal(event >> 24 & 7, QUERN_UNIT_LOAD);
	event = chip_read(chip, QUERN_REG_TRACE_DATA(3) + 4);
	assert_int_equal(event, 2 | QUERN_UNIT_STORE << 24 | 1u << 27);
	assert_true(chip_read(chip, QUERN_REG_TRACE_DATA(3)) > chip_read(chip, QUERN_REG_TRACE_DATA(0)));
}

/* The window opens and closes while the job runs, and changes nothing. */
static void waveform(void **state)
{
	char path[] = "/tmp/quern-sim-test-XXXXXX";
	struct chip *chip = *state;
	uint64_t cycles = copy(chip, 10000, 3);
	struct chip other;
	int fd = mkstemp(path);
	FILE *file;

	assert_true(fd >= 0);
	close(fd);
	chip_open(&other);
	assert_int_equal(quern_sim_trace(other.sim, path, 1000, 1200), 0);
	assert_int_equal(copy(&other, 10000, 3), cycles);
	assert_true(quern_sim_cycles(other.sim) > 1500);
	chip_close(&other);
	file = fopen(path, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	assert_true(ftell(file) > 1000);
	fclose(file);
	unlink(path);
}

struct by_function {
	struct chip *chip;
	unsigned int calls;
};

static int read_function(void *ctx, uint64_t bus_addr, void *data, uint32_t bytes)
{
	struct by_function *f = ctx;

	f->calls++;
	if (bus_addr < HOST_BASE || bus_addr - HOST_BASE + bytes > HOST_BYTES)
		return -1;
	memcpy(data, f->chip->host + (bus_addr - HOST_BASE), bytes);
	return 0;
}

static int write_function(void *ctx, uint64_t bus_addr, const void *data, uint32_t bytes, uint32_t strobe)
{
	struct by_function *f = ctx;
	uint32_t i;

	f->calls++;
	if (bus_addr < HOST_BASE || bus_addr - HOST_BASE + bytes > HOST_BYTES)
		return -1;
	for (i = 0; i < bytes; i++)
		if (strobe >> i & 1)
			f->chip->host[bus_addr - HOST_BASE + i] = ((const uint8_t *)data)[i];
	return 0;
}

/* Memory by function gives the same bytes and cycles as the window. */
static void memory_functions(void **state)
{
	static const struct quern_sim_memory_ops ops = {.read = read_function, .write = write_function};
	struct by_function f = {0};
	struct chip other;
	uint64_t cycles = copy(*state, 10000, 3);

	chip_open(&other);
	f.chip = &other;
	assert_int_equal(quern_sim_set_memory(other.sim, NULL, 0, 0), 0);
	assert_int_equal(quern_sim_set_memory_ops(other.sim, &ops, &f), 0);
	assert_int_equal(copy(&other, 10000, 3), cycles);
	assert_true(f.calls > 1250);
	chip_close(&other);
}

int run_job_tests(void)
{
	const struct CMUnitTest tests[] = {
		CHIP_TEST(copies),     CHIP_TEST(deterministic), CHIP_TEST(large_pages),
		CHIP_TEST(faults),     CHIP_TEST(mapped_later),	 CHIP_TEST(no_address_space),
		CHIP_TEST(isolation),  CHIP_TEST(invalidation),	 CHIP_TEST(abort_job),
		CHIP_TEST(preempt),    CHIP_TEST(bandwidth),	 CHIP_TEST(counters),
		CHIP_TEST(report),	   CHIP_TEST(fetched_ahead),
		CHIP_TEST(trace_ring), CHIP_TEST(waveform),	 CHIP_TEST(memory_functions),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
