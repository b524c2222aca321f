// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Jobs in the scheduler.
 *
 * Each hardware slot has a scheduler with one entity, that of the slot's context; order among
 * contexts is the firmware's. Schedulers live as long as the device, since fences of theirs may
 * outlive contexts. The firmware ends every job within the job's timeout, in the chip's cycles;
 * the scheduler's own timeout therefore only asks whether the firmware is alive and whether an
 * interrupt was lost. A job that fails stops its context and no other.
 */
#include <linux/array_size.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <drm/drm_file.h>
#include <drm/drm_managed.h>

#include "quern_compat.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_job.h"
#include "quern_pm.h"
#include "quern_reset.h"
#include "quern_submit.h"
#include "quern_trace.h"

#define QUERN_JOB_CHECK_MS 1000

static const char *quern_fence_driver_name(struct dma_fence *fence)
{
	return "quern";
}

static const char *quern_fence_timeline_name(struct dma_fence *fence)
{
	return "ring";
}

/* Unloading the module waits for RCU before its code goes, so that this returns in time. */
static void quern_fence_free(struct rcu_head *rcu)
{
	struct dma_fence *base = container_of(rcu, struct dma_fence, rcu);

	kfree(container_of(base, struct quern_fence, base));
	module_put(THIS_MODULE);
}

static void quern_fence_release(struct dma_fence *base)
{
	call_rcu(&base->rcu, quern_fence_free);
}

static const struct dma_fence_ops quern_fence_ops = {
	.get_driver_name = quern_fence_driver_name,
	.get_timeline_name = quern_fence_timeline_name,
	.release = quern_fence_release,
};

/* A fence can outlive file and device, in a sync_file; the code that it needs stays. */
static void quern_fence_init(struct quern_task *task)
{
	struct quern_fence *fence = task->fence;

	__module_get(THIS_MODULE);
	dma_fence_init(&fence->base, &quern_fence_ops, &fence->lock, task->ctx->fence_context,
		       task->record.seqno);
	fence->live = true;
}

static struct quern_task *to_quern_task(struct drm_sched_job *job)
{
	return container_of(job, struct quern_task, base);
}

static void quern_task_free(struct quern_task *task)
{
	struct quern_ctx *ctx = task->ctx;

	drm_sched_job_cleanup(&task->base);
	quern_pm_put(ctx->qdev);
	kfree(task);
	quern_ctx_put(ctx);
}

struct quern_task *quern_task_create(struct quern_ctx *ctx, struct drm_file *client)
{
	struct quern_task *task = kzalloc(sizeof(*task), GFP_KERNEL_ACCOUNT);
	int ret = -ENOMEM;

	if (!task)
		return ERR_PTR(-ENOMEM);
	task->fence = kzalloc(sizeof(*task->fence), GFP_KERNEL_ACCOUNT);
	if (!task->fence)
		goto err_task;
	spin_lock_init(&task->fence->lock);
	ret = quern_compat_job_init(&task->base, &ctx->entity, client, client->client_id);
	if (ret)
		goto err_fence;
	kref_get(&ctx->refs);
	quern_pm_get_awake(ctx->qdev);
	task->ctx = ctx;
	return task;
err_fence:
	kfree(task->fence);
err_task:
	kfree(task);
	return ERR_PTR(ret);
}

void quern_task_discard(struct quern_task *task)
{
	if (!task)
		return;
	kfree(task->fence);
	quern_task_free(task);
}

static u32 quern_task_status(u32 status)
{
	switch (status) {
	case QUERN_STATUS_OK:
		return DRM_QUERN_JOB_DONE;
	case QUERN_STATUS_EINVAL:
		return DRM_QUERN_JOB_INVALID;
	case QUERN_STATUS_EFAULT:
		return DRM_QUERN_JOB_FAULT;
	case QUERN_STATUS_ETIMEDOUT:
		return DRM_QUERN_JOB_TIMEOUT;
	case QUERN_STATUS_ECANCELED:
		return DRM_QUERN_JOB_CANCELED;
	default:
		return DRM_QUERN_JOB_DEVICE_LOST;
	}
}

