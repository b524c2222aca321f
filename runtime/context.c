// SPDX-License-Identifier: Apache-2.0
/* Contexts: creation, reset, and submission. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum accel_status accel_context_create(struct accel_device *dev, enum accel_priority priority,
				       struct accel_context **out, struct accel_error *error)
{
	struct accel_error ignored;
	struct accel_context *ctx = NULL;
	enum accel_status status;

	error = error ? error : &ignored;
	if (!dev || !out)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_context_create: dev or ctx is NULL");
	*out = NULL;
	if ((uint32_t)priority > ACCEL_PRIORITY_REALTIME)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_context_create: no priority %u",
				 (uint32_t)priority);
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return error_no_memory(error, "a context");
	ctx->dev = dev;
	list_init(&ctx->mappings);
	list_init(&ctx->inflight);
	device_lock(dev);
	status = device_get_locked(dev, error);
	if (!status) {
		status = dev->ops->ctx_create(dev->transport, priority, &ctx->transport, error);
		dev->refs -= status ? 1 : 0;
	}
	if (!status)
		list_add_tail(&dev->contexts, &ctx->link);
	device_unlock(dev);
	if (status) {
		free(ctx);
		return status;
	}
	*out = ctx;
	return error_clear(error);
}

void accel_context_destroy(struct accel_context *ctx)
{
	struct accel_device *dev;

	if (!ctx)
		return;
	dev = ctx->dev;
	device_lock(dev);
	list_remove(&ctx->link);
	dev->ops->ctx_destroy(dev->transport, ctx->transport);
	buffer_forget_context_locked(ctx);
	context_retire_locked(ctx);
	buffer_put_locked(ctx->arena);
	device_unlock(dev);
	free(ctx);
	device_put(dev);
}

/* A job that ended like this leaves its context unusable. */
static bool stops_context(enum accel_status status)
{
	return status != ACCEL_OK && status != ACCEL_ERROR_INVALID_ARGUMENT;
}

static void retire_locked(struct accel_context *ctx, struct accel_fence *fence, const struct accel_result *result)
{
	list_remove(&fence->link);
	ctx->num_inflight--;
	fence->ctx = NULL;
	if (stops_context(result->status) && !ctx->failed_seqno) {
		ctx->failed_seqno = fence->seqno;
		ctx->failure = *result;
	}
	program_put_locked(fence->program);
	fence->program = NULL;
	for (size_t i = 0; i < sizeof(fence->buffers) / sizeof(fence->buffers[0]); i++) {
		buffer_put_locked(fence->buffers[i]);
		fence->buffers[i] = NULL;
	}
	fence_put_locked(fence);
}

void context_retire_locked(struct accel_context *ctx)
{
	const struct accel_device *dev = ctx->dev;
	struct accel_result result;

	while (!list_empty(&ctx->inflight)) {
		struct accel_fence *fence = list_entry(ctx->inflight.next, struct accel_fence, link);

		if (!dev->ops->job_done(dev->transport, fence->job, &result))
			return;
		retire_locked(ctx, fence, &result);
	}
}

/* Wait for the newest job in flight; false if there is none. */
static bool drain_one(struct accel_context *ctx)
{
	struct accel_device *dev = ctx->dev;
	struct accel_fence *fence;

	device_lock(dev);
	context_retire_locked(ctx);
	if (list_empty(&ctx->inflight)) {
		device_unlock(dev);
		return false;
	}
	fence = list_entry(ctx->inflight.prev, struct accel_fence, link);
	fence->refs++;
	device_unlock(dev);
	dev->ops->job_wait(dev->transport, fence->job, UINT64_MAX); /* every job has a timeout of its own */
	device_lock(dev);
	fence_put_locked(fence);
	device_unlock(dev);
	return true;
}

enum accel_status accel_context_reset(struct accel_context *ctx, struct accel_error *error)
{
	struct accel_error ignored;
	struct accel_device *dev;
	enum accel_status status;

