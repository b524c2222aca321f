/* SPDX-License-Identifier: Apache-2.0 */
/* Hazard tracking and token allocation. Commands are numbered from 1 in stream order; 0 is none. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "hazard.h"
#include "quern/cmd_table.h"

#define ENGINES QUERN_UNIT_COUNT /* indexed by enum quern_unit; QUERN_UNIT_SEQ stays unused */
#define ACC_TOTAL (QUERN_ACC_BANKS * QUERN_ACC_ENTRIES)
#define TOKENS_PER_PAIR 2
#define NOISE_TOKENS (QUERN_NUM_TOKENS - TOKENS_PER_PAIR * 12)
#define NOISE_MAX 200
#define MAX_RUNS 128 /* of a LOAD or STORE: their overlap is checked pair by pair */
#define TAG_MANY UINT32_MAX

/* One scratchpad vector, accumulator entry or host byte. */
struct cell {
	uint16_t writer;
	uint16_t reader[ENGINES];
	bool defined;
};

/* What the command under examination does to one scratchpad vector. */
struct mark {
	uint32_t read_epoch;
	uint32_t write_epoch;
	uint32_t tag; /* which element of the command reads it */
};

/* A token that orders nothing anybody relies on. */
struct noise {
	uint8_t token;
	uint8_t producer;
	uint8_t consumer;
	uint8_t count;
};

struct hazard {
	struct hazard_config config;
	struct rng rng;
	uint32_t num_vectors;
	uint32_t host_bytes;
	struct cell *spm;
	struct cell *acc;
	struct cell *host;
	struct mark *mark;
	uint32_t epoch;
	uint16_t latest[ENGINES];
	uint16_t known[ENGINES][ENGINES];	      /* [y][x]: newest command of x complete when y's next starts */
	uint16_t clock[STREAM_MAX_CMDS + 1][ENGINES]; /* the same, when this command completes */
	uint8_t engine[STREAM_MAX_CMDS + 1];
	uint8_t token[ENGINES][ENGINES][TOKENS_PER_PAIR];
	struct noise noise[NOISE_TOKENS];
};

/* Deals the tokens out to pairs of engines in random order. */
static void deal_tokens(struct hazard *h)
{
	uint8_t deck[QUERN_NUM_TOKENS];
	uint32_t dealt = 0;

	for (uint32_t i = 0; i < QUERN_NUM_TOKENS; i++) {
		uint32_t j = rng_next(&h->rng) % (i + 1);

		deck[i] = deck[j];
		deck[j] = (uint8_t)i;
	}
	for (uint32_t x = 1; x < ENGINES; x++)
		for (uint32_t y = 1; y < ENGINES; y++)
			for (uint32_t i = 0; i < TOKENS_PER_PAIR && x != y; i++)
				h->token[x][y][i] = deck[dealt++];
	for (uint32_t i = 0; i < NOISE_TOKENS; i++)
		h->noise[i] = (struct noise){deck[dealt++], (uint8_t)rng_in(&h->rng, 1, ENGINES - 1),
					     (uint8_t)rng_in(&h->rng, 1, ENGINES - 1), 0};
	assert(dealt == QUERN_NUM_TOKENS);
}

struct hazard *hazard_create(const struct hazard_config *config, uint64_t seed)
{
	struct hazard *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->config = *config;
	h->rng.state = seed;
	h->num_vectors = config->spm_bytes / config->n;
	for (uint32_t i = 0; i < config->num_segments; i++)
		h->host_bytes += config->segment[i].bytes;
	h->spm = calloc(h->num_vectors, sizeof(*h->spm));
	h->acc = calloc(ACC_TOTAL, sizeof(*h->acc));
	h->host = calloc(h->host_bytes, sizeof(*h->host));
	h->mark = calloc(h->num_vectors, sizeof(*h->mark));
	if (!h->spm || !h->acc || !h->host || !h->mark) {
		hazard_destroy(h);
		return NULL;
	}
	deal_tokens(h);
	hazard_reset_state(h, true);
	return h;
}

