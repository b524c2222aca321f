// SPDX-License-Identifier: Apache-2.0
/* Clients of the driver. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "client.h"
#include "lib/commands.h"

#define PATIENCE_S 150 /* longer than a test may take on a kernel without sanitizers */

int call(int fd, unsigned long request, void *args)
{
	int ret;

	do {
		ret = ioctl(fd, request, args);
	} while (ret && (errno == EINTR || errno == EAGAIN));
	return ret ? -errno : 0;
}

int node_open(void)
{
	int fd = open(NODE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(NODE ": %s", strerror(errno));
	return fd;
}

uint32_t node_ctx(int fd, uint32_t priority)
{
	struct drm_quern_ctx_create args = {.priority = priority};

	must(call(fd, DRM_IOCTL_QUERN_CTX_CREATE, &args), "ctx_create");
	return args.handle;
}

uint32_t node_bo(int fd, uint64_t bytes)
{
	struct drm_quern_bo_create args = {.size = bytes};

	must(call(fd, DRM_IOCTL_QUERN_BO_CREATE, &args), "bo_create");
	return args.handle;
}

uint32_t node_syncobj(int fd)
{
	struct drm_syncobj_create args = {0};

	must(call(fd, DRM_IOCTL_SYNCOBJ_CREATE, &args), "syncobj_create");
	return args.handle;
}

void *node_map(int fd, uint32_t bo, uint64_t bytes)
{
	struct drm_quern_bo_mmap_offset args = {.handle = bo};
	void *map;

	must(call(fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &args), "bo_mmap_offset");
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)args.offset);
	if (map == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	return map;
}

int node_bind(int fd, uint32_t bo, uint64_t va, uint64_t range, uint32_t flags)
{
	struct drm_quern_vm_bind args = {.va = va, .range = range, .bo_handle = bo, .flags = flags};

	return call(fd, DRM_IOCTL_QUERN_VM_BIND, &args);
}

int node_unbind(int fd, uint64_t va, uint64_t range)
{
	struct drm_quern_vm_bind args = {.op = DRM_QUERN_VM_BIND_UNMAP, .va = va, .range = range};

	return call(fd, DRM_IOCTL_QUERN_VM_BIND, &args);
}

int node_destroy_ctx(int fd, uint32_t ctx)
{
	struct drm_quern_ctx_destroy args = {.handle = ctx};

	return call(fd, DRM_IOCTL_QUERN_CTX_DESTROY, &args);
}

int node_close_bo(int fd, uint32_t bo)
{
	struct drm_gem_close args = {.handle = bo};

	return call(fd, DRM_IOCTL_GEM_CLOSE, &args);
}

int node_close_syncobj(int fd, uint32_t syncobj)
{
	struct drm_syncobj_destroy args = {.handle = syncobj};

	return call(fd, DRM_IOCTL_SYNCOBJ_DESTROY, &args);
}

void client_open_priority(struct client *c, uint32_t priority)
{
	c->fd = node_open();
	c->ctx = node_ctx(c->fd, priority);
	c->bo = node_bo(c->fd, CLIENT_BYTES);
	c->sync = node_syncobj(c->fd);
	c->map = node_map(c->fd, c->bo, CLIENT_BYTES);
	must(node_bind(c->fd, c->bo, CLIENT_VA, CLIENT_BYTES, 0), "vm_bind");
}

void client_open(struct client *c)
{
	client_open_priority(c, DRM_QUERN_PRIORITY_NORMAL);
}

void client_close(struct client *c)
{
	munmap(c->map, CLIENT_BYTES);
	close(c->fd);
}

struct drm_quern_job client_job(uint32_t num_commands)
{
	return (struct drm_quern_job){
		.stream = CLIENT_VA,
		.num_commands = num_commands,
		.num_regions = 1,
		.regions = {CLIENT_VA},
	};
}

