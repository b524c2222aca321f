// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Rings of contexts.
 *
 * Completions are untrusted: an entry is copied once, and its number must be that of the oldest
 * job, or the firmware counts as broken. A task is taken off its ring under ring_lock and its
 * fence signalled after; tasks live until that.
 */
#include <linux/dma-mapping.h>

#include <kunit/visibility.h>

#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "quern/ring.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_job.h"
#include "quern_reset.h"
#include "quern_ring.h"
#include "quern_trace.h"

int quern_ring_init(struct quern_ctx *ctx)
{
	struct quern_ring *ring = &ctx->ring;

	BUILD_BUG_ON_NOT_POWER_OF_2(QUERN_RING_ENTRIES);
	ring->mem = dma_alloc_coherent(ctx->qdev->drm.dev, sizeof(*ring->mem), &ring->dma,
				       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!ring->mem)
		return -ENOMEM;
	memset(ring->mem, 0, sizeof(*ring->mem));
	ring->open = true;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_init);

void quern_ring_finish(struct quern_ctx *ctx)
{
	struct quern_ring *ring = &ctx->ring;

	if (ring->mem)
		dma_free_coherent(ctx->qdev->drm.dev, sizeof(*ring->mem), ring->mem, ring->dma);
	ring->mem = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_finish);

void quern_ring_attach(struct quern_ctx *ctx)
{
	spin_lock(&ctx->qdev->ring_lock);
	ctx->qdev->slots[ctx->slot].ring = ctx;
	spin_unlock(&ctx->qdev->ring_lock);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_attach);

void quern_ring_detach(struct quern_ctx *ctx)
{
	spin_lock(&ctx->qdev->ring_lock);
	ctx->qdev->slots[ctx->slot].ring = NULL;
	spin_unlock(&ctx->qdev->ring_lock);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_detach);

void quern_ring_close(struct quern_ctx *ctx)
{
	spin_lock(&ctx->qdev->ring_lock);
	ctx->ring.open = false;
	spin_unlock(&ctx->qdev->ring_lock);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_close);

bool quern_ring_busy(struct quern_ctx *ctx)
{
	bool busy;

	spin_lock(&ctx->qdev->ring_lock);
	busy = ctx->ring.head != ctx->ring.tail;
	spin_unlock(&ctx->qdev->ring_lock);
	return busy;
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_busy);

static struct quern_task *quern_ring_oldest(struct quern_ring *ring)
{
	if (ring->head == ring->tail)
		return NULL;
	return ring->inflight[quern_ring_slot(ring->head, QUERN_RING_ENTRIES)];
}

/* In their order to the ring's start. Called with ring_lock. */
static void quern_ring_rewind(struct quern_ring *ring)
{
	struct quern_task *inflight[QUERN_RING_ENTRIES] = {};
	u32 num = ring->tail - ring->head;

	for (u32 i = 0; i < num; i++) {
		inflight[i] = ring->inflight[quern_ring_slot(ring->head + i, QUERN_RING_ENTRIES)];
		ring->mem->sq[i] = inflight[i]->record;
		trace_quern_job_again(inflight[i]);
	}
	memcpy(ring->inflight, inflight, sizeof(inflight));
	ring->head = 0;
	ring->tail = num;
}

void quern_ring_restart(struct quern_ctx *ctx)
{
	struct quern_ring *ring = &ctx->ring;

	spin_lock(&ctx->qdev->ring_lock);
	memset(ring->mem, 0, sizeof(*ring->mem));
	quern_ring_rewind(ring);
	spin_unlock(&ctx->qdev->ring_lock);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_restart);

void quern_ring_resume(struct quern_ctx *ctx)
{
	struct quern_device *qdev = ctx->qdev;

	spin_lock(&qdev->ring_lock);
	dma_wmb(); /* the records before their doorbell */
	if (ctx->ring.tail)
		quern_write(qdev, QUERN_REG_DOORBELL(ctx->slot), ctx->ring.tail);
	spin_unlock(&qdev->ring_lock);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_resume);

static void quern_ring_write(struct quern_ring *ring, struct quern_task *task)
{
	u32 slot = quern_ring_slot(ring->tail, QUERN_RING_ENTRIES);

	ring->mem->sq[slot] = task->record;
	ring->inflight[slot] = task;
	ring->tail++;
}

