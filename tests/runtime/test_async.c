// SPDX-License-Identifier: Apache-2.0
/* Jobs in flight: waiting, full queues, cancellation, lifetimes, priorities, threads. */
#include <pthread.h>

#include "api.h"

/* A program that runs until it is stopped. */
static struct accel_program *endless(struct accel_device *dev)
{
	struct stream s = STREAM_HERE;

	stream_endless(&s);
	stream_end(&s);
	return api_program(dev, &s, 0, 0, 0);
}

static struct accel_program *copier(struct accel_device *dev, uint32_t bytes)
{
	struct stream s = STREAM_HERE;

	stream_copy(&s, bytes);
	return api_program(dev, &s, 1, 1, bytes);
}

static void a_wait_ends_and_the_job_goes_on(void **state)
{
	struct accel_context *ctx = api_context(*state);
	struct accel_program *program = endless(*state);
	struct accel_fence *fence = api_submit(ctx, program, NULL);
	struct accel_result r;

	assert_int_equal(accel_fence_wait(fence, 0, NULL), ACCEL_ERROR_WAIT_TIMEOUT);
	must_fail(accel_fence_wait(fence, SECOND / 100, &err), ACCEL_ERROR_WAIT_TIMEOUT, "job 1 is not finished");
	assert_false(accel_fence_done(fence));
	assert_int_equal(accel_fence_result(fence, &r), ACCEL_ERROR_BUSY);
	accel_context_destroy(ctx);
	assert_true(accel_fence_done(fence));
	assert_int_equal(api_finish(fence, &r), ACCEL_ERROR_CANCELED);
	accel_program_destroy(program);
}

static void a_full_queue_says_so(void **state)
{
	struct accel_fence *fence[1024];
	struct accel_device_info info;
	struct accel_context *ctx = api_context(*state);
	struct accel_program *program = endless(*state);
	const struct accel_submit submit = {.program = program};
	struct accel_fence *extra;

	accel_device_info(*state, &info);
	assert_in_range(info.queue_depth, 2, 1024);
	for (uint32_t i = 0; i < info.queue_depth; i++)
		fence[i] = api_submit(ctx, program, NULL);
	must_fail(accel_context_submit(ctx, &submit, &extra, &err), ACCEL_ERROR_BUSY, "in flight");
	accel_context_destroy(ctx);
	for (uint32_t i = 0; i < info.queue_depth; i++)
		assert_int_equal(api_finish(fence[i], NULL), ACCEL_ERROR_CANCELED);
	accel_program_destroy(program);
}

static void the_queue_wraps(void **state)
{
	enum { KEEP = 40, JOBS = 150 };
	struct accel_fence *fence[KEEP] = {0};
	struct accel_context *ctx = api_context(*state);
	struct accel_program *program = copier(*state, 64);
	struct accel_buffer *a = api_buffer(*state, 64), *b = api_buffer(*state, 64);

	for (int i = 0; i < JOBS; i++) {
		if (fence[i % KEEP])
			assert_int_equal(api_finish(fence[i % KEEP], NULL), ACCEL_OK);
		fence[i % KEEP] = api_submit(ctx, program, a, b, NULL);
		assert_int_equal(accel_fence_seqno(fence[i % KEEP]), i + 1);
	}
	for (int i = 0; i < KEEP; i++)
		assert_int_equal(api_finish(fence[i], NULL), ACCEL_OK);
	accel_program_destroy(program);
	accel_buffer_destroy(a);
	accel_buffer_destroy(b);
	accel_context_destroy(ctx);
}

/* Everything that the job needs is given back by the caller before the job has ended. */
static void jobs_keep_what_they_need(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, PAGE), *out = api_buffer(*state, PAGE);
	struct accel_program *program, *last;

	stream_delay(&s, 200000);
	stream_copy(&s, PAGE);
	program = api_program(*state, &s, 1, 1, PAGE);
	api_pattern(in, 6);
	accel_fence_destroy(api_submit(ctx, program, in, out, NULL));
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	last = copier(*state, PAGE);
	in = api_buffer(*state, PAGE);
	assert_int_equal(api_finish(api_submit(ctx, last, out, in, NULL), NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(in), accel_buffer_map(out), PAGE);
	accel_program_destroy(last);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
}

static void as_many_contexts_as_promised(void **state)
{
	struct accel_context *ctx[64];
	struct accel_fence *fence[64];
	struct accel_device_info info;
	struct accel_program *program = copier(*state, PAGE);
	struct accel_buffer *in = api_buffer(*state, PAGE), *out = api_buffer(*state, PAGE);
	struct accel_context *extra;

	accel_device_info(*state, &info);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < info.max_contexts; i++) {
			ctx[i] = api_context(*state);
			fence[i] = api_submit(ctx[i], program, in, out, NULL);
		}
		must_fail(accel_context_create(*state, ACCEL_PRIORITY_LOW, &extra, &err), ACCEL_ERROR_LIMIT,
			  "contexts");
		for (uint32_t i = 0; i < info.max_contexts; i++) {
			assert_int_equal(api_finish(fence[i], NULL), ACCEL_OK);
			accel_context_destroy(ctx[i]);
		}
	}
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
}

