// SPDX-License-Identifier: Apache-2.0
/*
 * Whatever fails inside the kernel during a call of the driver, the call fails or succeeds, nothing is lost, and the same
 * call works afterwards: inject [TEST...], on a kernel with fault injection.
 *
 * QUERN_INJECT_ALL   every place also where there are very many (probe); else all of the first, then a sample
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chip.h"
#include "clock.h"
#include "fields.h"
#include "guard.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"
#include "nth.h"
#include "tests.h"

#define MAX_NTH 20000u
#define DENSE 48u      /* the first places, all of them */
#define STEP_DIVISOR 8 /* then steps of N / 8 */
#define MAX_FDS 64
#define NEW_BYTES (8 * PAGE)

/* A call; setup and undo are without injection, undo is told what run returned. */
struct operation {
	void (*setup)(struct scene *scene, struct request *r);
	int (*run)(struct scene *scene, struct request *r);
	void (*undo)(struct scene *scene, struct request *r, int ret);
	bool many; /* places */
};

static uint32_t step(const struct operation *op, uint32_t nth)
{
	if (!op->many || nth < DENSE || getenv("QUERN_INJECT_ALL"))
		return nth + 1;
	return nth + nth / STEP_DIVISOR;
}

/* False when the call has ended before anything was to fail. */
static bool inject_one(const struct operation *op, uint32_t nth)
{
	struct request r = {0};
	struct scene scene = {0};
	bool failed;
	int ret;

	op->setup(&scene, &r);
	nth_arm(nth);
	ret = op->run(&scene, &r);
	failed = nth_disarm();
	if (ret > 0)
		fail("place %u: the call returns %d", nth, ret);
	if (ret && !failed)
		fail("place %u: nothing failed, and the call says %s", nth, strerror(-ret));
	op->undo(&scene, &r, ret);
	return failed;
}

static void works(const struct operation *op)
{
	struct request r = {0};
	struct scene scene = {0};
	int ret;

	op->setup(&scene, &r);
	ret = op->run(&scene, &r);
	expect_error("the call without a failure", ret, 0);
	op->undo(&scene, &r, ret);
}

static void sweep(const struct operation *op)
{
	struct usage before;
	uint32_t nth, num = 0;

	nth_prepare();
	works(op);
	before = usage_now();
	for (nth = 1; nth < MAX_NTH && inject_one(op, nth); nth = step(op, nth))
		num++;
	printf("    %u of %u places\n", num, nth - 1);
	works(op);
	device_works();
	expect_usage(&before);
}

static void setup_scene(struct scene *scene, struct request *r)
{
	(void)r;
	scene_open(scene, NULL);
}

static void undo_scene(struct scene *scene, struct request *r, int ret)
{
	(void)r;
	(void)ret;
	scene_close(scene);
}

/* The ioctls, from the table of good calls. */
static const struct good_call *the_call;

static void setup_ioctl(struct scene *scene, struct request *r)
{
	scene_open(scene, NULL);
	the_call->prepare(r, scene);
}

static int run_ioctl(struct scene *scene, struct request *r)
{
	return ioctl(scene->c.fd, the_call->request, &r->args) ? -errno : 0;
}

static void sweep_ioctls(void)
{
	static const struct operation op = {setup_ioctl, run_ioctl, undo_scene, false};

	for (unsigned int i = 0; i < num_good_calls; i++) {
		the_call = &good_calls[i];
		if (!the_call->request || !the_call->is_args)
			continue;
		printf("    %s:\n", the_call->name);
		sweep(&op);
	}
}

static void no_setup(struct scene *scene, struct request *r)
{
	(void)r;
	scene->c.fd = -1;
}

static int run_open(struct scene *scene, struct request *r)
{
	(void)r;
	scene->c.fd = open(NODE, O_RDWR | O_CLOEXEC);
	return scene->c.fd < 0 ? -errno : 0;
}