	error = error ? error : &ignored;
	if (!ctx)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_context_reset: ctx is NULL");
	dev = ctx->dev;
	while (drain_one(ctx))
		;
	device_lock(dev);
	status = device_get_locked(dev, error);
	if (!status) {
		dev->refs--; /* only asked whether it is open: ctx holds a reference */
		status = dev->ops->ctx_reset(dev->transport, ctx->transport, error);
	}
	if (!status)
		ctx->failed_seqno = 0;
	device_unlock(dev);
	return status ? status : error_clear(error);
}

static enum accel_status check_binding(const struct accel_context *ctx, const struct program_tensor *tensor,
				       const struct accel_binding *b, struct accel_error *error)
{
	if (!b->buffer || b->buffer->dev != ctx->dev)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "tensor %s: no buffer of device %s is bound to it", tensor->name, ctx->dev->info.name);
	if (b->offset > b->buffer->bytes || tensor->rec.bytes > b->buffer->bytes - b->offset)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "tensor %s: needs %" PRIu64 " bytes at offset %" PRIu64 ", its buffer has %" PRIu64
				 ": make the buffer larger",
				 tensor->name, tensor->rec.bytes, b->offset, b->buffer->bytes);
	if (tensor->rec.kind == QUERN_TENSOR_KIND_OUTPUT && (b->buffer->flags & ACCEL_BUFFER_READ_ONLY))
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "tensor %s is an output, but its buffer is read-only", tensor->name);
	return ACCEL_OK;
}

static enum accel_status check_submit(const struct accel_context *ctx, const struct accel_submit *s,
				      struct accel_error *error)
{
	const struct accel_program *program = s->program;

	if (!program || program->dev != ctx->dev)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "the program was not loaded for this device: load it with device %s",
				 ctx->dev->info.name);
	if (s->num_tensors != program->info.num_tensors || (s->num_tensors && !s->tensors))
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "the program has %u tensors, %u are bound",
				 program->info.num_tensors, s->num_tensors);
	if (s->flags || s->timeout_cycles >> 62)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "submit flags 0x%x are not known, or the timeout is over 2^62 cycles", s->flags);
	for (uint32_t i = 0; i < s->num_tensors; i++) {
		enum accel_status status = check_binding(ctx, &program->tensor[i], &s->tensors[i], error);

		if (status)
			return status;
	}
	return ACCEL_OK;
}

/* The device and the context take jobs. */
static enum accel_status check_ready_locked(struct accel_context *ctx, struct accel_error *error)
{
	struct accel_error why;

	if (ctx->dev->closed)
		return error_set(error, ACCEL_ERROR_NO_DEVICE, "device %s was closed: open it again",
				 ctx->dev->info.name);
	context_retire_locked(ctx);
	if (ctx->failed_seqno) {
		fence_outcome(&ctx->failure, ctx->failed_seqno, &why);
		return error_set(error, ACCEL_ERROR_CONTEXT_LOST, "the context stopped: %.400s; reset it to go on",
				 why.message);
	}
	if (ctx->num_inflight >= ctx->dev->info.queue_depth)
		return error_set(error, ACCEL_ERROR_BUSY, "%u jobs are in flight in this context: wait for one",
				 ctx->num_inflight);
	return ACCEL_OK;
}

/* Jobs of a context run in order, so that one arena serves all its programs. */
static enum accel_status grow_arena_locked(struct accel_context *ctx, uint64_t bytes, struct accel_error *error)
{
	struct accel_buffer *arena;
	enum accel_status status;

	if (!bytes || (ctx->arena && ctx->arena->bytes >= bytes))
		return ACCEL_OK;
	status = buffer_create_locked(ctx->dev, bytes, 0, &arena, error);
	if (status)
		return status;
	buffer_put_locked(ctx->arena);
	ctx->arena = arena;
	return ACCEL_OK;
}

