/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazards between engines. Memory is cut into granules; each remembers its last writer and, per engine, its last reader. Engines run their
 * own commands in order, so for each other engine only the latest command to wait for matters.
 */
#include <stdlib.h>
#include <string.h>
#include "sched.h"

/* Most granules of one memory: bounds the tables, and is no bound for the largest scratchpad in vectors of the smallest array. */
#define MAX_GRANULES (1u << 21)
#define HOST_GRANULE 256
#define NUM_MEMORIES (2 + QUERN_NUM_REGIONS)

struct granule {
	int32_t writer; /* command, or -1 */
	int32_t reader[QUERN_UNIT_COUNT];
};

struct memory {
	struct granule *granules; /* NULL: never written, so no hazards */
	uint64_t count, size;	  /* size: bytes (entries) of a granule */
};

struct tracker {
	const struct backend *be;
	struct emit *e;
	struct memory mem[NUM_MEMORIES];
	struct cmd *cmd;
	int32_t index;
	int32_t writer; /* followed last */
};

static bool memory_init(struct memory *m, uint64_t bytes, uint64_t granule)
{
	m->size = granule;
	while ((bytes + m->size - 1) / m->size > MAX_GRANULES)
		m->size *= 2;
	m->count = (bytes + m->size - 1) / m->size + 1;
	m->granules = malloc(m->count * sizeof(*m->granules));
	if (m->granules)
		memset(m->granules, 0xff, m->count * sizeof(*m->granules));
	return m->granules;
}

static bool tracker_init(struct tracker *t, const struct backend *be)
{
	const struct graph *g = be->g;
	bool ok;

	*t = (struct tracker){.be = be};
	ok = memory_init(&t->mem[SPACE_SPM], be->t.spm_bytes, be->n) &&
	     memory_init(&t->mem[SPACE_ACC], (uint64_t)QUERN_ACC_ENTRIES * QUERN_ACC_BANKS, 1) &&
	     memory_init(&t->mem[SPACE_HOST + QUERN_PROGRAM_REGION_ARENA], be->arena_bytes, HOST_GRANULE);
	for (int i = 0; ok && i < g->num_outputs; i++) {
		int region = QUERN_PROGRAM_REGION_TENSOR + g->num_inputs + i;

		ok = memory_init(&t->mem[SPACE_HOST + region], g->outputs[i]->bytes, HOST_GRANULE);
	}
	return ok;
}

static void tracker_finish(struct tracker *t)
{
	for (int i = 0; i < NUM_MEMORIES; i++)
		free(t->mem[i].granules);
}

static void follow(struct tracker *t, int unit, int32_t other)
{
	if (unit != t->cmd->unit && other > t->cmd->after[unit])
		t->cmd->after[unit] = other;
}

/* Neighbours mostly have one writer: it is looked up once. */
static void follow_writer(struct tracker *t, int32_t writer)
{
	if (writer < 0 || writer == t->writer)
		return;
	t->writer = writer;
	follow(t, t->e->cmds[writer].unit, writer);
}

static void touch(struct tracker *t, struct granule *g, bool write)
{
	follow_writer(t, g->writer);
	if (!write) {
		g->reader[t->cmd->unit] = t->index;
		return;
	}
	for (int u = 0; u < QUERN_UNIT_COUNT; u++) {
		follow(t, u, g->reader[u]);
		g->reader[u] = -1;
	}
	g->writer = t->index;
}

static void touch_run(struct tracker *t, struct memory *m, uint64_t base, uint64_t len, bool write)
{
	uint64_t last = (base + len - 1) / m->size;

	for (uint64_t i = base / m->size; i <= last && i < m->count; i++)
		touch(t, &m->granules[i], write);
}

static void touch_dims(struct tracker *t, struct memory *m, const struct access *a, int dim, uint64_t base)
{
	if (dim == 0) {
		touch_run(t, m, base, a->len, a->write);
		return;
	}
	for (uint64_t i = 0; i < a->count[dim - 1]; i++)
		touch_dims(t, m, a, dim - 1, base + i * a->stride[dim - 1]);
}

/* Reads first: a command that works in place must not take itself for the reader it has to wait for. */
static void touch_all(struct tracker *t)
{
	struct access a[MAX_ACCESSES];
	int n = sched_accesses(t->be, t->cmd->w, a);

	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < n; i++) {
			struct memory *m = &t->mem[a[i].space + (a[i].space == SPACE_HOST ? a[i].region : 0)];

			if (a[i].write == (pass == 1) && m->granules)
				touch_dims(t, m, &a[i], a[i].dims, a[i].base);
		}
}

void sched_deps(struct backend *be, struct emit *e)
{
	struct tracker t;

	if (!tracker_init(&t, be))
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
	t.e = e;
	for (uint32_t i = 0; be->status == STATUS_OK && i < e->count; i++) {
		t.index = (int32_t)i;
		t.writer = -1;
		t.cmd = &e->cmds[i];
		for (int u = 0; u < QUERN_UNIT_COUNT; u++)
			t.cmd->after[u] = -1;
		touch_all(&t);
	}
	tracker_finish(&t);
}
