// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The submit ioctl, a transaction: everything is copied, checked, looked up and allocated before
 * the first job is armed; from there to the last push nothing can fail.
 */
#include <linux/dma-fence-chain.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include <drm/drm_file.h>
#include <drm/drm_syncobj.h>
#include <drm/quern_accel.h>

#include "quern/sv39.h"
#include "quern_compat.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_job.h"
#include "quern_pm.h"
#include "quern_submit.h"
#include "quern_trace.h"

struct quern_signal {
	struct drm_syncobj *syncobj;
	struct dma_fence_chain *chain; /* NULL for a binary syncobj */
	u64 point;
};

struct quern_submit {
	struct drm_file *client;
	struct quern_ctx *ctx;
	u32 num_tasks;
	u32 num_signals;
	struct quern_task *tasks[DRM_QUERN_MAX_SUBMIT_JOBS];
	struct quern_signal signals[DRM_QUERN_MAX_SUBMIT_SYNCS];
};

VISIBLE_IF_KUNIT int quern_submit_check_args(const struct drm_quern_submit *args)
{
	if (args->flags || args->seqno)
		return -EINVAL;
	if (!args->num_jobs || args->num_jobs > DRM_QUERN_MAX_SUBMIT_JOBS ||
	    args->num_syncs > DRM_QUERN_MAX_SUBMIT_SYNCS)
		return -EINVAL;
	if (args->job_stride < sizeof(struct drm_quern_job) || args->job_stride > PAGE_SIZE)
		return -EINVAL;
	if (args->num_syncs && (args->sync_stride < sizeof(struct drm_quern_sync) ||
				args->sync_stride > PAGE_SIZE))
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(quern_submit_check_args);

VISIBLE_IF_KUNIT int quern_submit_check_job(const struct drm_quern_job *job)
{
	if (job->flags || job->pad || !job->num_commands ||
	    job->num_commands > QUERN_MAX_STREAM_CMDS)
		return -EINVAL;
	if (job->stream % QUERN_CMD_BYTES ||
	    !quern_sv39_va_ok(job->stream, (u64)job->num_commands * QUERN_CMD_BYTES))
		return -EINVAL;
	if (job->timeout_cycles > QUERN_MAX_TIMEOUT_CYCLES)
		return -EINVAL;
	if (job->num_regions > DRM_QUERN_NUM_REGIONS)
		return -EINVAL;
	for (u32 i = 0; i < DRM_QUERN_NUM_REGIONS; i++) {
		if (!quern_sv39_va_ok(job->regions[i], 0))
			return -EINVAL;
		if (i >= job->num_regions && job->regions[i])
			return -EINVAL;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(quern_submit_check_job);

VISIBLE_IF_KUNIT int quern_submit_check_sync(const struct drm_quern_sync *sync)
{
	if (sync->flags & ~(DRM_QUERN_SYNC_SIGNAL | DRM_QUERN_SYNC_TIMELINE))
		return -EINVAL;
	/* A timeline has a point, a binary syncobj has none. */
	return !(sync->flags & DRM_QUERN_SYNC_TIMELINE) == !sync->point ? 0 : -EINVAL;
}
EXPORT_SYMBOL_IF_KUNIT(quern_submit_check_sync);

VISIBLE_IF_KUNIT void quern_submit_fill(struct quern_job *record, const struct drm_quern_job *job)
{
	BUILD_BUG_ON(DRM_QUERN_NUM_REGIONS != QUERN_NUM_REGIONS);
	BUILD_BUG_ON(sizeof(record->region) != sizeof(job->regions));
	*record = (struct quern_job){
		.op = QUERN_JOB_OP_RUN,
		.ncmds = job->num_commands,
		.stream = job->stream,
		.timeout = job->timeout_cycles,
		.num_regions = job->num_regions,
	};
	memcpy(record->region, job->regions, sizeof(record->region));
}
EXPORT_SYMBOL_IF_KUNIT(quern_submit_fill);

static int quern_submit_add_job(struct quern_submit *submit, u64 address, u32 stride)
{
	struct drm_quern_job job;
	struct quern_task *task;
	int ret;

	ret = copy_struct_from_user(&job, sizeof(job), u64_to_user_ptr(address), stride);
	if (!ret)
		ret = quern_submit_check_job(&job);
	if (ret)
		return ret;
	task = quern_task_create(submit->ctx, submit->client);
	if (IS_ERR(task))
		return PTR_ERR(task);
	quern_submit_fill(&task->record, &job);
	submit->tasks[submit->num_tasks++] = task;
	return 0;
}

static int quern_submit_add_wait(struct quern_submit *submit, const struct drm_quern_sync *sync)
{
	struct dma_fence *fence;
	int ret = drm_syncobj_find_fence(submit->client, sync->handle, sync->point, 0, &fence);

	if (ret)
		return ret;
	return drm_sched_job_add_dependency(&submit->tasks[0]->base, fence);
}

static int quern_submit_add_signal(struct quern_submit *submit, const struct drm_quern_sync *sync)
{
	struct quern_signal *signal = &submit->signals[submit->num_signals];

	signal->syncobj = drm_syncobj_find(submit->client, sync->handle);
	if (!signal->syncobj)
		return -ENOENT;
	/* From here on the cleanup knows it. */
	submit->num_signals++;
	signal->point = sync->point;
	if (!(sync->flags & DRM_QUERN_SYNC_TIMELINE))
		return 0;
	signal->chain = dma_fence_chain_alloc();
	return signal->chain ? 0 : -ENOMEM;
}

static int quern_submit_add_sync(struct quern_submit *submit, u64 address, u32 stride)
{
	struct drm_quern_sync sync;
	int ret;

	ret = copy_struct_from_user(&sync, sizeof(sync), u64_to_user_ptr(address), stride);
	if (!ret)
		ret = quern_submit_check_sync(&sync);
	if (ret)
		return ret;
	if (sync.flags & DRM_QUERN_SYNC_SIGNAL)
		return quern_submit_add_signal(submit, &sync);
	return quern_submit_add_wait(submit, &sync);
}

static int quern_submit_prepare(struct quern_submit *submit, const struct drm_quern_submit *args)
{
	int ret;

	for (u32 i = 0; i < args->num_jobs; i++) {
		ret = quern_submit_add_job(submit, args->jobs + (u64)i * args->job_stride,
					   args->job_stride);
		if (ret)
			return ret;
	}
	for (u32 i = 0; i < args->num_syncs; i++) {
		ret = quern_submit_add_sync(submit, args->syncs + (u64)i * args->sync_stride,
					    args->sync_stride);
		if (ret)
			return ret;
	}
	return 0;
}

/* The last thing that can fail: whether the context takes the jobs. */
static int quern_submit_reserve(struct quern_submit *submit)
{
	struct quern_ctx *ctx = submit->ctx;
	int ret = 0;

	lockdep_assert_held(&ctx->submit_lock);
	if (ctx->closed)
		return -ENOENT;
	spin_lock(&ctx->qdev->ring_lock);
	if (ctx->state != DRM_QUERN_CTX_OK)
		ret = -ECANCELED;
	else if (submit->num_tasks > QUERN_CTX_QUEUE - ctx->pending)
		ret = -EBUSY;
	else
		ctx->pending += submit->num_tasks;
	spin_unlock(&ctx->qdev->ring_lock);
	return ret;
}

/* Returns a reference to the last job's fence. The tasks belong to the scheduler. */
static struct dma_fence *quern_submit_push(struct quern_submit *submit)
{
	struct dma_fence *fence = NULL;
	bool cookie;

	lockdep_assert_held(&submit->ctx->submit_lock);
	cookie = dma_fence_begin_signalling();
	for (u32 i = 0; i < submit->num_tasks; i++) {
		struct quern_task *task = submit->tasks[i];

		task->record.seqno = ++submit->ctx->seqno;
		drm_sched_job_arm(&task->base);
		trace_quern_job_queue(task);
		if (i == submit->num_tasks - 1)
			fence = dma_fence_get(&task->base.s_fence->finished);
		drm_sched_entity_push_job(&task->base);
	}
	dma_fence_end_signalling(cookie);
	submit->num_tasks = 0;
	return fence;
}

static void quern_submit_publish(struct quern_submit *submit, struct dma_fence *fence)
{
	for (u32 i = 0; i < submit->num_signals; i++) {
		struct quern_signal *signal = &submit->signals[i];

		if (!signal->chain) {
			drm_syncobj_replace_fence(signal->syncobj, fence);
			continue;
		}
		drm_syncobj_add_point(signal->syncobj, signal->chain, fence, signal->point);
		signal->chain = NULL;
	}
	dma_fence_put(fence);
}

static int quern_submit_commit(struct quern_submit *submit, struct drm_quern_submit *args)
{
	struct dma_fence *fence;
	int ret;

	mutex_lock(&submit->ctx->submit_lock);
	ret = quern_submit_reserve(submit);
	if (!ret) {
		args->seqno = submit->ctx->seqno + 1;
		fence = quern_submit_push(submit);
		quern_submit_publish(submit, fence);
	}
	mutex_unlock(&submit->ctx->submit_lock);
	return ret;
}

static void quern_submit_cleanup(struct quern_submit *submit)
{
	for (u32 i = 0; i < submit->num_tasks; i++)
		quern_task_discard(submit->tasks[i]);
	for (u32 i = 0; i < submit->num_signals; i++) {
		dma_fence_chain_free(submit->signals[i].chain);
		drm_syncobj_put(submit->signals[i].syncobj);
	}
	quern_ctx_put(submit->ctx);
	kfree(submit);
}

int quern_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_submit *args = data;
	struct quern_submit *submit;
	int ret;

	ret = quern_submit_check_args(args);
	if (ret)
		return ret;
	submit = kzalloc(sizeof(*submit), GFP_KERNEL);
	if (!submit)
		return -ENOMEM;
	submit->client = drm_file;
	submit->ctx = quern_ctx_lookup(drm_file->driver_priv, args->ctx);
	if (!submit->ctx) {
		kfree(submit);
		return -ENOENT;
	}
	/* Tasks keep it awake until they end. */
	ret = quern_pm_get(submit->ctx->qdev);
	if (ret)
		goto out_cleanup;
	ret = quern_submit_prepare(submit, args);
	if (!ret)
		ret = quern_submit_commit(submit, args);
	quern_pm_put(submit->ctx->qdev);
out_cleanup:
	quern_submit_cleanup(submit);
	return ret;
}
