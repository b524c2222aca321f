/* SPDX-License-Identifier: Apache-2.0 */
/* Reading from host memory: translation, the shared read channel, and the fetch of commands. See timing_sim.h. */
#include "cost.h"
#include "timing_sim.h"

/* A cache line of page table entries covers 8 pages: 32 KiB, or 16 MiB where buffers are in 2 MiB pages. */
#define LINE_SHIFT 15
#define BIG_LINE_SHIFT 24
#define BIG_PAGE (1u << 21)
#define BURST_BYTES 256
#define CMDS_A_BURST (BURST_BYTES / QUERN_CMD_BYTES)

static uint64_t walk_cycles(struct timing_sim *s)
{
	uint32_t levels = s->walked ? 1 : COST_WALK_LEVELS;

	s->walked = true;
	return (uint64_t)levels * (s->m->board.bus_latency + COST_WALK_BEATS * s->beat_cycles + COST_WALK_EXTRA);
}

/* The entry of a line; a new one, whose walk begins at `at`, if there is none. */
static struct timing_line *look_up(struct timing_sim *s, uint64_t tag, uint64_t at)
{
	uint32_t set = (uint32_t)(tag ^ tag >> 4) % TIMING_TLB_SETS;
	struct timing_line *line = s->tlb[set];

	for (int w = 0; w < TIMING_TLB_WAYS; w++)
		if (line[w].tag == tag)
			return &line[w];
	line += s->tlb_next[set]++ % TIMING_TLB_WAYS;
	*line = (struct timing_line){.tag = tag, .ready = at + walk_cycles(s)};
	return line;
}

uint64_t timing_translate(struct timing_sim *s, uint32_t region, uint64_t offset, uint64_t at)
{
	bool big = offset < s->m->region_bytes[region] / BIG_PAGE * BIG_PAGE;
	int shift = big ? BIG_LINE_SHIFT : LINE_SHIFT;
	/* Small buffers lie side by side. A tag of zero is no line. */
	bool small = s->m->region_bytes[region] < 1u << LINE_SHIFT;
	uint64_t place = small ? QUERN_NUM_REGIONS : region + 1;
	uint64_t tag = place << 32 | (big ? 1u << 31 : 0) | offset >> shift;
	uint64_t ready = look_up(s, tag, at)->ready;

	if (offset >> (shift - 1) & 1)
		look_up(s, tag + 1, at);
	return later(ready, at) + COST_TRANSLATE;
}

static void plan_bus(struct timing_sim *s)
{
	uint64_t due = TIMING_NEVER;

	for (int i = 0; i < TC_COUNT; i++) {
		const struct timing_client *c = &s->client[i];
		uint64_t at = c->burst[c->answered % (2 * TIMING_BURSTS)].due;

		if (c->asked != c->answered && at < due)
			due = at;
	}
	s->next[TA_BUS] = due == TIMING_NEVER ? due : later(due, s->bus_free);
}

void timing_ask(struct timing_sim *s, enum timing_client_id client, uint64_t at, uint32_t beats)
{
	struct timing_client *c = &s->client[client];

	c->burst[c->asked++ % (2 * TIMING_BURSTS)] =
		(struct timing_burst){.due = at + s->m->board.bus_latency + COST_BUS_REGISTERS, .beats = beats};
	plan_bus(s);
}

static bool is_due(const struct timing_sim *s, int client)
{
	const struct timing_client *c = &s->client[client];

	return c->asked != c->answered && c->burst[c->answered % (2 * TIMING_BURSTS)].due <= s->now;
}

/* Commands of a burst, each there with its last beat. */
static void commands_arrive(struct timing_sim *s, uint32_t beats)
{
	for (uint32_t beat = 0; beat < beats; beat += COST_CMD_BEATS) {
		uint64_t at = s->now + (uint64_t)(beat + COST_CMD_BEATS - 1) * s->beat_cycles + COST_CHECK;

		s->arrival[s->arrived++ % TIMING_ARRIVALS] = at;
	}
	timing_plan_dispatch(s);
}

/* Memory answers the clients in turn, a burst each. */
void timing_bus(struct timing_sim *s)
{
	int who = is_due(s, 1 - s->bus_last) ? 1 - s->bus_last : s->bus_last;
	struct timing_client *c = &s->client[who];
	uint32_t beats = c->burst[c->answered++ % (2 * TIMING_BURSTS)].beats;

	s->bus_last = who;
	s->bus_free = s->now + (uint64_t)beats * s->beat_cycles;
	if (who == TC_FETCH)
		commands_arrive(s, beats);
	else
		timing_load_data(s, s->bus_free);
	plan_bus(s);
}

void timing_plan_fetch(struct timing_sim *s)
{
	bool room = s->asked - s->dispatched <= COST_FETCH_AHEAD - CMDS_A_BURST;

	s->next[TA_FETCH] = s->asked < s->count && room ? later(s->now, s->fetch_ready) : TIMING_NEVER;
}

/* Bursts end at multiples of their size. */
void timing_fetch(struct timing_sim *s)
{
	uint64_t offset = s->m->stream_offset + (uint64_t)s->asked * QUERN_CMD_BYTES;
	uint32_t cmds = CMDS_A_BURST - (uint32_t)(offset / QUERN_CMD_BYTES) % CMDS_A_BURST;
	uint64_t at = timing_translate(s, QUERN_PROGRAM_REGION_IMAGE, offset, s->now);

	if (cmds > s->count - s->asked)
		cmds = s->count - s->asked;
	s->asked += cmds;
	s->fetch_ready = at + 1;
	timing_ask(s, TC_FETCH, at, cmds * COST_CMD_BEATS);
	timing_plan_fetch(s);
}
