// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel driver's interface by raw ioctl, in the VM: what must be refused is refused with the right error, what is
 * racing or left over does no harm.
 *
 *     uapi                 all checks of one process
 *     uapi hang            submit a job that runs long, say so, and stay
 *     uapi fuzz SEED N     N random ioctls
 *     uapi alive           a job runs and its context is well
 *     uapi stop-core BAR   stop the chip's core behind the driver's back; BAR: the device's resource0 in sysfs, with a
 *                          kernel that was booted with iomem=relaxed
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/quern_accel.h>

#include "quern/commands.h"
#include "quern/registers.h"

#define NODE "/dev/accel/accel0"
#define VA 0x100000ull
#define PAGE 4096u

static unsigned int failures;

struct client {
	int fd;
	uint32_t ctx;
	uint32_t bo;
	uint32_t sync;
	unsigned char *map;
};

static int call(int fd, unsigned long request, void *args)
{
	return ioctl(fd, request, args) ? -errno : 0;
}

static void expect(const char *what, int got, int want)
{
	if (got == want)
		return;
	printf("FAIL %s: %d (%s), expected %d\n", what, got, strerror(-got), want);
	failures++;
}

static void must(int err, const char *what)
{
	if (err)
		errx(1, "%s: %s", what, strerror(-err));
}

/* Command 0 fills for about this many cycles; then END. */
static void write_stream(struct client *c, uint32_t cycles)
{
	const struct quern_cmd_fill fill = {
		.spm_base = 0,
		.len = 1,
		.n1 = cycles < 65535 ? (uint16_t)cycles : 65535,
		.n2 = (uint16_t)(cycles / 65535 + 1),
		.n3 = 1,
	};

	quern_cmd_fill_pack((uint32_t *)c->map, &fill);
	memset(c->map + 64, 0, 64);
	c->map[64] = QUERN_OP_END;
}

static void client_open(struct client *c)
{
	struct drm_quern_ctx_create ctx = {.priority = DRM_QUERN_PRIORITY_NORMAL};
	struct drm_quern_bo_create bo = {.size = 4 * PAGE};
	struct drm_quern_bo_mmap_offset where = {0};
	struct drm_quern_vm_bind bind = {.va = VA, .range = 4 * PAGE};
	struct drm_syncobj_create sync = {0};

	c->fd = open(NODE, O_RDWR | O_CLOEXEC);
	if (c->fd < 0)
		err(1, NODE);
	must(call(c->fd, DRM_IOCTL_QUERN_CTX_CREATE, &ctx), "ctx_create");
	must(call(c->fd, DRM_IOCTL_QUERN_BO_CREATE, &bo), "bo_create");
	must(call(c->fd, DRM_IOCTL_SYNCOBJ_CREATE, &sync), "syncobj_create");
	where.handle = bo.handle;
	bind.bo_handle = bo.handle;
	must(call(c->fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &where), "bo_mmap_offset");
	must(call(c->fd, DRM_IOCTL_QUERN_VM_BIND, &bind), "vm_bind");
	c->map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, (off_t)where.offset);
	if (c->map == MAP_FAILED)
		err(1, "mmap");
	c->ctx = ctx.handle;
	c->bo = bo.handle;
	c->sync = sync.handle;
	write_stream(c, 10);
}

static void client_close(struct client *c)
{
	munmap(c->map, 4 * PAGE);
	close(c->fd);
}

static struct drm_quern_job good_job(void)
{
	return (struct drm_quern_job){.stream = VA, .num_commands = 2, .num_regions = 1, .regions = {VA}};
}

static int submit(const struct client *c, const struct drm_quern_job *job, uint64_t *seqno)
{
	struct drm_quern_sync sync = {.handle = c->sync, .flags = DRM_QUERN_SYNC_SIGNAL};
	struct drm_quern_submit s = {
		.ctx = c->ctx,
		.jobs = (uintptr_t)job,
		.num_jobs = 1,
		.job_stride = sizeof(*job),
		.syncs = (uintptr_t)&sync,
		.num_syncs = 1,
		.sync_stride = sizeof(sync),
	};
	int ret = call(c->fd, DRM_IOCTL_QUERN_SUBMIT, &s);

	if (seqno)
		*seqno = s.seqno;
	return ret;
}

