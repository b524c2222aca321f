// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Rings: the arithmetic across the wrap of the counts; jobs out, completions in; and whatever a
 * device may write into completions, stamps and numbers. Tests play the firmware.
 */
#include <linux/dma-fence.h>
#include <linux/slab.h>

#include <drm/quern_accel.h>

#include "quern/ring.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_job.h"
#include "quern_ring.h"
#include "quern_test.h"

#define SLOT 5
#define MAX_TASKS 512

struct ring_test {
	struct kunit *test;
	struct quern_test_chip *chip;
	struct quern_device *qdev;
	struct quern_file file;
	struct quern_ctx ctx;
	struct quern_task *tasks[MAX_TASKS]; /* by seqno - 1 */
	u64 pushed; /* seqno of the last one */
	u32 index;  /* of the firmware's next completion */
};

static const char *ring_fence_name(struct dma_fence *fence)
{
	return "quern-test";
}

static const struct dma_fence_ops ring_fence_ops = {
	.get_driver_name = ring_fence_name,
	.get_timeline_name = ring_fence_name,
};

static int ring_test_init(struct kunit *test)
{
	struct ring_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct quern_ctx *ctx;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->test = test;
	t->chip = quern_test_chip_create(test);
	t->qdev = t->chip->qdev;
	t->file.qdev = t->qdev;
	ctx = &t->ctx;
	kref_init(&ctx->refs);
	ctx->qdev = t->qdev;
	ctx->file = &t->file;
	ctx->slot = SLOT;
	ctx->state = DRM_QUERN_CTX_OK;
	ctx->history = kunit_kcalloc(test, QUERN_CTX_HISTORY, sizeof(*ctx->history), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx->history);
	KUNIT_ASSERT_EQ(test, quern_ring_init(ctx), 0);
	quern_ring_attach(ctx);
	test->priv = t;
	return 0;
}

static void ring_test_exit(struct kunit *test)
{
	struct ring_test *t = test->priv;

	if (!t)
		return;
	for (u64 i = 0; i < t->pushed; i++)
		dma_fence_put(&t->tasks[i]->fence->base);
	quern_ring_detach(&t->ctx);
	quern_ring_finish(&t->ctx);
	quern_ring_finish(&t->ctx); /* once more does nothing */
}

/* A job that is not the scheduler's. */
static struct quern_task *ring_test_task(struct ring_test *t)
{
	struct quern_task *task = kunit_kzalloc(t->test, sizeof(*task), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, task);
	KUNIT_ASSERT_LT(t->test, t->pushed, MAX_TASKS);
	task->ctx = &t->ctx;
	task->fence = kzalloc(sizeof(*task->fence), GFP_KERNEL); /* freed by its last reference */
	KUNIT_ASSERT_NOT_NULL(t->test, task->fence);
	spin_lock_init(&task->fence->lock);
	t->tasks[t->pushed++] = task;
	task->record.seqno = t->pushed;
	task->record.op = QUERN_JOB_OP_RUN;
	dma_fence_init(&task->fence->base, &ring_fence_ops, &task->fence->lock, 1, t->pushed);
	return task;
}

static int ring_test_push(struct ring_test *t)
{
	spin_lock(&t->qdev->ring_lock);
	t->ctx.pending++;
	spin_unlock(&t->qdev->ring_lock);
	return quern_ring_push(&t->ctx, ring_test_task(t));
}

/* As many jobs as count have gone through the ring before. */
static void ring_test_start_at(struct ring_test *t, u32 count)
{
	struct quern_ring *ring = &t->ctx.ring;

	ring->head = count;
	ring->tail = count;
	t->index = count;
	for (u32 i = 0; i < QUERN_RING_ENTRIES; i++) {
		u32 old = count - QUERN_RING_ENTRIES + i;

		ring->mem->cq[quern_ring_slot(old, QUERN_RING_ENTRIES)].index = old + 1;
	}
}

static struct quern_job_done *ring_test_entry(struct ring_test *t, u32 index)
{
	return &t->ctx.ring.mem->cq[index % QUERN_RING_ENTRIES];
}

