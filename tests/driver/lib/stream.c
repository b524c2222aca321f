// SPDX-License-Identifier: Apache-2.0
/* Short command streams. */
#include <string.h>

#include "quern/commands.h"
#include "stream.h"

static uint32_t *next(struct stream *s)
{
	unsigned char *w = s->at + QUERN_CMD_BYTES * s->num++;

	memset(w, 0, QUERN_CMD_BYTES);
	return (uint32_t *)w;
}

static void op(struct stream *s, enum quern_op opcode)
{
	next(s)[0] = opcode;
}

void stream_load(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes)
{
	const struct quern_cmd_load c = {
		.region = (uint8_t)region,
		.offset_lo = offset,
		.spm_base = spm,
		.len = bytes,
		.n1 = 1,
		.n2 = 1,
		.n3 = 1,
	};

	quern_cmd_load_pack(next(s), &c);
	op(s, QUERN_OP_BARRIER);
}

void stream_store(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes)
{
	const struct quern_cmd_store c = {
		.region = (uint8_t)region,
		.offset_lo = offset,
		.spm_base = spm,
		.len = bytes,
		.n1 = 1,
		.n2 = 1,
		.n3 = 1,
	};

	quern_cmd_store_pack(next(s), &c);
	op(s, QUERN_OP_BARRIER);
}

static void fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes, uint32_t n1, uint32_t n2)
{
	const struct quern_cmd_fill c = {
		.spm_base = spm,
		.len = bytes,
		.n1 = (uint16_t)n1,
		.n2 = (uint16_t)n2,
		.n3 = 1,
		.value = (int8_t)value,
	};

	quern_cmd_fill_pack(next(s), &c);
	op(s, QUERN_OP_BARRIER);
}

void stream_fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes)
{
	fill(s, spm, value, bytes, 1, 1);
}

void stream_delay(struct stream *s, uint32_t cycles)
{
	if (cycles < 65536)
		fill(s, 0, 0, 1, cycles ? cycles : 1, 1);
	else
		fill(s, 0, 0, 1, 65535, cycles / 65535 + 1);
}

void stream_yield(struct stream *s)
{
	op(s, QUERN_OP_YIELD);
}

void stream_illegal(struct stream *s)
{
	op(s, (enum quern_op)0xee);
}

void stream_end(struct stream *s)
{
	op(s, QUERN_OP_END);
}
