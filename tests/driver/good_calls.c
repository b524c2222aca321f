// SPDX-License-Identifier: Apache-2.0
/* A good call of each ioctl, and the objects that it needs. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fields.h"
#include "lib/check.h"
#include "lib/commands.h"

#define FOREIGN 4

static uint32_t syncobj_signalled(int fd)
{
	struct drm_syncobj_create args = {.flags = DRM_SYNCOBJ_CREATE_SIGNALED};

	must(call(fd, DRM_IOCTL_SYNCOBJ_CREATE, &args), "syncobj_create");
	return args.handle;
}

/* Handles count from 1 in each file. */
void scene_open_other(struct client *other)
{
	uint32_t ctx = 0, bo = 0, sync = 0;

	client_open(other);
	while (ctx < FOREIGN)
		ctx = node_ctx(other->fd, DRM_QUERN_PRIORITY_NORMAL);
	while (bo < FOREIGN)
		bo = node_bo(other->fd, PAGE);
	while (sync < FOREIGN)
		sync = node_syncobj(other->fd);
}

void scene_open(struct scene *scene, const struct client *other)
{
	struct stream s;

	memset(scene, 0, sizeof(*scene));
	client_open(&scene->c);
	scene->ready = syncobj_signalled(scene->c.fd);
	scene->foreign = other ? FOREIGN : 0;
	s = stream_at(scene->c.map);
	stream_end(&s);
	scene->seqno = 1;
	expect_equal("status of a job", client_run(&scene->c, s.num), DRM_QUERN_JOB_DONE);
}

void scene_close(struct scene *scene)
{
	client_close(&scene->c);
}

uint64_t field_get(const struct field *f, uint32_t element, const void *structure)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)structure + f->offset + element * f->bytes, f->bytes);
	return value;
}

void field_set(const struct field *f, uint32_t element, void *structure, uint64_t value)
{
	memcpy((char *)structure + f->offset + element * f->bytes, &value, f->bytes);
}

void prepare_dev_query(struct request *r, struct scene *scene)
{
	(void)scene;
	r->args.dev_query = (struct drm_quern_dev_query){.size = sizeof(r->info), .pointer = (uintptr_t)&r->info};
}

void prepare_ctx_create(struct request *r, struct scene *scene)
{
	(void)scene;
	r->args.ctx_create = (struct drm_quern_ctx_create){.priority = DRM_QUERN_PRIORITY_NORMAL};
}

void prepare_ctx_destroy(struct request *r, struct scene *scene)
{
	r->args.ctx_destroy = (struct drm_quern_ctx_destroy){.handle = scene->c.ctx};
}

void prepare_ctx_query(struct request *r, struct scene *scene)
{
	r->args.ctx_query = (struct drm_quern_ctx_query){.handle = scene->c.ctx};
}

void prepare_ctx_reset(struct request *r, struct scene *scene)
{
	r->args.ctx_reset = (struct drm_quern_ctx_reset){.handle = scene->c.ctx};
}

void prepare_bo_create(struct request *r, struct scene *scene)
{
	(void)scene;
	r->args.bo_create = (struct drm_quern_bo_create){.size = PAGE};
}

void prepare_bo_mmap_offset(struct request *r, struct scene *scene)
{
	r->args.bo_mmap_offset = (struct drm_quern_bo_mmap_offset){.handle = scene->c.bo};
}

void prepare_vm_map(struct request *r, struct scene *scene)
{
	r->args.vm_bind = (struct drm_quern_vm_bind){
		.op = DRM_QUERN_VM_BIND_MAP,
		.va = FREE_VA,
		.range = CLIENT_BYTES / 4,
		.bo_offset = CLIENT_BYTES / 4,
		.bo_handle = scene->c.bo,
	};
}

void prepare_vm_unmap(struct request *r, struct scene *scene)
{
	(void)scene;
	r->args.vm_bind = (struct drm_quern_vm_bind){
		.op = DRM_QUERN_VM_BIND_UNMAP,
		.va = CLIENT_VA,
		.range = CLIENT_BYTES,
	};
}

/* Two jobs behind one syncobj, before another. The elements behind them are good too. */
void prepare_submit(struct request *r, struct scene *scene)
{
	const struct drm_quern_job job = client_busy_job(&scene->c, 10);

	for (uint32_t i = 0; i < DRM_QUERN_MAX_SUBMIT_JOBS; i++) {
		r->jobs[i] = job;
		r->jobs[i].num_regions = 2;
		r->jobs[i].regions[1] = CLIENT_VA + PAGE;
	}
	for (uint32_t i = 0; i < DRM_QUERN_MAX_SUBMIT_SYNCS; i++)
		r->syncs[i] = (struct drm_quern_sync){.handle = scene->c.sync, .flags = DRM_QUERN_SYNC_SIGNAL};
	r->syncs[0] = (struct drm_quern_sync){.handle = scene->ready};
	r->args.submit = (struct drm_quern_submit){
		.ctx = scene->c.ctx,
		.jobs = (uintptr_t)r->jobs,
		.num_jobs = 2,
		.job_stride = sizeof(r->jobs[0]),
		.syncs = (uintptr_t)r->syncs,
		.num_syncs = 2,
		.sync_stride = sizeof(r->syncs[0]),
	};
}

void prepare_job_query(struct request *r, struct scene *scene)
{
	r->args.job_query = (struct drm_quern_job_query){.ctx = scene->c.ctx, .seqno = scene->seqno};
}

void prepare_profile_start(struct request *r, struct scene *scene)
{
	(void)scene;
	r->args.profile = (struct drm_quern_profile){.op = DRM_QUERN_PROFILE_START};
}

/* There are events: those of a job. A scene where calls were refused is watched already. */
void prepare_profile_read(struct request *r, struct scene *scene)
{
	struct drm_quern_profile start = {.op = DRM_QUERN_PROFILE_START};
	int ret;

	ret = call(scene->c.fd, DRM_IOCTL_QUERN_PROFILE, &start);
	if (ret != -EBUSY)
		must(ret, "profile");
	if (client_works(&scene->c))
		scene->seqno++;
	r->args.profile = (struct drm_quern_profile){
		.op = DRM_QUERN_PROFILE_READ,
		.events = (uintptr_t)r->events,
		.num_events = PROFILE_EVENTS,
		.counters = (uintptr_t)r->counters,
	};
}

void prepare_nothing(struct request *r, struct scene *scene)
{
	(void)r;
	(void)scene;
}
