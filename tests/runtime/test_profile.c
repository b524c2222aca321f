// SPDX-License-Identifier: Apache-2.0
/* Profiles, on the device named by the argument: where there is a trace, what it says; elsewhere, that it is refused. */
#include "api.h"
#include "quern/registers.h"

#define BYTES 8192u
#define JOBS 3

static uint32_t has_cycles(struct accel_device *dev)
{
	struct accel_device_info info;

	accel_device_info(dev, &info);
	return info.has_cycles;
}

static void run_job(struct accel_device *dev, struct accel_context *ctx, struct accel_result *result)
{
	struct stream s = STREAM_HERE;
	struct accel_buffer *in = api_buffer(dev, BYTES), *out = api_buffer(dev, BYTES);
	struct accel_program *program;

	stream_copy(&s, BYTES);
	program = api_program(dev, &s, 1, 1, BYTES);
	assert_int_equal(api_finish(api_submit(ctx, program, in, out, NULL), result), ACCEL_OK);
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
}

static struct accel_profile *profile_jobs(struct accel_device *dev, struct accel_result *result)
{
	struct accel_context *ctx = api_context(dev);
	struct accel_profile *profile;

	must(accel_device_profile_start(dev, 0, &err));
	for (int i = 0; i < JOBS; i++)
		run_job(dev, ctx, &result[i]);
	must(accel_device_profile_stop(dev, &profile, &err));
	accel_context_destroy(ctx);
	return profile;
}

static void devices_without_a_trace_say_so(void **state)
{
	struct accel_profile *profile;

	if (has_cycles(*state))
		skip();
	must_fail(accel_device_profile_start(*state, 0, &err), ACCEL_ERROR_UNSUPPORTED, "use rtl");
	must_fail(accel_device_profile_stop(*state, &profile, &err), ACCEL_ERROR_INVALID_ARGUMENT, "start one first");
	assert_null(profile);
}

static void misuse_is_refused(void **state)
{
	struct accel_profile *profile;

	if (!has_cycles(*state))
		skip();
	must(accel_device_profile_start(*state, 1, &err));
	must_fail(accel_device_profile_start(*state, 0, &err), ACCEL_ERROR_BUSY, "already");
	must_fail(accel_device_profile_stop(*state, NULL, &err), ACCEL_ERROR_INVALID_ARGUMENT, "NULL");
	must(accel_device_profile_stop(*state, &profile, &err));
	accel_profile_destroy(profile);
	accel_profile_destroy(NULL);
	must_fail(accel_device_profile_start(NULL, 0, &err), ACCEL_ERROR_INVALID_ARGUMENT, "NULL");
	must_fail(accel_device_profile_stop(NULL, &profile, &err), ACCEL_ERROR_INVALID_ARGUMENT, "NULL");
	assert_null(accel_counter_name(ACCEL_NUM_COUNTERS));
	assert_string_equal(accel_counter_name(QUERN_COUNTER_MX_BUSY), "MX_BUSY");
}

/* Each job is a LOAD and a STORE behind a barrier: four events, inside the job, in order. */
static void events_are_those_of_the_jobs(void **state)
{
	static const struct accel_profile_event want[] = {
		{.command = 0, .unit = QUERN_UNIT_LOAD, .end = 0},
		{.command = 0, .unit = QUERN_UNIT_LOAD, .end = 1},
		{.command = 2, .unit = QUERN_UNIT_STORE, .end = 0},
		{.command = 2, .unit = QUERN_UNIT_STORE, .end = 1},
	};
	struct accel_result result[JOBS];
	struct accel_profile_info info;
	struct accel_profile *profile;
	uint64_t last = 0;

	if (!has_cycles(*state))
		skip();
	profile = profile_jobs(*state, result);
	accel_profile_info(profile, &info);
	assert_int_equal(info.num_events, 4 * JOBS);
	assert_int_equal(info.lost_events, 0);
	for (uint32_t i = 0; i < info.num_events; i++) {
		struct accel_profile_event event = accel_profile_events(profile)[i];

		assert_true(event.cycle > result[i / 4].t_start && event.cycle < result[i / 4].t_end);
		assert_true(event.cycle > last);
		last = event.cycle;
		event.cycle = 0;
		assert_memory_equal(&event, &want[i % 4], sizeof(event));
	}
	accel_profile_destroy(profile);
}

