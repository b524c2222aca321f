// SPDX-License-Identifier: Apache-2.0
/* Command streams for tests. */
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static uint32_t *next(struct stream *s)
{
	if (s->num == STREAM_MAX)
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
	stream_op(s, QUERN_OP_BARRIER);
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
	stream_op(s, QUERN_OP_BARRIER);
}

static void fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes, const uint32_t n[3])
{
	const struct quern_cmd_fill c = {
		.spm_base = spm,
		.len = bytes,
		.n1 = (uint16_t)n[0],
		.n2 = (uint16_t)n[1],
		.n3 = (uint16_t)n[2],
		.value = (int8_t)value,
	};

	quern_cmd_fill_pack(next(s), &c);
	stream_op(s, QUERN_OP_BARRIER);
}

void stream_fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes)
{
	fill(s, spm, value, bytes, (const uint32_t[]){1, 1, 1});
}

void stream_delay(struct stream *s, uint32_t cycles)
{
	if (cycles < 65536)
		fill(s, 0, 0, 1, (const uint32_t[]){cycles, 1, 1});
	else
		fill(s, 0, 0, 1, (const uint32_t[]){65535, cycles / 65535 + 1, 1});
}

void stream_endless(struct stream *s)
{
	fill(s, 0, 0, 1, (const uint32_t[]){65535, 65535, 65535});
}

void stream_copy(struct stream *s, uint32_t bytes)
{
	stream_load(s, 2, 0, 0, bytes);
	stream_store(s, 3, 0, 0, bytes);
	stream_op(s, QUERN_OP_END);
}

enum accel_status stream_program(struct accel_device *dev, const struct stream *s, uint32_t num_in, uint32_t num_out,
				 uint64_t tensor_bytes, struct accel_program **program, struct accel_error *error)
{
	struct accel_raw_program raw = {
		.image = s->w,
		.image_bytes = (uint64_t)s->num * QUERN_CMD_BYTES,
		.num_commands = s->num,
		.num_tensors = num_in + num_out,
	};

	for (uint32_t i = 0; i < num_in + num_out; i++) {
		raw.tensor_bytes[i] = tensor_bytes;
		raw.tensor_kind[i] = i < num_in ? ACCEL_TENSOR_INPUT : ACCEL_TENSOR_OUTPUT;
	}
	return accel_program_create_raw(dev, &raw, program, error);
}
