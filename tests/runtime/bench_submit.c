// SPDX-License-Identifier: Apache-2.0
/*
 * What the library costs an empty job on func: submit, wait and release of a stream that is only END, through the API and
 * through the transport alone, in turns. Both hand the job to the same worker thread; the difference is the library's own.
 * bench-submit [JOBS]. Fails beyond 3 microseconds; medians of single jobs, and three tries, for the machine may be busy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "program.h"
#include "stream.h"

#define TRIES 3
#define LIMIT_NS 3000

struct bench {
	struct accel_device *dev;
	struct accel_context *ctx;
	struct accel_program *program;
	uint64_t stream; /* virtual address */
	uint32_t jobs;	 /* each way */
	int64_t *api;	 /* nanoseconds of each */
	int64_t *transport;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static bool through_api(struct bench *b)
{
	const struct accel_submit submit = {.program = b->program};
	struct accel_fence *fence;
	enum accel_status status = accel_context_submit(b->ctx, &submit, &fence, NULL);

	if (!status) {
		status = accel_fence_wait(fence, UINT64_MAX, NULL);
		accel_fence_destroy(fence);
	}
	return status == ACCEL_OK;
}

static bool through_transport(struct bench *b)
{
	const struct transport_ops *ops = b->dev->ops;
	const struct transport_submit submit = {.seqno = 1, .stream = b->stream, .region = {b->stream}, .num_commands = 1};
	struct transport *t = b->dev->transport;
	struct transport_job *job;
	struct accel_result result;
	struct accel_error error;

	if (ops->submit(t, b->ctx->transport, &submit, &job, &error))
		return false;
	ops->job_wait(t, job, UINT64_MAX);
	ops->job_done(t, job, &result);
	ops->job_free(t, job);
	return result.status == ACCEL_OK;
}

/* Nanoseconds; negative if the job failed. */
static int64_t measure(struct bench *b, bool (*one)(struct bench *b))
{
	uint64_t start = now_ns();

	return one(b) ? (int64_t)(now_ns() - start) : -1;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t median(int64_t *values, uint32_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

/* What the library adds, nanoseconds; *whole is the time through the API. False if a job failed. */
static bool compare(struct bench *b, int64_t *whole, int64_t *added)
{
	for (uint32_t i = 0; i < b->jobs; i++) {
		b->transport[i] = measure(b, through_transport);
		b->api[i] = measure(b, through_api);
		if (b->transport[i] < 0 || b->api[i] < 0)
			return false;
	}
	*whole = median(b->api, b->jobs);
	*added = *whole - median(b->transport, b->jobs);
	return true;
}

static int run(struct bench *b)
{
	int64_t whole, added;

	b->api = calloc(b->jobs, sizeof(*b->api));
	b->transport = calloc(b->jobs, sizeof(*b->transport));
	for (int i = 0; i < TRIES; i++) {
		if (!b->api || !b->transport || !compare(b, &whole, &added)) {
			fprintf(stderr, "bench-submit: no memory, or a job failed\n");
			return 1;
		}
		printf("empty job on %s: submit and wait %.2f us, of which the transport takes %.2f us; the library adds %.2f us, limit %.1f us\n",
		       b->dev->info.name, (double)whole / 1e3, (double)(whole - added) / 1e3, (double)added / 1e3, LIMIT_NS / 1e3);
		if (added <= LIMIT_NS)
			return 0;
	}
	return 1;
}

static enum accel_status prepare(struct bench *b, struct accel_error *error)
{
	struct stream s = STREAM_HERE;
	enum accel_status status;

	stream_end(&s);
	status = accel_device_open("func", &b->dev, error);
	if (!status)
		status = accel_context_create(b->dev, ACCEL_PRIORITY_NORMAL, &b->ctx, error);
	if (!status)
		status = stream_program(b->dev, &s, 0, 0, 0, &b->program, error);
	if (!status && !through_api(b)) /* maps the image */
		return ACCEL_ERROR_FAULT;
	if (!status)
		status = buffer_map_locked(b->program->image, b->ctx, &b->stream, error);
	return status;
}

int main(int argc, char **argv)
{
	struct bench b = {.jobs = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 20000};
	struct accel_error error = {0};
	int result = 1;

	if (!b.jobs)
		return 2;
	if (prepare(&b, &error))
		fprintf(stderr, "bench-submit: %s\n", error.message);
	else
		result = run(&b);
	free(b.api);
	free(b.transport);
	accel_program_destroy(b.program);
	accel_context_destroy(b.ctx);
	accel_device_close(b.dev);
	return result;
}