static uint32_t finish(const struct client *c, uint64_t seqno)
{
	struct drm_syncobj_wait wait = {.handles = (uintptr_t)&c->sync, .count_handles = 1, .timeout_nsec = INT64_MAX};
	struct drm_quern_job_query query = {.ctx = c->ctx, .seqno = seqno};

	must(call(c->fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait), "syncobj_wait");
	must(call(c->fd, DRM_IOCTL_QUERN_JOB_QUERY, &query), "job_query");
	return query.status;
}

static void check_alive(void)
{
	struct drm_quern_job job = good_job();
	struct client c;
	uint64_t seqno;

	client_open(&c);
	must(submit(&c, &job, &seqno), "submit");
	expect("a job ends well", (int)finish(&c, seqno), DRM_QUERN_JOB_DONE);
	client_close(&c);
}

#define REFUSE(fd, ioc, type, want, ...)                                                                               \
	do {                                                                                                           \
		struct type args = {__VA_ARGS__};                                                                      \
		expect(#type " " #__VA_ARGS__, call(fd, ioc, &args), want);                                            \
	} while (0)

static void check_ctx(const struct client *c)
{
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_CREATE, drm_quern_ctx_create, -EINVAL, .priority = 4);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_CREATE, drm_quern_ctx_create, -EINVAL, .flags = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_CREATE, drm_quern_ctx_create, -EINVAL, .pad = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_DESTROY, drm_quern_ctx_destroy, -EINVAL, .handle = c->ctx, .pad = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_DESTROY, drm_quern_ctx_destroy, -ENOENT, .handle = 0);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_DESTROY, drm_quern_ctx_destroy, -ENOENT, .handle = 0xffffffff);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_QUERY, drm_quern_ctx_query, -EINVAL, .handle = c->ctx, .pad = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_QUERY, drm_quern_ctx_query, -EINVAL, .handle = c->ctx, .pad2 = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_QUERY, drm_quern_ctx_query, -ENOENT, .handle = 77);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_RESET, drm_quern_ctx_reset, -EINVAL, .handle = c->ctx, .pad = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_CTX_RESET, drm_quern_ctx_reset, -ENOENT, .handle = 77);
	REFUSE(c->fd, DRM_IOCTL_QUERN_JOB_QUERY, drm_quern_job_query, -EINVAL, .ctx = c->ctx);
	REFUSE(c->fd, DRM_IOCTL_QUERN_JOB_QUERY, drm_quern_job_query, -EINVAL, .ctx = c->ctx, .seqno = 1, .pad = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_JOB_QUERY, drm_quern_job_query, -ENOENT, .ctx = c->ctx, .seqno = 1000);
	REFUSE(c->fd, DRM_IOCTL_QUERN_DEV_QUERY, drm_quern_dev_query, -EINVAL, .type = 9);
	REFUSE(c->fd, DRM_IOCTL_QUERN_DEV_QUERY, drm_quern_dev_query, -EFAULT, .size = 8, .pointer = 8);
}

static void check_bo(const struct client *c)
{
	REFUSE(c->fd, DRM_IOCTL_QUERN_BO_CREATE, drm_quern_bo_create, -EINVAL, .size = 0);
	REFUSE(c->fd, DRM_IOCTL_QUERN_BO_CREATE, drm_quern_bo_create, -EINVAL, .size = UINT64_MAX);
	REFUSE(c->fd, DRM_IOCTL_QUERN_BO_CREATE, drm_quern_bo_create, -EINVAL, .size = PAGE, .flags = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_BO_CREATE, drm_quern_bo_create, -EINVAL, .size = PAGE, .handle = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, drm_quern_bo_mmap_offset, -EINVAL, .handle = c->bo, .pad = 1);
	REFUSE(c->fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, drm_quern_bo_mmap_offset, -ENOENT, .handle = 99);
}