static int quern_task_error(u32 status)
{
	switch (status) {
	case DRM_QUERN_JOB_DONE:
		return 0;
	case DRM_QUERN_JOB_INVALID:
		return -EINVAL;
	case DRM_QUERN_JOB_FAULT:
		return -EFAULT;
	case DRM_QUERN_JOB_TIMEOUT:
		return -ETIMEDOUT;
	case DRM_QUERN_JOB_CANCELED:
		return -ECANCELED;
	default:
		return -EIO;
	}
}

static struct quern_history *quern_task_history(struct quern_ctx *ctx, u64 seqno)
{
	return &ctx->history[seqno & (QUERN_CTX_HISTORY - 1)];
}

static void quern_task_remember(struct quern_task *task, u32 status,
				const struct quern_job_done *done)
{
	struct quern_ctx *ctx = task->ctx;
	struct quern_history *h = quern_task_history(ctx, task->record.seqno);

	lockdep_assert_held(&ctx->qdev->ring_lock);
	h->seqno = task->record.seqno;
	h->status = status;
	h->done = *done;
	ctx->pending--;
	trace_quern_job_done(task, status, done);
}

/* The context takes no more jobs until it is reset; its first failure is what it reports. */
static void quern_task_stop_ctx(struct quern_task *task, u32 state,
				const struct quern_job_done *done)
{
	struct quern_ctx *ctx = task->ctx;

	if (ctx->state != DRM_QUERN_CTX_OK)
		return;
	ctx->state = state;
	ctx->failed_seqno = task->record.seqno;
	ctx->failure = *done;
}

/* Of all its pieces. Times that run backwards, and what no job can have run, count nothing. */
static u64 quern_task_cycles(const struct quern_job_done *done)
{
	u64 cycles = 0;

	if (done->t_end > done->t_start && done->t_start)
		cycles = done->t_end - done->t_start;
	if (done->prior_cycles <= QUERN_MAX_TIMEOUT_CYCLES)
		cycles += done->prior_cycles;
	return cycles;
}

void quern_task_record(struct quern_task *task, const struct quern_job_done *done)
{
	u32 status = quern_task_status(done->status);

	quern_task_remember(task, status, done);
	if (status != DRM_QUERN_JOB_DONE)
		dma_fence_set_error(&task->fence->base, quern_task_error(status));
	if (status != DRM_QUERN_JOB_DONE && status != DRM_QUERN_JOB_INVALID)
		quern_task_stop_ctx(task, DRM_QUERN_CTX_FAILED, done);
	if (status == DRM_QUERN_JOB_FAULT)
		trace_quern_fault(task, done);
	task->ctx->file->busy_cycles += quern_task_cycles(done);
}

void quern_task_record_error(struct quern_task *task, int error)
{
	const struct quern_job_done none = {};

	quern_task_remember(task, error == -ECANCELED ? DRM_QUERN_JOB_CANCELED :
							DRM_QUERN_JOB_DEVICE_LOST, &none);
	dma_fence_set_error(&task->fence->base, error);
	quern_task_stop_ctx(task, DRM_QUERN_CTX_LOST, &none);
}

void quern_task_signal(struct quern_task *task)
{
	struct dma_fence *fence = dma_fence_get(&task->fence->base);

	dma_fence_signal(fence);
	dma_fence_put(fence);
}

static struct dma_fence *quern_job_run(struct drm_sched_job *job)
{
	struct quern_task *task = to_quern_task(job);
	struct quern_ctx *ctx = task->ctx;
	const struct quern_job_done none = {};
	struct dma_fence *fence = &task->fence->base;
	bool cookie = dma_fence_begin_signalling();
	int ret;

