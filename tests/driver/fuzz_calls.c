// SPDX-License-Identifier: Apache-2.0
/* The fuzzer's good calls. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_calls.h"
#include "lib/check.h"

#define SPACE 64 /* pages at which the fuzzer binds, so that ranges meet */

static void make_dev_query(struct request *r, struct pool_file *file, struct rng *rng)
{
	(void)file;
	r->args.dev_query.type = rng_below(rng, 2);
	r->args.dev_query.size = sizeof(r->info);
	r->args.dev_query.pointer = rng_below(rng, 4) ? (uintptr_t)&r->info : 0;
}

static void make_ctx_create(struct request *r, struct pool_file *file, struct rng *rng)
{
	(void)file;
	r->args.ctx_create.priority = rng_below(rng, 4);
}

static void done_ctx_create(const struct request *r, struct pool_file *file)
{
	if (file->ctx.num == POOL_OBJECTS) {
		node_destroy_ctx(file->fd, r->args.ctx_create.handle);
		return;
	}
	set_add(&file->ctx, r->args.ctx_create.handle);
}

static void make_ctx_destroy(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.ctx_destroy.handle = set_pick(&file->ctx, rng);
}

static void done_ctx_destroy(const struct request *r, struct pool_file *file)
{
	set_remove(&file->ctx, r->args.ctx_destroy.handle);
}

static void make_ctx_query(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.ctx_query.handle = set_pick(&file->ctx, rng);
}

static void make_ctx_reset(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.ctx_reset.handle = set_pick(&file->ctx, rng);
}

static void make_bo_create(struct request *r, struct pool_file *file, struct rng *rng)
{
	(void)file;
	r->args.bo_create.size = rng_below(rng, 16) * PAGE + 1;
}

static void done_bo_create(const struct request *r, struct pool_file *file)
{
	if (file->bo.num == POOL_OBJECTS)
		node_close_bo(file->fd, r->args.bo_create.handle);
	else
		set_add(&file->bo, r->args.bo_create.handle);
}

static void make_bo_mmap_offset(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.bo_mmap_offset.handle = set_pick(&file->bo, rng);
}

static void make_vm_map(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.vm_bind = (struct drm_quern_vm_bind){
		.op = DRM_QUERN_VM_BIND_MAP,
		.flags = rng_below(rng, 2),
		.va = FREE_VA + rng_below(rng, SPACE) * PAGE + ((uint64_t)rng_below(rng, 3) << 30),
		.range = (1 + rng_below(rng, 4)) * PAGE,
		.bo_offset = rng_below(rng, 4) * PAGE,
		.bo_handle = set_pick(&file->bo, rng),
	};
}

static void done_vm_bind(const struct request *r, struct pool_file *file)
{
	const struct drm_quern_vm_bind *args = &r->args.vm_bind;

	if (args->op == DRM_QUERN_VM_BIND_MAP && file->num_bindings < POOL_OBJECTS) {
		file->bindings[file->num_bindings++] = (struct pool_binding){args->va, args->range};
		return;
	}
	for (unsigned int i = 0; i < file->num_bindings; i++)
		if (args->op == DRM_QUERN_VM_BIND_UNMAP && file->bindings[i].va == args->va) {
			file->bindings[i] = file->bindings[--file->num_bindings];
			return;
		}
}

static void make_vm_unmap(struct request *r, struct pool_file *file, struct rng *rng)
{
	struct pool_binding binding = {FREE_VA, PAGE};

	/* The first is where the streams are: it goes less often. */
	if (file->num_bindings)
		binding = file->bindings[rng_below(rng, 8) ? rng_below(rng, file->num_bindings) : 0];
	r->args.vm_bind = (struct drm_quern_vm_bind){
		.op = DRM_QUERN_VM_BIND_UNMAP,
		.va = binding.va,
		.range = binding.range,
	};
}