/* Map one buffer and let the fence hold it. */
static enum accel_status bind_locked(struct accel_context *ctx, struct accel_fence *fence, uint32_t region,
				     struct accel_buffer *buffer, uint64_t *va, struct accel_error *error)
{
	enum accel_status status = buffer_map_locked(buffer, ctx, va, error);

	if (status)
		return status;
	buffer_get_locked(buffer);
	fence->buffers[region] = buffer;
	return ACCEL_OK;
}

static enum accel_status bind_all_locked(struct accel_context *ctx, const struct accel_submit *s,
					 struct accel_fence *fence, struct transport_submit *ts,
					 struct accel_error *error)
{
	const struct accel_program *program = s->program;
	enum accel_status status;

	status = bind_locked(ctx, fence, QUERN_PROGRAM_REGION_IMAGE, program->image, &ts->region[0], error);
	if (!status)
		status = grow_arena_locked(ctx, program->info.arena_bytes, error);
	if (!status && program->info.arena_bytes)
		status = bind_locked(ctx, fence, QUERN_PROGRAM_REGION_ARENA, ctx->arena, &ts->region[1], error);
	for (uint32_t i = 0; !status && i < s->num_tensors; i++) {
		uint32_t region = QUERN_PROGRAM_REGION_TENSOR + i;

		status = bind_locked(ctx, fence, region, s->tensors[i].buffer, &ts->region[region], error);
		ts->region[region] += s->tensors[i].offset;
	}
	return status;
}

/* Undo bind_all_locked() and let go of the fence. */
static void abandon_locked(struct accel_fence *fence)
{
	for (size_t i = 0; i < sizeof(fence->buffers) / sizeof(fence->buffers[0]); i++)
		buffer_put_locked(fence->buffers[i]);
	free(fence);
}

static enum accel_status submit_locked(struct accel_context *ctx, const struct accel_submit *s,
				       struct accel_fence *fence, struct accel_error *error)
{
	struct accel_device *dev = ctx->dev;
	struct transport_submit ts = {
		.seqno = ctx->seqno + 1,
		.timeout_cycles = s->timeout_cycles,
		.num_commands = s->program->info.ncmds,
	};
	enum accel_status status = check_ready_locked(ctx, error);

	if (!status)
		status = bind_all_locked(ctx, s, fence, &ts, error);
	ts.stream = ts.region[QUERN_PROGRAM_REGION_IMAGE] + s->program->info.stream_offset;
	if (!status)
		status = dev->ops->submit(dev->transport, ctx->transport, &ts, &fence->job, error);
	if (status) {
		abandon_locked(fence);
		return status;
	}
	program_get_locked(s->program);
	dev->refs++;
	ctx->seqno++;
	ctx->num_inflight++;
	list_add_tail(&ctx->inflight, &fence->link);
	fence->dev = dev;
	fence->ctx = ctx;
	fence->program = s->program;
	fence->seqno = ctx->seqno;
	fence->refs = 2; /* the caller's and the context's */
	return ACCEL_OK;
}

enum accel_status accel_context_submit(struct accel_context *ctx, const struct accel_submit *submit,
				       struct accel_fence **out, struct accel_error *error)
{
	struct accel_error ignored;
	struct accel_fence *fence;
	enum accel_status status;

	error = error ? error : &ignored;
	if (!ctx || !submit || !out)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "accel_context_submit: ctx, submit or fence is NULL");
	*out = NULL;
	status = check_submit(ctx, submit, error);
	if (status)
		return status;
	fence = calloc(1, sizeof(*fence));
	if (!fence)
		return error_no_memory(error, "a job");
	list_init(&fence->link);
	device_lock(ctx->dev);
	status = submit_locked(ctx, submit, fence, error);
	device_unlock(ctx->dev);
	if (status)
		return status;
	*out = fence;
	return error_clear(error);
}