/* The firmware's next completion, for a job. */
static void ring_test_complete(struct ring_test *t, u64 seqno, u32 status)
{
	*ring_test_entry(t, t->index) = (struct quern_job_done){
		.status = status,
		.seqno = seqno,
		.t_start = 1000,
		.t_end = 1000 + seqno,
		.index = t->index + 1,
	};
	t->index++;
}

static struct dma_fence *ring_test_fence(struct ring_test *t, u64 seqno)
{
	return &t->tasks[seqno - 1]->fence->base;
}

static bool ring_test_signaled(struct ring_test *t, u64 seqno)
{
	return test_bit(DMA_FENCE_FLAG_SIGNALED_BIT, &ring_test_fence(t, seqno)->flags);
}

/* Exactly the jobs up to seqno have ended. */
static void ring_test_expect_ended(struct ring_test *t, u64 seqno)
{
	for (u64 i = 1; i <= t->pushed; i++)
		KUNIT_ASSERT_EQ_MSG(t->test, ring_test_signaled(t, i), i <= seqno, "job %llu", i);
	KUNIT_EXPECT_EQ(t->test, t->ctx.pending, t->pushed - seqno);
}

static int ring_test_resets(struct ring_test *t)
{
	flush_work(&t->qdev->reset_work);
	return atomic_read(&t->chip->resets);
}

static const u32 ring_starts[] = { 0, 1, 63, 64, 0x7fffffff, 0x80000000, -65U, -64U, -3U, -1U };

static void ring_start_desc(const u32 *start, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "from 0x%x", *start);
}

KUNIT_ARRAY_PARAM(start, ring_starts, ring_start_desc);

static void ring_test_arithmetic(struct kunit *test)
{
	u32 head = *(const u32 *)test->param_value;

	for (u32 entries = 2; entries <= 1024; entries *= 2) {
		for (u32 used = 0; used <= entries; used++) {
			u32 tail = head + used;

			KUNIT_ASSERT_EQ(test, quern_ring_used(head, tail), used);
			KUNIT_ASSERT_EQ(test, quern_ring_space(head, tail, entries),
					entries - used);
			KUNIT_ASSERT_TRUE(test, quern_ring_tail_ok(head, tail, entries));
		}
		KUNIT_EXPECT_FALSE(test, quern_ring_tail_ok(head, head + entries + 1, entries));
		KUNIT_EXPECT_FALSE(test, quern_ring_tail_ok(head, head - 1, entries));
		KUNIT_EXPECT_EQ(test, quern_ring_space(head, head + entries + 1, entries), 0);
		KUNIT_EXPECT_EQ(test, quern_ring_space(head, head - 1, entries), 0);
		KUNIT_EXPECT_EQ(test, quern_ring_slot(head + entries, entries),
				quern_ring_slot(head, entries));
		KUNIT_EXPECT_EQ(test, quern_ring_slot(head + 1, entries), (head + 1) % entries);
	}
	KUNIT_EXPECT_TRUE(test, quern_ring_stamped(head + 1, head));
	KUNIT_EXPECT_FALSE(test, quern_ring_stamped(head, head));
	KUNIT_EXPECT_FALSE(test, quern_ring_stamped(head + 1 - QUERN_RING_ENTRIES, head));
	KUNIT_EXPECT_FALSE(test, quern_ring_stamped(head + 1 + QUERN_RING_ENTRIES, head));
}

static void ring_test_entries_ok(struct kunit *test)
{
	static const u32 bad[] = { 0, 1, 3, 6, 63, 65, 1023, 1025, 2048, 0x80000000, U32_MAX };

	for (u32 entries = 2; entries <= 1024; entries *= 2)
		KUNIT_EXPECT_TRUE(test, quern_ring_entries_ok(entries));
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test, quern_ring_entries_ok(bad[i]), "%u", bad[i]);
}