#define BIND(want, ...) REFUSE(c->fd, DRM_IOCTL_QUERN_VM_BIND, drm_quern_vm_bind, want, __VA_ARGS__)

static void check_bind(const struct client *c)
{
	const uint64_t end = 1ull << QUERN_VA_BITS;

	BIND(-EINVAL, .op = 2, .va = 2 * VA, .range = PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .flags = 2, .va = 2 * VA, .range = PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .pad = 1, .va = 2 * VA, .range = PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA, .range = 0, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA + 1, .range = PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA, .range = PAGE - 1, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA, .range = PAGE, .bo_offset = 1, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA, .range = 5 * PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA, .range = PAGE, .bo_offset = 4 * PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 2 * VA, .range = PAGE, .bo_offset = -(uint64_t)PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = 0, .range = PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = end, .range = PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = end - PAGE, .range = 2 * PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .va = -(uint64_t)PAGE, .range = 2 * PAGE, .bo_handle = c->bo);
	BIND(-ENOENT, .va = 2 * VA, .range = PAGE, .bo_handle = 99);
	BIND(-EEXIST, .va = VA, .range = PAGE, .bo_handle = c->bo);
	BIND(-EEXIST, .va = VA + 3 * PAGE, .range = 2 * PAGE, .bo_handle = c->bo);
	BIND(-ENOENT, .op = DRM_QUERN_VM_BIND_UNMAP, .va = VA, .range = PAGE);
	BIND(-ENOENT, .op = DRM_QUERN_VM_BIND_UNMAP, .va = VA + PAGE, .range = 3 * PAGE);
	BIND(-EINVAL, .op = DRM_QUERN_VM_BIND_UNMAP, .va = VA, .range = 4 * PAGE, .bo_handle = c->bo);
	BIND(-EINVAL, .op = DRM_QUERN_VM_BIND_UNMAP, .va = VA, .range = 4 * PAGE, .flags = 1);
	BIND(0, .va = end - PAGE, .range = PAGE, .bo_handle = c->bo);
	BIND(0, .op = DRM_QUERN_VM_BIND_UNMAP, .va = end - PAGE, .range = PAGE);
	BIND(-ENOENT, .op = DRM_QUERN_VM_BIND_UNMAP, .va = end - PAGE, .range = PAGE);
}

static void refuse_job(const struct client *c, const char *what, struct drm_quern_job job)
{
	expect(what, submit(c, &job, NULL), -EINVAL);
}