	quern_fence_init(task);
	/* For the scheduler; the task's own goes with the task. */
	dma_fence_get(fence);
	ret = job->s_fence->finished.error;
	if (!ret)
		ret = quern_ring_push(ctx, task);
	if (!ret)
		goto out_end;
	spin_lock(&ctx->qdev->ring_lock);
	quern_task_remember(task, DRM_QUERN_JOB_CANCELED, &none);
	spin_unlock(&ctx->qdev->ring_lock);
	dma_fence_set_error(fence, ret);
	dma_fence_signal(fence);
	dma_fence_put(fence);
	fence = ERR_PTR(ret);
out_end:
	dma_fence_end_signalling(cookie);
	return fence;
}

static enum drm_gpu_sched_stat quern_job_timedout(struct drm_sched_job *job)
{
	struct quern_device *qdev = to_quern_task(job)->ctx->qdev;

	/* If an interrupt was lost, this is all that is missing. */
	quern_ring_harvest(qdev);
	if (!dma_fence_is_signaled(&to_quern_task(job)->fence->base))
		quern_reset_if_dead(qdev);
	return quern_compat_no_hang(job);
}

static void quern_job_free(struct drm_sched_job *job)
{
	struct quern_task *task = to_quern_task(job);

	if (task->fence->live)
		dma_fence_put(&task->fence->base);
	else /* killed before it ran */
		kfree(task->fence);
	quern_task_free(task);
}

static const struct drm_sched_backend_ops quern_sched_ops = {
	.run_job = quern_job_run,
	.timedout_job = quern_job_timedout,
	.free_job = quern_job_free,
};

static void quern_job_fini(struct drm_device *drm, void *sched)
{
	drm_sched_fini(sched);
}

int quern_job_init(struct quern_device *qdev)
{
	const struct quern_sched_params params = {
		.ops = &quern_sched_ops,
		.timeout_wq = qdev->reset_wq,
		.dev = qdev->drm.dev,
		.name = "quern",
		.credit_limit = QUERN_RING_ENTRIES,
		.timeout = msecs_to_jiffies(QUERN_JOB_CHECK_MS),
	};

	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++) {
		struct drm_gpu_scheduler *sched = &qdev->slots[i].sched;
		int ret = quern_compat_sched_init(sched, &params);

		if (!ret)
			ret = drmm_add_action_or_reset(&qdev->drm, quern_job_fini, sched);
		if (ret)
			return ret;
	}
	return 0;
}

static void quern_job_fill(struct drm_quern_job_query *args, const struct quern_history *h)
{
	const struct quern_job_done *done = &h->done;

	args->status = h->status;
	args->fault = done->fault;
	args->fault_unit = done->fault_unit;
	args->fault_index = done->fault_index;
	args->fault_addr = done->fault_addr;
	args->t_doorbell = done->t_doorbell;
	args->t_start = done->t_start;
	args->t_end = done->t_end;
	args->job_cycles = done->job_cycles;
	args->mx_busy = done->mx_busy;
	args->ve_busy = done->ve_busy;
	args->rd_bytes = done->rd_bytes;
	args->wr_bytes = done->wr_bytes;
	args->tlb_misses = done->tlb_misses;
	args->prior_cycles = done->prior_cycles;
}

int quern_job_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_job_query *args = data;
	struct quern_history *h;
	struct quern_ctx *ctx;
	u64 submitted;
	int ret = 0;

	if (args->pad || !args->seqno)
		return -EINVAL;
	ctx = quern_ctx_lookup(drm_file->driver_priv, args->ctx);
	if (!ctx)
		return -ENOENT;
	mutex_lock(&ctx->submit_lock);
	submitted = ctx->seqno;
	mutex_unlock(&ctx->submit_lock);
	*args = (struct drm_quern_job_query){ .ctx = args->ctx, .seqno = args->seqno };
	spin_lock(&ctx->qdev->ring_lock);
	h = quern_task_history(ctx, args->seqno);
	if (h->seqno == args->seqno)
		quern_job_fill(args, h);
	else if (args->seqno > submitted || h->seqno > args->seqno)
		ret = -ENOENT;
	spin_unlock(&ctx->qdev->ring_lock);
	quern_ctx_put(ctx);
	return ret;
}
