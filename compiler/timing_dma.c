/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DMA engines. Their front ends cut commands into bursts of at most 256 bytes, a burst every other cycle; the load engine has room for
 * 4 KiB in flight. What arrives is written in order with the FILLs.
 */
#include "cost.h"
#include "timing_sim.h"

#define BURST_BYTES 256
#define FIFO_BEATS 256

static uint32_t bus_words(uint64_t address, uint64_t bytes)
{
	return (uint32_t)((address % COST_BUS_WORD + bytes + COST_BUS_WORD - 1) / COST_BUS_WORD);
}

/* Bytes of the next burst of a run. */
static uint64_t burst_bytes(uint64_t host, uint64_t left)
{
	uint64_t bytes = BURST_BYTES - host % BURST_BYTES;

	return left < bytes ? left : bytes;
}

static struct timing_item *item_at(struct timing_load *l, uint32_t nth)
{
	return &l->item[nth % TIMING_ITEMS];
}

/* Completion of the first command of the engine that has none yet. */
static void set_load_done(struct timing_sim *s, uint64_t at)
{
	const struct timing_unit *u = &s->unit[TU_LOAD];
	uint32_t nth = u->completed;

	while (u->done[nth % TIMING_HELD] != TIMING_NEVER)
		nth++;
	timing_set_done(s, TU_LOAD, nth, at);
}

/* Writes what is there, in order. */
static void write_items(struct timing_sim *s)
{
	struct timing_load *l = &s->load;

	for (; l->taken != l->put; l->taken++) {
		struct timing_item *item = item_at(l, l->taken);

		if (item->from == TIMING_NEVER)
			return;
		/* Data is written as it arrives. */
		if (item->beats)
			l->free_at = later(l->free_at + item->cycles, item->from);
		else
			l->free_at = later(l->free_at, item->from) + item->cycles;
		if (item->beats) {
			l->release[l->release_put % TIMING_RELEASES].at = l->free_at;
			l->release[l->release_put++ % TIMING_RELEASES].beats = item->beats;
		}
		if (item->last)
			set_load_done(s, l->free_at + COST_LOAD_DONE);
	}
}

static void plan_load(struct timing_sim *s, uint64_t at);

/* The last beat of the oldest burst is on the bus until end. */
void timing_load_data(struct timing_sim *s, uint64_t end)
{
	struct timing_load *l = &s->load;

	while (item_at(l, l->arrived)->beats == 0)
		l->arrived++;
	item_at(l, l->arrived++)->from = end + COST_LOAD_WRITE;
	write_items(s);
	if (l->active && s->next[TA_LOAD] == TIMING_NEVER)
		plan_load(s, s->now);
}

static void put_item(struct timing_load *l, struct timing_item item)
{
	*item_at(l, l->put++) = item;
}

static void reclaim(struct timing_load *l, uint64_t now)
{
	while (l->release_taken != l->release_put && l->release[l->release_taken % TIMING_RELEASES].at <= now)
		l->reserved -= l->release[l->release_taken++ % TIMING_RELEASES].beats;
}

static bool has_room(const struct timing_sim *s, uint32_t beats)
{
	const struct timing_load *l = &s->load;
	const struct timing_client *c = &s->client[TC_LOAD];

	return l->reserved + beats <= FIFO_BEATS && c->asked - c->answered < TIMING_BURSTS &&
	       l->put - l->taken < TIMING_ITEMS;
}

/* Next burst: when there is room for it. */
static void plan_load(struct timing_sim *s, uint64_t at)
{
	struct timing_load *l = &s->load;
	uint32_t beats = bus_words(l->host, burst_bytes(l->host, l->left));

	reclaim(l, at);
	if (has_room(s, beats))
		s->next[TA_LOAD] = at;
	else if (l->release_taken != l->release_put)
		s->next[TA_LOAD] = later(at, l->release[l->release_taken % TIMING_RELEASES].at);
	else
		s->next[TA_LOAD] = TIMING_NEVER;
}

static void set_run(struct timing_load *l)
{
	const struct quern_cmd_load *c = &l->c;
	int64_t host = (int64_t)((uint64_t)c->offset_hi << 32 | c->offset_lo);

	host += (int64_t)l->i1 * c->host_s1 + (int64_t)l->i2 * c->host_s2 + (int64_t)l->i3 * c->host_s3;
	l->host = (uint64_t)host;
	l->spm = c->spm_base + l->i1 * c->spm_s1 + l->i2 * c->spm_s2 + l->i3 * c->spm_s3;
	l->left = c->len;
}

