// SPDX-License-Identifier: Apache-2.0
/*
 * Sleep: of the system (up to its devices, by pm_test) and of the chip alone. Contexts, buffers and bindings are what
 * they were, jobs in flight end well, and nothing but work keeps the chip awake.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"

#define IDLE_MS "200"
#define PATIENCE_MS 8000

static char folder[256]; /* the device in sysfs */

static void find_device(void)
{
	glob_t paths = {0};

	if (glob("/sys/bus/pci/drivers/quern/0000:*", 0, NULL, &paths) || !paths.gl_pathc)
		die("no device in sysfs");
	snprintf(folder, sizeof(folder), "%s", paths.gl_pathv[0]);
	globfree(&paths);
}

static int write_text(const char *path, const char *words)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, words, strlen(words)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static void set(const char *attribute, const char *words)
{
	char path[320];

	find_device();
	snprintf(path, sizeof(path), "%s/%s", folder, attribute);
	must(write_text(path, words), path);
}

static bool status_is(const char *want)
{
	char path[320], got[32] = "";
	int fd;

	find_device();
	snprintf(path, sizeof(path), "%s/power/runtime_status", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, got, sizeof(got) - 1) < 0)
		die("%s cannot be read", path);
	close(fd);
	return !strncmp(got, want, strlen(want));
}

/* Down to the devices and up again, as the kernel's own test does it. */
static int system_sleep(void)
{
	if (write_text("/sys/power/pm_test", "devices"))
		skip("the kernel has no /sys/power/pm_test");
	write_text("/sys/module/suspend/parameters/pm_test_delay", "1");
	return write_text("/sys/power/state", "freeze");
}

static void allow_autosuspend(void)
{
	set("power/control", "auto");
	set("power/autosuspend_delay_ms", IDLE_MS);
}

static void restore_autosuspend(void)
{
	set("power/control", "auto");
	set("power/autosuspend_delay_ms", "5000");
}

static bool falls_asleep(void)
{
	for (int ms = 0; ms < PATIENCE_MS; ms += 20) {
		if (status_is("suspended"))
			return true;
		usleep(20000);
	}
	return false;
}

static void contexts_outlive_sleep(void)
{
	struct client c, high;

	client_open(&c);
	client_open_priority(&high, DRM_QUERN_PRIORITY_HIGH);
	client_works(&c);
	for (int i = 0; i < 3; i++) {
		expect_error("sleep", system_sleep(), 0);
		client_works(&c);
		client_works(&high);
	}
	expect_equal("state", client_state(&c).state, DRM_QUERN_CTX_OK);
	expect_equal("jobs", client_state(&c).submitted, 4);
	client_close(&c);
	client_close(&high);
	device_works();
}

static void jobs_in_flight_end_well(void)
{
	struct client c;
	uint64_t seqno;

	client_open(&c);
	seqno = client_keep_busy(&c, 200000, 0, 6);
	expect_error("sleep", system_sleep(), 0);
	expect_equal("the last", client_finish(&c, seqno + 5), DRM_QUERN_JOB_DONE);
	for (uint64_t i = 0; i < 6; i++)
		expect_equal("a job", client_query(&c, seqno + i).status, DRM_QUERN_JOB_DONE);
	client_works(&c);
	client_close(&c);
}

static void failures_outlive_sleep(void)
{
	struct drm_quern_job job;
	struct client c;
	struct stream s;
	uint64_t seqno;

	client_open(&c);
	s = stream_at(c.map);
	stream_illegal(&s);
	job = client_job(s.num);
	must(client_submit(&c, &job, 1, &seqno), "submit");
	client_finish(&c, seqno);
	expect_error("sleep", system_sleep(), 0);
	expect_equal("state", client_state(&c).state, DRM_QUERN_CTX_FAILED);
	expect_error("a job for a failed context", client_submit(&c, &job, 1, NULL), -ECANCELED);
	client_reset(&c);
	client_works(&c);
	client_close(&c);
}

static void bindings_outlive_sleep(void)
{
	struct client c;
	uint32_t bo;

	client_open(&c);
	client_works(&c);
	bo = node_bo(c.fd, 8 * PAGE);
	must(node_bind(c.fd, bo, FREE_VA, 8 * PAGE, 0), "bind");
	expect_error("sleep", system_sleep(), 0);
	expect_error("the same again", node_bind(c.fd, bo, FREE_VA, PAGE, 0), -EEXIST);
	expect_error("unbind", node_unbind(c.fd, FREE_VA, 8 * PAGE), 0);
	client_works(&c);
	client_close(&c);
}

/* A job that cannot end in time: the system stays awake, says why, and the job goes on. */
static void endless_jobs_keep_the_system_awake(void)
{
	struct client c;

	client_open(&c);
	client_keep_busy(&c, 2000000000, 10000000000, 1);
	expect_error("sleep", system_sleep(), -EBUSY);
	expect_equal("pending", client_state(&c).pending, 1);
	must(node_destroy_ctx(c.fd, c.ctx), "ctx_destroy");
	close(c.fd);
	device_works();
	expect_error("sleep afterwards", system_sleep(), 0);
	device_works();
}