static void make_job(struct drm_quern_job *job, struct rng *rng)
{
	/* Mostly the short one; one in 32 is illegal and stops its context. */
	uint32_t n = rng_below(rng, 32);

	*job = (struct drm_quern_job){
		.stream = CLIENT_VA + (n ? n < 4 : 2) * PAGE,
		.num_commands = 5,
		.num_regions = 1,
		.timeout_cycles = 20000,
		.regions = {CLIENT_VA},
	};
}

static void make_sync(struct drm_quern_sync *sync, struct pool_file *file, struct rng *rng)
{
	uint32_t timeline = rng_below(rng, 3) ? 0 : DRM_QUERN_SYNC_TIMELINE;

	*sync = (struct drm_quern_sync){
		.handle = set_pick(&file->sync, rng),
		.flags = timeline | (rng_below(rng, 8) ? DRM_QUERN_SYNC_SIGNAL : 0),
		.point = timeline ? 1 + rng_below(rng, 8) : 0,
	};
}

static void make_submit(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.submit = (struct drm_quern_submit){
		.ctx = set_pick(&file->ctx, rng),
		.jobs = (uintptr_t)r->jobs,
		.num_jobs = rng_below(rng, 4) ? 1 : 3,
		.job_stride = sizeof(r->jobs[0]),
		.syncs = (uintptr_t)r->syncs,
		.num_syncs = rng_below(rng, 3),
		.sync_stride = sizeof(r->syncs[0]),
	};
	for (unsigned int i = 0; i < 3; i++) {
		make_job(&r->jobs[i], rng);
		make_sync(&r->syncs[i], file, rng);
	}
}

static void make_job_query(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->args.job_query.ctx = set_pick(&file->ctx, rng);
	r->args.job_query.seqno = 1 + rng_below(rng, 8);
}

static void make_profile(struct request *r, struct pool_file *file, struct rng *rng)
{
	(void)file;
	r->args.profile.op = rng_below(rng, 3);
	if (r->args.profile.op != DRM_QUERN_PROFILE_READ)
		return;
	r->args.profile.events = (uintptr_t)r->events;
	r->args.profile.num_events = rng_below(rng, ARRAY_LENGTH(r->events) + 1);
	r->args.profile.counters = rng_below(rng, 2) ? (uintptr_t)r->counters : 0;
}

/* From here on ioctls of the DRM core. Their structures go into the same bytes. */
static void put(struct request *r, const void *args, size_t bytes)
{
	memcpy(&r->args, args, bytes);
}

#define PUT(r, type, ...) put(r, &(const struct type){__VA_ARGS__}, sizeof(struct type))

static void make_gem_close(struct request *r, struct pool_file *file, struct rng *rng)
{
	PUT(r, drm_gem_close, .handle = set_pick(&file->bo, rng));
}

static void done_gem_close(const struct request *r, struct pool_file *file)
{
	set_remove(&file->bo, ((const struct drm_gem_close *)&r->args)->handle);
}

static void make_export(struct request *r, struct pool_file *file, struct rng *rng)
{
	PUT(r, drm_prime_handle, .handle = set_pick(&file->bo, rng),
	    .flags = DRM_CLOEXEC | (rng_below(rng, 2) ? DRM_RDWR : 0));
}

static void done_export(const struct request *r, struct pool_file *file)
{
	int fd = ((const struct drm_prime_handle *)&r->args)->fd;

	if (file->dmabuf.num == POOL_OBJECTS)
		close(fd);
	else
		set_add(&file->dmabuf, (uint32_t)fd);
}

static void make_import(struct request *r, struct pool_file *file, struct rng *rng)
{
	PUT(r, drm_prime_handle, .fd = file->dmabuf.num ? (int)set_pick(&file->dmabuf, rng) : -1);
}

static void done_import(const struct request *r, struct pool_file *file)
{
	uint32_t bo = ((const struct drm_prime_handle *)&r->args)->handle;

	set_remove(&file->bo, bo);
	set_add(&file->bo, bo);
}

static void make_syncobj_create(struct request *r, struct pool_file *file, struct rng *rng)
{
	(void)file;
	PUT(r, drm_syncobj_create, .flags = rng_below(rng, 2) ? DRM_SYNCOBJ_CREATE_SIGNALED : 0);
}