/* False behind the last run. */
static bool next_run(struct timing_load *l)
{
	if (++l->i1 == l->c.n1) {
		l->i1 = 0;
		if (++l->i2 == l->c.n2) {
			l->i2 = 0;
			l->i3++;
		}
	}
	return l->i3 < l->c.n3;
}

/* Cycles of the scratchpad port for a burst: a word each, in halves where vectors are narrower. */
static uint32_t write_cycles(const struct timing_sim *s, uint32_t beats, bool first)
{
	const struct timing_load *l = &s->load;
	bool prime = first && l->host % COST_BUS_WORD > l->spm % COST_BUS_WORD;

	return (s->m->n < COST_BUS_WORD ? 2 * beats : beats) + prime;
}

/* Asks for one burst. */
void timing_load(struct timing_sim *s)
{
	struct timing_load *l = &s->load;
	uint64_t bytes = burst_bytes(l->host, l->left), at;
	uint32_t beats = bus_words(l->host, bytes);
	bool more;

	reclaim(l, s->now);
	if (!has_room(s, beats)) {
		plan_load(s, s->now);
		return;
	}
	at = timing_translate(s, l->c.region, l->host, s->now);
	put_item(l, (struct timing_item){.from = TIMING_NEVER,
					 .cycles = write_cycles(s, beats, l->left == l->c.len),
					 .beats = beats});
	l->reserved += beats;
	timing_ask(s, TC_LOAD, at, beats);
	l->host += bytes;
	l->left -= bytes;
	more = l->left > 0 || next_run(l);
	item_at(l, l->put - 1)->last = !more;
	if (more && l->left == 0)
		set_run(l);
	l->active = more;
	if (more) {
		plan_load(s, at);
	} else {
		s->next[TA_LOAD] = TIMING_NEVER;
		timing_set_ready(s, TU_LOAD, at);
	}
}

/* Vectors that a FILL writes. */
static uint32_t fill_cycles(const struct timing_sim *s, const struct quern_cmd_load *c)
{
	uint32_t runs = (uint32_t)c->n1 * c->n2 * c->n3, n = s->m->n;

	return runs * ((c->spm_base % n + c->len + n - 1) / n);
}

void timing_load_accept(struct timing_sim *s, const struct cmd *c)
{
	struct timing_load *l = &s->load;

	quern_cmd_load_unpack(&l->c, c->w);
	if ((c->w[0] & 0xff) == QUERN_OP_FILL) {
		uint32_t runs = (uint32_t)l->c.n1 * l->c.n2 * l->c.n3;

		put_item(l, (struct timing_item){
				    .from = s->now + COST_LOAD_WRITE, .cycles = fill_cycles(s, &l->c), .last = true});
		write_items(s);
		timing_set_ready(s, TU_LOAD, s->now + COST_DMA_ACCEPT + (runs < TIMING_BURSTS ? runs : TIMING_BURSTS));
		return;
	}
	l->active = true;
	l->i1 = l->i2 = l->i3 = 0;
	set_run(l);
	plan_load(s, s->now + COST_DMA_ACCEPT);
}

/* A burst of a STORE; returns when its translation is there. */
static uint64_t store_burst(struct timing_sim *s, uint32_t region, uint64_t host, uint64_t bytes, uint64_t at)
{
	struct timing_store *st = &s->store;
	uint32_t beats = bus_words(host, bytes);
	uint64_t *response = &st->response[st->bursts++ % TIMING_BURSTS];

	at = later(timing_translate(s, region, host, at), *response);
	st->free_at = later(st->free_at, at + COST_STORE_READ) + (uint64_t)beats * s->beat_cycles;
	*response = st->free_at + s->m->board.bus_latency + COST_BUS_REGISTERS;
	return at;
}

static uint64_t store_run(struct timing_sim *s, uint32_t region, uint64_t host, uint64_t left, uint64_t at)
{
	while (left) {
		uint64_t bytes = burst_bytes(host, left);

		at = store_burst(s, region, host, bytes, at);
		host += bytes;
		left -= bytes;
	}
	return at;
}

/* Nothing else uses the write channel, so the whole command is known at once. */
void timing_store_accept(struct timing_sim *s, const struct cmd *c)
{
	struct timing_load walk = {0};
	uint64_t at = s->now + COST_DMA_ACCEPT, response;

	quern_cmd_load_unpack(&walk.c, c->w);
	do {
		set_run(&walk);
		at = store_run(s, walk.c.region, walk.host, walk.left, at);
	} while (next_run(&walk));
	response = s->store.response[(s->store.bursts - 1) % TIMING_BURSTS];
	timing_set_done(s, TU_STORE, s->unit[TU_STORE].accepted - 1, response);
	timing_set_ready(s, TU_STORE, at);
}
