// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Contexts: creation, end, state. */
#include <linux/capability.h>
#include <linux/idr.h>
#include <linux/slab.h>

#include <drm/drm_file.h>

#include "quern_compat.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_pm.h"
#include "quern_trace.h"
#include "quern_user.h"
#include "quern_vm.h"

static void quern_ctx_release_work(struct work_struct *work)
{
	struct quern_ctx *ctx = container_of(work, struct quern_ctx, release_work);
	struct quern_device *qdev = ctx->qdev;

	quern_ring_finish(ctx);
	ida_free(&qdev->slot_ida, ctx->slot);
	quern_user_uncharge_context(ctx->user);
	quern_user_put(ctx->user);
	mutex_destroy(&ctx->submit_lock);
	kvfree(ctx->history);
	kfree(ctx);
	if (atomic_dec_and_test(&qdev->num_ctx))
		wake_up_all(&qdev->ctx_gone);
}

/* The last reference may go where freeing DMA memory is not allowed. */
static void quern_ctx_release(struct kref *refs)
{
	struct quern_ctx *ctx = container_of(refs, struct quern_ctx, refs);

	queue_work(ctx->qdev->release_wq, &ctx->release_work);
}

void quern_ctx_put(struct quern_ctx *ctx)
{
	kref_put(&ctx->refs, quern_ctx_release);
}

struct quern_ctx *quern_ctx_lookup(struct quern_file *file, u32 handle)
{
	struct quern_ctx *ctx;

	xa_lock(&file->contexts);
	ctx = xa_load(&file->contexts, handle);
	if (ctx)
		kref_get(&ctx->refs);
	xa_unlock(&file->contexts);
	return ctx;
}

/* A slot may be about to be freed by the last job of a context that was destroyed. */
static int quern_ctx_alloc_slot(struct quern_device *qdev)
{
	u32 max = qdev->fw.num_ctx - 1;
	int slot = ida_alloc_max(&qdev->slot_ida, max, GFP_KERNEL);

	if (slot != -ENOSPC)
		return slot;
	flush_workqueue(qdev->release_wq);
	return ida_alloc_max(&qdev->slot_ida, max, GFP_KERNEL);
}

/* As with slots. */
static int quern_ctx_charge(struct quern_file *file)
{
	int ret = quern_user_charge_context(file->user);

	if (ret != -EDQUOT)
		return ret;
	flush_workqueue(file->qdev->release_wq);
	return quern_user_charge_context(file->user);
}

static struct quern_ctx *quern_ctx_alloc(struct quern_file *file, u32 priority)
{
	struct quern_device *qdev = file->qdev;
	struct quern_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	int slot, ret = -ENOMEM;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	BUILD_BUG_ON_NOT_POWER_OF_2(QUERN_CTX_HISTORY);
	ctx->history = kvcalloc(QUERN_CTX_HISTORY, sizeof(*ctx->history), GFP_KERNEL_ACCOUNT);
	if (!ctx->history)
		goto err_ctx;
	ret = quern_ctx_charge(file);
	if (ret)
		goto err_history;
	slot = quern_ctx_alloc_slot(qdev);
	if (slot < 0) {
		ret = slot;
		goto err_charge;
	}
	kref_init(&ctx->refs);
	ctx->qdev = qdev;
	ctx->file = file;
	ctx->user = quern_user_get(file->user);
	ctx->slot = slot;
	ctx->priority = priority;
	ctx->fence_context = dma_fence_context_alloc(1);
	ctx->sched = &qdev->slots[slot].sched;
	mutex_init(&ctx->submit_lock);
	INIT_WORK(&ctx->release_work, quern_ctx_release_work);
	atomic_inc(&qdev->num_ctx);
	return ctx;
err_charge:
	quern_user_uncharge_context(file->user);
err_history:
	kvfree(ctx->history);
err_ctx:
	kfree(ctx);
	return ERR_PTR(ret);
}

static struct quern_ctx *quern_ctx_create(struct quern_file *file, u32 priority)
{
	struct quern_ctx *ctx = quern_ctx_alloc(file, priority);
	int ret;

	if (IS_ERR(ctx))
		return ctx;
	ret = quern_ring_init(ctx);
	if (ret)
		goto err_put;
	ret = drm_sched_entity_init(&ctx->entity, 0, &ctx->sched, 1, NULL);
	if (ret)
		goto err_put;
	ret = quern_vm_get_asid(file, &ctx->asid, &ctx->root);
	if (ret)
		goto err_entity;
	quern_ring_attach(ctx);
	ret = quern_admin_ctx_create(ctx);
	if (ret)
		goto err_detach;
	trace_quern_ctx_create(ctx);
	return ctx;
err_detach:
	quern_ring_detach(ctx);
	quern_vm_put_asid(file);
err_entity:
	drm_sched_entity_destroy(&ctx->entity);
err_put:
	quern_ctx_put(ctx);
	return ERR_PTR(ret);
}

