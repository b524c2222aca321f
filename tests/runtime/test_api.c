// SPDX-License-Identifier: Apache-2.0
/*
 * The API, on the device named by the argument. What holds on one device holds on all: this is the test that a new
 * transport has to pass.
 */
#include "api.h"

static void open_explains_what_is_wrong(void **state)
{
	/* What a build with the kernel driver's transport says where there is no such device. */
#ifdef RUNTIME_DRM
	const enum accel_status no_node = ACCEL_ERROR_NO_DEVICE;
#else
	const enum accel_status no_node = ACCEL_ERROR_UNSUPPORTED;
#endif
	struct accel_device *dev;

	(void)state;
	must_fail(accel_device_open("fancy", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no device 'fancy'");
	assert_null(dev);
	must_fail(accel_device_open("func:7x7", &dev, &err), ACCEL_ERROR_NO_DEVICE, "8x8, 16x16 or 32x32");
	must_fail(accel_device_open("rtl:16", &dev, &err), ACCEL_ERROR_NO_DEVICE, "8x8, 16x16 or 32x32");
	must_fail(accel_device_open("rtl:16x16,bus=3", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no option 'bus=3'");
	must_fail(accel_device_open("rtl:16x16,bus=32", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no option 'bus=32'");
	must_fail(accel_device_open("rtl:16x16,latency=0", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no option 'latency=0'");
	must_fail(accel_device_open("rtl:16x16,latency=9 ", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no option 'latency=9 '");
	must_fail(accel_device_open("rtl:16x16,", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no option ''");
	must_fail(accel_device_open("func:16x16,bus=4", &dev, &err), ACCEL_ERROR_NO_DEVICE, "8x8, 16x16 or 32x32");
	must_fail(accel_device_open("functional", &dev, &err), ACCEL_ERROR_NO_DEVICE, "no device");
	must_fail(accel_device_open("accel63", &dev, &err), no_node, "kernel driver");
	must_fail(accel_device_open("/dev/accel/accel63", &dev, &err), no_node, "kernel driver");
	must_fail(accel_device_open(NULL, &dev, &err), ACCEL_ERROR_INVALID_ARGUMENT, "NULL");
	assert_int_equal(accel_device_open("fancy", &dev, NULL), ACCEL_ERROR_NO_DEVICE);
}

static void info_describes_the_device(void **state)
{
	struct accel_device_info info;

	accel_device_info(*state, &info);
	assert_true(info.array == 8 || info.array == 16 || info.array == 32);
	assert_true(strchr(info.name, ':') || !strncmp(info.name, "accel", 5));
	assert_true(info.spm_bytes >= 64 << 10);
	assert_int_equal(info.acc_entries, QUERN_ACC_ENTRIES);
	assert_int_equal(info.hw_version >> 16, QUERN_COMMANDS_MAJOR);
	assert_true(info.max_contexts >= 2 && info.queue_depth >= 2 && info.clock_hz > 0);
	for (size_t i = 0; i < sizeof(info.reserved) / sizeof(info.reserved[0]); i++)
		assert_int_equal(info.reserved[i], 0);
}

static void null_is_safe_to_destroy(void **state)
{
	(void)state;
	accel_device_close(NULL);
	accel_buffer_destroy(NULL);
	accel_program_destroy(NULL);
	accel_context_destroy(NULL);
	accel_fence_destroy(NULL);
	assert_null(accel_buffer_map(NULL));
}

static void every_status_has_a_text(void **state)
{
	(void)state;
	for (int i = 0; i <= ACCEL_ERROR_CONTEXT_LOST; i++)
		assert_string_not_equal(accel_status_text((enum accel_status)i), "unknown status");
	assert_string_equal(accel_status_text((enum accel_status)1000), "unknown status");
	assert_string_equal(accel_fault_name(QUERN_FAULT_BUS), "BUS");
	assert_string_equal(accel_unit_name(QUERN_UNIT_LOAD), "LOAD");
}

static void check_copy(struct accel_device *dev, struct accel_context *ctx, uint32_t bytes)
{
	struct stream s = STREAM_HERE;
	struct accel_buffer *in = api_buffer(dev, bytes);
	struct accel_buffer *out = api_buffer(dev, bytes);
	struct accel_program *program;

	stream_copy(&s, bytes);
	program = api_program(dev, &s, 1, 1, bytes);
	api_pattern(in, bytes);
	assert_int_equal(api_finish(api_submit(ctx, program, in, out, NULL), NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(in), accel_buffer_map(out), bytes);
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
}

static void a_job_copies_bytes(void **state)
{
	static const uint32_t sizes[] = {1, 15, 16, 4095, 4096, 4097, 65536};
	struct accel_context *ctx = api_context(*state);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		check_copy(*state, ctx, sizes[i]);
	accel_context_destroy(ctx);
}

static void result_has_counts(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, PAGE);
	struct accel_buffer *out = api_buffer(*state, PAGE);
	struct accel_program *program;
	struct accel_device_info info;
	struct accel_result r;
	struct accel_fence *fence;

	stream_copy(&s, PAGE);
	program = api_program(*state, &s, 1, 1, PAGE);
	accel_device_info(*state, &info);
	fence = api_submit(ctx, program, in, out, NULL);
	assert_int_equal(accel_fence_seqno(fence), 1);
	assert_int_equal(api_finish(fence, &r), ACCEL_OK);
	assert_int_equal(r.fault, QUERN_FAULT_NONE);
	assert_true(r.rd_bytes >= PAGE && r.wr_bytes == PAGE && r.wall_ns > 0);
	if (info.has_cycles) {
		assert_true(r.t_doorbell && r.t_doorbell < r.t_start && r.t_start < r.t_end);
		assert_true(accel_device_cycles(*state) >= r.t_end);
	}
	if (info.has_counters) {
		assert_in_range(r.job_cycles, 2 * PAGE / 16, r.t_end - r.t_start);
	}
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
}

static void bindings_take_an_offset(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *pool = api_buffer(*state, 3 * PAGE);
	const struct accel_binding bindings[] = {{pool, 100}, {pool, 2 * PAGE + 7}};
	struct accel_submit submit = {.tensors = bindings, .num_tensors = 2};
	struct accel_fence *fence;
	char *p = accel_buffer_map(pool);

	stream_copy(&s, 5000);
	submit.program = api_program(*state, &s, 1, 1, 4000);
	api_pattern(pool, 1);
	must_fail(accel_context_submit(ctx, &(struct accel_submit){submit.program, bindings, 1, 0, 0}, &fence, &err),
		  ACCEL_ERROR_INVALID_ARGUMENT, "2 tensors");
	accel_program_destroy(submit.program);
	s.num = 0;
	stream_copy(&s, 4000);
	submit.program = api_program(*state, &s, 1, 1, 4000);
	must(accel_context_submit(ctx, &submit, &fence, &err));
	assert_int_equal(api_finish(fence, NULL), ACCEL_OK);
	assert_memory_equal(p + 100, p + 2 * PAGE + 7, 4000);
	accel_program_destroy(submit.program);
	accel_buffer_destroy(pool);
	accel_context_destroy(ctx);
}

static void bad_submissions_are_refused(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *small = api_buffer(*state, 10);
	struct accel_buffer *in = api_buffer(*state, PAGE);
	struct accel_buffer *frozen;
	struct accel_binding b[2] = {{in, 0}, {small, 0}};
	struct accel_submit submit = {.tensors = b, .num_tensors = 2};
	struct accel_program *unbound;
	struct accel_fence *fence;

	stream_copy(&s, PAGE);
	submit.program = api_program(*state, &s, 1, 1, PAGE);
	must(accel_buffer_create(*state, PAGE, ACCEL_BUFFER_READ_ONLY, &frozen, &err));
	must_fail(accel_context_submit(ctx, &submit, &fence, &err), ACCEL_ERROR_INVALID_ARGUMENT, "needs 4096 bytes");
	b[1] = (struct accel_binding){frozen, 0};
	must_fail(accel_context_submit(ctx, &submit, &fence, &err), ACCEL_ERROR_INVALID_ARGUMENT, "read-only");
	b[1] = (struct accel_binding){in, UINT64_MAX};
	must_fail(accel_context_submit(ctx, &submit, &fence, &err), ACCEL_ERROR_INVALID_ARGUMENT, "bytes at offset");
	b[1] = (struct accel_binding){NULL, 0};
	must_fail(accel_context_submit(ctx, &submit, &fence, &err), ACCEL_ERROR_INVALID_ARGUMENT, "no buffer");
	submit.flags = 1;
	b[1] = (struct accel_binding){in, 0};
	must_fail(accel_context_submit(ctx, &submit, &fence, &err), ACCEL_ERROR_INVALID_ARGUMENT, "flags 0x1");
	submit.flags = 0;
	accel_program_destroy(submit.program);
	must(stream_program(NULL, &s, 1, 1, PAGE, &unbound, &err));
	submit.program = unbound;
	must_fail(accel_context_submit(ctx, &submit, &fence, &err), ACCEL_ERROR_INVALID_ARGUMENT, "not loaded for");
	assert_null(fence);
	accel_program_destroy(unbound);
	accel_buffer_destroy(frozen);
	accel_buffer_destroy(small);
	accel_buffer_destroy(in);
	accel_context_destroy(ctx);
}

static void jobs_of_a_context_run_in_order(void **state)
{
	enum { STEPS = 12 };
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *buffer[STEPS + 1];
	struct accel_fence *fence[STEPS];
	struct accel_program *program;

	stream_copy(&s, PAGE);
	program = api_program(*state, &s, 1, 1, PAGE);
	for (int i = 0; i <= STEPS; i++)
		buffer[i] = api_buffer(*state, PAGE);
	api_pattern(buffer[0], 99);
	for (int i = 0; i < STEPS; i++)
		fence[i] = api_submit(ctx, program, buffer[i], buffer[i + 1], NULL);
	assert_int_equal(accel_fence_wait(fence[STEPS - 1], PATIENCE, NULL), ACCEL_OK);
	for (int i = 0; i < STEPS; i++) {
		assert_true(accel_fence_done(fence[i]));
		assert_int_equal(accel_fence_seqno(fence[i]), i + 1);
		assert_int_equal(api_finish(fence[i], NULL), ACCEL_OK);
	}
	assert_memory_equal(accel_buffer_map(buffer[0]), accel_buffer_map(buffer[STEPS]), PAGE);
	for (int i = 0; i <= STEPS; i++)
		accel_buffer_destroy(buffer[i]);
	accel_program_destroy(program);
	accel_context_destroy(ctx);
}

static void the_arena_is_the_contexts_own(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, PAGE);
	struct accel_buffer *out = api_buffer(*state, PAGE);
	struct accel_raw_program raw = {
		.image = s.w,
		.arena_bytes = 3 * PAGE,
		.num_tensors = 2,
		.tensor_bytes = {PAGE, PAGE},
		.tensor_kind = {ACCEL_TENSOR_INPUT, ACCEL_TENSOR_OUTPUT},
	};
	struct accel_program *program;

	stream_load(&s, 2, 0, 0, PAGE);
	stream_store(&s, 1, PAGE + 100, 0, PAGE);
	stream_fill(&s, 0, 0, PAGE);
	stream_load(&s, 1, PAGE + 100, 0, PAGE);
	stream_store(&s, 3, 0, 0, PAGE);
	stream_end(&s);
	raw.num_commands = s.num;
	raw.image_bytes = (uint64_t)s.num * QUERN_CMD_BYTES;
	must(accel_program_create_raw(*state, &raw, &program, &err));
	api_pattern(in, 3);
	assert_int_equal(api_finish(api_submit(ctx, program, in, out, NULL), NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(in), accel_buffer_map(out), PAGE);
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
}

static void large_buffers_work_across_pages(void **state)
{
	enum { BYTES = 5 << 20, PART = 200000 };
	static const uint32_t offsets[] = {0, (2 << 20) - 1000, (4 << 20) - PART / 2, BYTES - PART};
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, BYTES);
	struct accel_buffer *out = api_buffer(*state, BYTES);
	const char *from = accel_buffer_map(in), *to = accel_buffer_map(out);

	api_pattern(in, 4);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct stream s = STREAM_HERE;
		struct accel_program *program;

		stream_load(&s, 2, offsets[i], 0, PART);
		stream_store(&s, 3, offsets[i], 0, PART);
		stream_end(&s);
		program = api_program(*state, &s, 1, 1, BYTES);
		assert_int_equal(api_finish(api_submit(ctx, program, in, out, NULL), NULL), ACCEL_OK);
		assert_memory_equal(from + offsets[i], to + offsets[i], PART);
		accel_program_destroy(program);
	}
	assert_int_equal(to[PART], 0);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
}

static void bad_arguments_are_refused(void **state)
{
	struct accel_raw_program raw = {.image = "", .image_bytes = 1, .num_tensors = 15};
	struct accel_context *ctx;
	struct accel_buffer *buffer;
	struct accel_program *program;

	must_fail(accel_buffer_create(*state, 0, 0, &buffer, &err), ACCEL_ERROR_INVALID_ARGUMENT, "size is 0");
	must_fail(accel_buffer_create(*state, 1, 2, &buffer, &err), ACCEL_ERROR_INVALID_ARGUMENT, "0x2");
	must_fail(accel_buffer_create(*state, UINT64_MAX, 0, &buffer, &err), ACCEL_ERROR_NO_MEMORY, "no memory");
	assert_null(buffer);
	must_fail(accel_context_create(*state, (enum accel_priority)4, &ctx, &err), ACCEL_ERROR_INVALID_ARGUMENT,
		  "priority 4");
	must_fail(accel_program_create_raw(*state, &raw, &program, &err), ACCEL_ERROR_INVALID_ARGUMENT, "at most 14");
	raw.num_tensors = 0;
	raw.num_commands = 1;
	must_fail(accel_program_create_raw(*state, &raw, &program, &err), ACCEL_ERROR_PROGRAM_FORMAT,
		  "outside the image");
	raw.image_bytes = 128;
	raw.stream_offset = 32;
	must_fail(accel_program_create_raw(*state, &raw, &program, &err), ACCEL_ERROR_PROGRAM_FORMAT,
		  "outside the image");
	assert_int_equal(accel_context_reset(NULL, NULL), ACCEL_ERROR_INVALID_ARGUMENT);
}

#define on_device(f) cmocka_unit_test_setup_teardown(f, api_open, api_close)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_explains_what_is_wrong),
		cmocka_unit_test(null_is_safe_to_destroy),
		cmocka_unit_test(every_status_has_a_text),
		on_device(info_describes_the_device),
		on_device(a_job_copies_bytes),
		on_device(result_has_counts),
		on_device(bindings_take_an_offset),
		on_device(bad_submissions_are_refused),
		on_device(jobs_of_a_context_run_in_order),
		on_device(the_arena_is_the_contexts_own),
		on_device(large_buffers_work_across_pages),
		on_device(bad_arguments_are_refused),
	};

	api_device = argc > 1 ? argv[1] : "func";
	return cmocka_run_group_tests_name(api_device, tests, NULL, NULL) ? 1 : 0;
}