/* A ring takes exactly its entries; each job is in its slot before its doorbell. */
static void ring_test_full(struct kunit *test)
{
	u32 start = *(const u32 *)test->param_value;
	struct ring_test *t = test->priv;

	ring_test_start_at(t, start);
	for (u32 i = 1; i <= QUERN_RING_ENTRIES; i++) {
		u32 slot = (start + i - 1) % QUERN_RING_ENTRIES;

		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
		KUNIT_ASSERT_EQ(test, quern_read(t->qdev, QUERN_REG_DOORBELL(SLOT)), start + i);
		KUNIT_ASSERT_EQ(test, t->ctx.ring.mem->sq[slot].seqno, i);
	}
	KUNIT_EXPECT_EQ(test, ring_test_push(t), -EBUSY);
	KUNIT_EXPECT_EQ(test, quern_read(t->qdev, QUERN_REG_DOORBELL(SLOT)),
			start + QUERN_RING_ENTRIES);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 0);
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 1);
	KUNIT_EXPECT_EQ(test, quern_ring_push(&t->ctx, t->tasks[QUERN_RING_ENTRIES]), 0);
}

/* Empty, some, full, over and over: completions end the jobs they are for, and no others. */
static void ring_test_in_order(struct kunit *test)
{
	struct ring_test *t = test->priv;
	u64 done = 0;

	ring_test_start_at(t, *(const u32 *)test->param_value);
	for (u32 burst = 1; burst <= 12; burst++) {
		for (u32 i = 0; i < burst; i++)
			KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
		/* All but the first of them. */
		while (done < t->pushed - 1)
			ring_test_complete(t, ++done, QUERN_STATUS_OK);
		quern_ring_harvest(t->qdev);
		quern_ring_harvest(t->qdev);
		ring_test_expect_ended(t, done);
	}
	KUNIT_EXPECT_EQ(test, ring_test_resets(t), 0);
	KUNIT_EXPECT_EQ(test, t->file.busy_cycles, done * (done + 1) / 2);
}

/* Stamps that are not the one that is due: future, stale, of another turn, odd. */
static void ring_test_stamps(struct kunit *test)
{
	u32 start = *(const u32 *)test->param_value;
	const u32 stamps[] = {
		start, start - 1, start + 2, start + 65, start - 63, start + 0x80000001,
		start ? 0 : U32_MAX, start == U32_MAX - 1 ? 0 : U32_MAX, ~start,
	};
	struct ring_test *t = test->priv;

	ring_test_start_at(t, start);
	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(stamps); i++) {
		if (stamps[i] == start + 1)
			continue;
		*ring_test_entry(t, start) = (struct quern_job_done){
			.seqno = 1, .index = stamps[i],
		};
		quern_ring_harvest(t->qdev);
		ring_test_expect_ended(t, 0);
	}
	/* A later one that is right waits for the first. */
	t->index = start + 1;
	ring_test_complete(t, 2, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 0);
	t->index = start;
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 2);
	KUNIT_EXPECT_EQ(test, ring_test_resets(t), 0);
}

/* More completions than jobs, all with the stamps of their places. */
static void ring_test_too_many(struct kunit *test)
{
	u32 start = *(const u32 *)test->param_value;
	struct ring_test *t = test->priv;

	ring_test_start_at(t, start);
	for (u64 i = 1; i <= QUERN_RING_ENTRIES; i++)
		ring_test_complete(t, i, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	KUNIT_EXPECT_EQ(test, t->ctx.ring.head, start);
	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 3);
	KUNIT_EXPECT_EQ(test, t->ctx.ring.head, start + 3);
	KUNIT_EXPECT_EQ(test, t->ctx.ring.tail, start + 3);
	KUNIT_EXPECT_EQ(test, t->ctx.pending, 0);
}

/* The right stamp for a job that is not the oldest, or for none: the firmware is broken. */
static void ring_test_out_of_turn(struct kunit *test)
{
	static const u64 numbers[] = { 0, 2, 3, 4, 1 | BIT_ULL(32), U64_MAX };
	struct ring_test *t = test->priv;

	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
		t->index = 0;
		ring_test_complete(t, numbers[i], QUERN_STATUS_OK);
		quern_ring_harvest(t->qdev);
		ring_test_expect_ended(t, 0);
		KUNIT_EXPECT_EQ_MSG(test, ring_test_resets(t), i + 1, "number %llu", numbers[i]);
	}
	t->index = 0;
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 1);
}

