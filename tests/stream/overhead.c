/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a job costs beside its commands: overhead [options of the stream tests].
 *
 * The real firmware on the RTL, rings and page tables as the runtime makes them (addresses from 2 MiB up, 4 KiB pages).
 * Seen from the bus: when the first command is asked for after a doorbell, when the vector comes after the last byte of the
 * last store, and from the trace: how long the matrix engine has nothing between jobs that wait in one queue. Fails
 * beyond the limits of docs/performance.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "chip_host.h"
#include "quern/registers.h"
#include "quern/sv39.h"

#define LATENCY 100 /* of the simulated bus: from a read's address to its data */
#define VA_FIRST 0x200000ull
#define VA_STREAM VA_FIRST
#define VA_IN (VA_FIRST + 0x100000)
#define VA_OUT (VA_FIRST + 0x180000)
#define RAM_TABLES IMAGE_HOST_BYTES
#define RAM_STREAM (RAM_TABLES + 0x10000)
#define RAM_IN (RAM_STREAM + 0x10000)
#define RAM_OUT (RAM_IN + 0x10000)
#define RAM_END (RAM_OUT + 0x10000)
#define AREA 0x8000u
#define BYTES 256u
#define QUEUED 6u
#define REGIONS 4u
#define STEPS 32 /* a job of some 2,500 cycles: while it runs, the firmware has come to rest and the next one is read */

enum limit {
	LIMIT_FIRST_READ = 400,
	LIMIT_INTERRUPT = 300,
	LIMIT_MATRIX_IDLE = 500,
};

struct watch {
	struct chip_host chip;
	struct image *img;
	uint64_t doorbell; /* cycle of the simulation */
	uint64_t record;   /* first read after it, when it was asked for; 0: none yet */
	uint64_t command;  /* the same for the stream */
	uint64_t last_store;
	uint64_t vector;
};

static uint64_t now(const struct watch *w)
{
	return w->chip.api.cycles(w->chip.sim);
}

static int watch_read(void *ctx, uint64_t bus, void *data, uint32_t bytes)
{
	struct watch *w = ctx;
	uint64_t offset = bus - IMAGE_BUS_BASE;

	if (!image_access(w->img, bus, bytes, false))
		return -1;
	memcpy(data, w->img->ram + offset, bytes);
	if (!w->record)
		w->record = now(w) - LATENCY;
	if (!w->command && offset >= RAM_STREAM && offset < RAM_IN)
		w->command = now(w) - LATENCY;
	return 0;
}

static int watch_write(void *ctx, uint64_t bus, const void *data, uint32_t bytes, uint32_t strobe)
{
	struct watch *w = ctx;
	uint64_t offset = bus - IMAGE_BUS_BASE;

	if (strobe && !image_access(w->img, bus, bytes, true))
		return -1;
	for (uint32_t i = 0; i < bytes; i++)
		if (strobe >> i & 1)
			w->img->ram[offset + i] = ((const uint8_t *)data)[i];
	if (offset >= RAM_OUT && offset < RAM_END)
		w->last_store = now(w);
	return 0;
}

static void on_vector(void *ctx, unsigned int vector)
{
	struct watch *w = ctx;

	if (vector == 1)
		w->vector = now(w);
}

static void map(struct watch *w, uint64_t va, uint32_t offset)
{
	uint64_t *root = (uint64_t *)(w->img->ram + RAM_TABLES);
	uint64_t *level1 = root + QUERN_SV39_PTES, *level0 = level1 + QUERN_SV39_PTES;

	root[quern_sv39_index(va, 2)] = quern_pte_table(IMAGE_BUS_BASE + RAM_TABLES + 4096);
	level1[quern_sv39_index(va, 1)] = quern_pte_table(IMAGE_BUS_BASE + RAM_TABLES + 8192);
	for (uint32_t i = 0; i < AREA; i += 4096)
		level0[quern_sv39_index(va + i, 0)] = quern_pte_leaf(IMAGE_BUS_BASE + offset + i, true);
}

/* A vector comes in, the matrix engine works for 64 cycles a step, and some bytes go out. */
static uint32_t write_stream(struct watch *w)
{
	uint32_t (*cmd)[QUERN_CMD_WORDS] = (uint32_t (*)[QUERN_CMD_WORDS])(w->img->ram + RAM_STREAM);
	const struct quern_cmd_load load = {.signal = 1, .region = 1, .len = BYTES, .n1 = 1, .n2 = 1, .n3 = 1};
	const struct quern_cmd_conv conv = {.wait = 1, .signal = 2, .w_base = 1024, .nx = 8, .ny = 8, .k0 = STEPS, .k1 = 1, .k2 = 1};
	const struct quern_cmd_store store = {.wait = 2, .region = 2, .len = BYTES, .n1 = 1, .n2 = 1, .n3 = 1};

	quern_cmd_load_pack(cmd[0], &load);
	quern_cmd_conv_pack(cmd[1], &conv);
	quern_cmd_store_pack(cmd[2], &store);
	memset(cmd[3], 0, sizeof(cmd[3]));
	cmd[3][0] = QUERN_OP_END;
	return 4;
}

static void submit(struct watch *w, uint32_t ncmds)
{
	struct quern_job job = {.op = QUERN_JOB_OP_RUN, .ncmds = ncmds, .stream = VA_STREAM, .num_regions = REGIONS};

	job.region[0] = VA_STREAM;
	job.region[1] = VA_IN;
	job.region[2] = VA_OUT;
	w->record = w->command = 0;
	w->doorbell = now(w);
	chip_host_submit(&w->chip, 0, &job);
}