/* Called once, when no handle leads here any more. */
static void quern_ctx_close(struct quern_ctx *ctx)
{
	trace_quern_ctx_destroy(ctx);
	mutex_lock(&ctx->submit_lock);
	ctx->closed = true;
	mutex_unlock(&ctx->submit_lock);
	quern_ring_close(ctx);
	quern_admin_ctx_destroy(ctx);
	/* The firmware has completed everything, unless it or the chip is gone. */
	quern_ring_harvest(ctx->qdev);
	quern_ring_cancel(ctx, -ECANCELED);
	quern_ring_detach(ctx);
	drm_sched_entity_destroy(&ctx->entity);
	quern_vm_put_asid(ctx->file);
	quern_ctx_put(ctx);
}

void quern_ctx_close_all(struct quern_file *file)
{
	struct quern_ctx *ctx;
	unsigned long handle;

	xa_for_each(&file->contexts, handle, ctx) {
		xa_erase(&file->contexts, handle);
		quern_ctx_close(ctx);
	}
}

static bool quern_ctx_priority_permitted(u32 priority)
{
	return priority <= DRM_QUERN_PRIORITY_NORMAL || capable(CAP_SYS_NICE);
}

int quern_ctx_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_ctx_create *args = data;
	struct quern_file *file = drm_file->driver_priv;
	struct quern_ctx *ctx;
	int ret;

	if (args->flags || args->pad || args->priority > DRM_QUERN_PRIORITY_REALTIME)
		return -EINVAL;
	if (!quern_ctx_priority_permitted(args->priority))
		return -EACCES;
	ret = quern_pm_get(file->qdev);
	if (ret)
		return ret;
	ctx = quern_ctx_create(file, args->priority);
	quern_pm_put(file->qdev);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	/* From here on other threads can use and destroy it. */
	ret = xa_alloc(&file->contexts, &args->handle, ctx, xa_limit_31b, GFP_KERNEL);
	if (ret)
		quern_ctx_close(ctx);
	return ret;
}

int quern_ctx_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_ctx_destroy *args = data;
	struct quern_file *file = drm_file->driver_priv;
	struct quern_ctx *ctx;

	if (args->pad)
		return -EINVAL;
	ctx = xa_erase(&file->contexts, args->handle);
	if (!ctx)
		return -ENOENT;
	quern_ctx_close(ctx);
	return 0;
}

int quern_ctx_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_ctx_query *args = data;
	struct quern_ctx *ctx;

	if (args->pad || args->pad2)
		return -EINVAL;
	ctx = quern_ctx_lookup(drm_file->driver_priv, args->handle);
	if (!ctx)
		return -ENOENT;
	mutex_lock(&ctx->submit_lock);
	args->submitted = ctx->seqno;
	mutex_unlock(&ctx->submit_lock);
	spin_lock(&ctx->qdev->ring_lock);
	args->state = ctx->state;
	args->fault = ctx->failure.fault;
	args->fault_unit = ctx->failure.fault_unit;
	args->fault_index = ctx->failure.fault_index;
	args->fault_addr = ctx->failure.fault_addr;
	args->failed_seqno = ctx->failed_seqno;
	args->pending = ctx->pending;
	spin_unlock(&ctx->qdev->ring_lock);
	quern_ctx_put(ctx);
	return 0;
}

/* Under submit_lock, so that no job comes in between. */
static int quern_ctx_reset_locked(struct quern_ctx *ctx)
{
	bool busy;
	int ret;

	if (ctx->closed)
		return -ENOENT;
	spin_lock(&ctx->qdev->ring_lock);
	busy = ctx->pending;
	spin_unlock(&ctx->qdev->ring_lock);
	if (busy)
		return -EBUSY;
	ret = quern_admin_ctx_reset(ctx);
	if (ret)
		return ret;
	spin_lock(&ctx->qdev->ring_lock);
	ctx->state = DRM_QUERN_CTX_OK;
	ctx->failed_seqno = 0;
	memset(&ctx->failure, 0, sizeof(ctx->failure));
	spin_unlock(&ctx->qdev->ring_lock);
	return 0;
}

int quern_ctx_reset_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_ctx_reset *args = data;
	struct quern_ctx *ctx;
	int ret;

	if (args->pad)
		return -EINVAL;
	ctx = quern_ctx_lookup(drm_file->driver_priv, args->handle);
	if (!ctx)
		return -ENOENT;
	mutex_lock(&ctx->submit_lock);
	ret = quern_ctx_reset_locked(ctx);
	mutex_unlock(&ctx->submit_lock);
	quern_ctx_put(ctx);
	return ret;
}
