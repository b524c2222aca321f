/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the load and store engines. `random` runs seeded batches of LOAD, STORE and FILL on the chip and on the
 * functional model, with random timing, refused scratchpad accesses, faults and flushes, and compares everything.
 * `speed` measures bytes per cycle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gen.h"
#include "lib/arguments.h"

#define BATCH_CYCLES 400000u

struct expect {
	bool fault;
	uint32_t index; /* of the faulting command */
	struct func_fault what;
};

struct test {
	struct bench bench;
	uint64_t region[QUERN_NUM_REGIONS];
	uint8_t spm[DMA_SPM_BYTES];
	uint64_t seed;
	uint32_t batch;
	uint32_t faults, flushes;
	uint64_t bytes;
};

enum injection {
	INJECT_NONE,
	INJECT_UNMAP,
	INJECT_PROTECT,
	INJECT_BUS,
	INJECT_SPM,
	INJECT_HIGH,
	INJECTIONS,
};

static bool complain(const struct test *t, const char *what)
{
	printf("FAILED: %s\nreplay: test-dma-%u --seed %llu --batches %u random\n", what, t->bench.n,
	       (unsigned long long)t->seed, t->batch + 1);
	return false;
}

static void set_regions(struct test *t, struct rng *r)
{
	struct func_space space = {.asid = 1};

	for (uint32_t i = 0; i < QUERN_NUM_REGIONS; i++) {
		t->region[i] = rng_chance(r, 30) ? HOST_VA : rng_u64(r) & ((1ull << QUERN_HOST_ADDR_BITS) - 1);
		space.region[i] = t->region[i];
		t->bench.in.region[i] = t->region[i];
	}
	func_set_space(t->bench.func, &space);
}

static void set_timing(struct bench *b, struct rng *r)
{
	static const uint32_t latencies[] = {1, 5, 30, 100, 200};
	static const uint32_t chances[] = {15, 50, 80, 100, 100};

	b->host.timing = (struct host_timing){
		.latency_min = latencies[rng_below(r, 5)],
		.request_pct = chances[rng_below(r, 5)],
		.data_pct = chances[rng_below(r, 5)],
		.miss_pct = rng_chance(r, 50) ? 0 : rng_below(r, 100),
		.miss_cycles = rng_range(r, 1, 300),
	};
	b->host.timing.latency_max = b->host.timing.latency_min + (rng_chance(r, 50) ? 0 : rng_below(r, 60));
	b->noise_pct = rng_chance(r, 40) ? 0 : rng_below(r, 100);
}

/* Loads in one half of everything and stores in the other may run together. */
static void make_batch(struct test *t, struct rng *r, bool load, bool store, struct batch *batch)
{
	struct gen_area area[BENCH_ENGINES];

	for (int e = 0; e < BENCH_ENGINES; e++)
		area[e] = (struct gen_area){.spm_hi = DMA_SPM_BYTES, .host_hi = HOST_BYTES, .region = t->region};
	if (load && store) {
		area[BENCH_LOAD].spm_hi = DMA_SPM_BYTES / 2;
		area[BENCH_LOAD].host_hi = HOST_BYTES / 2;
		area[BENCH_STORE].spm_lo = DMA_SPM_BYTES / 2;
		area[BENCH_STORE].host_lo = HOST_BYTES / 2;
	}
	batch->count = rng_range(r, 1, rng_chance(r, 50) ? 4 : BATCH_MAX);
	for (uint32_t i = 0; i < batch->count; i++) {
		batch->engine[i] = !store || (load && rng_chance(r, 50)) ? BENCH_LOAD : BENCH_STORE;
		gen_command(r, &area[batch->engine[i]], batch->engine[i], batch->cmd[i]);
	}
}

static void inject(struct test *t, struct rng *r, enum injection what, struct batch *batch)
{
	struct host *h = &t->bench.host;
	uint32_t *w = batch->cmd[rng_below(r, batch->count)];

	for (int i = 0; i < 8; i++) {
		uint32_t page = rng_below(r, HOST_PAGES);

		if (what == INJECT_UNMAP)
			h->page[page].valid = false;
		if (what == INJECT_PROTECT)
			*(rng_chance(r, 50) ? &h->page[page].read : &h->page[page].write) = false;
		if (what == INJECT_BUS)
			h->bus_error[page] = true;
	}
	if (what == INJECT_SPM)
		w[5] = rng_chance(r, 50) ? DMA_SPM_BYTES - rng_below(r, 300) : rng_below(r, 1u << QUERN_SPM_ADDR_BITS);
	if (what == INJECT_HIGH && (w[0] & 0xff) != QUERN_OP_FILL)
		w[3] ^= 0x4000u << rng_below(r, 2);
}

/* Runs the batch on the functional model. */
static struct expect run_func(struct test *t, const struct batch *batch)
{
	struct expect x = {0};