void hazard_destroy(struct hazard *h)
{
	if (!h)
		return;
	free(h->mark);
	free(h->host);
	free(h->acc);
	free(h->spm);
	free(h);
}

void hazard_reset_state(struct hazard *h, bool defined)
{
	for (uint32_t i = 0; i < h->num_vectors; i++)
		h->spm[i] = (struct cell){.defined = defined};
	for (uint32_t i = 0; i < ACC_TOTAL; i++)
		h->acc[i] = (struct cell){.defined = defined};
}

/* The cell of a host byte, or NULL outside the segments. */
static struct cell *host_cells(struct hazard *h, const struct access *a)
{
	uint32_t before = 0;

	for (uint32_t i = 0; i < h->config.num_segments; i++) {
		const struct host_segment *s = &h->config.segment[i];

		if (a->start >= s->va && a->start - s->va + a->len <= s->bytes)
			return a->write && !s->writable ? NULL : h->host + before + (a->start - s->va);
		before += s->bytes;
	}
	return NULL;
}

static struct cell *cells(struct hazard *h, const struct access *a, uint32_t *count)
{
	uint32_t first = (uint32_t)a->start / h->config.n;

	*count = a->len;
	switch (a->space) {
	case ACCESS_SPM:
		*count = (uint32_t)(a->start + a->len - 1) / h->config.n - first + 1;
		return h->spm + first;
	case ACCESS_ACC:
		return h->acc + a->start;
	default:
		return host_cells(h, a);
	}
}

static bool in_bounds(struct hazard *h, const struct access *a)
{
	switch (a->space) {
	case ACCESS_SPM:
		return a->start + a->len <= h->config.spm_bytes;
	case ACCESS_ACC:
		return a->start < ACC_TOTAL && a->start % QUERN_ACC_ENTRIES + a->len <= QUERN_ACC_ENTRIES;
	default:
		return host_cells(h, a);
	}
}

static bool defined(struct hazard *h, const struct access *a)
{
	uint32_t count;
	const struct cell *c = cells(h, a, &count);

	if (a->space == ACCESS_HOST || a->write)
		return true;
	for (uint32_t i = 0; i < count; i++)
		if (!c[i].defined)
			return false;
	return true;
}

/*
 * Names the element of its command that an access belongs to. A command may write a vector that it reads too if one
 * element alone does both; commands that make no such promise get a different name for every access.
 */
static uint32_t element(const uint32_t *w, const struct footprint *f, uint32_t i, uint32_t points)
{
	uint32_t opcode = w[0] & 0xff;

	if (i == 0 && (opcode == QUERN_OP_SOFTMAX || (w[0] & 0x1ff) == (QUERN_OP_MAP | QUERN_MAP_OP_LUT << 8)))
		return TAG_MANY; /* a table: every element reads it */
	if ((opcode == QUERN_OP_ELTWISE || opcode == QUERN_OP_MAP) && points)
		return (f->count - 1 - i) % points;
	if (opcode == QUERN_OP_SOFTMAX)
		return (uint32_t)f->access[i].start;
	return (f->access[i].write ? 1u << 30 : 0) + i;
}

static bool mark_access(struct hazard *h, const struct access *a, uint32_t tag)
{
	uint32_t first = (uint32_t)a->start / h->config.n;
	uint32_t last = (uint32_t)(a->start + a->len - 1) / h->config.n;

	for (struct mark *m = h->mark + first; m <= h->mark + last; m++) {
		if (a->write) {
			if (m->write_epoch == h->epoch || (m->read_epoch == h->epoch && m->tag != tag))
				return false;
			m->write_epoch = h->epoch;
		} else {
			m->tag = m->read_epoch == h->epoch && m->tag != tag ? TAG_MANY : tag;
			m->read_epoch = h->epoch;
		}
	}
	return true;
}

/* Lists put a command's reads before its writes, so one pass sees every conflict. */
static bool vectors_free(struct hazard *h, const uint32_t *w, const struct footprint *f)
{
	uint32_t points = 0;

	for (uint32_t i = 0; i < f->count; i++)
		points += f->access[i].write;
	h->epoch++;
	for (uint32_t i = 0; i < f->count; i++)
		if (f->access[i].space == ACCESS_SPM && !mark_access(h, &f->access[i], element(w, f, i, points)))
			return false;
	return true;
}

