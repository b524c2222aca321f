// SPDX-License-Identifier: Apache-2.0
/* Memory, slots and jobs of the transports in this process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "local.h"

#define NS_PER_S 1000000000ull

static bool cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	bool ok;

	if (pthread_condattr_init(&attr))
		return false;
	ok = !pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) && !pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	return ok;
}

bool local_init(struct local *l)
{
	if (!busmem_init(&l->mem))
		return false;
	if (pthread_mutex_init(&l->lock, NULL))
		goto err_mem;
	if (!cond_init(&l->wake))
		goto err_lock;
	if (!cond_init(&l->changed))
		goto err_wake;
	return true;
err_wake:
	pthread_cond_destroy(&l->wake);
err_lock:
	pthread_mutex_destroy(&l->lock);
err_mem:
	busmem_finish(&l->mem);
	return false;
}

void local_finish(struct local *l)
{
	pthread_cond_destroy(&l->changed);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	busmem_finish(&l->mem);
}

uint64_t local_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void local_lock(struct local *l)
{
	pthread_mutex_lock(&l->lock);
}

void local_unlock(struct local *l)
{
	pthread_mutex_unlock(&l->lock);
}

bool local_wait(struct local *l, uint64_t deadline_ns)
{
	struct timespec ts = {.tv_sec = (time_t)(deadline_ns / NS_PER_S), .tv_nsec = (long)(deadline_ns % NS_PER_S)};

	if (deadline_ns == UINT64_MAX)
		return pthread_cond_wait(&l->changed, &l->lock) == 0;
	return pthread_cond_timedwait(&l->changed, &l->lock, &ts) == 0;
}

bool local_wait_for(struct local *l, uint64_t ns)
{
	return local_wait(l, local_now_ns() + ns);
}

enum accel_status local_bo_create(struct local *l, uint64_t bytes, struct transport_bo **out,
				  struct transport_bo_info *info, struct accel_error *error)
{
	struct transport_bo *bo = calloc(1, sizeof(*bo));

	if (!bo || !busmem_alloc(&l->mem, bytes, &bo->block)) {
		free(bo);
		return error_no_memory(error, "a buffer");
	}
	*info = (struct transport_bo_info){.map = bo->block.map, .bytes = bo->block.bytes};
	*out = bo;
	return ACCEL_OK;
}

void local_bo_free(struct local *l, struct transport_bo *bo)
{
	busmem_free(&l->mem, &bo->block);
	free(bo);
}

enum accel_status local_ctx_create(struct local *l, uint32_t priority, struct transport_ctx **out,
				   struct accel_error *error)
{
	struct transport_ctx *ctx;
	uint32_t slot = 0;

	while (slot < LOCAL_SLOTS && l->ctx[slot])
		slot++;
	if (slot == LOCAL_SLOTS)
		return error_set(error, ACCEL_ERROR_LIMIT, "the device has no more than %d contexts: destroy one first",
				 LOCAL_SLOTS);
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx || !vm_init(&ctx->vm, &l->mem)) {
		free(ctx);
		return error_no_memory(error, "a context");
	}
	ctx->slot = slot;
	ctx->priority = priority;
	list_init(&ctx->queue);
	local_lock(l);
	l->ctx[slot] = ctx;
	local_unlock(l);
	*out = ctx;
	return ACCEL_OK;
}

void local_ctx_free(struct local *l, struct transport_ctx *ctx)
{
	local_lock(l);
	l->ctx[ctx->slot] = NULL;
	local_unlock(l);
	vm_finish(&ctx->vm);
	free(ctx);
}

enum accel_status local_job_create(struct transport_ctx *ctx, const struct transport_submit *submit,
				   struct transport_job **out, struct accel_error *error)
{
	struct transport_job *job = calloc(1, sizeof(*job));

	if (!job)
		return error_no_memory(error, "a job");
	job->submit = *submit;
	job->submit_ns = local_now_ns();
	list_add_tail(&ctx->queue, &job->link);
	*out = job;
	return ACCEL_OK;
}

void local_job_complete(struct local *l, struct transport_job *job)
{
	job->result.wall_ns = local_now_ns() - job->submit_ns;
	list_remove(&job->link);
	job->done = true;
	pthread_cond_broadcast(&l->changed);
}

void local_cancel(struct local *l, struct transport_ctx *ctx, enum accel_status status)
{
	list_for_each_safe(node, after, &ctx->queue)
	{
		struct transport_job *job = list_entry(node, struct transport_job, link);

		memset(&job->result, 0, sizeof(job->result));
		job->result.status = status;
		local_job_complete(l, job);
	}
}

bool local_job_wait(struct local *l, struct transport_job *job, uint64_t deadline_ns)
{
	bool done;

	local_lock(l);
	while (!job->done && local_wait(l, deadline_ns))
		;
	done = job->done;
	local_unlock(l);
	return done;
}

bool local_job_done(struct local *l, struct transport_job *job, struct accel_result *result)
{
	bool done;

	local_lock(l);
	done = job->done;
	if (done && result)
		*result = job->result;
	local_unlock(l);
	return done;
}

void local_job_free(struct transport_job *job)
{
	free(job);
}

enum accel_status local_parse_config(const char *prefix, const char *config, uint32_t *array, struct accel_error *error)
{
	static const uint32_t sizes[] = {8, 16, 32};
	char text[16];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(text, sizeof(text), "%ux%u", sizes[i], sizes[i]);
		if (!strcmp(config[0] ? config : "16x16", text)) {
			*array = sizes[i];
			return ACCEL_OK;
		}
	}
	return error_set(error, ACCEL_ERROR_NO_DEVICE, "device %s has no configuration '%s': use 8x8, 16x16 or 32x32",
			 prefix, config);
}
