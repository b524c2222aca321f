/* SPDX-License-Identifier: Apache-2.0 */
/* Cycle loop of the DMA benches: see bench.h. */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FLUSH_CYCLES 20000u

static void *map_func(void *ctx, uint64_t bus_addr, uint32_t len, bool write)
{
	struct bench *b = ctx;
	int64_t offset = host_offset(&b->host, bus_addr);

	(void)len;
	(void)write;
	return offset < 0 ? NULL : b->func_mem + offset;
}

static enum quern_fault translate_func(void *ctx, uint64_t vaddr, bool write, uint64_t *bus_addr)
{
	struct bench *b = ctx;

	return host_translate(&b->host, vaddr, write, bus_addr);
}

static void scrub(struct bench *b)
{
	b->in.scrub = true;
	bench_cycle(b);
	b->in.scrub = false;
	do {
		bench_cycle(b);
	} while (b->out.scrub_busy);
}

int bench_init(struct bench *b, uint32_t n, uint64_t seed)
{
	const struct func_mem_ops ops = {.map = map_func, .translate = translate_func};
	const struct func_config config = {.n = n, .spm_bytes = DMA_SPM_BYTES};

	memset(b, 0, sizeof(*b));
	b->n = n;
	b->rng = (struct rng){seed};
	if (host_init(&b->host, seed ^ 0x5a5a))
		return -ENOMEM;
	b->model = dma_create(seed);
	b->func = func_create(&config, &ops, b);
	b->func_mem = malloc(HOST_BYTES);
	if (!b->model || !b->func || !b->func_mem) {
		bench_finish(b);
		return -ENOMEM;
	}
	memcpy(b->func_mem, b->host.mem, HOST_BYTES);
	for (int i = 0; i < 4; i++)
		bench_cycle(b);
	b->in.rst_n = true;
	scrub(b);
	return 0;
}

void bench_finish(struct bench *b)
{
	dma_destroy(b->model);
	func_destroy(b->func);
	free(b->func_mem);
	host_finish(&b->host);
}

static void offer(struct bench *b)
{
	enum bench_engine pick = rng_chance(&b->rng, 50) ? BENCH_LOAD : BENCH_STORE;
	const struct bench_track *t;

	b->in.load.cmd_valid = false;
	b->in.store.cmd_valid = false;
	if (!b->batch)
		return;
	if (b->track[pick].next == b->batch->count)
		pick = pick == BENCH_LOAD ? BENCH_STORE : BENCH_LOAD;
	t = &b->track[pick];
	if (t->next == b->batch->count)
		return;
	memcpy(b->in.cmd, b->batch->cmd[t->next], sizeof(b->in.cmd));
	b->in.cmd_index = t->next;
	b->in.load.cmd_valid = pick == BENCH_LOAD;
	b->in.store.cmd_valid = pick == BENCH_STORE;
}

static void make_noise(struct bench *b)
{
	b->in.ifm_req = rng_chance(&b->rng, b->noise_pct);
	b->in.ifm_addr = rng_below(&b->rng, DMA_SPM_BYTES - b->n + 1);
	b->in.wt_req = rng_chance(&b->rng, b->noise_pct);
	b->in.wt_addr = rng_below(&b->rng, DMA_SPM_BYTES / b->n);
}

static uint32_t next_of(const struct batch *batch, uint32_t from, enum bench_engine e)
{
	while (from < batch->count && batch->engine[from] != e)
		from++;
	return from;
}

static void follow(struct bench *b, enum bench_engine e, const struct dma_engine_in *in,
		   const struct dma_engine_out *out)
{
	struct bench_track *t = &b->track[e];
	bool held = t->accepted != t->done;
	uint32_t events = out->events;

	if (!b->in.rst_n)
		return;
	if (!in->flush && (events & (events - 1) || (events != 0) != held))
		b->host.failed = "not exactly one of busy and stalls while a command is in the engine";
	if (in->cmd_valid && out->cmd_ready) {
		t->accepted++;
		t->next = next_of(b->batch, t->next + 1, e);
	}
	t->done += out->done;
	if (out->fault && t->faulted)
		b->host.failed = "two faults";
	if (out->fault) {
		t->faulted = true;
		t->fault = *out;
	}
}

void bench_cycle(struct bench *b)
{
	b->cycles++;
	host_drive(&b->host, &b->in);
	offer(b);
	make_noise(b);
	dma_settle(b->model, &b->in, &b->out);
	host_observe(&b->host, &b->in, &b->out);
	follow(b, BENCH_LOAD, &b->in.load, &b->out.load);
	follow(b, BENCH_STORE, &b->in.store, &b->out.store);
	b->written_bytes += b->out.wr_bytes;
	dma_clock(b->model);
}

void bench_start(struct bench *b, const struct batch *batch)
{
	b->batch = batch;
	memset(b->track, 0, sizeof(b->track));
	for (int e = 0; e < BENCH_ENGINES; e++)
		b->track[e].next = next_of(batch, 0, (enum bench_engine)e);
}

bool bench_over(const struct bench *b)
{
	if (b->track[BENCH_LOAD].faulted || b->track[BENCH_STORE].faulted)
		return true;
	return b->track[BENCH_LOAD].done + b->track[BENCH_STORE].done == b->batch->count && b->out.load.idle &&
	       b->out.store.idle;
}

bool bench_flush(struct bench *b)
{
	b->batch = NULL;
	b->in.load.flush = true;
	b->in.store.flush = true;
	for (uint32_t i = 0; i < FLUSH_CYCLES; i++) {
		bench_cycle(b);
		if (b->out.load.idle && b->out.store.idle) {
			b->in.load.flush = false;
			b->in.store.flush = false;
			memset(b->track, 0, sizeof(b->track));
			if (!host_quiet(&b->host))
				b->host.failed = "idle with bursts outstanding";
			return true;
		}
	}
	return false;
}

void bench_read_spm(struct bench *b, uint8_t *spm)
{
	uint32_t noise = b->noise_pct;
	uint32_t vectors = DMA_SPM_BYTES / b->n;

	b->noise_pct = 0;
	b->in.va_req = true;
	for (uint32_t i = 0; i <= vectors; i++) {
		b->in.va_addr = i % vectors;
		bench_cycle(b);
		if (i)
			memcpy(spm + (i - 1) * b->n, b->out.va_rdata, b->n);
		if (!b->out.va_gnt)
			b->host.failed = "a lone read was refused";
	}
	b->in.va_req = false;
	b->noise_pct = noise;
}

void bench_adopt(struct bench *b, const uint8_t *spm)
{
	memcpy(func_spm(b->func), spm, DMA_SPM_BYTES);
	memcpy(b->func_mem, b->host.mem, HOST_BYTES);
}

const char *bench_problem(const struct bench *b)
{
	return b->host.failed;
}