/* Do the runs of a LOAD or STORE write disjoint bytes? */
static bool runs_free(const struct footprint *f)
{
	if (f->count > 2 * MAX_RUNS)
		return false;
	for (uint32_t i = 0; i < f->count; i++) {
		const struct access *a = &f->access[i];

		for (uint32_t j = 0; j < i && a->write; j++) {
			const struct access *b = &f->access[j];

			if (b->write && a->start < b->start + b->len && b->start < a->start + a->len)
				return false;
		}
	}
	return true;
}

static bool overlap_free(struct hazard *h, const uint32_t *w, const struct footprint *f)
{
	switch (w[0] & 0xff) {
	case QUERN_OP_FILL:
		return true;
	case QUERN_OP_LOAD:
	case QUERN_OP_STORE:
		return runs_free(f);
	default:
		return vectors_free(h, w, f);
	}
}

bool hazard_accepts(struct hazard *h, const uint32_t *w, const struct footprint *f)
{
	if (quern_cmd_check(w, h->config.n) != QUERN_FAULT_NONE || f->overflow)
		return false;
	for (uint32_t i = 0; i < f->count; i++)
		if (!in_bounds(h, &f->access[i]) || !defined(h, &f->access[i]))
			return false;
	return overlap_free(h, w, f);
}

static void raise(uint16_t *clock, uint16_t to)
{
	if (*clock < to)
		*clock = to;
}

/* The newest command of each engine that the accesses must come after. */
static void find_needs(struct hazard *h, const struct footprint *f, uint16_t *needs)
{
	for (uint32_t i = 0; i < f->count; i++) {
		const struct access *a = &f->access[i];
		uint32_t count;
		const struct cell *c = cells(h, a, &count);

		for (; count; count--, c++) {
			raise(&needs[h->engine[c->writer]], c->writer);
			for (uint32_t x = 1; x < ENGINES && a->write; x++)
				raise(&needs[x], c->reader[x]);
		}
	}
}

static void note(struct hazard *h, const struct footprint *f, uint16_t index)
{
	for (uint32_t i = 0; i < f->count; i++) {
		const struct access *a = &f->access[i];
		uint32_t count;
		struct cell *c = cells(h, a, &count);

		for (uint32_t k = 0; k < count; k++) {
			if (!a->write) {
				c[k].reader[h->engine[index]] = index;
				continue;
			}
			c[k].writer = index;
			if (a->space == ACCESS_ACC || ((k > 0 || a->start % h->config.n == 0) &&
						       (k + 1 < count || (a->start + a->len) % h->config.n == 0)))
				c[k].defined = true;
		}
	}
}

/* Orders command `index` after command `before` of another engine. */
static void synchronise(struct hazard *h, struct stream *s, uint16_t index, uint16_t before)
{
	uint8_t x = h->engine[before];
	uint8_t y = h->engine[index];
	uint32_t bit = 1u << h->token[x][y][rng_next(&h->rng) % TOKENS_PER_PAIR];

	assert(!(s->cmd[before - 1][2] & bit));
	s->cmd[before - 1][2] |= bit;
	s->cmd[index - 1][1] |= bit;
	for (uint32_t e = 1; e < ENGINES; e++)
		raise(&h->known[y][e], h->clock[before][e]);
}

static void make_noise(struct hazard *h, uint32_t *w, uint8_t engine)
{
	for (uint32_t i = 0; i < NOISE_TOKENS; i++) {
		struct noise *t = &h->noise[i];

		if (t->consumer == engine && t->count && rng_one_in(&h->rng, 2)) {
			t->count--;
			w[1] |= 1u << t->token;
		}
		if (t->producer == engine && t->count < NOISE_MAX && rng_one_in(&h->rng, 6)) {
			t->count++;
			w[2] |= 1u << t->token;
		}
	}
}

