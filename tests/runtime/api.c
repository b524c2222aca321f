// SPDX-License-Identifier: Apache-2.0
/* What the API tests share. */
#include "api.h"

const char *api_device = "func";

int api_open(void **state)
{
	struct accel_device *dev;
	struct accel_error err;

	if (accel_device_open(api_device, &dev, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	*state = dev;
	return 0;
}

int api_close(void **state)
{
	accel_device_close(*state);
	return 0;
}

struct accel_context *api_context(struct accel_device *dev)
{
	struct accel_context *ctx;

	must(accel_context_create(dev, ACCEL_PRIORITY_NORMAL, &ctx, &err));
	return ctx;
}

struct accel_buffer *api_buffer(struct accel_device *dev, uint64_t bytes)
{
	struct accel_buffer *buffer;

	must(accel_buffer_create(dev, bytes, 0, &buffer, &err));
	return buffer;
}

struct accel_program *api_program(struct accel_device *dev, const struct stream *s, uint32_t num_in, uint32_t num_out,
				  uint64_t tensor_bytes)
{
	struct accel_program *program;

	must(stream_program(dev, s, num_in, num_out, tensor_bytes, &program, &err));
	return program;
}

void api_pattern(struct accel_buffer *buffer, uint32_t seed)
{
	unsigned char *p = accel_buffer_map(buffer);

	for (uint64_t i = 0; i < accel_buffer_size(buffer); i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (unsigned char)(seed >> 24);
	}
}

struct accel_fence *api_submit(struct accel_context *ctx, struct accel_program *program, ...)
{
	struct accel_binding bindings[ACCEL_MAX_TENSORS] = {0};
	struct accel_submit submit = {.program = program, .tensors = bindings};
	struct accel_buffer *buffer;
	struct accel_fence *fence;
	va_list args;

	va_start(args, program);
	for (buffer = va_arg(args, struct accel_buffer *); buffer; buffer = va_arg(args, struct accel_buffer *))
		bindings[submit.num_tensors++].buffer = buffer;
	va_end(args);
	must(accel_context_submit(ctx, &submit, &fence, &err));
	return fence;
}

enum accel_status api_finish(struct accel_fence *fence, struct accel_result *result)
{
	struct accel_result ignored;
	enum accel_status status = accel_fence_wait(fence, PATIENCE, NULL);

	assert_int_not_equal(status, ACCEL_ERROR_WAIT_TIMEOUT);
	assert_int_equal(accel_fence_result(fence, result ? result : &ignored), ACCEL_OK);
	accel_fence_destroy(fence);
	return status;
}