static void closing_cancels_and_leaves_handles(void **state)
{
	struct accel_device *dev;
	struct accel_context *ctx;
	struct accel_program *program;
	struct accel_buffer *buffer;
	struct accel_fence *fence, *refused;

	(void)state;
	must(accel_device_open(api_device, &dev, &err));
	ctx = api_context(dev);
	program = endless(dev);
	buffer = api_buffer(dev, PAGE);
	fence = api_submit(ctx, program, NULL);
	accel_device_close(dev);
	assert_int_equal(accel_fence_wait(fence, 0, NULL), ACCEL_ERROR_CANCELED);
	must_fail(accel_context_submit(ctx, &(struct accel_submit){.program = program}, &refused, &err),
		  ACCEL_ERROR_NO_DEVICE, "was closed");
	must_fail(accel_context_reset(ctx, &err), ACCEL_ERROR_NO_DEVICE, "was closed");
	memset(accel_buffer_map(buffer), 1, PAGE);
	accel_fence_destroy(fence);
	accel_buffer_destroy(buffer);
	accel_program_destroy(program);
	accel_context_destroy(ctx);
}

static void devices_are_independent(void **state)
{
	struct accel_device *dev[2];
	struct accel_buffer *buffer[2];
	struct accel_context *ctx[2];
	struct accel_program *program;
	struct accel_fence *fence;

	(void)state;
	for (int i = 0; i < 2; i++) {
		must(accel_device_open(api_device, &dev[i], &err));
		ctx[i] = api_context(dev[i]);
		buffer[i] = api_buffer(dev[i], PAGE);
	}
	program = copier(dev[0], PAGE);
	must_fail(accel_context_submit(
			  ctx[0],
			  &(struct accel_submit){.program = program,
						 .tensors = (struct accel_binding[]){{buffer[0], 0}, {buffer[1], 0}},
						 .num_tensors = 2},
			  &fence, &err),
		  ACCEL_ERROR_INVALID_ARGUMENT, "no buffer of device");
	must_fail(accel_context_submit(ctx[1], &(struct accel_submit){.program = program}, &fence, &err),
		  ACCEL_ERROR_INVALID_ARGUMENT, "not loaded for this device");
	accel_program_destroy(program);
	for (int i = 0; i < 2; i++) {
		accel_buffer_destroy(buffer[i]);
		accel_context_destroy(ctx[i]);
		accel_device_close(dev[i]);
	}
}

/* A job of many YIELDs at low priority, and one of high priority that does not wait for its end. */
static void a_higher_priority_goes_first(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_context *low, *high;
	struct accel_program *slow, *quick = copier(*state, PAGE);
	struct accel_buffer *in = api_buffer(*state, PAGE), *out = api_buffer(*state, PAGE);
	struct accel_fence *fence;

	must(accel_context_create(*state, ACCEL_PRIORITY_LOW, &low, &err));
	must(accel_context_create(*state, ACCEL_PRIORITY_HIGH, &high, &err));
	for (int i = 0; i < 60; i++) {
		stream_delay(&s, i < 58 ? 20000 : 60000000);
		stream_yield(&s);
	}
	stream_end(&s);
	slow = api_program(*state, &s, 0, 0, 0);
	fence = api_submit(low, slow, NULL);
	assert_int_equal(api_finish(api_submit(high, quick, in, out, NULL), NULL), ACCEL_OK);
	assert_false(accel_fence_done(fence));
	accel_context_destroy(low);
	accel_context_destroy(high);
	assert_int_equal(api_finish(fence, NULL), ACCEL_ERROR_CANCELED);
	accel_program_destroy(slow);
	accel_program_destroy(quick);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
}

/* The preempted job goes on where it was and its results are whole. */
static void a_preempted_job_resumes(void **state)
{
	enum { PARTS = 40 };
	struct stream s = STREAM_HERE;
	struct accel_context *low, *high;
	struct accel_program *slow, *quick = copier(*state, PAGE);
	struct accel_buffer *in = api_buffer(*state, PARTS * PAGE), *out = api_buffer(*state, PARTS * PAGE);
	struct accel_buffer *small = api_buffer(*state, 2 * PAGE);
	struct accel_fence *fence;
	struct accel_result result;

	must(accel_context_create(*state, ACCEL_PRIORITY_LOW, &low, &err));
	must(accel_context_create(*state, ACCEL_PRIORITY_REALTIME, &high, &err));
	for (uint32_t i = 0; i < PARTS; i++) {
		stream_load(&s, 2, i * PAGE, 0, PAGE);
		stream_store(&s, 3, i * PAGE, 0, PAGE);
		stream_yield(&s);
	}
	stream_end(&s);
	slow = api_program(*state, &s, 1, 1, PARTS * PAGE);
	api_pattern(in, 8);
	fence = api_submit(low, slow, in, out, NULL);
	for (int i = 0; i < 5; i++)
		assert_int_equal(api_finish(api_submit(high, quick, small, small, NULL), NULL), ACCEL_OK);
	assert_int_equal(api_finish(fence, &result), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(in), accel_buffer_map(out), PARTS * PAGE);
	/* A page needs at least this many cycles in and out. */
	if (result.t_end)
		assert_true(result.prior_cycles + result.t_end - result.t_start > PARTS * 2 * PAGE / 16);
	accel_context_destroy(low);
	accel_context_destroy(high);
	accel_program_destroy(slow);
	accel_program_destroy(quick);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_buffer_destroy(small);
}

