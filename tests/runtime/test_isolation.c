// SPDX-License-Identifier: Apache-2.0
/* Faults of every kind that a stream can cause, and that one context's fault, memory and data are no other's business. */
#include "api.h"

/* Runs a stream with one 4 KiB input and one output on a fresh context and returns how it ended. */
static struct accel_result run_alone(struct accel_device *dev, const struct stream *s, uint64_t timeout_cycles)
{
	struct accel_context *ctx = api_context(dev);
	struct accel_buffer *in = api_buffer(dev, PAGE);
	struct accel_buffer *out = api_buffer(dev, PAGE);
	const struct accel_binding bindings[] = {{in, 0}, {out, 0}};
	struct accel_program *program = api_program(dev, s, 1, 1, PAGE);
	const struct accel_submit submit = {
		.program = program,
		.tensors = bindings,
		.num_tensors = 2,
		.timeout_cycles = timeout_cycles,
	};
	struct accel_fence *fence;
	struct accel_result r;
	enum accel_status status;

	must(accel_context_submit(ctx, &submit, &fence, &err));
	status = api_finish(fence, &r);
	assert_int_equal(status, r.status);
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
	return r;
}

static void expect_fault(struct accel_device *dev, const struct stream *s, enum quern_fault fault, enum quern_unit unit,
			 uint32_t index)
{
	struct accel_result r = run_alone(dev, s, 0);

	if (r.status != ACCEL_ERROR_FAULT || r.fault != fault || r.fault_unit != unit || r.fault_index != index)
		fail_msg("expected %s in %s at %u, got status %s, %s in %s at %u", accel_fault_name(fault),
			 accel_unit_name(unit), index, accel_status_text(r.status), accel_fault_name(r.fault),
			 accel_unit_name(r.fault_unit), r.fault_index);
}

static void illegal_commands_fault(void **state)
{
	struct stream s = STREAM_HERE;

	stream_op(&s, QUERN_OP_NOP);
	stream_op(&s, (enum quern_op)0xff);
	expect_fault(*state, &s, QUERN_FAULT_ILLEGAL_OPCODE, QUERN_UNIT_SEQ, 1);
	s.num = 0;
	stream_end(&s);
	s.w[0][5] = 1;
	expect_fault(*state, &s, QUERN_FAULT_ILLEGAL_FIELD, QUERN_UNIT_SEQ, 0);
	s.num = 0;
	stream_load(&s, 2, 0, 0, 16);
	s.w[0][1] = 1;
	expect_fault(*state, &s, QUERN_FAULT_TOKEN, QUERN_UNIT_SEQ, 0);
	s.num = 0;
	stream_op(&s, QUERN_OP_NOP);
	expect_fault(*state, &s, QUERN_FAULT_STREAM_END, QUERN_UNIT_SEQ, 1);
}

static void accesses_out_of_bounds_fault(void **state)
{
	struct accel_device_info info;
	struct stream s = STREAM_HERE;
	struct accel_result r;

	accel_device_info(*state, &info);
	stream_load(&s, 2, 0, info.spm_bytes - 8, 16);
	expect_fault(*state, &s, QUERN_FAULT_SPM_BOUNDS, QUERN_UNIT_LOAD, 0);
	r = run_alone(*state, &s, 0);
	assert_int_equal(r.fault_addr, info.spm_bytes - 8);
	s.num = 0;
	stream_store(&s, 3, 0, info.spm_bytes - 8, 16);
	expect_fault(*state, &s, QUERN_FAULT_SPM_BOUNDS, QUERN_UNIT_STORE, 0);
	s.num = 0;
	stream_load(&s, 9, 0, 0, 16); /* nothing is bound there */
	expect_fault(*state, &s, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0);
	s.num = 0;
	stream_load(&s, 2, PAGE - 8, 0, 16); /* past the end, into the guard page */
	expect_fault(*state, &s, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0);
	s.num = 0;
	stream_store(&s, 0, 0, 0, 16); /* the image is read-only */
	expect_fault(*state, &s, QUERN_FAULT_PAGE_WRITE, QUERN_UNIT_STORE, 0);
}

static void read_only_buffers_are_not_written(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_program *program;
	struct accel_buffer *frozen;
	struct accel_result r;

	must(accel_buffer_create(*state, PAGE, ACCEL_BUFFER_READ_ONLY, &frozen, &err));
	stream_fill(&s, 0, 7, PAGE);
	stream_store(&s, 2, 0, 0, PAGE);
	stream_end(&s);
	program = api_program(*state, &s, 1, 0, PAGE);
	assert_int_equal(api_finish(api_submit(ctx, program, frozen, NULL), &r), ACCEL_ERROR_FAULT);
	assert_int_equal(r.fault, QUERN_FAULT_PAGE_WRITE);
	for (uint32_t i = 0; i < PAGE; i++)
		assert_int_equal(((char *)accel_buffer_map(frozen))[i], 0);
	accel_program_destroy(program);
	accel_buffer_destroy(frozen);
	accel_context_destroy(ctx);
}

