// SPDX-License-Identifier: Apache-2.0
/*
 * Transport over the kernel driver.
 *
 * The kernel does the work: this file keeps device virtual addresses, and the list of jobs whose outcome nobody has asked
 * for, since the kernel's memory of them goes with the context. Waiting is for a point of the context's timeline.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <xf86drm.h>

#include "kmd.h"
#include "quern/messages.h"

#define NS_PER_S 1000000000ull

static struct kmd *to_kmd(struct transport *t)
{
	return (struct kmd *)t;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* What a user may have is doubled for whom the quotas are not meant. */
static bool may_have_everything(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[CAP_TO_INDEX(CAP_SYS_RESOURCE)].effective & CAP_TO_MASK(CAP_SYS_RESOURCE);
}

/* Each has an address space, of which there is one less. */
static uint32_t max_contexts(const struct drm_quern_dev_info *k)
{
	uint32_t num = k->max_contexts > 1 ? k->max_contexts - 1 : 1;
	uint32_t quota = may_have_everything() ? 2 * k->user_contexts : k->user_contexts;

	return quota && quota < num ? quota : num;
}

static void fill_info(const struct kmd *kmd, struct accel_device_info *info)
{
	const struct drm_quern_dev_info *k = &kmd->info;

	snprintf(info->name, sizeof(info->name), "%s", strrchr(kmd->path, '/') + 1);
	info->array = k->array;
	info->spm_bytes = k->spm_bytes;
	info->acc_entries = k->acc_entries;
	info->bus_bytes = k->bus_bytes;
	info->hw_version = k->hw_version;
	info->fw_version = k->fw_version;
	info->features = k->features;
	info->clock_hz = k->clock_hz;
	info->max_contexts = max_contexts(k);
	info->queue_depth = k->queue_depth;
	info->has_cycles = 1;
	info->has_counters = k->fw_features >> QUERN_MSG_FEATURE_COUNTERS & 1;
}

static enum accel_status open_device(struct kmd *kmd, struct accel_error *error)
{
	enum accel_status status;

	kmd->fd = kmd_open_file(kmd->path, error);
	if (kmd->fd < 0)
		return error->status;
	status = kmd_query_info(kmd, error);
	if (status)
		close(kmd->fd);
	return status;
}

/* config is the name as a whole: "accel0" or "/dev/accel/accel0". */
static enum accel_status kmd_open(const char *config, struct transport **t, struct accel_device_info *info,
				  struct accel_error *error)
{
	struct kmd *kmd = calloc(1, sizeof(*kmd));
	enum accel_status status;
	int len;

	if (!kmd)
		return error_no_memory(error, "a device");
	list_init(&kmd->contexts);
	len = snprintf(kmd->path, sizeof(kmd->path), "%s%s", config[0] == '/' ? "" : "/dev/accel/", config);
	if (len < 0 || (size_t)len >= sizeof(kmd->path)) {
		status = error_set(error, ACCEL_ERROR_NO_DEVICE, "device %.80s...: the name is too long", config);
		goto err_free;
	}
	status = open_device(kmd, error);
	if (status)
		goto err_free;
	if (pthread_mutex_init(&kmd->lock, NULL)) {
		status = error_no_memory(error, "a device");
		goto err_close;
	}
	if (pthread_cond_init(&kmd->idle, NULL)) {
		status = error_no_memory(error, "a device");
		goto err_lock;
	}
	fill_info(kmd, info);
	*t = (struct transport *)kmd;
	return ACCEL_OK;
err_lock:
	pthread_mutex_destroy(&kmd->lock);
err_close:
	close(kmd->fd);
err_free:
	free(kmd);
	return status;
}

static void kmd_free(struct transport *t)
{
	struct kmd *kmd = to_kmd(t);

	pthread_cond_destroy(&kmd->idle);
	pthread_mutex_destroy(&kmd->lock);
	close(kmd->fd);
	free(kmd);
}

static enum accel_status map_bo(const struct kmd *kmd, struct transport_bo *bo, struct accel_error *error)
{
	struct drm_quern_bo_mmap_offset offset = {.handle = bo->handle};
	int err = kmd_call(kmd->fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &offset);

	if (err)
		return kmd_failed(err, "a buffer", error);
	bo->map = mmap(NULL, bo->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, kmd->fd, (off_t)offset.offset);
	return bo->map == MAP_FAILED ? error_no_memory(error, "a buffer") : ACCEL_OK;
}