struct status_case {
	u32 status; /* of the completion */
	u32 job;    /* enum drm_quern_job_status */
	int error;  /* of the fence */
	u32 ctx;    /* enum drm_quern_ctx_state */
};

static const struct status_case status_cases[] = {
	{ QUERN_STATUS_OK, DRM_QUERN_JOB_DONE, 0, DRM_QUERN_CTX_OK },
	{ QUERN_STATUS_EINVAL, DRM_QUERN_JOB_INVALID, -EINVAL, DRM_QUERN_CTX_OK },
	{ QUERN_STATUS_EFAULT, DRM_QUERN_JOB_FAULT, -EFAULT, DRM_QUERN_CTX_FAILED },
	{ QUERN_STATUS_ETIMEDOUT, DRM_QUERN_JOB_TIMEOUT, -ETIMEDOUT, DRM_QUERN_CTX_FAILED },
	{ QUERN_STATUS_ECANCELED, DRM_QUERN_JOB_CANCELED, -ECANCELED, DRM_QUERN_CTX_FAILED },
	{ QUERN_STATUS_EIO, DRM_QUERN_JOB_DEVICE_LOST, -EIO, DRM_QUERN_CTX_FAILED },
	{ QUERN_STATUS_ENOENT, DRM_QUERN_JOB_DEVICE_LOST, -EIO, DRM_QUERN_CTX_FAILED },
	{ QUERN_STATUS_EBUSY, DRM_QUERN_JOB_DEVICE_LOST, -EIO, DRM_QUERN_CTX_FAILED },
	{ QUERN_STATUS_COUNT, DRM_QUERN_JOB_DEVICE_LOST, -EIO, DRM_QUERN_CTX_FAILED },
	{ 0x80000000, DRM_QUERN_JOB_DEVICE_LOST, -EIO, DRM_QUERN_CTX_FAILED },
	{ U32_MAX, DRM_QUERN_JOB_DEVICE_LOST, -EIO, DRM_QUERN_CTX_FAILED },
};

static void status_desc(const struct status_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "status %u", c->status);
}

KUNIT_ARRAY_PARAM(status, status_cases, status_desc);

/* What the firmware says of a job is what its fence, its history and its context say. */
static void ring_test_status(struct kunit *test)
{
	const struct status_case *c = test->param_value;
	struct ring_test *t = test->priv;
	const struct quern_history *h = &t->ctx.history[1];

	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 1, c->status);
	ring_test_entry(t, 0)->fault_addr = 0x1234;
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 1);
	KUNIT_EXPECT_EQ(test, ring_test_fence(t, 1)->error, c->error);
	KUNIT_EXPECT_EQ(test, h->seqno, 1);
	KUNIT_EXPECT_EQ(test, h->status, c->job);
	KUNIT_EXPECT_EQ(test, h->done.fault_addr, 0x1234);
	KUNIT_EXPECT_EQ(test, t->ctx.state, c->ctx);
	KUNIT_EXPECT_EQ(test, t->ctx.failed_seqno, c->ctx == DRM_QUERN_CTX_OK ? 0 : 1);
	KUNIT_EXPECT_EQ(test, ring_test_push(t), c->ctx == DRM_QUERN_CTX_OK ? 0 : -ECANCELED);
}

/* A record that the firmware could not read has no number: the oldest job has failed. */
static void ring_test_unread_record(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 0, QUERN_STATUS_EIO);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 1);
	KUNIT_EXPECT_EQ(test, ring_test_fence(t, 1)->error, -EIO);
	KUNIT_EXPECT_EQ(test, ring_test_resets(t), 0);
}

/* The first failure is what the context reports. */
static void ring_test_first_failure(struct kunit *test)
{
	struct ring_test *t = test->priv;

	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	ring_test_complete(t, 2, QUERN_STATUS_EFAULT);
	ring_test_entry(t, 1)->fault_addr = 0x2000;
	ring_test_complete(t, 3, QUERN_STATUS_ECANCELED);
	ring_test_entry(t, 2)->fault_addr = 0x3000;
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 3);
	KUNIT_EXPECT_EQ(test, t->ctx.failed_seqno, 2);
	KUNIT_EXPECT_EQ(test, t->ctx.failure.fault_addr, 0x2000);
	KUNIT_EXPECT_EQ(test, ring_test_fence(t, 3)->error, -ECANCELED);
}

