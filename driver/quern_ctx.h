/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Contexts: a queue of the file, its ring in the chip, its scheduler entity.
 *
 * A context ends in two steps. Closing takes it away from userspace, firmware and ring: from
 * then on the chip touches nothing of it and all its jobs end. Its memory and its slot are freed
 * when the last job has been freed by the scheduler.
 */
#ifndef QUERN_CTX_H
#define QUERN_CTX_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include <drm/gpu_scheduler.h>
#include <drm/quern_accel.h>

#include "quern_ring.h"

#define QUERN_CTX_QUEUE 64	/* jobs that have not ended */
#define QUERN_CTX_HISTORY 256	/* jobs whose outcome is remembered; a power of two */

struct drm_device;
struct drm_file;
struct quern_file;
struct quern_user;

struct quern_history {
	u64 seqno; /* 0: unused */
	u32 status; /* enum drm_quern_job_status */
	struct quern_job_done done;
};

struct quern_ctx {
	struct kref refs;
	struct quern_device *qdev;
	struct quern_file *file; /* valid until it is closed */
	struct quern_user *user;
	u32 slot;
	u32 asid;
	dma_addr_t root;
	u32 priority;
	u64 fence_context; /* of hardware fences */
	struct drm_gpu_scheduler *sched;
	struct drm_sched_entity entity;
	struct work_struct release_work;

	struct mutex submit_lock; /* protects seqno and closed, and the order of armed jobs */
	u64 seqno;
	bool closed;

	/* The rest is protected by quern_device.ring_lock. */
	struct quern_ring ring;
	u32 state; /* enum drm_quern_ctx_state */
	u32 pending;
	u64 failed_seqno;
	struct quern_job_done failure;
	struct quern_history *history;
};

void quern_ctx_put(struct quern_ctx *ctx);
/* NULL if the file has no such context. */
struct quern_ctx *quern_ctx_lookup(struct quern_file *file, u32 handle);
/* For the end of the file or the device, after which nobody looks contexts up. */
void quern_ctx_close_all(struct quern_file *file);

int quern_ctx_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);
int quern_ctx_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);
int quern_ctx_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);
int quern_ctx_reset_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#endif