static enum accel_status kmd_bo_create(struct transport *t, uint64_t bytes, struct transport_bo **out,
				       struct transport_bo_info *info, struct accel_error *error)
{
	struct kmd *kmd = to_kmd(t);
	struct drm_quern_bo_create create = {.size = bytes};
	struct transport_bo *bo;
	enum accel_status status;
	int err;

	if (bytes > kmd->info.va_end)
		return error_no_memory(error, "a buffer");
	bo = calloc(1, sizeof(*bo));
	if (!bo)
		return error_no_memory(error, "a buffer");
	err = kmd_call(kmd->fd, DRM_IOCTL_QUERN_BO_CREATE, &create);
	if (err) {
		free(bo);
		return kmd_failed(err, "a buffer", error);
	}
	bo->handle = create.handle;
	bo->bytes = create.size;
	status = map_bo(kmd, bo, error);
	if (status) {
		drmCloseBufferHandle(kmd->fd, bo->handle);
		free(bo);
		return status;
	}
	info->map = bo->map;
	info->bytes = bo->bytes;
	*out = bo;
	return ACCEL_OK;
}

static void kmd_bo_free(struct transport *t, struct transport_bo *bo)
{
	munmap(bo->map, bo->bytes);
	drmCloseBufferHandle(to_kmd(t)->fd, bo->handle);
	free(bo);
}

static enum accel_status kmd_ctx_create(struct transport *t, uint32_t priority, struct transport_ctx **out,
					struct accel_error *error)
{
	struct kmd *kmd = to_kmd(t);
	const uint64_t va_bytes = kmd->info.va_end - kmd->info.va_start;
	struct transport_ctx *ctx = calloc(1, sizeof(*ctx));
	enum accel_status status;

	if (!ctx || !extents_init(&ctx->space, kmd->info.va_start, va_bytes)) {
		free(ctx);
		return error_no_memory(error, "a context");
	}
	ctx->kmd = kmd;
	list_init(&ctx->jobs);
	status = kmd_ctx_open(ctx, priority, error);
	if (status) {
		extents_finish(&ctx->space);
		free(ctx);
		return status;
	}
	list_add_tail(&kmd->contexts, &ctx->link);
	*out = ctx;
	return ACCEL_OK;
}

/* Take the job off its context with the result that it has. Called with the lock. */
static void end_job(struct transport_job *job)
{
	job->result.wall_ns = now_ns() - job->submit_ns;
	list_remove(&job->link);
	job->ctx = NULL;
}

/* Ask how it went; false: it is not done. Called with the lock. */
static bool look_at_job(struct transport_job *job)
{
	if (!job->ctx)
		return true;
	if (!kmd_job_query(job->ctx, job->seqno, &job->result))
		return false;
	end_job(job);
	return true;
}

/* Have the kernel end the context, which ends what it has queued. */
static void stop_ctx(struct transport_ctx *ctx)
{
	struct drm_quern_ctx_destroy destroy = {.handle = ctx->handle};
	struct kmd *kmd = ctx->kmd;

	pthread_mutex_lock(&kmd->lock);
	/* What has ended so far has a result, the others are cancelled. */
	list_for_each_safe(node, after, &ctx->jobs) look_at_job(list_entry(node, struct transport_job, link));
	list_for_each_safe(node, after, &ctx->jobs)
	{
		struct transport_job *job = list_entry(node, struct transport_job, link);

		job->result = (struct accel_result){.status = ACCEL_ERROR_CANCELED};
		end_job(job);
	}
	pthread_mutex_unlock(&kmd->lock);
	if (!ctx->stopped)
		kmd_call(ctx->fd, DRM_IOCTL_QUERN_CTX_DESTROY, &destroy);
	ctx->stopped = true;
}

static void kmd_ctx_destroy(struct transport *t, struct transport_ctx *ctx)
{
	struct kmd *kmd = to_kmd(t);

	stop_ctx(ctx);
	/* The kernel has signalled everything: who waits comes out at once. */
	pthread_mutex_lock(&kmd->lock);
	while (ctx->waiters)
		pthread_cond_wait(&kmd->idle, &kmd->lock);
	pthread_mutex_unlock(&kmd->lock);
	list_remove(&ctx->link);
	close(ctx->fd);
	extents_finish(&ctx->space);
	free(ctx);
}

static void kmd_stop(struct transport *t)
{
	kmd_profile_stop(t);
	list_for_each(node, &to_kmd(t)->contexts) stop_ctx(list_entry(node, struct transport_ctx, link));
}