	func_tlb_invalidate_all(t->bench.func);
	for (x.index = 0; x.index < batch->count; x.index++) {
		if (!func_exec(t->bench.func, batch->cmd[x.index], &x.what)) {
			x.fault = true;
			break;
		}
		t->bytes += gen_bytes(batch->cmd[x.index]);
	}
	return x;
}

static bool check_memory(struct test *t, bool spm_too)
{
	struct bench *b = &t->bench;
	const uint8_t *want = func_spm(b->func);

	if (memcmp(b->host.mem, b->func_mem, HOST_BYTES))
		return complain(t, "host memory differs");
	bench_read_spm(b, t->spm);
	for (uint32_t i = 0; spm_too && i < DMA_SPM_BYTES; i++) {
		if (t->spm[i] != want[i]) {
			printf("scratchpad byte 0x%x: chip 0x%02x, model 0x%02x\n", i, t->spm[i], want[i]);
			return complain(t, "scratchpad differs");
		}
	}
	return true;
}

/* Up to a chunk before the fault may be missing from the scratchpad, because its other bytes never came. */
static void forgive_chunk(struct test *t)
{
	uint8_t *want = func_spm(t->bench.func);
	uint32_t first = DMA_SPM_BYTES, last = 0;

	for (uint32_t i = 0; i < DMA_SPM_BYTES; i++) {
		if (t->spm[i] != want[i]) {
			first = i < first ? i : first;
			last = i;
		}
	}
	if (first < DMA_SPM_BYTES && last - first < DMA_BUS_BYTES)
		memcpy(want + first, t->spm + first, last - first + 1);
}

static bool check_fault(struct test *t, const struct expect *x, const struct batch *batch)
{
	enum bench_engine e = batch->engine[x->index];
	const struct bench_track *track = &t->bench.track[e];
	const struct dma_engine_out *f = &track->fault;
	bool exact = e == BENCH_LOAD || x->what.kind != QUERN_FAULT_BUS;

	t->faults++;
	if (!track->faulted) {
		printf("model: kind %u address 0x%llx index %u\n", x->what.kind, (unsigned long long)x->what.addr,
		       x->index);
		return complain(t, "fault missing");
	}
	if (f->fault_kind != x->what.kind || f->fault_addr != x->what.addr || f->fault_index != x->index) {
		printf("chip: kind %u address 0x%llx index %u; model: kind %u address 0x%llx index %u\n", f->fault_kind,
		       (unsigned long long)f->fault_addr, f->fault_index, x->what.kind,
		       (unsigned long long)x->what.addr, x->index);
		return complain(t, "wrong fault");
	}
	if (track->done != x->index)
		return complain(t, "commands before the fault are not done");
	if (!bench_flush(&t->bench))
		return complain(t, "not idle after a fault");
	bench_read_spm(&t->bench, t->spm);
	forgive_chunk(t);
	/* Bursts after one that the bus refused were on their way already. */
	if (exact && !check_memory(t, true))
		return false;
	bench_adopt(&t->bench, t->spm);
	return true;
}

static bool run_chip(struct test *t, const struct batch *batch, uint32_t cycles)
{
	bench_start(&t->bench, batch);
	for (uint32_t i = 0; i < cycles; i++) {
		bench_cycle(&t->bench);
		if (bench_over(&t->bench))
			return true;
	}
	return false;
}

static bool flushed_batch(struct test *t, struct rng *r, const struct batch *batch)
{
	t->flushes++;
	run_chip(t, batch, rng_range(r, 1, 600));
	if (!bench_flush(&t->bench))
		return complain(t, "not idle after a flush");
	bench_read_spm(&t->bench, t->spm);
	bench_adopt(&t->bench, t->spm);
	return true;
}

static bool plain_batch(struct test *t, const struct batch *batch)
{
	struct bench *b = &t->bench;
	uint64_t written = 0, before = b->written_bytes;
	struct expect x = run_func(t, batch);

	if (!run_chip(t, batch, BATCH_CYCLES))
		return complain(t, "the engines hang");
	if (x.fault)
		return check_fault(t, &x, batch);
	if (b->track[BENCH_LOAD].faulted || b->track[BENCH_STORE].faulted)
		return complain(t, "fault without reason");
	for (uint32_t i = 0; i < batch->count; i++)
		if (batch->engine[i] == BENCH_STORE)
			written += gen_bytes(batch->cmd[i]);
	if (b->written_bytes - before != written)
		return complain(t, "bytes written are miscounted");
	if (!host_quiet(&b->host))
		return complain(t, "idle with bursts outstanding");
	return check_memory(t, true);
}