static void the_chip_sleeps_when_idle(void)
{
	struct client c;

	allow_autosuspend();
	client_open(&c);
	for (int i = 0; i < 10; i++) {
		client_works(&c);
		if (!falls_asleep())
			die("the chip stays awake");
	}
	client_close(&c);
	restore_autosuspend();
}

static void sleep_of_a_sleeping_chip(void)
{
	struct client c;

	allow_autosuspend();
	client_open(&c);
	client_works(&c);
	if (!falls_asleep())
		fail("the chip stays awake");
	expect_error("sleep", system_sleep(), 0);
	client_works(&c);
	if (!falls_asleep())
		fail("the chip stays awake after the system's sleep");
	client_close(&c);
	restore_autosuspend();
}

static void jobs_keep_it_awake(void)
{
	struct client c;
	uint64_t seqno;

	allow_autosuspend();
	set("power/autosuspend_delay_ms", "1");
	client_open(&c);
	seqno = client_keep_busy(&c, 200000, 0, 8);
	while (client_state(&c).pending) {
		if (!status_is("active") && client_state(&c).pending)
			die("the chip sleeps with jobs");
		usleep(2000);
	}
	expect_equal("the last", client_finish(&c, seqno + 7), DRM_QUERN_JOB_DONE);
	client_close(&c);
	restore_autosuspend();
}

/* Each takes what it takes of the device and gives it back, or the chip would not sleep any more. */
static void make_mistakes(const struct client *c)
{
	struct drm_quern_job good = client_job(1), bad = {0};
	struct drm_quern_ctx_create ctx = {.priority = 99};
	struct drm_quern_ctx_reset reset = {.handle = 99};
	struct client nobody = *c;

	nobody.ctx = 99;
	expect_error("submit", client_submit(c, &bad, 1, NULL), -EINVAL);
	expect_error("submit", client_submit(&nobody, &good, 1, NULL), -ENOENT);
	nobody.ctx = c->ctx;
	nobody.sync = 99;
	expect_error("submit", client_submit(&nobody, &good, 1, NULL), -ENOENT);
	expect_error("ctx_create", call(c->fd, DRM_IOCTL_QUERN_CTX_CREATE, &ctx), -EINVAL);
	expect_error("ctx_reset", call(c->fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), -ENOENT);
	expect_error("ctx_destroy", node_destroy_ctx(c->fd, 99), -ENOENT);
	expect_error("unbind", node_unbind(c->fd, FREE_VA, PAGE), -ENOENT);
	expect_error("bind", node_bind(c->fd, 99, FREE_VA, PAGE, 0), -ENOENT);
}

static void mistakes_do_not_keep_it_awake(void)
{
	struct client c;

	allow_autosuspend();
	client_open(&c);
	for (int i = 0; i < 20; i++)
		make_mistakes(&c);
	if (!falls_asleep())
		fail("the chip stays awake");
	for (int i = 0; i < 20; i++)
		make_mistakes(&c);
	if (!falls_asleep())
		fail("the chip stays awake");
	client_works(&c);
	client_close(&c);
	if (!falls_asleep())
		fail("the chip stays awake after the file is closed");
	restore_autosuspend();
}

static void what_needs_no_chip_does_not_wake_it(void)
{
	struct client c;
	uint32_t bo;

	allow_autosuspend();
	client_open(&c);
	client_works(&c);
	if (!falls_asleep())
		die("the chip stays awake");
	bo = node_bo(c.fd, PAGE);
	must(node_bind(c.fd, bo, FREE_VA, PAGE, 0), "bind");
	client_state(&c);
	client_query(&c, 1);
	must(node_unbind(c.fd, FREE_VA, PAGE), "unbind");
	must(node_close_bo(c.fd, bo), "close");
	if (!status_is("suspended"))
		fail("the chip is awake");
	client_close(&c);
	if (!status_is("suspended"))
		fail("closing the file wakes the chip");
	restore_autosuspend();
	device_works();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "contexts-outlive-sleep", .run = contexts_outlive_sleep},
		{.name = "jobs-in-flight-end-well", .run = jobs_in_flight_end_well},
		{.name = "failures-outlive-sleep", .run = failures_outlive_sleep},
		{.name = "bindings-outlive-sleep", .run = bindings_outlive_sleep},
		{.name = "endless-jobs-keep-the-system-awake",
		 .run = endless_jobs_keep_the_system_awake,
		 .seconds = 120,
		 .noisy = true},
		{.name = "the-chip-sleeps-when-idle", .run = the_chip_sleeps_when_idle},
		{.name = "sleep-of-a-sleeping-chip", .run = sleep_of_a_sleeping_chip},
		{.name = "jobs-keep-it-awake", .run = jobs_keep_it_awake},
		{.name = "mistakes-do-not-keep-it-awake", .run = mistakes_do_not_keep_it_awake},
		{.name = "what-needs-no-chip-does-not-wake-it", .run = what_needs_no_chip_does_not_wake_it},
	};

	return run_tests("power", tests, ARRAY_LENGTH(tests), argc, argv);
}