static void check_jobs(const struct client *c)
{
	struct drm_quern_job job;

#define BAD(assign)                                                                                                    \
	do {                                                                                                           \
		job = good_job();                                                                                      \
		job.assign;                                                                                            \
		refuse_job(c, #assign, job);                                                                           \
	} while (0)
	BAD(flags = 1);
	BAD(pad = 1);
	BAD(num_commands = 0);
	BAD(num_commands = QUERN_MAX_STREAM_CMDS + 1);
	BAD(stream = VA + 1);
	BAD(stream = 1ull << QUERN_VA_BITS);
	BAD(stream = UINT64_MAX - 63);
	BAD(timeout_cycles = UINT64_MAX);
	BAD(num_regions = 17);
	BAD(regions[1] = VA);
	BAD(regions[0] = 1ull << QUERN_VA_BITS);
#undef BAD
}

static void check_submit_args(const struct client *c)
{
	struct drm_quern_job job = good_job();
	struct drm_quern_sync sync = {.handle = c->sync, .flags = DRM_QUERN_SYNC_SIGNAL};

#define GOOD                                                                                                           \
	.ctx = c->ctx, .jobs = (uintptr_t)&job, .num_jobs = 1, .job_stride = sizeof(job), .syncs = (uintptr_t)&sync,   \
	.num_syncs = 1, .sync_stride = sizeof(sync)
#define SUBMIT(want, change)                                                                                           \
	do {                                                                                                           \
		struct drm_quern_submit s = {GOOD};                                                                    \
		s.change;                                                                                              \
		expect(#change, call(c->fd, DRM_IOCTL_QUERN_SUBMIT, &s), want);                                        \
	} while (0)
	SUBMIT(-EINVAL, flags = 1);
	SUBMIT(-EINVAL, seqno = 1);
	SUBMIT(-EINVAL, num_jobs = 0);
	SUBMIT(-EINVAL, num_jobs = 65);
	SUBMIT(-EINVAL, num_syncs = 65);
	SUBMIT(-EINVAL, job_stride = sizeof(job) - 8);
	SUBMIT(-EINVAL, job_stride = UINT32_MAX);
	SUBMIT(-EINVAL, sync_stride = 0);
	SUBMIT(-ENOENT, ctx = 99);
	SUBMIT(-EFAULT, jobs = 8);
	SUBMIT(-EFAULT, jobs = UINT64_MAX - 8);
	SUBMIT(-EFAULT, syncs = 8);
	sync.flags = 4;
	SUBMIT(-EINVAL, flags = 0);
	sync.flags = DRM_QUERN_SYNC_SIGNAL | DRM_QUERN_SYNC_TIMELINE;
	SUBMIT(-EINVAL, flags = 0);
	sync = (struct drm_quern_sync){.handle = c->sync, .flags = DRM_QUERN_SYNC_SIGNAL, .point = 1};
	SUBMIT(-EINVAL, flags = 0);
	sync = (struct drm_quern_sync){.handle = 99, .flags = DRM_QUERN_SYNC_SIGNAL};
	SUBMIT(-ENOENT, flags = 0);
	sync = (struct drm_quern_sync){.handle = 99};
	SUBMIT(-ENOENT, flags = 0);
#undef SUBMIT
#undef GOOD
}

/* Jobs that wait for one another across contexts and files must not be lost; a fault stops one context only. */
static void check_faults(void)
{
	struct drm_quern_job job = good_job();
	struct drm_quern_ctx_query query = {0};
	struct drm_quern_ctx_reset reset = {0};
	struct client guilty, innocent;
	uint64_t seqno;

	client_open(&guilty);
	client_open(&innocent);
	job.stream = VA + 64 * PAGE; /* not bound */
	must(submit(&guilty, &job, &seqno), "submit");
	expect("a fault is reported", (int)finish(&guilty, seqno), DRM_QUERN_JOB_FAULT);
	job = good_job();
	expect("a failed context is refused", submit(&guilty, &job, NULL), -ECANCELED);
	query.handle = guilty.ctx;
	must(call(guilty.fd, DRM_IOCTL_QUERN_CTX_QUERY, &query), "ctx_query");
	expect("the context has failed", (int)query.state, DRM_QUERN_CTX_FAILED);
	expect("at the address", query.fault_addr == VA + 64 * PAGE, 1);
	must(submit(&innocent, &job, &seqno), "submit");
	expect("another goes on", (int)finish(&innocent, seqno), DRM_QUERN_JOB_DONE);
	reset.handle = guilty.ctx;
	must(call(guilty.fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), "ctx_reset");
	must(submit(&guilty, &job, &seqno), "submit");
	expect("after a reset it works", (int)finish(&guilty, seqno), DRM_QUERN_JOB_DONE);
	client_close(&guilty);
	client_close(&innocent);
}

static void check_timeout(void)
{
	struct drm_quern_job job = good_job();
	struct drm_quern_ctx_reset reset = {0};
	struct client c;
	uint64_t seqno;

	client_open(&c);
	write_stream(&c, 400000000);
	job.timeout_cycles = 20000;
	must(submit(&c, &job, &seqno), "submit");
	reset.handle = c.ctx;
	expect("no reset while a job runs", call(c.fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), -EBUSY);
	expect("a timeout stops a job", (int)finish(&c, seqno), DRM_QUERN_JOB_TIMEOUT);
	client_close(&c);
}

static void *racing_submitter(void *arg)
{
	const struct client *c = arg;
	struct drm_quern_job job = good_job();

	for (int i = 0; i < 200; i++)
		submit(c, &job, NULL);
	return NULL;
}

/* A context is destroyed while others submit to it. */
static void check_races(void)
{
	for (int i = 0; i < 10; i++) {
		struct drm_quern_ctx_destroy destroy = {0};
		struct client c;
		pthread_t thread[2];

		client_open(&c);
		for (int t = 0; t < 2; t++)
			if (pthread_create(&thread[t], NULL, racing_submitter, &c))
				errx(1, "pthread_create");
		usleep(1000u * (unsigned int)i);
		destroy.handle = c.ctx;
		expect("destroy", call(c.fd, DRM_IOCTL_QUERN_CTX_DESTROY, &destroy), 0);
		expect("destroy twice", call(c.fd, DRM_IOCTL_QUERN_CTX_DESTROY, &destroy), -ENOENT);
		for (int t = 0; t < 2; t++)
			pthread_join(thread[t], NULL);
		client_close(&c);
	}
}

static uint64_t random64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint32_t random_word(uint64_t *state)
{
	static const uint32_t likely[] = {0, 1, 2, 3, 4, 64, PAGE, 4 * PAGE, (uint32_t)VA, 0xffffffff, 0x80000000, 176};
	uint64_t r = random64(state);

	return r & 3 ? likely[(r >> 8) % (sizeof(likely) / sizeof(likely[0]))] : (uint32_t)(r >> 32);
}

static void fuzz(uint64_t seed, unsigned long count)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15ull | 1;
	struct client c;

	printf("replay: uapi fuzz %llu %lu\n", (unsigned long long)seed, count);
	client_open(&c);
	for (unsigned long i = 0; i < count; i++) {
		uint32_t args[64];
		uint32_t nr = random64(&state) % 11;
		uint32_t bytes = random64(&state) % 16 * 16;

		for (int w = 0; w < 64; w++)
			args[w] = random_word(&state);
		/* Allocations stay small; everything else may be anything. */
		if (nr == DRM_QUERN_BO_CREATE)
			args[0] %= 1 << 16, args[1] = 0;
		call(c.fd, _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE, DRM_COMMAND_BASE + nr, bytes), args);
		if (i % 2000 == 1999) {
			client_close(&c);
			client_open(&c);
		}
	}
	client_close(&c);
}

