/* SPDX-License-Identifier: Apache-2.0 */
/* Command streams with room of their own, and programs of them. */
#ifndef TESTS_RUNTIME_STREAM_H
#define TESTS_RUNTIME_STREAM_H

#include <stdint.h>

#include "accel/accel.h"
#include "lib/commands.h"

#define STREAM_MAX 256
/* An empty stream with room for STREAM_MAX commands, which lasts as long as the block it is declared in. */
#define STREAM_HERE {.w = (uint32_t[STREAM_MAX][QUERN_CMD_WORDS]){{0}}, .max = STREAM_MAX}

/* LOAD region 2, STORE region 3, END. */
void stream_copy(struct stream *s, uint32_t bytes);

/* A raw program with this stream as its whole image and int8 tensors: num_in inputs, then num_out outputs. */
enum accel_status stream_program(struct accel_device *dev, const struct stream *s, uint32_t num_in, uint32_t num_out,
				 uint64_t tensor_bytes, struct accel_program **program, struct accel_error *error);

#endif
