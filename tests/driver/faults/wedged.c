// SPDX-License-Identifier: Apache-2.0
/* A chip that no reset brings back: who has it open learns of it, udev is told, and bound again it works when its fault is mended. */
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "gone.h"
#include "lib/check.h"
#include "lib/client.h"
#include "tests.h"

#define EVENT_BYTES 8192
#define EVENT "WEDGED=rebind,bus-reset"

/* A socket that gets what the kernel tells udev. */
static int listen_to_events(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die("no socket for events: %s", strerror(errno));
	return fd;
}

/* Whether an event, strings one behind the other, has this one. */
static bool has_string(const char *event, size_t bytes, const char *string)
{
	for (const char *s = event; s < event + bytes; s += strlen(s) + 1)
		if (!strcmp(s, string))
			return true;
	return false;
}

static void expect_wedged(int fd, uint64_t ms)
{
	uint64_t start = now_ms();
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (now_ms() - start < ms && poll(&p, 1, (int)ms) == 1) {
		char event[EVENT_BYTES + 1];
		ssize_t bytes = recv(fd, event, EVENT_BYTES, 0);

		if (bytes <= 0)
			break;
		event[bytes] = '\0';
		if (has_string(event, (size_t)bytes, EVENT) && has_string(event, (size_t)bytes, "SUBSYSTEM=accel") &&
		    has_string(event, (size_t)bytes, "DEVNAME=accel/accel0"))
			return;
	}
	fail("no event says %s", EVENT);
}

/* A context is not well again, or its jobs would have no end; not even when the chip has fallen asleep. */
static void expect_no_reset(const struct client *c)
{
	struct drm_quern_ctx_reset reset = {.handle = c->ctx};
	char path[300];

	expect_error("a reset of a context", call(c->fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), -ENODEV);
	chip_path(path, sizeof(path), "power/autosuspend_delay_ms");
	must(write_file(path, "50"), path);
	sleep(2);
	expect_error("the same of a chip that sleeps", call(c->fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), -ENODEV);
}

/* No memory that the chip reads is any good, so a firmware that starts over does not get far. */
static void never_comes_back(void)
{
	struct drm_quern_job job = client_job(2);
	int events = listen_to_events();
	struct gone gone;
	uint64_t start;

	gone_prepare(&gone);
	start = now_ms();
	chip_fault(COSIM_FAULT_FAIL_MEMORY, UINT32_MAX, UINT32_MAX);
	chip_poke(QUERN_REG_CTRL, 0);
	gone_wait(&gone, RESET_MS);
	expect_wedged(events, RESET_MS);
	expect_within("giving up", start, RESET_MS);
	if (!client_submit(&gone.idle, &job, 1, NULL))
		fail("a submission is taken");
	expect_no_reset(&gone.idle);
	chip_fault(COSIM_FAULT_FAIL_MEMORY, 0, 0);
	start = now_ms();
	must(chip_unbind(), "unbind");
	expect_within("unbinding", start, UNBIND_MS);
	gone_check(&gone);
	gone_close(&gone);
	must(chip_bind(), "bind");
	device_works();
	close(events);
}

const struct test wedged_tests[] = {
	{.name = "never-comes-back", .run = never_comes_back, .seconds = 120},
};
const unsigned int num_wedged_tests = ARRAY_LENGTH(wedged_tests);
