/* SPDX-License-Identifier: Apache-2.0 */
/* Small command streams for tests: a growing array of commands in the order of execution. */
#ifndef TESTS_RUNTIME_STREAM_H
#define TESTS_RUNTIME_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "accel/accel.h"
#include "quern/commands.h"

#define STREAM_MAX 256

struct stream {
	uint32_t w[STREAM_MAX][QUERN_CMD_WORDS];
	uint32_t num;
};

/* Bytes between region + offset and the scratchpad; a barrier follows. */
void stream_load(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes);
void stream_store(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes);
void stream_fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes);
/* Keeps the load unit busy for at least this many cycles, up to 2^31. */
void stream_delay(struct stream *s, uint32_t cycles);
/* One command that runs for ever, in every practical sense. */
void stream_endless(struct stream *s);
void stream_op(struct stream *s, enum quern_op opcode);
/* LOAD region 2, STORE region 3, END. */
void stream_copy(struct stream *s, uint32_t bytes);

/* A raw program with this stream as its whole image and int8 tensors: num_in inputs, then num_out outputs. */
enum accel_status stream_program(struct accel_device *dev, const struct stream *s, uint32_t num_in, uint32_t num_out,
				 uint64_t tensor_bytes, struct accel_program **program, struct accel_error *error);

#endif