/* The command is the newest of its engine. */
static void complete(struct hazard *h, const struct footprint *f, uint16_t index)
{
	uint8_t me = h->engine[index];

	h->latest[me] = index;
	h->known[me][me] = index;
	memcpy(h->clock[index], h->known[me], sizeof(h->clock[index]));
	note(h, f, index);
}

void hazard_commit(struct hazard *h, struct stream *s, const struct footprint *f)
{
	uint16_t index = (uint16_t)s->ncmds;
	uint32_t *w = s->cmd[index - 1];
	uint8_t me = quern_cmd_find(w[0] & 0xff)->unit;
	uint16_t needs[ENGINES] = {0};

	h->engine[index] = me;
	if (me == QUERN_UNIT_SEQ)
		return;
	find_needs(h, f, needs);
	if (rng_one_in(&h->rng, 8)) { /* more order than needed is legal too */
		uint32_t x = rng_in(&h->rng, 1, ENGINES - 1);

		raise(&needs[x], h->latest[x]);
	}
	for (uint32_t x = 1; x < ENGINES; x++)
		if (x != me && needs[x] > h->known[me][x])
			synchronise(h, s, index, needs[x]);
	make_noise(h, w, me);
	complete(h, f, index);
}

void hazard_barrier(struct hazard *h, bool yield)
{
	for (uint32_t y = 1; y < ENGINES; y++)
		memcpy(h->known[y], h->latest, sizeof(h->latest));
	if (!yield)
		return;
	for (uint32_t i = 0; i < NOISE_TOKENS; i++)
		h->noise[i].count = 0;
	hazard_reset_state(h, false);
}

/* Which commands have signalled a token, and how many of the signals have met a wait. */
struct signals {
	uint16_t count[QUERN_NUM_TOKENS];
	uint16_t taken[QUERN_NUM_TOKENS];
	uint16_t by[QUERN_NUM_TOKENS][STREAM_MAX_CMDS];
};

static bool take_tokens(struct hazard *h, struct signals *sig, uint8_t me, uint32_t wait)
{
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++) {
		if (!(wait >> t & 1))
			continue;
		if (sig->taken[t] == sig->count[t])
			return false;
		for (uint32_t e = 1; e < ENGINES; e++)
			raise(&h->known[me][e], h->clock[sig->by[t][sig->taken[t]]][e]);
		sig->taken[t]++;
	}
	return true;
}

static bool command_ordered(struct hazard *h, struct signals *sig, const struct stream *s, uint16_t index,
			    struct footprint *f)
{
	const uint32_t *w = s->cmd[index - 1];
	uint16_t needs[ENGINES] = {0};
	uint8_t me = quern_cmd_find(w[0] & 0xff)->unit;

	h->engine[index] = me;
	if (me == QUERN_UNIT_SEQ) {
		if ((w[0] & 0xff) != QUERN_OP_NOP)
			hazard_barrier(h, (w[0] & 0xff) == QUERN_OP_YIELD);
		if ((w[0] & 0xff) == QUERN_OP_YIELD)
			memcpy(sig->taken, sig->count, sizeof(sig->taken));
		return true;
	}
	footprint_of(f, w, h->config.n, s->region);
	if (!hazard_accepts(h, w, f) || !take_tokens(h, sig, me, w[1]))
		return false;
	find_needs(h, f, needs);
	for (uint32_t x = 1; x < ENGINES; x++)
		if (x != me && needs[x] > h->known[me][x])
			return false;
	complete(h, f, index);
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		if (w[2] >> t & 1)
			sig->by[t][sig->count[t]++] = index;
	return true;
}

bool hazard_race_free(const struct hazard_config *config, const struct stream *s)
{
	struct hazard *h = hazard_create(config, 0);
	struct signals *sig = calloc(1, sizeof(*sig));
	struct footprint *f = malloc(sizeof(*f));
	bool free_of_races = h && sig && f;

	for (uint16_t index = 1; free_of_races && index <= s->ncmds; index++)
		free_of_races = command_ordered(h, sig, s, index, f);
	free(f);
	free(sig);
	hazard_destroy(h);
	return free_of_races;
}
