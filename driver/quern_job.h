/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Jobs in the scheduler. A task is the driver's side of a job: its scheduler job, its hardware
 * fence and its record for the ring, all made at submission, so that nothing is allocated later.
 */
#ifndef QUERN_JOB_H
#define QUERN_JOB_H

#include <linux/dma-fence.h>

#include <drm/gpu_scheduler.h>

#include "quern/messages.h"

struct drm_device;
struct drm_file;
struct quern_ctx;
struct quern_device;

struct quern_fence {
	struct dma_fence base;
	spinlock_t lock; /* of base */
	bool live; /* base is initialised */
};

struct quern_task {
	struct drm_sched_job base;
	struct quern_ctx *ctx;
	struct quern_fence *fence;
	struct quern_job record;
	u32 deaths; /* of the firmware, for which this job may be to blame; under ring_lock */
};

/* Schedulers of all slots; finished with the device. */
int quern_job_init(struct quern_device *qdev);

/* A task for a context whose reference it takes, of a device that is awake. */
struct quern_task *quern_task_create(struct quern_ctx *ctx, struct drm_file *client);
/* One that was never armed. NULL is ignored. */
void quern_task_discard(struct quern_task *task);

/* How a task ended: for history and state of its context. Called with ring_lock held. */
void quern_task_record(struct quern_task *task, const struct quern_job_done *done);
void quern_task_record_error(struct quern_task *task, int error);
/* Signal its fence with what was recorded. The task may be gone on return. */
void quern_task_signal(struct quern_task *task);

int quern_job_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#endif
