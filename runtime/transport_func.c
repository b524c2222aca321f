// SPDX-License-Identifier: Apache-2.0
/*
 * Transport over the functional model.
 *
 * One worker thread plays firmware and chip: it picks the next job by priority, equals in turn, stops a job at a YIELD
 * for one of higher priority, and runs commands in func_run(). Address spaces are real page tables that the model walks,
 * so that a job meets the same translation faults as on the RTL. The model is used by the worker alone; what others want
 * of it (a TLB flush, a scrub) is left in struct func and done between two jobs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "func.h"
#include "local.h"
#include "quern/messages.h"

#define FUNC_SPM_BYTES (512u << 10)

struct func {
	struct local local;
	struct func_machine *machine;
	pthread_t worker;
	bool quit;
	bool scrub;	/* before the next job */
	uint32_t flush; /* one bit a slot: translations to drop before the next job */
	uint32_t hold;	/* one bit a slot: start nothing of it */
	uint32_t turn;	/* slot that ran last */
	struct transport_ctx *running;
	struct func_control control; /* of the running job */
};

static struct func *to_func(struct transport *t)
{
	return (struct func *)t;
}

static void *map_memory(void *ctx, uint64_t bus, uint32_t len, bool write)
{
	const struct func *f = ctx;

	(void)write;
	return busmem_at(&f->local.mem, bus, len);
}

/* Highest priority first; equals take turns. */
static struct transport_ctx *pick(const struct func *f)
{
	struct transport_ctx *best = NULL;

	for (uint32_t i = 1; i <= LOCAL_SLOTS; i++) {
		struct transport_ctx *ctx = f->local.ctx[(f->turn + i) % LOCAL_SLOTS];

		if (!ctx || list_empty(&ctx->queue) || (f->hold >> ctx->slot & 1))
			continue;
		if (!best || ctx->priority > best->priority)
			best = ctx;
	}
	return best;
}

static void housekeep(struct func *f)
{
	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		if (f->flush >> slot & 1)
			func_tlb_invalidate(f->machine, slot + 1);
	if (f->scrub)
		func_scrub(f->machine);
	f->flush = 0;
	f->scrub = false;
}

static enum accel_status failure(const struct func *f, const struct func_result *r, uint64_t max_ticks)
{
	if (r->fault.kind != QUERN_FAULT_ABORTED)
		return ACCEL_ERROR_FAULT;
	return r->ticks > max_ticks && !atomic_load(&f->control.abort) ? ACCEL_ERROR_JOB_TIMEOUT : ACCEL_ERROR_CANCELED;
}

static void finish_job(struct func *f, struct transport_job *job, const struct func_result *r, uint64_t max_ticks)
{
	struct accel_result *out = &job->result;

	out->rd_bytes += r->rd_bytes;
	out->wr_bytes += r->wr_bytes;
	if (r->state == QUERN_JOB_STATE_PREEMPTED) {
		job->resume = r->index;
		return;
	}
	if (r->state == QUERN_JOB_STATE_FAULT) {
		out->status = failure(f, r, max_ticks);
		out->fault = r->fault.kind;
		out->fault_unit = r->fault.unit;
		out->fault_index = r->index;
		out->fault_addr = r->fault.addr;
		f->running->failed = true;
	}
	local_job_complete(&f->local, job);
}

/* Runs the context's first job. Called with the lock, which is free while the model works. */
static void run_job(struct func *f, struct transport_ctx *ctx)
{
	struct transport_job *job = list_entry(ctx->queue.next, struct transport_job, link);
	const struct transport_submit *s = &job->submit;
	struct func_job fj = {
		.space = {.asid = ctx->slot + 1, .root = vm_root(&ctx->vm)},
		.stream = s->stream,
		.ncmds = s->num_commands,
		.first = job->resume,
		.max_ticks = s->timeout_cycles ? s->timeout_cycles : QUERN_JOB_TIMEOUT_DEFAULT,
		.ctl = &f->control,
	};
	struct func_result r;
	bool taken;

	memcpy(fj.space.region, s->region, sizeof(fj.space.region));
	atomic_store(&f->control.abort, false);
	atomic_store(&f->control.preempt, false);
	f->running = ctx;
	f->turn = ctx->slot;
	housekeep(f);
	local_unlock(&f->local);
	taken = func_run(f->machine, &fj, &r);
	local_lock(&f->local);
	if (taken) {
		finish_job(f, job, &r, fj.max_ticks);
	} else {
		job->result.status = ACCEL_ERROR_INVALID_ARGUMENT;
		local_job_complete(&f->local, job);
	}
	f->running = NULL;
	pthread_cond_broadcast(&f->local.changed);
}