static enum accel_status kmd_ctx_reset(struct transport *t, struct transport_ctx *ctx, struct accel_error *error)
{
	struct drm_quern_ctx_reset reset = {.handle = ctx->handle};
	int err = kmd_call(ctx->fd, DRM_IOCTL_QUERN_CTX_RESET, &reset);

	(void)t;
	return err ? kmd_failed(err, "resetting a context", error) : ACCEL_OK;
}

/* The buffer's handle in the context's file; 0 if there is no way. */
static int import_bo(const struct kmd *kmd, const struct transport_ctx *ctx, const struct transport_bo *bo,
		     uint32_t *handle)
{
	int fd, err;

	if (drmPrimeHandleToFD(kmd->fd, bo->handle, DRM_CLOEXEC | DRM_RDWR, &fd))
		return -errno;
	err = drmPrimeFDToHandle(ctx->fd, fd, handle) ? -errno : 0;
	close(fd);
	return err;
}

static uint64_t with_guard(const struct kmd *kmd, uint64_t bytes)
{
	return bytes + kmd->info.page_bytes;
}

static enum accel_status kmd_bo_map(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo,
				    bool writable, uint64_t *va, struct accel_error *error)
{
	struct kmd *kmd = to_kmd(t);
	struct drm_quern_vm_bind bind = {
		.op = DRM_QUERN_VM_BIND_MAP,
		.flags = writable ? 0 : DRM_QUERN_VM_BIND_READONLY,
		.range = bo->bytes,
	};
	int err = import_bo(kmd, ctx, bo, &bind.bo_handle);

	if (err)
		return kmd_failed(err, "sharing a buffer", error);
	/* A page that is not mapped follows, so that a program that runs past the end faults. */
	if (!extents_take(&ctx->space, with_guard(kmd, bo->bytes), kmd->info.page_bytes, va))
		err = -ENOMEM;
	if (!err) {
		bind.va = *va;
		err = kmd_call(ctx->fd, DRM_IOCTL_QUERN_VM_BIND, &bind);
		if (err)
			extents_give(&ctx->space, *va, with_guard(kmd, bo->bytes));
	}
	/* The binding holds the buffer. */
	drmCloseBufferHandle(ctx->fd, bind.bo_handle);
	return err ? kmd_failed(err, "binding a buffer", error) : ACCEL_OK;
}

static void kmd_bo_unmap(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo, uint64_t va)
{
	struct drm_quern_vm_bind bind = {.op = DRM_QUERN_VM_BIND_UNMAP, .va = va, .range = bo->bytes};

	/* An address that the kernel does not give back is not used again. */
	if (!kmd_call(ctx->fd, DRM_IOCTL_QUERN_VM_BIND, &bind))
		extents_give(&ctx->space, va, with_guard(to_kmd(t), bo->bytes));
}

static uint32_t regions_used(const uint64_t region[QUERN_NUM_REGIONS])
{
	uint32_t n = QUERN_NUM_REGIONS;

	while (n && !region[n - 1])
		n--;
	return n;
}

static int submit_job(const struct kmd *kmd, const struct transport_ctx *ctx, const struct transport_submit *s,
		      uint64_t *seqno)
{
	struct drm_quern_job job = {
		.stream = s->stream,
		.timeout_cycles = s->timeout_cycles < kmd->info.max_timeout_cycles ? s->timeout_cycles
										   : kmd->info.max_timeout_cycles,
		.num_commands = s->num_commands,
		.num_regions = regions_used(s->region),
	};
	/* Jobs of a context are numbered one by one, by the kernel as here. */
	struct drm_quern_sync sync = {
		.handle = ctx->syncobj,
		.flags = DRM_QUERN_SYNC_SIGNAL | DRM_QUERN_SYNC_TIMELINE,
		.point = s->seqno,
	};
	struct drm_quern_submit submit = {
		.ctx = ctx->handle,
		.jobs = (uintptr_t)&job,
		.num_jobs = 1,
		.job_stride = sizeof(job),
		.syncs = (uintptr_t)&sync,
		.num_syncs = 1,
		.sync_stride = sizeof(sync),
	};
	int err;

	_Static_assert(sizeof(job.regions) == sizeof(s->region), "regions of driver and chip must be the same");
	memcpy(job.regions, s->region, sizeof(job.regions));
	err = kmd_call(ctx->fd, DRM_IOCTL_QUERN_SUBMIT, &submit);
	*seqno = submit.seqno;
	return err;
}