/* Times that run backwards, or never began, count nothing. */
static void ring_test_odd_times(struct kunit *test)
{
	static const u64 times[][2] = { { 0, 50 }, { 100, 50 }, { 100, 100 }, { U64_MAX, 1 } };
	struct ring_test *t = test->priv;

	for (unsigned int i = 0; i < ARRAY_SIZE(times); i++) {
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
		ring_test_complete(t, i + 1, QUERN_STATUS_OK);
		ring_test_entry(t, i)->t_start = times[i][0];
		ring_test_entry(t, i)->t_end = times[i][1];
		ring_test_entry(t, i)->prior_cycles = U64_MAX - i;
		quern_ring_harvest(t->qdev);
	}
	ring_test_expect_ended(t, ARRAY_SIZE(times));
	KUNIT_EXPECT_EQ(test, t->file.busy_cycles, 0);
}

/* The last piece of a preempted job, and those before. */
static void ring_test_pieces(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	ring_test_entry(t, 0)->t_start = 1000;
	ring_test_entry(t, 0)->t_end = 1300;
	ring_test_entry(t, 0)->prior_cycles = 5000;
	quern_ring_harvest(t->qdev);
	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 2, QUERN_STATUS_ECANCELED);
	ring_test_entry(t, 1)->t_start = 0;
	ring_test_entry(t, 1)->prior_cycles = 70000;
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 2);
	KUNIT_EXPECT_EQ(test, t->file.busy_cycles, 75300);
}

static void ring_test_cancel(struct kunit *test)
{
	struct ring_test *t = test->priv;

	ring_test_start_at(t, -3U);
	for (u32 i = 0; i < 7; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	quern_ring_cancel(&t->ctx, -ENODEV);
	ring_test_expect_ended(t, 7);
	KUNIT_EXPECT_EQ(test, ring_test_fence(t, 1)->error, 0);
	KUNIT_EXPECT_EQ(test, t->ctx.history[1].status, DRM_QUERN_JOB_DONE);
	for (u64 i = 2; i <= 7; i++) {
		KUNIT_EXPECT_EQ(test, ring_test_fence(t, i)->error, -ENODEV);
		KUNIT_EXPECT_EQ(test, t->ctx.history[i].status, DRM_QUERN_JOB_DEVICE_LOST);
	}
	KUNIT_EXPECT_EQ(test, t->ctx.state, DRM_QUERN_CTX_LOST);
	KUNIT_EXPECT_EQ(test, t->ctx.failed_seqno, 2);
	quern_ring_cancel(&t->ctx, -EIO); /* there are none */
	ring_test_expect_ended(t, 7);
}

/* A ring that takes no jobs rings no doorbell. */
static void ring_test_closed(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	t->ctx.state = DRM_QUERN_CTX_FAILED;
	KUNIT_EXPECT_EQ(test, ring_test_push(t), -ECANCELED);
	t->ctx.state = DRM_QUERN_CTX_OK;
	t->qdev->drm.unplugged = true;
	KUNIT_EXPECT_EQ(test, ring_test_push(t), -ENODEV);
	t->qdev->drm.unplugged = false;
	quern_ring_close(&t->ctx);
	KUNIT_EXPECT_EQ(test, ring_test_push(t), -ECANCELED);
	KUNIT_EXPECT_EQ(test, quern_read(t->qdev, QUERN_REG_DOORBELL(SLOT)), 1);
	/* What is in flight goes on. */
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	KUNIT_EXPECT_TRUE(test, ring_test_signaled(t, 1));
	KUNIT_EXPECT_FALSE(test, ring_test_signaled(t, 2));
}

/* Completions reach only the ring that is attached to their slot. */
static void ring_test_detached(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_detach(&t->ctx);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 0);
	quern_ring_attach(&t->ctx);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 1);
}

