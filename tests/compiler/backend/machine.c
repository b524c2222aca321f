// SPDX-License-Identifier: Apache-2.0
/* Runs compiled graphs on the functional model: see machine.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "func.h"
#include "machine.h"
#include "quern/cmd_table.h"
#include "lib/rng.h"

#define PAGE 4096ull
#define QUEUE_DEPTH 8

/* Regions one after the other with a page between them; device addresses are offsets. */
struct memory {
	uint8_t *bytes;
	uint64_t size;
	uint64_t base[QUERN_NUM_REGIONS], bytes_of[QUERN_NUM_REGIONS];
	bool writable[QUERN_NUM_REGIONS];
	int regions;
};

static void *map(void *ctx, uint64_t addr, uint32_t len, bool write)
{
	struct memory *m = ctx;

	(void)write;
	return addr + len <= m->size ? m->bytes + addr : NULL;
}

/* Only pages of a region are valid, and only what the program may write is writable. */
static enum quern_fault translate(void *ctx, uint64_t vaddr, bool write, uint64_t *addr)
{
	struct memory *m = ctx;

	*addr = vaddr;
	for (int i = 0; i < m->regions; i++)
		if (vaddr >= m->base[i] && vaddr < m->base[i] + (m->bytes_of[i] + PAGE - 1) / PAGE * PAGE)
			return write && !m->writable[i] ? QUERN_FAULT_PAGE_WRITE : QUERN_FAULT_NONE;
	return QUERN_FAULT_PAGE_INVALID;
}

static void add_region(struct memory *m, uint64_t bytes, bool writable)
{
	int i = m->regions++;

	m->base[i] = m->size;
	m->bytes_of[i] = bytes;
	m->writable[i] = writable;
	m->size += (bytes + PAGE - 1) / PAGE * PAGE + PAGE;
}

static bool memory_init(struct memory *m, const struct graph *g, const struct program_image *image, int8_t **data)
{
	*m = (struct memory){.size = PAGE};
	add_region(m, image->image_bytes, false);
	add_region(m, image->arena_bytes, true);
	for (int i = 0; i < g->num_inputs; i++)
		add_region(m, g->inputs[i]->bytes, false);
	for (int i = 0; i < g->num_outputs; i++)
		add_region(m, g->outputs[i]->bytes, true);
	m->bytes = malloc(m->size);
	if (!m->bytes)
		return false;
	memset(m->bytes, 0xa5, m->size);
	memcpy(m->bytes + m->base[0], image->image, image->image_bytes);
	for (int i = 0; i < g->num_inputs; i++)
		memcpy(m->bytes + m->base[QUERN_PROGRAM_REGION_TENSOR + i], data[g->inputs[i]->id],
		       g->inputs[i]->bytes);
	return true;
}

/* Results to data. False if a byte between two regions or behind an output was written. */
static bool memory_collect(const struct memory *m, const struct graph *g, int8_t **data)
{
	for (int i = 0; i < m->regions; i++) {
		uint64_t end = m->base[i] + m->bytes_of[i], next = i + 1 < m->regions ? m->base[i + 1] : m->size;

		for (uint64_t a = end; a < next; a++)
			if (m->bytes[a] != 0xa5)
				return false;
	}
	for (int i = 0; i < g->num_outputs; i++) {
		int region = QUERN_PROGRAM_REGION_TENSOR + g->num_inputs + i;

		memcpy(data[g->outputs[i]->id], m->bytes + m->base[region], g->outputs[i]->bytes);
	}
	return true;
}

static bool run_in_order(struct func_machine *f, const struct memory *m, const struct program_image *image,
			 char text[256])
{
	struct func_job job = {
		.space = {.asid = 1}, .stream = m->base[0] + image->stream_offset, .ncmds = image->ncmds};
	struct func_result r;

	memcpy(job.space.region, m->base, sizeof(job.space.region));
	if (!func_run(f, &job, &r)) {
		snprintf(text, 256, "job refused");
		return false;
	}
	if (r.state != QUERN_JOB_STATE_DONE)
		snprintf(text, 256, "fault %s of %s at command %u, address %#llx", quern_fault_name(r.fault.kind),
			 quern_unit_name(r.fault.unit), r.index, (unsigned long long)r.fault.addr);
	return r.state == QUERN_JOB_STATE_DONE;
}

/* Queues of the four engines; tokens are counted when commands complete. */
struct engines {
	const uint32_t *stream;
	uint32_t n, spm_bytes;
	uint32_t next, count; /* to dispatch; commands before END */
	uint32_t *queue[QUERN_UNIT_COUNT];
	uint32_t head[QUERN_UNIT_COUNT], tail[QUERN_UNIT_COUNT];
	uint32_t tokens[QUERN_NUM_TOKENS];
};