static enum accel_status submit_failed(int err, struct accel_error *error)
{
	if (err == -EBUSY)
		return error_set(error, ACCEL_ERROR_BUSY, "the kernel's queue of this context is full: wait for a job");
	if (err == -ECANCELED)
		return error_set(error, ACCEL_ERROR_CONTEXT_LOST,
				 "the context has lost a job in a reset of the device: reset it to go on");
	return kmd_failed(err, "a job", error);
}

static enum accel_status kmd_submit(struct transport *t, struct transport_ctx *ctx,
				    const struct transport_submit *submit, struct transport_job **out,
				    struct accel_error *error)
{
	struct kmd *kmd = to_kmd(t);
	struct transport_job *job = calloc(1, sizeof(*job));
	int err;

	if (!job)
		return error_no_memory(error, "a job");
	job->ctx = ctx;
	job->submit_ns = now_ns();
	err = submit_job(kmd, ctx, submit, &job->seqno);
	if (err) {
		free(job);
		return submit_failed(err, error);
	}
	pthread_mutex_lock(&kmd->lock);
	list_add_tail(&ctx->jobs, &job->link);
	pthread_mutex_unlock(&kmd->lock);
	*out = job;
	return ACCEL_OK;
}

/* Wait without the lock; the context stays until it has no waiters. Called and returns with the lock. */
static int wait_point(struct kmd *kmd, struct transport_ctx *ctx, uint64_t point, uint64_t deadline_ns)
{
	int64_t deadline = deadline_ns > INT64_MAX ? INT64_MAX : (int64_t)deadline_ns;
	int err;

	ctx->waiters++;
	pthread_mutex_unlock(&kmd->lock);
	err = drmSyncobjTimelineWait(ctx->fd, &ctx->syncobj, &point, 1, deadline, 0, NULL);
	pthread_mutex_lock(&kmd->lock);
	if (!--ctx->waiters)
		pthread_cond_broadcast(&kmd->idle);
	return err;
}

static bool kmd_job_wait(struct transport *t, struct transport_job *job, uint64_t deadline_ns)
{
	struct kmd *kmd = to_kmd(t);
	bool done;
	int err;

	pthread_mutex_lock(&kmd->lock);
	done = look_at_job(job);
	if (!done) {
		err = wait_point(kmd, job->ctx, job->seqno, deadline_ns);
		done = look_at_job(job);
		/* The wait can fail only if the device is gone. */
		if (!done && err && err != -ETIME) {
			job->result = (struct accel_result){.status = ACCEL_ERROR_DEVICE_FAILED};
			end_job(job);
			done = true;
		}
	}
	pthread_mutex_unlock(&kmd->lock);
	return done;
}

static bool kmd_job_done(struct transport *t, struct transport_job *job, struct accel_result *result)
{
	struct kmd *kmd = to_kmd(t);
	bool done;

	pthread_mutex_lock(&kmd->lock);
	done = look_at_job(job);
	if (done && result)
		*result = job->result;
	pthread_mutex_unlock(&kmd->lock);
	return done;
}

static void kmd_job_free(struct transport *t, struct transport_job *job)
{
	struct kmd *kmd = to_kmd(t);

	pthread_mutex_lock(&kmd->lock);
	if (job->ctx)
		list_remove(&job->link);
	pthread_mutex_unlock(&kmd->lock);
	free(job);
}

static uint64_t kmd_cycles(struct transport *t)
{
	struct drm_quern_dev_time now = {0};
	struct drm_quern_dev_query query = {
		.type = DRM_QUERN_DEV_QUERY_TIME,
		.size = sizeof(now),
		.pointer = (uintptr_t)&now,
	};

	return kmd_call(to_kmd(t)->fd, DRM_IOCTL_QUERN_DEV_QUERY, &query) ? 0 : now.cycles;
}

const struct transport_ops transport_drm_ops = {
	.prefix = "accel",
	.open = kmd_open,
	.stop = kmd_stop,
	.free = kmd_free,
	.bo_create = kmd_bo_create,
	.bo_free = kmd_bo_free,
	.ctx_create = kmd_ctx_create,
	.ctx_destroy = kmd_ctx_destroy,
	.ctx_reset = kmd_ctx_reset,
	.bo_map = kmd_bo_map,
	.bo_unmap = kmd_bo_unmap,
	.submit = kmd_submit,
	.job_wait = kmd_job_wait,
	.job_done = kmd_job_done,
	.job_free = kmd_job_free,
	.cycles = kmd_cycles,
	.profile_start = kmd_profile_start,
	.profile_stop = kmd_profile_stop,
};