static void *work(void *arg)
{
	struct func *f = arg;

	local_lock(&f->local);
	while (!f->quit) {
		struct transport_ctx *ctx = pick(f);

		if (!ctx)
			pthread_cond_wait(&f->local.wake, &f->local.lock);
		else if (ctx->failed)
			local_cancel(&f->local, ctx, ACCEL_ERROR_CANCELED);
		else
			run_job(f, ctx);
	}
	local_unlock(&f->local);
	return NULL;
}

static void fill_info(struct accel_device_info *info, uint32_t array)
{
	snprintf(info->name, sizeof(info->name), "func:%ux%u", array, array);
	info->array = array;
	info->spm_bytes = FUNC_SPM_BYTES;
	info->acc_entries = QUERN_ACC_ENTRIES;
	info->hw_version = (uint32_t)QUERN_REGISTERS_MAJOR << 16 | QUERN_REGISTERS_MINOR;
	info->features = 1u << QUERN_FEATURE_YIELD | 1u << QUERN_FEATURE_SOFTMAX;
	info->clock_hz = QUERN_CLOCK_HZ;
	info->max_contexts = LOCAL_SLOTS;
	info->queue_depth = LOCAL_QUEUE;
}

static enum accel_status func_open(const char *config, struct transport **t, struct accel_device_info *info,
				   struct accel_error *error)
{
	static const struct func_mem_ops ops = {.map = map_memory};
	struct func_config machine = {.spm_bytes = FUNC_SPM_BYTES};
	enum accel_status status = local_parse_config("func", config, &machine.n, error);
	struct func *f;

	if (status)
		return status;
	f = calloc(1, sizeof(*f));
	if (!f || !local_init(&f->local))
		goto err_free;
	f->machine = func_create(&machine, &ops, f);
	if (!f->machine)
		goto err_local;
	if (pthread_create(&f->worker, NULL, work, f))
		goto err_machine;
	fill_info(info, machine.n);
	*t = (struct transport *)f;
	return ACCEL_OK;
err_machine:
	func_destroy(f->machine);
err_local:
	local_finish(&f->local);
err_free:
	free(f);
	return error_no_memory(error, "the functional model");
}

/*
 * Until the model no longer works for this context, or for any if ctx is NULL. It looks at the abort flag after every
 * run of a command, which bounds the wait. Called with the lock.
 */
static void stop_running(struct func *f, const struct transport_ctx *ctx)
{
	while (f->running && (!ctx || f->running == ctx)) {
		atomic_store(&f->control.abort, true);
		local_wait(&f->local, UINT64_MAX);
	}
}

static void func_stop(struct transport *t)
{
	struct func *f = to_func(t);

	local_lock(&f->local);
	f->quit = true;
	pthread_cond_signal(&f->local.wake);
	stop_running(f, NULL);
	local_unlock(&f->local);
	pthread_join(f->worker, NULL);
	local_lock(&f->local);
	for (uint32_t i = 0; i < LOCAL_SLOTS; i++)
		if (f->local.ctx[i])
			local_cancel(&f->local, f->local.ctx[i], ACCEL_ERROR_CANCELED);
	local_unlock(&f->local);
}

static void func_free(struct transport *t)
{
	struct func *f = to_func(t);

	func_destroy(f->machine);
	local_finish(&f->local);
	free(f);
}

static enum accel_status func_bo_create(struct transport *t, uint64_t bytes, struct transport_bo **bo,
					struct transport_bo_info *info, struct accel_error *error)
{
	return local_bo_create(&to_func(t)->local, bytes, bo, info, error);
}

