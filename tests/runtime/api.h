/* SPDX-License-Identifier: Apache-2.0 */
/* What the API tests share: an open device, and short ways to do the usual things. */
#ifndef TESTS_RUNTIME_API_H
#define TESTS_RUNTIME_API_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream.h"

#define SECOND 1000000000ull
#define PATIENCE (120 * SECOND) /* for a job that should end; the machine may be busy */
#define PAGE 4096u

/* The device string of this run. */
extern const char *api_device;

int api_open(void **state);
int api_close(void **state);

/* Fails the test with the message unless status is ACCEL_OK. */
#define must(call)                                                                                                     \
	do {                                                                                                           \
		struct accel_error err;                                                                                \
		err.message[0] = '\0';                                                                                 \
		if ((call) != ACCEL_OK)                                                                                \
			fail_msg("%s: %s", #call, err.message);                                                        \
	} while (0)

/* Expects this status and a message that contains text. */
#define must_fail(call, expected, text)                                                                                \
	do {                                                                                                           \
		struct accel_error err;                                                                                \
		err.message[0] = '\0';                                                                                 \
		assert_int_equal(call, expected);                                                                      \
		if (!strstr(err.message, text) || strchr(err.message, '\n'))                                           \
			fail_msg("%s: '%s' does not say '%s'", #call, err.message, text);                              \
	} while (0)

struct accel_context *api_context(struct accel_device *dev);
struct accel_buffer *api_buffer(struct accel_device *dev, uint64_t bytes);
struct accel_program *api_program(struct accel_device *dev, const struct stream *s, uint32_t num_in, uint32_t num_out,
				  uint64_t tensor_bytes);
/* Bytes that differ from buffer to buffer. */
void api_pattern(struct accel_buffer *buffer, uint32_t seed);

/* Submit with one whole buffer a tensor; NULL ends the list. */
struct accel_fence *api_submit(struct accel_context *ctx, struct accel_program *program, ...);
/* Wait, destroy the fence, fill result. */
enum accel_status api_finish(struct accel_fence *fence, struct accel_result *result);

#endif