static bool one_batch(struct test *t)
{
	struct rng *r = &t->bench.rng;
	uint32_t mode = rng_below(r, 3);
	struct batch batch;
	enum injection what = mode < 2 && rng_chance(r, 30) ? (enum injection)rng_below(r, INJECTIONS) : INJECT_NONE;
	bool ok;

	t->bench.batch = NULL;
	set_timing(&t->bench, r);
	set_regions(t, r);
	host_map_all(&t->bench.host);
	make_batch(t, r, mode != 1, mode != 0, &batch);
	inject(t, r, what, &batch);
	ok = rng_chance(r, 15) ? flushed_batch(t, r, &batch) : plain_batch(t, &batch);
	if (ok && bench_problem(&t->bench))
		return complain(t, bench_problem(&t->bench));
	return ok;
}

static int random_test(struct test *t, uint32_t n, uint32_t batches)
{
	bool ok = true;

	if (bench_init(&t->bench, n, t->seed))
		return 2;
	bench_read_spm(&t->bench, t->spm);
	bench_adopt(&t->bench, t->spm);
	for (t->batch = 0; ok && t->batch < batches; t->batch++)
		ok = one_batch(t);
	if (ok)
		printf("N=%u: %u batches, %llu bytes, %u faults, %u flushes, %llu cycles: ok\n", n, batches,
		       (unsigned long long)t->bytes, t->faults, t->flushes, (unsigned long long)t->bench.cycles);
	bench_finish(&t->bench);
	return ok ? 0 : 1;
}

struct speed {
	const char *name;
	uint32_t opcode;
	uint32_t len, runs;
	uint32_t host_step; /* from run to run, bytes */
	uint32_t host_offset;
	double wanted; /* bytes per cycle, N >= 16 */
};

static const struct speed speeds[] = {
	{"LOAD 64 KiB contiguous", QUERN_OP_LOAD, 65536, 1, 0, 0, 15.0},
	{"LOAD 1000 runs of 48 bytes", QUERN_OP_LOAD, 48, 1000, 192, 0, 10.0},
	{"LOAD 1000 runs of 48 bytes, odd", QUERN_OP_LOAD, 48, 1000, 199, 3, 8.0},
	{"LOAD 32 KiB, odd", QUERN_OP_LOAD, 32768, 1, 0, 5, 14.0},
	{"STORE 64 KiB contiguous", QUERN_OP_STORE, 65536, 1, 0, 0, 15.0},
	{"STORE 1000 runs of 48 bytes", QUERN_OP_STORE, 48, 1000, 192, 0, 10.0},
	{"STORE 32 KiB, odd", QUERN_OP_STORE, 32768, 1, 0, 5, 14.0},
	{"FILL 64 KiB", QUERN_OP_FILL, 65536, 1, 0, 0, 0.0},
};

static void speed_batch(const struct speed *s, struct batch *batch)
{
	struct quern_cmd_load c = {
		.offset_lo = s->host_offset,
		.len = s->len,
		.n1 = (uint16_t)s->runs,
		.n2 = 1,
		.n3 = 1,
		.host_s1 = (int32_t)s->host_step,
		.spm_s1 = s->len,
	};

	quern_cmd_load_pack(batch->cmd[0], &c);
	batch->cmd[0][0] = s->opcode;
	batch->engine[0] = s->opcode == QUERN_OP_STORE ? BENCH_STORE : BENCH_LOAD;
	batch->count = 1;
}

static bool one_speed(struct test *t, const struct speed *s, uint32_t n)
{
	double wanted = s->opcode == QUERN_OP_FILL ? n * 0.99 : n == 8 ? s->wanted / 2 : s->wanted;
	uint64_t before = t->bench.cycles;
	struct batch batch;
	double rate;

	speed_batch(s, &batch);
	if (!run_chip(t, &batch, BATCH_CYCLES))
		return complain(t, "the engines hang");
	rate = (double)s->len * s->runs / (double)(t->bench.cycles - before);
	printf("N=%-2u  %-32s %5.2f bytes/cycle (wanted %.2f)\n", n, s->name, rate, wanted);
	return rate >= wanted;
}

static int speed_test(struct test *t, uint32_t n)
{
	bool ok = true;

	if (bench_init(&t->bench, n, t->seed))
		return 2;
	for (uint32_t i = 0; i < QUERN_NUM_REGIONS; i++)
		t->bench.in.region[i] = HOST_VA;
	t->bench.host.timing =
		(struct host_timing){.latency_min = 100, .latency_max = 100, .request_pct = 100, .data_pct = 100};
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		ok = one_speed(t, &speeds[i], n) && ok;
	bench_finish(&t->bench);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, batches = 300;
	const struct number_argument options[] = {{"seed", &seed}, {"batches", &batches}, {NULL, NULL}};
	int ret, word = arguments_parse(argc, argv, options);
	struct test *t;

	if (word < 0)
		return 2;
	t = calloc(1, sizeof(*t));
	if (!t)
		return 2;
	t->seed = seed;
	if (word < argc && !strcmp(argv[word], "speed"))
		ret = speed_test(t, DMA_N);
	else
		ret = random_test(t, DMA_N, (uint32_t)batches);
	free(t);
	return ret;
}