/* The last sample is that of the last job, complete: each cycle of each engine has one name. */
static void samples_add_up(void **state)
{
	static const uint32_t idle[] = {QUERN_COUNTER_LD_IDLE, QUERN_COUNTER_ST_IDLE, QUERN_COUNTER_MX_IDLE,
					QUERN_COUNTER_VE_IDLE};
	const struct accel_profile_sample *sample;
	struct accel_result result[JOBS];
	struct accel_profile_info info;
	struct accel_profile *profile;

	if (!has_cycles(*state))
		skip();
	profile = profile_jobs(*state, result);
	accel_profile_info(profile, &info);
	assert_true(info.num_samples > 1);
	sample = &accel_profile_samples(profile)[info.num_samples - 1];
	assert_int_equal(sample->counter[QUERN_COUNTER_JOB_CYCLES], result[JOBS - 1].job_cycles);
	assert_int_equal(sample->counter[QUERN_COUNTER_WR_BYTES], BYTES);
	for (uint32_t engine = 0; engine < 4; engine++) {
		uint64_t sum = sample->counter[idle[engine]];

		for (uint32_t i = 0; i < 4; i++)
			sum += sample->counter[QUERN_COUNTER_LD_BUSY + 4 * engine + i];
		assert_int_equal(sum, result[JOBS - 1].job_cycles);
	}
	accel_profile_destroy(profile);
}

static uint64_t cycles(const struct accel_result *r)
{
	return r->t_complete - r->t_doorbell;
}

/* Watching must not change what is watched; only the firmware shares the registers with who watches. */
static void profiling_costs_no_cycles(void **state)
{
	struct accel_result with[JOBS], without[JOBS];
	struct accel_device *dev;

	if (!has_cycles(*state))
		skip();
	accel_profile_destroy(profile_jobs(*state, with));
	must(accel_device_open(api_device, &dev, &err));
	for (int i = 0; i < JOBS; i++) {
		struct accel_context *ctx = api_context(dev);

		run_job(dev, ctx, &without[i]);
		accel_context_destroy(ctx);
	}
	accel_device_close(dev);
	/* Commands are fetched before the start, which a register access of the host delays by a few cycles. */
	assert_true(labs((long)(with[0].job_cycles - without[0].job_cycles)) < 16);
	assert_true(labs((long)(cycles(&with[0]) - cycles(&without[0]))) < 64);
}

/* A profile that nobody stops goes with the device; one that was stopped outlives it. */
static void closing_ends_a_profile(void **state)
{
	struct accel_profile_info info;
	struct accel_profile *profile;
	struct accel_result result;
	struct accel_context *ctx;
	struct accel_device *dev;

	if (!has_cycles(*state))
		skip();
	must(accel_device_open(api_device, &dev, &err));
	ctx = api_context(dev);
	must(accel_device_profile_start(dev, 0, &err));
	run_job(dev, ctx, &result);
	must(accel_device_profile_stop(dev, &profile, &err));
	must(accel_device_profile_start(dev, 0, &err));
	accel_device_close(dev);
	accel_context_destroy(ctx);
	accel_profile_info(profile, &info);
	assert_int_equal(info.num_events, 4);
	accel_profile_destroy(profile);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(devices_without_a_trace_say_so, api_open, api_close),
		cmocka_unit_test_setup_teardown(misuse_is_refused, api_open, api_close),
		cmocka_unit_test_setup_teardown(events_are_those_of_the_jobs, api_open, api_close),
		cmocka_unit_test_setup_teardown(samples_add_up, api_open, api_close),
		cmocka_unit_test_setup_teardown(profiling_costs_no_cycles, api_open, api_close),
		cmocka_unit_test_setup_teardown(closing_ends_a_profile, api_open, api_close),
	};

	if (argc > 1)
		api_device = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
