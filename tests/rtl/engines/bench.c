/* SPDX-License-Identifier: Apache-2.0 */
/* Clock, scratchpad and command hand-over of the bench. */
#include "bench.h"
#include <stdio.h>
#include <string.h>

#define QUIET_CYCLES 1000000u /* without a completion: hung */
#define ACC_TOTAL (QUERN_ACC_BANKS * QUERN_ACC_ENTRIES)

static void *no_host_memory(void *ctx, uint64_t addr, uint32_t len, bool write)
{
	(void)ctx, (void)addr, (void)len, (void)write;
	return NULL;
}

bool bench_init(struct bench *b, uint32_t n)
{
	const struct func_config config = {.n = n, .spm_bytes = ENGINES_SPM_BYTES};
	const struct func_mem_ops ops = {.map = no_host_memory};

	memset(b, 0, sizeof(*b));
	b->n = n;
	b->rng = (struct rng){1};
	b->func = func_create(&config, &ops, NULL);
	b->model = engines_create();
	if (!b->func || !b->model) {
		bench_finish(b);
		return false;
	}
	for (int p = 0; p < PORTS; p++)
		b->grant_pct[p] = 100;
	b->offer_pct = 100;
	for (int i = 0; i < 4; i++)
		bench_cycle(b);
	b->in.rst_n = true;
	return bench_scrub(b);
}

void bench_finish(struct bench *b)
{
	engines_destroy(b->model);
	func_destroy(b->func);
	b->model = NULL;
	b->func = NULL;
}

static uint32_t byte_address(const struct bench *b, int port)
{
	return port == PORT_IFM ? b->out.addr[port] : b->out.addr[port] * b->n;
}

/* Data of granted reads arrives in the next cycle; without a grant the port carries noise. */
static void serve_port(struct bench *b, int port, uint8_t *next)
{
	uint32_t a = byte_address(b, port);

	for (uint32_t i = 0; i < b->n; i++)
		next[i] = (uint8_t)rng_u64(&b->rng);
	if (!b->in.gnt[port])
		return;
	if ((uint64_t)a + b->n > ENGINES_SPM_BYTES) {
		printf("port %d asks for address 0x%x\n", port, a);
		b->protocol_error = true;
		return;
	}
	if (port == PORT_VW)
		memcpy(b->spm + a, b->out.wdata, b->n);
	else
		memcpy(next, b->spm + a, b->n);
}

void bench_cycle(struct bench *b)
{
	uint8_t next[PORTS][ENGINES_MAX_N];
	bool want[PORTS];

	memset(b->in.gnt, 0, sizeof(b->in.gnt));
	engines_settle(b->model, &b->in, &b->out);
	memcpy(want, b->out.req, sizeof(want));
	for (int p = 0; p < PORTS; p++)
		b->in.gnt[p] = want[p] && (b->grant_pct[p] == 100 || rng_chance(&b->rng, b->grant_pct[p]));
	engines_settle(b->model, &b->in, &b->out);
	if (memcmp(want, b->out.req, sizeof(want))) {
		printf("a request depends on a grant of the same cycle\n");
		b->protocol_error = true;
	}
	/* A write of this cycle is not seen by a read of this cycle: banks have one port. */
	for (int p = 0; p < PORTS; p++)
		serve_port(b, p, next[p]);
	engines_clock(b->model);
	memcpy(b->in.rdata, next, sizeof(next));
	b->cycle++;
}

bool bench_scrub(struct bench *b)
{
	b->in.scrub = true;
	bench_cycle(b);
	b->in.scrub = false;
	for (int i = 0; i < 2 * QUERN_ACC_ENTRIES; i++) {
		bench_cycle(b);
		if (!b->out.scrub_busy)
			return true;
	}
	return false;
}

static bool flush_all(struct bench *b)
{
	b->in.flush[ENGINE_MATRIX] = b->in.flush[ENGINE_VECTOR] = true;
	for (int i = 0; i < 100; i++) {
		bench_cycle(b);
		if (!b->out.engine[ENGINE_MATRIX].idle || !b->out.engine[ENGINE_VECTOR].idle)
			continue;
		b->in.flush[ENGINE_MATRIX] = b->in.flush[ENGINE_VECTOR] = false;
		return true;
	}
	return false;
}

/* The next command of an engine that may start, or NULL. */
static struct bench_cmd *next_command(struct batch *batch, const uint32_t *pos, const struct outcome *o, int engine)
{
	struct bench_cmd *c;

	if (pos[engine] >= batch->count)
		return NULL;
	c = &batch->cmd[pos[engine]];
	return o->done[1 - engine] >= c->after ? c : NULL;
}

static uint32_t skip_others(const struct batch *batch, uint32_t pos, int engine)
{
	while (pos < batch->count && batch->cmd[pos].engine != engine)
		pos++;
	return pos;
}