static void hang(void)
{
	struct drm_quern_job job = good_job();
	struct client c;

	client_open(&c);
	write_stream(&c, 400000000);
	job.timeout_cycles = 500000000;
	for (int i = 0; i < 3; i++)
		must(submit(&c, &job, NULL), "submit");
	printf("hanging\n");
	fflush(stdout);
	for (;;)
		pause();
}

static void stop_core(const char *path)
{
	volatile uint32_t *regs;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	regs = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (regs == MAP_FAILED)
		err(1, "mmap of %s", path);
	regs[QUERN_REG_CTRL / 4] = 0;
}

static void check_all(void)
{
	struct client c;

	client_open(&c);
	check_ctx(&c);
	check_bo(&c);
	check_bind(&c);
	check_jobs(&c);
	check_submit_args(&c);
	client_close(&c);
	check_faults();
	check_timeout();
	check_races();
	check_alive();
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "fuzz"))
		fuzz(strtoull(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
	else if (argc == 2 && !strcmp(argv[1], "hang"))
		hang();
	else if (argc == 3 && !strcmp(argv[1], "stop-core"))
		stop_core(argv[2]);
	else if (argc == 2 && !strcmp(argv[1], "alive"))
		check_alive();
	else
		check_all();
	printf("uapi: %u failures\n", failures);
	return failures ? 1 : 0;
}
