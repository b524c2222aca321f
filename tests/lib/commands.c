// SPDX-License-Identifier: Apache-2.0
/* Short command streams: see commands.h. */
#include <stdlib.h>
#include <string.h>

#include "lib/commands.h"

#define MOST_RUNS 65535 /* of one loop of a command */

void pack_copy(uint32_t *w, enum quern_op op, uint32_t region, uint64_t offset, uint32_t spm, uint32_t bytes)
{
	const struct quern_cmd_load c = {
		.region = (uint8_t)region,
		.offset_lo = (uint32_t)offset,
		.offset_hi = (uint8_t)(offset >> 32),
		.spm_base = spm,
		.len = bytes,
		.n1 = 1,
		.n2 = 1,
		.n3 = 1,
	};

	/* A STORE has the fields of a LOAD. */
	quern_cmd_load_pack(w, &c);
	w[0] = op;
}

void pack_fill(uint32_t *w, uint32_t spm, uint8_t value, uint32_t bytes)
{
	const struct quern_cmd_fill c = {.spm_base = spm, .len = bytes, .n1 = 1, .n2 = 1, .n3 = 1, .value = (int8_t)value};

	quern_cmd_fill_pack(w, &c);
}

struct stream stream_at(void *at)
{
	return (struct stream){.w = at, .max = UINT32_MAX};
}

static uint32_t *next(struct stream *s)
{
	if (s->num == s->max)
		abort();
	memset(s->w[s->num], 0, sizeof(s->w[0]));
	return s->w[s->num++];
}

void stream_op(struct stream *s, enum quern_op opcode)
{
	next(s)[0] = opcode;
}

void stream_load(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes)
{
	pack_copy(next(s), QUERN_OP_LOAD, region, offset, spm, bytes);
	stream_op(s, QUERN_OP_BARRIER);
}

void stream_store(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes)
{
	pack_copy(next(s), QUERN_OP_STORE, region, offset, spm, bytes);
	stream_op(s, QUERN_OP_BARRIER);
}

void stream_fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes)
{
	pack_fill(next(s), spm, value, bytes);
	stream_op(s, QUERN_OP_BARRIER);
}

/* The same byte many times, at most once in a cycle. */
static void repeat(struct stream *s, uint32_t n1, uint32_t n2, uint32_t n3)
{
	const struct quern_cmd_fill c = {.len = 1, .n1 = (uint16_t)n1, .n2 = (uint16_t)n2, .n3 = (uint16_t)n3};

	quern_cmd_fill_pack(next(s), &c);
	stream_op(s, QUERN_OP_BARRIER);
}

void stream_delay(struct stream *s, uint32_t cycles)
{
	if (cycles <= MOST_RUNS)
		repeat(s, cycles ? cycles : 1, 1, 1);
	else
		repeat(s, MOST_RUNS, cycles / MOST_RUNS + 1, 1);
}

void stream_endless(struct stream *s)
{
	repeat(s, MOST_RUNS, MOST_RUNS, MOST_RUNS);
}

void stream_yield(struct stream *s)
{
	stream_op(s, QUERN_OP_YIELD);
}

void stream_illegal(struct stream *s)
{
	stream_op(s, (enum quern_op)0xee);
}

void stream_end(struct stream *s)
{
	stream_op(s, QUERN_OP_END);
}
