// SPDX-License-Identifier: Apache-2.0
/* Programs of short command streams: see stream.h. */
#include "stream.h"

void stream_copy(struct stream *s, uint32_t bytes)
{
	stream_load(s, 2, 0, 0, bytes);
	stream_store(s, 3, 0, 0, bytes);
	stream_end(s);
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