int quern_ring_push(struct quern_ctx *ctx, struct quern_task *task)
{
	struct quern_device *qdev = ctx->qdev;
	struct quern_ring *ring = &ctx->ring;
	int ret = -ECANCELED;
	int idx;

	if (!drm_dev_enter(&qdev->drm, &idx))
		return -ENODEV;
	spin_lock(&qdev->ring_lock);
	if (!ring->open || ctx->state != DRM_QUERN_CTX_OK)
		goto out_unlock;
	ret = -EBUSY;
	if (!quern_ring_space(ring->head, ring->tail, QUERN_RING_ENTRIES))
		goto out_unlock;
	quern_ring_write(ring, task);
	trace_quern_job_start(task);
	dma_wmb(); /* the record before its doorbell */
	quern_write(qdev, QUERN_REG_DOORBELL(ctx->slot), ring->tail);
	ret = 0;
out_unlock:
	spin_unlock(&qdev->ring_lock);
	drm_dev_exit(idx);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_push);

/* Take the oldest task off the ring. Called with ring_lock. */
static struct quern_task *quern_ring_take(struct quern_ring *ring)
{
	u32 slot = quern_ring_slot(ring->head, QUERN_RING_ENTRIES);
	struct quern_task *task = ring->inflight[slot];

	ring->inflight[slot] = NULL;
	ring->head++;
	return task;
}

/* The next completion of a slot, or NULL. */
static struct quern_task *quern_ring_next(struct quern_device *qdev, struct quern_slot *slot,
					  struct quern_job_done *done)
{
	struct quern_task *task = NULL;
	const struct quern_job_done *entry;
	struct quern_ring *ring;

	spin_lock(&qdev->ring_lock);
	if (!slot->ring)
		goto out_unlock;
	ring = &slot->ring->ring;
	entry = &ring->mem->cq[quern_ring_slot(ring->head, QUERN_RING_ENTRIES)];
	if (ring->head == ring->tail || !quern_ring_stamped(READ_ONCE(entry->index), ring->head))
		goto out_unlock;
	dma_rmb(); /* the stamp before the rest */
	*done = *entry;
	task = ring->inflight[quern_ring_slot(ring->head, QUERN_RING_ENTRIES)];
	/* A record that the firmware could not read has no number. */
	if (done->seqno != task->record.seqno && done->status != QUERN_STATUS_EIO) {
		drm_err_ratelimited(&qdev->drm,
				    "context %zu: entry %u completes job %llu, but has job %llu\n",
				    slot - qdev->slots, ring->head, done->seqno,
				    task->record.seqno);
		task = NULL;
		WRITE_ONCE(qdev->bad_completion, true);
		quern_reset_schedule(qdev);
		goto out_unlock;
	}
	atomic_set(&qdev->idle_checks, 0);
	quern_ring_take(ring);
	quern_task_record(task, done);
out_unlock:
	spin_unlock(&qdev->ring_lock);
	return task;
}

void quern_ring_harvest(struct quern_device *qdev)
{
	struct quern_job_done done;
	struct quern_task *task;
	bool cookie = dma_fence_begin_signalling();

	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++)
		while ((task = quern_ring_next(qdev, &qdev->slots[i], &done)))
			quern_task_signal(task);
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_harvest);

/* Whether there was one. */
static bool quern_ring_cancel_oldest(struct quern_ctx *ctx, int error)
{
	struct quern_ring *ring = &ctx->ring;
	struct quern_task *task = NULL;

	spin_lock(&ctx->qdev->ring_lock);
	if (ring->head != ring->tail) {
		task = quern_ring_take(ring);
		quern_task_record_error(task, error);
	}
	spin_unlock(&ctx->qdev->ring_lock);
	if (task)
		quern_task_signal(task);
	return task;
}

void quern_ring_cancel(struct quern_ctx *ctx, int error)
{
	bool cookie = dma_fence_begin_signalling();

	while (quern_ring_cancel_oldest(ctx, error))
		;
	dma_fence_end_signalling(cookie);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_cancel);

void quern_ring_judge(struct quern_ctx *ctx, u32 progress, bool blame)
{
	struct quern_task *oldest;
	int error = 0;

	spin_lock(&ctx->qdev->ring_lock);
	oldest = quern_ring_oldest(&ctx->ring);
	if (!oldest)
		goto out_unlock;
	if (blame)
		oldest->deaths++;
	/* The firmware did not come to cancel what is behind a job that failed. */
	if (ctx->state != DRM_QUERN_CTX_OK)
		error = -ECANCELED;
	else if (progress >= oldest->record.ncmds || oldest->deaths > QUERN_RING_DEATHS)
		error = -EIO;
	else if (progress)
		oldest->record.first = progress;
out_unlock:
	spin_unlock(&ctx->qdev->ring_lock);
	if (!error)
		return;
	quern_ring_cancel_oldest(ctx, error);
	quern_ring_cancel(ctx, -ECANCELED);
}
EXPORT_SYMBOL_IF_KUNIT(quern_ring_judge);