/* Empty, a ring starts anew: old stamps count no more. */
static void ring_test_restart(struct kunit *test)
{
	struct ring_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	ring_test_complete(t, 1, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	quern_ring_restart(&t->ctx);
	t->index = 0;
	KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	KUNIT_EXPECT_EQ(test, quern_read(t->qdev, QUERN_REG_DOORBELL(SLOT)), 1);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 1);
	ring_test_complete(t, 2, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 2);
}

/* Jobs in flight move to the start of the ring, across the end of the counts, too. */
static void ring_test_restart_busy(struct kunit *test)
{
	struct ring_test *t = test->priv;

	ring_test_start_at(t, *(const u32 *)test->param_value);
	for (u32 i = 0; i < QUERN_RING_ENTRIES; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	for (u64 i = 1; i <= 60; i++)
		ring_test_complete(t, i, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	for (u32 i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
	KUNIT_EXPECT_TRUE(test, quern_ring_busy(&t->ctx));
	quern_ring_restart(&t->ctx);
	quern_ring_resume(&t->ctx);
	KUNIT_EXPECT_EQ(test, quern_read(t->qdev, QUERN_REG_DOORBELL(SLOT)), 7);
	t->index = 0;
	for (u32 i = 0; i < 7; i++) {
		KUNIT_EXPECT_EQ(test, t->ctx.ring.mem->sq[i].seqno, 61 + i);
		quern_ring_harvest(t->qdev);
		ring_test_expect_ended(t, 60 + i);
		ring_test_complete(t, 61 + i, QUERN_STATUS_OK);
	}
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, 67);
	KUNIT_EXPECT_FALSE(test, quern_ring_busy(&t->ctx));
	KUNIT_EXPECT_EQ(test, ring_test_resets(t), 0);
}

struct judge_case {
	const char *name;
	u32 progress;
	u32 state;    /* enum drm_quern_ctx_state before */
	bool blame;
	u32 times;    /* deaths in a row */
	int error;    /* of the oldest; 0: all stay in flight */
	u32 first;    /* command at which the oldest goes on */
};

static const struct judge_case judge_cases[] = {
	{ "not begun", 0, DRM_QUERN_CTX_OK, false, 1, 0, 0 },
	{ "not begun, often", 0, DRM_QUERN_CTX_OK, false, 10, 0, 0 },
	{ "not begun, blamed once", 0, DRM_QUERN_CTX_OK, true, 1, 0, 0 },
	{ "not begun, blamed too often", 0, DRM_QUERN_CTX_OK, true, 10, -EIO, 0 },
	{ "begun", QUERN_PROGRESS_BEGUN, DRM_QUERN_CTX_OK, false, 1, -EIO, 0 },
	{ "stopped at a yield", 17, DRM_QUERN_CTX_OK, false, 1, 0, 17 },
	{ "stopped at its last command", 99, DRM_QUERN_CTX_OK, false, 1, 0, 99 },
	{ "beyond its commands", 100, DRM_QUERN_CTX_OK, false, 1, -EIO, 0 },
	{ "impossible", 0x80000000, DRM_QUERN_CTX_OK, false, 1, -EIO, 0 },
	{ "not begun in a failed context", 0, DRM_QUERN_CTX_FAILED, false, 1, -ECANCELED, 0 },
	{ "begun in a failed context", 1, DRM_QUERN_CTX_FAILED, false, 1, -ECANCELED, 0 },
};

KUNIT_ARRAY_PARAM_DESC(judge, judge_cases, name);

/* What becomes of jobs when the firmware has died; what it left behind is untrusted. */
static void ring_test_judge(struct kunit *test)
{
	const struct judge_case *c = test->param_value;
	struct ring_test *t = test->priv;

	for (u32 i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, ring_test_push(t), 0);
		t->tasks[i]->record.ncmds = 100;
	}
	t->ctx.state = c->state;
	for (u32 i = 0; i < c->times; i++)
		quern_ring_judge(&t->ctx, c->progress, c->blame);
	ring_test_expect_ended(t, c->error ? 3 : 0);
	KUNIT_EXPECT_EQ(test, t->tasks[0]->record.first, c->first);
	KUNIT_EXPECT_EQ(test, t->tasks[1]->record.first, 0);
	KUNIT_EXPECT_EQ(test, ring_test_fence(t, 1)->error, c->error);
	if (c->error)
		KUNIT_EXPECT_EQ(test, ring_test_fence(t, 2)->error, -ECANCELED);
}

/* An empty ring has nobody to judge. */
static void ring_test_judge_empty(struct kunit *test)
{
	struct ring_test *t = test->priv;

	quern_ring_judge(&t->ctx, QUERN_PROGRESS_BEGUN, true);
	KUNIT_EXPECT_EQ(test, t->ctx.state, DRM_QUERN_CTX_OK);
}

/* Garbage in entries that are not due, right completions where they are: nothing else counts. */
static void ring_random_run(struct ring_test *t, struct rnd_state *rnd, u64 seed)
{
	u64 done = t->pushed;

	for (u32 step = 0; step < 120; step++) {
		u32 inflight = t->pushed - done;
		u32 slot = quern_test_below(rnd, QUERN_RING_ENTRIES);

		if (quern_test_below(rnd, 2) && inflight < QUERN_RING_ENTRIES &&
		    t->pushed < MAX_TASKS)
			KUNIT_ASSERT_EQ(t->test, ring_test_push(t), 0);
		else if (inflight)
			ring_test_complete(t, ++done, QUERN_STATUS_OK);
		if ((slot - t->ctx.ring.head) % QUERN_RING_ENTRIES > t->index - t->ctx.ring.head)
			prandom_bytes_state(rnd, ring_test_entry(t, slot),
					    sizeof(struct quern_job_done));
		if (quern_test_below(rnd, 4))
			continue;
		quern_ring_harvest(t->qdev);
		ring_test_expect_ended(t, done);
		KUNIT_ASSERT_EQ_MSG(t->test, t->ctx.ring.head, t->index, "seed %llu", seed);
	}
	while (done < t->pushed)
		ring_test_complete(t, ++done, QUERN_STATUS_OK);
	quern_ring_harvest(t->qdev);
	ring_test_expect_ended(t, done);
}

static void ring_test_random(struct kunit *test)
{
	struct ring_test *t = test->priv;
	struct rnd_state rnd;

	for (u64 seed = quern_test_seed(); seed < quern_test_seed() + QUERN_TEST_SEEDS; seed++) {
		prandom_seed_state(&rnd, seed);
		ring_test_start_at(t, prandom_u32_state(&rnd));
		ring_random_run(t, &rnd, seed);
	}
	KUNIT_EXPECT_EQ(test, ring_test_resets(t), 0);
}

static struct kunit_case quern_ring_cases[] = {
	KUNIT_CASE_PARAM(ring_test_arithmetic, start_gen_params),
	KUNIT_CASE(ring_test_entries_ok),
	KUNIT_CASE_PARAM(ring_test_full, start_gen_params),
	KUNIT_CASE_PARAM(ring_test_in_order, start_gen_params),
	KUNIT_CASE_PARAM(ring_test_stamps, start_gen_params),
	KUNIT_CASE_PARAM(ring_test_too_many, start_gen_params),
	KUNIT_CASE(ring_test_out_of_turn),
	KUNIT_CASE_PARAM(ring_test_status, status_gen_params),
	KUNIT_CASE(ring_test_unread_record),
	KUNIT_CASE(ring_test_first_failure),
	KUNIT_CASE(ring_test_odd_times),
	KUNIT_CASE(ring_test_pieces),
	KUNIT_CASE(ring_test_cancel),
	KUNIT_CASE(ring_test_closed),
	KUNIT_CASE(ring_test_detached),
	KUNIT_CASE(ring_test_restart),
	KUNIT_CASE_PARAM(ring_test_restart_busy, start_gen_params),
	KUNIT_CASE_PARAM(ring_test_judge, judge_gen_params),
	KUNIT_CASE(ring_test_judge_empty),
	KUNIT_CASE(ring_test_random),
	{}
};

static struct kunit_suite quern_ring_suite = {
	.name = "quern_ring",
	.init = ring_test_init,
	.exit = ring_test_exit,
	.test_cases = quern_ring_cases,
};

kunit_test_suite(quern_ring_suite);