static void a_long_job_is_stopped(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_result r;

	stream_endless(&s);
	stream_end(&s);
	r = run_alone(*state, &s, 20000);
	assert_int_equal(r.status, ACCEL_ERROR_JOB_TIMEOUT);
}

static void a_fault_stops_its_context_until_reset(void **state)
{
	struct stream good = STREAM_HERE, bad = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_context *other = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, PAGE);
	struct accel_buffer *out = api_buffer(*state, PAGE);
	struct accel_program *works, *faults;
	struct accel_fence *fence[3];

	stream_copy(&good, PAGE);
	/* Long enough for two more submissions, also by a kernel with sanitizers: the model counts no cycles and is faster. */
	stream_delay(&bad, strncmp(api_device, "func", 4) ? 10000000 : 100000000);
	stream_illegal(&bad);
	works = api_program(*state, &good, 1, 1, PAGE);
	faults = api_program(*state, &bad, 1, 1, PAGE);
	api_pattern(in, 5);
	fence[0] = api_submit(ctx, faults, in, out, NULL);
	fence[1] = api_submit(ctx, works, in, out, NULL);
	fence[2] = api_submit(other, works, in, out, NULL);
	must_fail(accel_fence_wait(fence[0], PATIENCE, &err), ACCEL_ERROR_FAULT,
		  "ILLEGAL_OPCODE in unit SEQ at command 2");
	must_fail(accel_fence_wait(fence[1], PATIENCE, &err), ACCEL_ERROR_CANCELED, "cancelled");
	assert_int_equal(accel_fence_wait(fence[2], PATIENCE, NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(in), accel_buffer_map(out), PAGE);
	for (int i = 0; i < 3; i++)
		accel_fence_destroy(fence[i]);
	must_fail(accel_context_submit(ctx,
				       &(struct accel_submit){.program = works,
							      .tensors = (struct accel_binding[]){{in, 0}, {out, 0}},
							      .num_tensors = 2},
				       &fence[0], &err),
		  ACCEL_ERROR_CONTEXT_LOST, "ILLEGAL_OPCODE");
	assert_int_equal(api_finish(api_submit(other, works, in, out, NULL), NULL), ACCEL_OK);
	must(accel_context_reset(ctx, &err));
	assert_int_equal(api_finish(api_submit(ctx, works, in, out, NULL), NULL), ACCEL_OK);
	must(accel_context_reset(ctx, &err));
	accel_program_destroy(works);
	accel_program_destroy(faults);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
	accel_context_destroy(other);
}

/* Reads region 2 at an offset that lies in the buffer bound next in another context, and stores what it finds. */
static void buffers_of_another_context_are_out_of_reach(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx[2] = {api_context(*state), api_context(*state)};
	struct accel_buffer *in = api_buffer(*state, PAGE);
	struct accel_buffer *out = api_buffer(*state, PAGE);
	struct accel_buffer *secret = api_buffer(*state, PAGE);
	struct accel_program *copy, *probe;
	struct accel_result r;

	stream_copy(&s, PAGE);
	copy = api_program(*state, &s, 1, 1, PAGE);
	for (int i = 0; i < 2; i++)
		assert_int_equal(api_finish(api_submit(ctx[i], copy, in, out, NULL), NULL), ACCEL_OK);
	assert_int_equal(api_finish(api_submit(ctx[0], copy, secret, out, NULL), NULL), ACCEL_OK);
	for (uint32_t page = 0; page < 16; page++) {
		s.num = 0;
		stream_load(&s, 2, page * PAGE, 0, 16);
		stream_end(&s);
		probe = api_program(*state, &s, 1, 1, PAGE);
		r = (struct accel_result){0};
		if (api_finish(api_submit(ctx[1], probe, in, out, NULL), &r) != ACCEL_OK)
			must(accel_context_reset(ctx[1], &err));
		/* in and out, two pages each with their guards, then only probes of this context */
		if (page == 1 || page == 3)
			assert_int_equal(r.fault, QUERN_FAULT_PAGE_INVALID);
		accel_program_destroy(probe);
	}
	accel_program_destroy(copy);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_buffer_destroy(secret);
	accel_context_destroy(ctx[0]);
	accel_context_destroy(ctx[1]);
}