static void func_bo_free(struct transport *t, struct transport_bo *bo)
{
	local_bo_free(&to_func(t)->local, bo);
}

static enum accel_status func_ctx_create(struct transport *t, uint32_t priority, struct transport_ctx **ctx,
					 struct accel_error *error)
{
	return local_ctx_create(&to_func(t)->local, priority, ctx, error);
}

/* The slot's next owner must find neither translations nor data of this one. */
static void func_ctx_destroy(struct transport *t, struct transport_ctx *ctx)
{
	struct func *f = to_func(t);

	local_lock(&f->local);
	ctx->failed = true;
	stop_running(f, ctx);
	local_cancel(&f->local, ctx, ACCEL_ERROR_CANCELED);
	f->flush |= 1u << ctx->slot;
	f->scrub = true;
	local_unlock(&f->local);
	local_ctx_free(&f->local, ctx);
}

static enum accel_status func_ctx_reset(struct transport *t, struct transport_ctx *ctx, struct accel_error *error)
{
	struct func *f = to_func(t);

	(void)error;
	local_lock(&f->local);
	ctx->failed = false;
	local_unlock(&f->local);
	return ACCEL_OK;
}

/*
 * The model reads tables while a job of the context runs, and keeps what it has read until the next flush. So let the
 * running job end, which its timeout bounds, and let no other begin before the flush is noted.
 */
static void flush_ctx(struct func *f, const struct transport_ctx *ctx)
{
	local_lock(&f->local);
	f->hold |= 1u << ctx->slot;
	while (f->running == ctx)
		local_wait(&f->local, UINT64_MAX);
	f->flush |= 1u << ctx->slot;
	f->hold &= ~(1u << ctx->slot);
	pthread_cond_signal(&f->local.wake);
	local_unlock(&f->local);
}

static enum accel_status func_bo_map(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo,
				     bool writable, uint64_t *va, struct accel_error *error)
{
	if (vm_map(&ctx->vm, &bo->block, writable, va))
		return ACCEL_OK;
	flush_ctx(to_func(t), ctx);
	return error_no_memory(error, "page tables");
}

static void func_bo_unmap(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo, uint64_t va)
{
	vm_unmap(&ctx->vm, va, bo->block.bytes);
	flush_ctx(to_func(t), ctx);
	vm_release(&ctx->vm, va, bo->block.bytes);
}

static enum accel_status func_submit(struct transport *t, struct transport_ctx *ctx,
				     const struct transport_submit *submit, struct transport_job **job,
				     struct accel_error *error)
{
	struct func *f = to_func(t);
	enum accel_status status;

	local_lock(&f->local);
	status = local_job_create(ctx, submit, job, error);
	if (f->running && ctx->priority > f->running->priority)
		atomic_store(&f->control.preempt, true);
	pthread_cond_signal(&f->local.wake);
	local_unlock(&f->local);
	return status;
}

static bool func_job_wait(struct transport *t, struct transport_job *job, uint64_t deadline_ns)
{
	return local_job_wait(&to_func(t)->local, job, deadline_ns);
}

static bool func_job_done(struct transport *t, struct transport_job *job, struct accel_result *result)
{
	return local_job_done(&to_func(t)->local, job, result);
}

static void func_job_free(struct transport *t, struct transport_job *job)
{
	(void)t;
	local_job_free(job);
}

static uint64_t func_cycles(struct transport *t)
{
	(void)t;
	return 0;
}

const struct transport_ops transport_func_ops = {
	.prefix = "func",
	.open = func_open,
	.stop = func_stop,
	.free = func_free,
	.bo_create = func_bo_create,
	.bo_free = func_bo_free,
	.ctx_create = func_ctx_create,
	.ctx_destroy = func_ctx_destroy,
	.ctx_reset = func_ctx_reset,
	.bo_map = func_bo_map,
	.bo_unmap = func_bo_unmap,
	.submit = func_submit,
	.job_wait = func_job_wait,
	.job_done = func_job_done,
	.job_free = func_job_free,
	.cycles = func_cycles,
};