int client_submit(const struct client *c, const struct drm_quern_job *jobs, uint32_t num, uint64_t *seqno)
{
	struct drm_quern_sync sync = {.handle = c->sync, .flags = DRM_QUERN_SYNC_SIGNAL};
	struct drm_quern_submit args = {
		.ctx = c->ctx,
		.jobs = (uintptr_t)jobs,
		.num_jobs = num,
		.job_stride = sizeof(*jobs),
		.syncs = (uintptr_t)&sync,
		.num_syncs = 1,
		.sync_stride = sizeof(sync),
	};
	int ret = call(c->fd, DRM_IOCTL_QUERN_SUBMIT, &args);

	if (seqno)
		*seqno = args.seqno;
	return ret;
}

struct drm_quern_job client_busy_job(const struct client *c, uint32_t cycles)
{
	struct stream s = stream_at(c->map);

	stream_delay(&s, cycles);
	stream_end(&s);
	return client_job(s.num);
}

uint64_t client_keep_busy(const struct client *c, uint32_t cycles, uint64_t timeout, uint32_t num)
{
	struct drm_quern_job jobs[DRM_QUERN_MAX_SUBMIT_JOBS];
	uint64_t seqno;

	jobs[0] = client_busy_job(c, cycles);
	jobs[0].timeout_cycles = timeout;
	for (uint32_t i = 1; i < num; i++)
		jobs[i] = jobs[0];
	must(client_submit(c, jobs, num, &seqno), "submit");
	return seqno;
}

struct drm_quern_job_query client_query(const struct client *c, uint64_t seqno)
{
	struct drm_quern_job_query args = {.ctx = c->ctx, .seqno = seqno};

	must(call(c->fd, DRM_IOCTL_QUERN_JOB_QUERY, &args), "job_query");
	return args;
}

uint32_t client_finish(const struct client *c, uint64_t seqno)
{
	struct drm_syncobj_wait wait = {.handles = (uintptr_t)&c->sync, .count_handles = 1};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	wait.timeout_nsec = (now.tv_sec + PATIENCE_S) * 1000000000ll + now.tv_nsec;
	must(call(c->fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait), "waiting for a job");
	return client_query(c, seqno).status;
}

uint32_t client_run(const struct client *c, uint32_t num_commands)
{
	struct drm_quern_job job = client_job(num_commands);
	uint64_t seqno;

	must(client_submit(c, &job, 1, &seqno), "submit");
	return client_finish(c, seqno);
}

struct drm_quern_ctx_query client_state(const struct client *c)
{
	struct drm_quern_ctx_query args = {.handle = c->ctx};

	must(call(c->fd, DRM_IOCTL_QUERN_CTX_QUERY, &args), "ctx_query");
	return args;
}

void client_reset(const struct client *c)
{
	struct drm_quern_ctx_reset args = {.handle = c->ctx};

	must(call(c->fd, DRM_IOCTL_QUERN_CTX_RESET, &args), "ctx_reset");
}

void client_idle(const struct client *c)
{
	for (int ms = 0; client_state(c).pending; ms++) {
		if (ms > PATIENCE_S * 1000)
			die("jobs do not end");
		usleep(1000);
	}
}

bool client_works(const struct client *c)
{
	struct drm_quern_job job;
	struct stream s = stream_at(c->map + CLIENT_LAST);
	const uint32_t in = CLIENT_LAST + PAGE, out = CLIENT_LAST + 2 * PAGE, bytes = 256;
	uint64_t seqno;
	uint32_t status;
	int ret;

	stream_load(&s, 0, in, 0, bytes);
	stream_store(&s, 0, out, 0, bytes);
	stream_end(&s);
	for (uint32_t i = 0; i < bytes; i++)
		c->map[in + i] = (unsigned char)(c->map[in + i] * 5 + i + 1);
	memset(c->map + out, 0, bytes);
	job = client_job(s.num);
	job.stream += CLIENT_LAST;
	ret = client_submit(c, &job, 1, &seqno);
	if (ret) {
		fail("a good job is refused: %s", strerror(-ret));
		return false;
	}
	status = client_finish(c, seqno);
	if (status == DRM_QUERN_JOB_DONE && !memcmp(c->map + in, c->map + out, bytes))
		return true;
	fail("a good job gives status %u, or other bytes", status);
	return false;
}

void device_works(void)
{
	struct client c;

	client_open(&c);
	client_works(&c);
	client_close(&c);
}