static bool within(const char *what, uint64_t cycles, uint64_t limit)
{
	printf("%-58s %5llu cycles, limit %llu%s\n", what, (unsigned long long)cycles, (unsigned long long)limit,
	       cycles <= limit ? "" : ": TOO MUCH");
	return cycles <= limit;
}

static bool one_job(struct watch *w, const char *what, uint32_t ncmds)
{
	struct quern_job_done done;
	char text[80];
	bool good;

	submit(w, ncmds);
	if (!chip_host_wait(&w->chip, 0, 1000000, &done) || done.status != QUERN_STATUS_OK) {
		fprintf(stderr, "job: %s\n", done.status ? quern_status_name(done.status) : w->chip.why);
		return false;
	}
	snprintf(text, sizeof(text), "%s: doorbell to first command read", what);
	good = within(text, w->command - w->doorbell, LIMIT_FIRST_READ);
	snprintf(text, sizeof(text), "%s: last byte stored to interrupt", what);
	good &= within(text, w->vector - w->last_store, LIMIT_INTERRUPT);
	printf("%-58s %5llu cycles\n", "  doorbell to first read of host memory (the job's record)",
	       (unsigned long long)(w->record - w->doorbell));
	printf("%-58s %5llu cycles\n", "  end to interrupt", (unsigned long long)(w->vector - w->doorbell - (done.t_end - done.t_doorbell)));
	printf("%-58s %5llu cycles\n", "  whole job", (unsigned long long)(w->vector - w->doorbell));
	return good;
}

static uint32_t reg(struct watch *w, uint32_t offset)
{
	uint32_t value = 0;

	w->chip.api.read32(w->chip.sim, offset, &value);
	return value;
}

/* The longest time between the end of a CONV and the start of the next job's. */
static uint64_t longest_gap(struct watch *w)
{
	uint32_t head = reg(w, QUERN_REG_TRACE_HEAD);
	uint64_t longest = 0;
	uint32_t ended = 0;
	bool any = false;

	for (uint32_t i = 0; i < head; i++) {
		uint32_t cycle = reg(w, QUERN_REG_TRACE_DATA(i));
		uint32_t event = reg(w, QUERN_REG_TRACE_DATA(i) + 4);

		if ((event & QUERN_TRACE_DATA_UNIT_MASK) >> QUERN_TRACE_DATA_UNIT_LSB != QUERN_UNIT_MATRIX)
			continue;
		if (event & QUERN_TRACE_DATA_END_MASK)
			ended = cycle;
		else if (any && cycle - ended > longest)
			longest = cycle - ended;
		any = true;
	}
	return longest;
}

/* Jobs that wait in the queue; the first one's start is not counted. */
static bool queued_jobs(struct watch *w, uint32_t ncmds)
{
	struct quern_job_done done;

	w->chip.api.write32(w->chip.sim, QUERN_REG_TRACE_CTRL, QUERN_TRACE_CTRL_ENABLE_MASK | QUERN_TRACE_CTRL_CLEAR_MASK);
	for (uint32_t i = 0; i < QUEUED; i++)
		submit(w, ncmds);
	if (!chip_host_wait(&w->chip, 0, 1000000, &done) || done.status != QUERN_STATUS_OK) {
		fprintf(stderr, "queue: %s\n", w->chip.why);
		return false;
	}
	return within("jobs of one queue: matrix engine idle between them", longest_gap(w), LIMIT_MATRIX_IDLE);
}

static bool run(struct watch *w)
{
	static const struct quern_sim_memory_ops memory = {.read = watch_read, .write = watch_write};
	const struct quern_admin_cmd flush = {.op = QUERN_ADMIN_OP_TLB_FLUSH, .asid = 1};
	bool good = true;
	uint32_t ncmds;

	w->chip.api.set_memory_ops(w->chip.sim, &memory, w);
	w->chip.api.set_irq(w->chip.sim, on_vector, w);
	memset(w->img->ram + RAM_TABLES, 0, RAM_END - RAM_TABLES);
	map(w, VA_STREAM, RAM_STREAM);
	map(w, VA_IN, RAM_IN);
	map(w, VA_OUT, RAM_OUT);
	ncmds = write_stream(w);
	if (!chip_host_create_context(&w->chip, 0, IMAGE_BUS_BASE + RAM_TABLES, 1))
		return false;
	chip_host_delay(&w->chip, 1000);
	good &= one_job(w, "first job of a context", ncmds);
	chip_host_delay(&w->chip, 1000);
	good &= one_job(w, "next job, chip at rest", ncmds);
	good &= one_job(w, "next job, rung at the interrupt", ncmds);
	if (chip_host_admin(&w->chip, &flush) != QUERN_STATUS_OK)
		return false;
	good &= one_job(w, "after a TLB flush", ncmds);
	return queued_jobs(w, ncmds) && good;
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .count = 1, .n = 16, .max_cmds = 2, .device = "rtl"};
	struct watch w = {0};
	bool absent = false;
	int status = 1;

	if (!options_parse(&o, argc, argv))
		return 2;
	w.img = image_create(o.n);
	if (!w.img)
		return 1;
	image_seed(w.img, 1);
	if (chip_host_init(&w.chip, &o, w.img, &absent))
		status = run(&w) ? 0 : 1;
	else
		fprintf(stderr, "%s%s\n", absent ? "SKIP: " : "", w.chip.why);
	chip_host_finish(&w.chip);
	image_destroy(w.img);
	return absent ? 77 : status;
}
