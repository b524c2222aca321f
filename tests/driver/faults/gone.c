// SPDX-License-Identifier: Apache-2.0
/* A device that goes: unplugged, or its server dies; and who has it open then. See gone.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sync_file.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "gone.h"
#include "lib/check.h"
#include "tests.h"

#define NUM_JOBS 5
#define ENDLESS_CYCLES 2000000000u
/* QEMU wakes no access that waits for an answer when the server dies; the time that it gives an answer, doubled. */
#define DEAD_MS 40000

static int export_end(const struct client *c)
{
	struct drm_syncobj_handle args = {.handle = c->sync, .flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE};

	must(call(c->fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args), "syncobj_handle_to_fd");
	return args.fd;
}

void gone_prepare(struct gone *gone)
{
	client_open(&gone->busy);
	client_open(&gone->idle);
	client_works(&gone->idle);
	gone->first = client_keep_busy(&gone->busy, ENDLESS_CYCLES, ENDLESS_CYCLES, NUM_JOBS);
	gone->last = gone->first + NUM_JOBS - 1;
	gone->ended = export_end(&gone->busy);
	usleep(200000);
}

void gone_wait(const struct gone *gone, uint64_t ms)
{
	struct pollfd p = {.fd = gone->ended, .events = POLLIN};
	struct sync_file_info info = {0};

	if (poll(&p, 1, (int)ms) != 1) {
		fail("the last job has not ended after %llu ms", (unsigned long long)ms);
		return;
	}
	must(call(gone->ended, SYNC_IOC_FILE_INFO, &info), "sync_file_info");
	if (info.status != -ENODEV && info.status != -EIO && info.status != -ECANCELED)
		fail("the last job ended with %d", info.status);
}

static void refuses(const struct client *c, const char *what, unsigned long request, void *args)
{
	expect_error(what, call(c->fd, request, args), -ENODEV);
}

void gone_check(const struct gone *gone)
{
	const struct client *c = &gone->busy;
	struct drm_quern_dev_query query = {0};
	struct drm_quern_ctx_create create = {0};
	struct drm_quern_ctx_query ctx = {.handle = c->ctx};
	struct drm_quern_ctx_destroy destroy = {.handle = c->ctx};
	struct drm_quern_bo_create bo = {.size = PAGE};
	struct drm_quern_vm_bind bind = {.va = FREE_VA, .range = PAGE, .bo_handle = c->bo};
	struct drm_quern_job job = client_job(2);

	gone_wait(gone, GUILTY_MS);
	refuses(c, "dev_query", DRM_IOCTL_QUERN_DEV_QUERY, &query);
	refuses(c, "ctx_create", DRM_IOCTL_QUERN_CTX_CREATE, &create);
	refuses(c, "ctx_query", DRM_IOCTL_QUERN_CTX_QUERY, &ctx);
	refuses(c, "ctx_destroy", DRM_IOCTL_QUERN_CTX_DESTROY, &destroy);
	refuses(c, "bo_create", DRM_IOCTL_QUERN_BO_CREATE, &bo);
	refuses(c, "vm_bind", DRM_IOCTL_QUERN_VM_BIND, &bind);
	expect_error("submit", client_submit(&gone->idle, &job, 1, NULL), -ENODEV);
	memset(c->map, 0x5a, CLIENT_BYTES);
	memset(gone->idle.map, 0xa5, CLIENT_BYTES);
}

void gone_close(struct gone *gone)
{
	close(gone->ended);
	client_close(&gone->busy);
	client_close(&gone->idle);
}

void gone_hammer(void)
{
	for (;;) {
		struct drm_quern_ctx_create create = {.priority = DRM_QUERN_PRIORITY_NORMAL};
		struct drm_quern_bo_create bo = {.size = PAGE};
		struct drm_quern_vm_bind bind = {.va = FREE_VA, .range = PAGE};
		int fd = open(NODE, O_RDWR | O_CLOEXEC);

		if (fd < 0) {
			usleep(1000);
			continue;
		}
		ioctl(fd, DRM_IOCTL_QUERN_CTX_CREATE, &create);
		ioctl(fd, DRM_IOCTL_QUERN_BO_CREATE, &bo);
		bind.bo_handle = bo.handle;
		ioctl(fd, DRM_IOCTL_QUERN_VM_BIND, &bind);
		close(fd);
	}
}

/* The driver finds the device gone by itself; then it is unbound with the files open. */
static void is_gone(enum cosim_fault_command how, uint32_t cycles, uint64_t ms)
{
	struct gone gone;
	uint64_t start;

	gone_prepare(&gone);
	start = now_ms();
	chip_fault(how, cycles, 0);
	gone_wait(&gone, ms);
	expect_within("seeing that the device is gone", start, ms);
	if (client_submit(&gone.idle, &(struct drm_quern_job){0}, 0, NULL) == 0)
		fail("a submission is taken");
	start = now_ms();
	must(chip_unbind(), "unbind");
	expect_within("unbinding", start, ms);
	gone_check(&gone);
	gone_close(&gone);
	if (!chip_bind())
		fail("the driver binds to a device that is not there");
	chip_unload();
}

static void unplugged(void)
{
	is_gone(COSIM_FAULT_UNPLUG, 50000, RESET_MS);
}

static void server_dies(void)
{
	is_gone(COSIM_FAULT_DIE, 50000, DEAD_MS);
}

/* Each is the last test of its machine. */
const struct test gone_tests[] = {
	{.name = "unplugged", .run = unplugged, .seconds = 120},
	{.name = "server-dies", .run = server_dies, .seconds = 200},
};
const unsigned int num_gone_tests = ARRAY_LENGTH(gone_tests);