static const uint32_t *command(const struct engines *e, uint32_t i)
{
	return e->stream + (size_t)i * QUERN_CMD_WORDS;
}

static bool idle(const struct engines *e)
{
	for (int u = 0; u < QUERN_UNIT_COUNT; u++)
		if (e->head[u] != e->tail[u])
			return false;
	return true;
}

/* Another job may have had the engines meanwhile. */
static void yield(struct engines *e, struct func_machine *f)
{
	memset(func_spm(f), 0x69, e->spm_bytes);
	memset(func_acc(f), 0x69, (size_t)QUERN_ACC_BANKS * QUERN_ACC_ENTRIES * e->n * sizeof(int32_t));
	memset(e->tokens, 0, sizeof(e->tokens));
	e->next++;
}

static void dispatch_all(struct engines *e, struct func_machine *f)
{
	while (e->next < e->count) {
		int u = quern_cmd_find(command(e, e->next)[0] & 0xff)->unit;

		if (u == QUERN_UNIT_SEQ) {
			if (!idle(e))
				return;
			yield(e, f);
			continue;
		}
		if (e->tail[u] - e->head[u] == QUEUE_DEPTH)
			return;
		e->queue[u][e->tail[u]++] = e->next++;
	}
}

static bool ready(const struct engines *e, int u)
{
	const uint32_t *w;

	if (e->head[u] == e->tail[u])
		return false;
	w = command(e, e->queue[u][e->head[u]]);
	for (int t = 0; t < QUERN_NUM_TOKENS; t++)
		if ((w[1] >> t & 1) && !e->tokens[t])
			return false;
	return true;
}

static bool step(struct engines *e, struct func_machine *f, int u, char text[256])
{
	uint32_t index = e->queue[u][e->head[u]++];
	const uint32_t *w = command(e, index);
	struct func_fault fault;

	if (!func_exec(f, w, &fault)) {
		snprintf(text, 256, "out of order: fault %s at command %u", quern_fault_name(fault.kind), index);
		return false;
	}
	for (int t = 0; t < QUERN_NUM_TOKENS; t++)
		e->tokens[t] += (w[2] >> t & 1) - (w[1] >> t & 1);
	return true;
}

/* One engine is a sprinter: it always goes when it can, which shows a missing token far more often than a fair draw. */
static bool run_engines(struct engines *e, struct func_machine *f, struct rng *r, char text[256])
{
	int sprinter = rng_in(r, 0, QUERN_UNIT_COUNT - 1);

	for (;;) {
		int can[QUERN_UNIT_COUNT], count = 0, u;

		dispatch_all(e, f);
		for (u = 1; u < QUERN_UNIT_COUNT; u++)
			if (ready(e, u))
				can[count++] = u;
		if (!count)
			break;
		u = can[rng_next(r) % (uint32_t)count];
		if (sprinter && ready(e, sprinter))
			u = sprinter;
		if (!step(e, f, u, text))
			return false;
	}
	if (e->next < e->count) {
		snprintf(text, 256, "deadlock at command %u", e->next);
		return false;
	}
	return true;
}

static bool run_out_of_order(struct func_machine *f, const struct target *t, const struct memory *m,
			     const struct program_image *image, uint64_t seed, char text[256])
{
	struct func_space space = {.asid = 1};
	struct rng r = {seed};
	struct engines e = {.stream = (const uint32_t *)(image->image + image->stream_offset),
			    .count = image->ncmds - 1,
			    .n = t->array,
			    .spm_bytes = t->spm_bytes};
	bool ok = true;

	memcpy(space.region, m->base, sizeof(space.region));
	func_set_space(f, &space);
	for (int u = 0; u < QUERN_UNIT_COUNT; u++) {
		e.queue[u] = malloc((size_t)image->ncmds * sizeof(uint32_t));
		ok = ok && e.queue[u];
	}
	ok = ok && run_engines(&e, f, &r, text);
	for (int u = 0; u < QUERN_UNIT_COUNT; u++)
		free(e.queue[u]);
	return ok;
}

bool machine_run(const struct graph *g, const struct target *t, const struct program_image *image, int8_t **data,
		 uint64_t seed, char text[256])
{
	static const struct func_mem_ops ops = {.map = map, .translate = translate};
	struct func_config config = {.n = t->array, .spm_bytes = t->spm_bytes};
	struct memory m;
	struct func_machine *f;
	bool ok;

	snprintf(text, 256, "out of memory");
	if (!memory_init(&m, g, image, data))
		return false;
	f = func_create(&config, &ops, &m);
	ok = f && (seed ? run_out_of_order(f, t, &m, image, seed, text) : run_in_order(f, &m, image, text));
	if (ok && !memory_collect(&m, g, data)) {
		snprintf(text, 256, "wrote outside the tensors");
		ok = false;
	}
	func_destroy(f);
	free(m.bytes);
	return ok;
}