struct thread {
	pthread_t id;
	struct accel_device *dev;
	struct accel_context *shared; /* NULL: one of its own */
	uint32_t seed;
	const char *wrong; /* NULL: all was well */
};

/* No assertion of cmocka here: it would leave by longjmp on another thread's stack. */
static const char *thread_round(struct accel_device *dev, struct accel_context *ctx, struct accel_program *program,
				uint32_t seed)
{
	struct accel_buffer *in = NULL, *out = NULL;
	struct accel_binding bindings[2] = {0};
	const struct accel_submit submit = {.program = program, .tensors = bindings, .num_tensors = 2};
	struct accel_fence *fence = NULL;
	const char *wrong = NULL;

	if (accel_buffer_create(dev, PAGE, 0, &in, NULL) || accel_buffer_create(dev, PAGE, 0, &out, NULL))
		return "no buffers";
	api_pattern(in, seed);
	bindings[0].buffer = in;
	bindings[1].buffer = out;
	if (accel_context_submit(ctx, &submit, &fence, NULL))
		wrong = "not submitted";
	else if (accel_fence_wait(fence, PATIENCE, NULL))
		wrong = "failed";
	else if (memcmp(accel_buffer_map(in), accel_buffer_map(out), PAGE))
		wrong = "wrong bytes";
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_fence_destroy(fence);
	return wrong;
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct accel_context *ctx = t->shared;
	struct accel_program *program = NULL;
	struct stream s = STREAM_HERE;

	stream_copy(&s, PAGE);
	if (!ctx && accel_context_create(t->dev, ACCEL_PRIORITY_NORMAL, &ctx, NULL))
		t->wrong = "no context";
	if (!t->wrong && stream_program(t->dev, &s, 1, 1, PAGE, &program, NULL))
		t->wrong = "no program";
	for (uint32_t i = 0; !t->wrong && i < 25; i++)
		t->wrong = thread_round(t->dev, ctx, program, t->seed + i);
	accel_program_destroy(program);
	if (!t->shared)
		accel_context_destroy(ctx);
	return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
	struct accel_context *shared = api_context(*state);
	struct thread thread[4] = {0};

	for (uint32_t i = 0; i < 4; i++) {
		thread[i] = (struct thread){.dev = *state, .shared = i < 2 ? shared : NULL, .seed = 1000 * i};
		assert_int_equal(pthread_create(&thread[i].id, NULL, thread_main, &thread[i]), 0);
	}
	for (uint32_t i = 0; i < 4; i++) {
		pthread_join(thread[i].id, NULL);
		if (thread[i].wrong)
			fail_msg("thread %u: %s", i, thread[i].wrong);
	}
	accel_context_destroy(shared);
}

static uint64_t total_cycles(void)
{
	struct accel_device *dev;
	struct accel_context *ctx;
	struct accel_program *program;
	struct accel_buffer *in, *out;
	struct accel_result r;
	uint64_t sum = 0;

	must(accel_device_open(api_device, &dev, &err));
	ctx = api_context(dev);
	program = copier(dev, 50000);
	in = api_buffer(dev, 50000);
	out = api_buffer(dev, 50000);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(api_finish(api_submit(ctx, program, in, out, NULL), &r), ACCEL_OK);
		sum = sum * 31 + r.t_end - r.t_doorbell;
	}
	sum = sum * 31 + accel_device_cycles(dev);
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
	accel_device_close(dev);
	return sum;
}

static void the_same_calls_take_the_same_cycles(void **state)
{
	uint64_t first;

	(void)state;
	/* A device of the kernel's is shared, and runs on between these. */
	if (!strncmp(api_device, "accel", 5))
		skip();
	first = total_cycles();
	for (int i = 0; i < 3; i++)
		assert_int_equal(total_cycles(), first);
}

#define on_device(f) cmocka_unit_test_setup_teardown(f, api_open, api_close)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		on_device(a_wait_ends_and_the_job_goes_on),
		on_device(a_full_queue_says_so),
		on_device(the_queue_wraps),
		on_device(jobs_keep_what_they_need),
		on_device(as_many_contexts_as_promised),
		cmocka_unit_test(closing_cancels_and_leaves_handles),
		cmocka_unit_test(devices_are_independent),
		on_device(a_higher_priority_goes_first),
		on_device(a_preempted_job_resumes),
		on_device(threads_do_not_disturb_each_other),
		cmocka_unit_test(the_same_calls_take_the_same_cycles),
	};

	api_device = argc > 1 ? argv[1] : "func";
	return cmocka_run_group_tests_name(api_device, tests, NULL, NULL) ? 1 : 0;
}
