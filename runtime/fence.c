// SPDX-License-Identifier: Apache-2.0
/* Fences: waiting for a job and asking how it went. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "program.h"

#define NS_PER_S 1000000000ull

static uint64_t deadline_after(uint64_t timeout_ns)
{
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
	return timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
}

void fence_put_locked(struct accel_fence *fence)
{
	struct accel_device *dev = fence->dev;

	if (--fence->refs)
		return;
	dev->ops->job_free(dev->transport, fence->job);
	free(fence);
}

void accel_fence_destroy(struct accel_fence *fence)
{
	struct accel_device *dev;

	if (!fence)
		return;
	dev = fence->dev;
	device_lock(dev);
	fence_put_locked(fence);
	device_unlock(dev);
	device_put(dev);
}

static enum accel_status fault_outcome(const struct accel_result *r, uint64_t seqno, struct accel_error *error)
{
	return error_set(error, ACCEL_ERROR_FAULT,
			 "job %" PRIu64 " faulted: %s in unit %s at command %u, address 0x%" PRIx64
			 ": the program or what is bound to it is wrong",
			 seqno, accel_fault_name(r->fault), accel_unit_name(r->fault_unit), r->fault_index,
			 r->fault_addr);
}

enum accel_status fence_outcome(const struct accel_result *r, uint64_t seqno, struct accel_error *error)
{
	switch (r->status) {
	case ACCEL_OK:
		return error_clear(error);
	case ACCEL_ERROR_FAULT:
		return fault_outcome(r, seqno, error);
	case ACCEL_ERROR_JOB_TIMEOUT:
		return error_set(error, r->status,
				 "job %" PRIu64 " was stopped at command %u after its timeout: allow it more cycles",
				 seqno, r->fault_index);
	case ACCEL_ERROR_CANCELED:
		return error_set(error, r->status,
				 "job %" PRIu64 " was cancelled: its context was destroyed or an earlier job failed",
				 seqno);
	case ACCEL_ERROR_INVALID_ARGUMENT:
		return error_set(error, r->status, "job %" PRIu64 " was refused by the firmware", seqno);
	default:
		return error_set(error, r->status, "job %" PRIu64 " failed: %s: close the device and open it again",
				 seqno, accel_status_text(r->status));
	}
}

/* Let the context forget jobs that have ended, so that what they held is free. */
static void retire(struct accel_fence *fence)
{
	device_lock(fence->dev);
	if (fence->ctx)
		context_retire_locked(fence->ctx);
	device_unlock(fence->dev);
}

enum accel_status accel_fence_wait(struct accel_fence *fence, uint64_t timeout_ns, struct accel_error *error)
{
	const struct accel_device *dev;
	struct accel_result result;

	if (!fence)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_fence_wait: fence is NULL");
	dev = fence->dev;
	if (!dev->ops->job_wait(dev->transport, fence->job, deadline_after(timeout_ns)))
		return error_set(error, ACCEL_ERROR_WAIT_TIMEOUT,
				 "job %" PRIu64 " is not finished after %.3f s: wait longer, or destroy its context",
				 fence->seqno, (double)timeout_ns / (double)NS_PER_S);
	dev->ops->job_done(dev->transport, fence->job, &result);
	retire(fence);
	return fence_outcome(&result, fence->seqno, error);
}

bool accel_fence_done(struct accel_fence *fence)
{
	return fence->dev->ops->job_done(fence->dev->transport, fence->job, NULL);
}

uint64_t accel_fence_seqno(const struct accel_fence *fence)
{
	return fence->seqno;
}

enum accel_status accel_fence_result(struct accel_fence *fence, struct accel_result *result)
{
	memset(result, 0, sizeof(*result));
	if (!fence->dev->ops->job_done(fence->dev->transport, fence->job, result))
		return ACCEL_ERROR_BUSY;
	return ACCEL_OK;
}