static void done_syncobj_create(const struct request *r, struct pool_file *file)
{
	uint32_t handle = ((const struct drm_syncobj_create *)&r->args)->handle;

	if (file->sync.num == POOL_OBJECTS)
		node_close_syncobj(file->fd, handle);
	else
		set_add(&file->sync, handle);
}

static void make_syncobj_destroy(struct request *r, struct pool_file *file, struct rng *rng)
{
	PUT(r, drm_syncobj_destroy, .handle = set_pick(&file->sync, rng));
}

static void done_syncobj_destroy(const struct request *r, struct pool_file *file)
{
	set_remove(&file->sync, ((const struct drm_syncobj_destroy *)&r->args)->handle);
}

/* Does not wait. The handle stays in r, behind the argument. */
static void make_syncobj_wait(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->syncs[0].handle = set_pick(&file->sync, rng);
	PUT(r, drm_syncobj_wait, .handles = (uintptr_t)&r->syncs[0].handle, .count_handles = 1, .timeout_nsec = 1);
}

static void make_syncobj_reset(struct request *r, struct pool_file *file, struct rng *rng)
{
	r->syncs[0].handle = set_pick(&file->sync, rng);
	PUT(r, drm_syncobj_array, .handles = (uintptr_t)&r->syncs[0].handle, .count_handles = 1);
}

const struct fuzz_call fuzz_calls[] = {
	{"dev_query", DRM_IOCTL_QUERN_DEV_QUERY, 4, make_dev_query, NULL},
	{"ctx_create", DRM_IOCTL_QUERN_CTX_CREATE, 4, make_ctx_create, done_ctx_create},
	{"ctx_destroy", DRM_IOCTL_QUERN_CTX_DESTROY, 2, make_ctx_destroy, done_ctx_destroy},
	{"ctx_query", DRM_IOCTL_QUERN_CTX_QUERY, 8, make_ctx_query, NULL},
	{"ctx_reset", DRM_IOCTL_QUERN_CTX_RESET, 6, make_ctx_reset, NULL},
	{"bo_create", DRM_IOCTL_QUERN_BO_CREATE, 10, make_bo_create, done_bo_create},
	{"bo_mmap_offset", DRM_IOCTL_QUERN_BO_MMAP_OFFSET, 8, make_bo_mmap_offset, NULL},
	{"vm_map", DRM_IOCTL_QUERN_VM_BIND, 14, make_vm_map, done_vm_bind},
	{"vm_unmap", DRM_IOCTL_QUERN_VM_BIND, 8, make_vm_unmap, done_vm_bind},
	{"submit", DRM_IOCTL_QUERN_SUBMIT, 16, make_submit, NULL},
	{"job_query", DRM_IOCTL_QUERN_JOB_QUERY, 8, make_job_query, NULL},
	{"profile", DRM_IOCTL_QUERN_PROFILE, 3, make_profile, NULL},
	{"gem_close", DRM_IOCTL_GEM_CLOSE, 4, make_gem_close, done_gem_close},
	{"export", DRM_IOCTL_PRIME_HANDLE_TO_FD, 3, make_export, done_export},
	{"import", DRM_IOCTL_PRIME_FD_TO_HANDLE, 3, make_import, done_import},
	{"syncobj_create", DRM_IOCTL_SYNCOBJ_CREATE, 4, make_syncobj_create, done_syncobj_create},
	{"syncobj_destroy", DRM_IOCTL_SYNCOBJ_DESTROY, 2, make_syncobj_destroy, done_syncobj_destroy},
	{"syncobj_wait", DRM_IOCTL_SYNCOBJ_WAIT, 3, make_syncobj_wait, NULL},
	{"syncobj_reset", DRM_IOCTL_SYNCOBJ_RESET, 2, make_syncobj_reset, NULL},
};
const unsigned int num_fuzz_calls = ARRAY_LENGTH(fuzz_calls);