static void undo_open(struct scene *scene, struct request *r, int ret)
{
	(void)r;
	if (!ret)
		close(scene->c.fd);
}

static int run_close(struct scene *scene, struct request *r)
{
	(void)r;
	munmap(scene->c.map, CLIENT_BYTES);
	return close(scene->c.fd) ? -errno : 0;
}

static void undo_nothing(struct scene *scene, struct request *r, int ret)
{
	(void)scene;
	(void)r;
	(void)ret;
}

/* A buffer of its own, so that its pages are not there. */
static void setup_mmap(struct scene *scene, struct request *r)
{
	struct drm_quern_bo_mmap_offset where = {0};

	scene_open(scene, NULL);
	where.handle = node_bo(scene->c.fd, CLIENT_BYTES);
	must(call(scene->c.fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &where), "bo_mmap_offset");
	r->args.bo_mmap_offset = where;
}

static int run_mmap(struct scene *scene, struct request *r)
{
	void *map = mmap(NULL, CLIENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, scene->c.fd,
			 (off_t)r->args.bo_mmap_offset.offset);

	scene->seqno = (uintptr_t)map;
	return map == MAP_FAILED ? -errno : 0;
}

static void undo_mmap(struct scene *scene, struct request *r, int ret)
{
	void *map = (void *)(uintptr_t)scene->seqno;

	if (!ret) {
		memset(map, 1, CLIENT_BYTES);
		munmap(map, CLIENT_BYTES);
	}
	undo_scene(scene, r, ret);
}

/* Pages are taken when a buffer is bound for the first time. */
static void setup_bind_new(struct scene *scene, struct request *r)
{
	scene_open(scene, NULL);
	r->args.vm_bind = (struct drm_quern_vm_bind){
		.va = 1ull << 32, .range = NEW_BYTES, .bo_handle = node_bo(scene->c.fd, NEW_BYTES)};
}

static int run_bind_new(struct scene *scene, struct request *r)
{
	return ioctl(scene->c.fd, DRM_IOCTL_QUERN_VM_BIND, &r->args) ? -errno : 0;
}

static int run_export(struct scene *scene, struct request *r)
{
	struct drm_prime_handle prime = {.handle = scene->c.bo, .flags = DRM_CLOEXEC | DRM_RDWR};

	(void)r;
	if (ioctl(scene->c.fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime))
		return -errno;
	close(prime.fd);
	return 0;
}

/* A call that could not say which descriptor it made has made one all the same. */
static void undo_export(struct scene *scene, struct request *r, int ret)
{
	char name[64], path[64];

	for (int fd = 3; ret == -EFAULT && fd < MAX_FDS; fd++) {
		ssize_t len;

		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		len = readlink(name, path, sizeof(path) - 1);
		path[len < 0 ? 0 : len] = '\0';
		if (strstr(path, "dmabuf"))
			close(fd);
	}
	undo_scene(scene, r, ret);
}

/* From another file of the same device. */
static void setup_import(struct scene *scene, struct request *r)
{
	struct drm_prime_handle prime = {.flags = DRM_CLOEXEC | DRM_RDWR};
	int other = node_open();

	(void)r;
	scene_open(scene, NULL);
	prime.handle = node_bo(other, PAGE);
	must(call(other, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), "prime_handle_to_fd");
	scene->foreign = (uint32_t)prime.fd;
	close(other);
}

static int run_import(struct scene *scene, struct request *r)
{
	struct drm_prime_handle prime = {.fd = (int)scene->foreign};

	(void)r;
	return ioctl(scene->c.fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime) ? -errno : 0;
}

static void undo_import(struct scene *scene, struct request *r, int ret)
{
	close((int)scene->foreign);
	undo_scene(scene, r, ret);
}

/* A timeline, in and out. */
static void setup_timeline(struct scene *scene, struct request *r)
{
	scene_open(scene, NULL);
	prepare_submit(r, scene);
	r->syncs[1].flags |= DRM_QUERN_SYNC_TIMELINE;
	r->syncs[1].point = 7;
	r->syncs[2] = r->syncs[1];
	r->syncs[2].point = 8;
	r->args.submit.num_syncs = 3;
}