/* Offers one command a cycle, each engine in turn, as one port carries the command to both. */
static struct bench_cmd *offer(struct bench *b, struct batch *batch, const uint32_t *pos, const struct outcome *o)
{
	int first = (int)(b->cycle & 1);
	struct bench_cmd *c = next_command(batch, pos, o, first);

	b->in.valid[0] = b->in.valid[1] = false;
	if (!rng_chance(&b->rng, b->offer_pct))
		return NULL;
	if (!c)
		c = next_command(batch, pos, o, 1 - first);
	if (!c)
		return NULL;
	b->in.valid[c->engine] = true;
	memcpy(b->in.cmd, c->w, sizeof(c->w));
	b->in.cmd_index = batch->first_index + (uint32_t)(c - batch->cmd);
	return c;
}

static void note_events(const struct bench *b, struct outcome *o)
{
	for (int e = 0; e < ENGINES; e++)
		for (int i = 0; i < 3; i++)
			o->events[e][i] += b->out.engine[e].events >> i & 1;
}

static void note_fault(const struct bench *b, struct outcome *o)
{
	for (int e = 0; e < ENGINES; e++) {
		const struct engine_out *out = &b->out.engine[e];

		if (!out->fault || o->fault)
			continue;
		o->fault = true;
		o->engine = e;
		o->kind = out->fault_kind;
		o->addr = out->fault_addr;
		o->index = out->fault_index;
	}
}

static void note_done(const struct bench *b, struct batch *batch, struct outcome *o, uint32_t *done_pos)
{
	for (int e = 0; e < ENGINES; e++) {
		if (!b->out.engine[e].done)
			continue;
		o->done[e]++;
		done_pos[e] = skip_others(batch, done_pos[e], e);
		if (done_pos[e] < batch->count)
			batch->cmd[done_pos[e]++].done = b->cycle;
	}
}

void bench_run(struct bench *b, struct batch *batch, struct outcome *o)
{
	uint32_t pos[ENGINES], done_pos[ENGINES] = {0};
	uint64_t start = b->cycle, alive = b->cycle;

	memset(o, 0, sizeof(*o));
	for (int e = 0; e < ENGINES; e++)
		pos[e] = skip_others(batch, 0, e);
	while (!o->fault && !o->hung && o->done[0] + o->done[1] < batch->count) {
		struct bench_cmd *c = offer(b, batch, pos, o);
		uint32_t before = o->done[0] + o->done[1];

		bench_cycle(b);
		if (c && b->out.engine[c->engine].ready) {
			c->accepted = b->cycle;
			pos[c->engine] = skip_others(batch, pos[c->engine] + 1, c->engine);
		}
		note_events(b, o);
		note_done(b, batch, o, done_pos);
		note_fault(b, o);
		if (o->done[0] + o->done[1] != before)
			alive = b->cycle;
		o->hung = b->cycle - alive > QUIET_CYCLES;
		o->flushed = batch->flush_at && b->cycle - start >= batch->flush_at;
		if (o->flushed)
			break;
	}
	b->in.valid[0] = b->in.valid[1] = false;
	o->cycles = b->cycle - start;
	if ((o->fault || o->flushed) && !flush_all(b))
		o->hung = true;
}

static void read_acc(struct bench *b, uint32_t entry, int32_t *v)
{
	b->in.dump = true;
	b->in.dump_addr = entry;
	bench_cycle(b);
	bench_cycle(b);
	b->in.dump = false;
	memcpy(v, b->out.dump, b->n * sizeof(*v));
}

bool bench_compare(struct bench *b)
{
	const uint8_t *spm = func_spm(b->func);
	const int32_t *acc = func_acc(b->func);
	int32_t got[ENGINES_MAX_N];

	for (uint32_t i = 0; i < ENGINES_SPM_BYTES; i++) {
		if (spm[i] == b->spm[i])
			continue;
		printf("scratchpad 0x%x: 0x%02x, functional model 0x%02x\n", i, b->spm[i], spm[i]);
		return false;
	}
	for (uint32_t e = 0; e < ACC_TOTAL; e++) {
		read_acc(b, e, got);
		for (uint32_t o = 0; o < b->n; o++) {
			if (got[o] == acc[e * b->n + o])
				continue;
			printf("accumulator %u lane %u: %d, functional model %d\n", e, o, got[o], acc[e * b->n + o]);
			return false;
		}
	}
	return !b->protocol_error;
}

void bench_resync(struct bench *b)
{
	memcpy(func_spm(b->func), b->spm, ENGINES_SPM_BYTES);
	for (uint32_t e = 0; e < ACC_TOTAL; e++)
		read_acc(b, e, func_acc(b->func) + e * b->n);
}