/* Where the probe finds a destroyed buffer's pages: mapped just before, found by trying. */
static void a_destroyed_buffer_is_out_of_reach(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, PAGE);
	struct accel_buffer *out = api_buffer(*state, PAGE);
	struct accel_buffer *gone = api_buffer(*state, PAGE);
	struct accel_program *copy, *probe;
	struct accel_result r;

	stream_copy(&s, PAGE);
	copy = api_program(*state, &s, 1, 1, PAGE);
	s.num = 0;
	stream_load(&s, 2, 4 * PAGE, 0, PAGE); /* in, guard, out, guard, gone */
	stream_store(&s, 3, 0, 0, PAGE);
	stream_end(&s);
	probe = api_program(*state, &s, 1, 1, PAGE);
	api_pattern(gone, 77);
	assert_int_equal(api_finish(api_submit(ctx, copy, in, out, NULL), NULL), ACCEL_OK);
	assert_int_equal(api_finish(api_submit(ctx, copy, gone, out, NULL), NULL), ACCEL_OK);
	assert_int_equal(api_finish(api_submit(ctx, probe, in, out, NULL), NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(gone), accel_buffer_map(out), PAGE);
	accel_buffer_destroy(gone);
	assert_int_equal(api_finish(api_submit(ctx, probe, in, out, NULL), &r), ACCEL_ERROR_FAULT);
	assert_int_equal(r.fault, QUERN_FAULT_PAGE_INVALID);
	assert_int_equal(r.fault_unit, QUERN_UNIT_LOAD);
	must(accel_context_reset(ctx, &err));
	gone = api_buffer(*state, PAGE); /* the same addresses again, with other pages behind them */
	api_pattern(gone, 78);
	assert_int_equal(api_finish(api_submit(ctx, copy, gone, out, NULL), NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(gone), accel_buffer_map(out), PAGE);
	accel_program_destroy(copy);
	accel_program_destroy(probe);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_buffer_destroy(gone);
	accel_context_destroy(ctx);
}

/* Leaves a canary in the whole scratchpad. */
static void leave_canary(struct accel_device *dev, struct accel_context *ctx, struct accel_buffer *buffer)
{
	struct accel_device_info info;
	struct stream s = STREAM_HERE;
	struct accel_program *program;

	accel_device_info(dev, &info);
	stream_fill(&s, 0, 0xa5, info.spm_bytes);
	stream_store(&s, 2, 0, 0, info.spm_bytes);
	stream_end(&s);
	program = api_program(dev, &s, 0, 1, info.spm_bytes);
	assert_int_equal(api_finish(api_submit(ctx, program, buffer, NULL), NULL), ACCEL_OK);
	assert_int_equal(((unsigned char *)accel_buffer_map(buffer))[info.spm_bytes - 1], 0xa5);
	accel_program_destroy(program);
}

static void look_for_canary(struct accel_device *dev, struct accel_context *ctx, struct accel_buffer *buffer)
{
	const unsigned char *p = accel_buffer_map(buffer);
	struct accel_device_info info;
	struct stream s = STREAM_HERE;
	struct accel_program *program;

	accel_device_info(dev, &info);
	stream_store(&s, 2, 0, 0, info.spm_bytes);
	stream_end(&s);
	program = api_program(dev, &s, 0, 1, info.spm_bytes);
	assert_int_equal(api_finish(api_submit(ctx, program, buffer, NULL), NULL), ACCEL_OK);
	for (uint32_t i = 0; i < info.spm_bytes; i++)
		if (p[i])
			fail_msg("scratchpad byte %u of another context is visible: 0x%02x", i, p[i]);
	accel_program_destroy(program);
}

static void another_context_sees_a_clean_scratchpad(void **state)
{
	struct accel_device_info info;
	struct accel_context *ctx = api_context(*state);
	struct accel_context *other = api_context(*state);
	struct accel_buffer *buffer;

	accel_device_info(*state, &info);
	buffer = api_buffer(*state, info.spm_bytes);
	leave_canary(*state, ctx, buffer);
	look_for_canary(*state, other, buffer);
	accel_context_destroy(ctx);
	accel_context_destroy(other);
	accel_buffer_destroy(buffer);
}

/* The new context gets the slot and address space number of the old one. */
static void a_reused_slot_sees_a_clean_scratchpad(void **state)
{
	struct accel_device_info info;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *buffer;

	accel_device_info(*state, &info);
	buffer = api_buffer(*state, info.spm_bytes);
	leave_canary(*state, ctx, buffer);
	accel_context_destroy(ctx);
	ctx = api_context(*state);
	look_for_canary(*state, ctx, buffer);
	accel_context_destroy(ctx);
	accel_buffer_destroy(buffer);
}

#define on_device(f) cmocka_unit_test_setup_teardown(f, api_open, api_close)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		on_device(illegal_commands_fault),
		on_device(accesses_out_of_bounds_fault),
		on_device(read_only_buffers_are_not_written),
		on_device(a_long_job_is_stopped),
		on_device(a_fault_stops_its_context_until_reset),
		on_device(buffers_of_another_context_are_out_of_reach),
		on_device(a_destroyed_buffer_is_out_of_reach),
		on_device(another_context_sees_a_clean_scratchpad),
		on_device(a_reused_slot_sees_a_clean_scratchpad),
	};

	api_device = argc > 1 ? argv[1] : "func";
	return cmocka_run_group_tests_name(api_device, tests, NULL, NULL) ? 1 : 0;
}