static int run_submit(struct scene *scene, struct request *r)
{
	return ioctl(scene->c.fd, DRM_IOCTL_QUERN_SUBMIT, &r->args) ? -errno : 0;
}

/* A context that has failed. */
static void setup_reset(struct scene *scene, struct request *r)
{
	struct stream s;

	scene_open(scene, NULL);
	s = stream_at(scene->c.map);
	stream_illegal(&s);
	client_run(&scene->c, s.num);
	prepare_ctx_reset(r, scene);
}

static int run_reset(struct scene *scene, struct request *r)
{
	return ioctl(scene->c.fd, DRM_IOCTL_QUERN_CTX_RESET, &r->args) ? -errno : 0;
}

static void setup_unbound(struct scene *scene, struct request *r)
{
	(void)scene;
	(void)r;
	if (chip_bound())
		must(chip_unbind(), "unbind");
}

static int run_probe(struct scene *scene, struct request *r)
{
	(void)scene;
	(void)r;
	return chip_bind();
}

/* A driver that says no has not kept the device. */
static void undo_probe(struct scene *scene, struct request *r, int ret)
{
	(void)scene;
	(void)r;
	if (ret && chip_bound())
		fail("probe failed, and the device is bound");
}

static void setup_bound(struct scene *scene, struct request *r)
{
	(void)scene;
	(void)r;
	if (!chip_bound())
		must(chip_bind(), "bind");
}

static int run_unbind(struct scene *scene, struct request *r)
{
	(void)scene;
	(void)r;
	return chip_unbind();
}

static void sweep_unit(const void *arg)
{
	sweep(arg);
}

/* Usage is that of the device, which comes and goes here. */
static void sweep_device(const void *arg)
{
	const struct operation *op = arg;
	struct usage before = usage_now();
	uint32_t nth, num = 0;

	nth_prepare_near();
	for (nth = 1; nth < MAX_NTH && inject_one(op, nth); nth = step(op, nth))
		num++;
	printf("    %u of %u places\n", num, nth - 1);
	if (!chip_bound())
		must(chip_bind(), "bind");
	device_works();
	expect_usage(&before);
}

#define OPERATION(...) (&(const struct operation){__VA_ARGS__})

static const struct test tests[] = {
	{.name = "ioctls", .run = sweep_ioctls, .seconds = 300},
	{.name = "open", .seconds = 60, .run_with = sweep_unit, .arg = OPERATION(no_setup, run_open, undo_open, false)},
	{.name = "close",
	 .seconds = 60,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_scene, run_close, undo_nothing, false)},
	{.name = "mmap",
	 .seconds = 60,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_mmap, run_mmap, undo_mmap, false)},
	{.name = "bind-new",
	 .seconds = 120,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_bind_new, run_bind_new, undo_scene, true)},
	{.name = "timeline",
	 .seconds = 60,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_timeline, run_submit, undo_scene, false)},
	{.name = "reset",
	 .seconds = 60,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_reset, run_reset, undo_scene, false)},
	{.name = "export",
	 .seconds = 60,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_scene, run_export, undo_export, false)},
	{.name = "import",
	 .seconds = 60,
	 .run_with = sweep_unit,
	 .arg = OPERATION(setup_import, run_import, undo_import, false)},
	{.name = "probe",
	 .seconds = 300,
	 .run_with = sweep_device,
	 .arg = OPERATION(setup_unbound, run_probe, undo_probe, true)},
	{.name = "unbind",
	 .seconds = 120,
	 .run_with = sweep_device,
	 .arg = OPERATION(setup_bound, run_unbind, undo_nothing, true)},
};

int main(int argc, char **argv)
{
	guard_add(tests, ARRAY_LENGTH(tests));
	return guard_run("inject", argc, argv);
}
