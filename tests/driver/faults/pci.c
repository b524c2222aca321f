// SPDX-License-Identifier: Apache-2.0
/*
 * The PCI function is reset, by itself or with its bus: with a job on the chip, and while the chip sleeps, falls asleep
 * or wakes. The job that ran ends with an error, nothing else is lost, and the chip sleeps again when it has nothing to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "lib/check.h"
#include "lib/client.h"
#include "tests.h"

#define ENDLESS_CYCLES 2000000000u
#define SLEEP_MS 10000
#define ROUNDS 30

/* The function's own reset, and that of the bus behind the port it is on. */
#define FUNCTION "reset"
#define BUS "../reset_subordinate"

static void set(const char *name, const char *text)
{
	char path[300];

	chip_path(path, sizeof(path), name);
	must(write_file(path, text), name);
}

static void reset(const char *way)
{
	char path[300];

	chip_path(path, sizeof(path), way);
	if (access(path, F_OK))
		skip("there is no %s", path);
	must(write_file(path, "1"), way);
}

static bool asleep(void)
{
	char path[300], state[16] = "";
	int fd;

	chip_path(path, sizeof(path), "power/runtime_status");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, state, sizeof(state) - 1) < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
	return !strncmp(state, "suspended", 9);
}

static void must_sleep(void)
{
	uint64_t start = now_ms();

	while (!asleep())
		if (now_ms() - start > SLEEP_MS)
			die("the chip stays awake");
		else
			usleep(20000);
}

static void restore(void)
{
	set("power/autosuspend_delay_ms", "5000");
	device_works();
}

/* Of two contexts the one whose job ran is lost. What waits in the other is done after the reset. */
static void reset_busy(const void *way)
{
	struct client c, waiting;
	uint64_t seqno, next, start;

	client_open(&c);
	client_open(&waiting);
	client_works(&waiting);
	seqno = client_keep_busy(&c, ENDLESS_CYCLES, ENDLESS_CYCLES, 2);
	usleep(300000);
	next = client_keep_busy(&waiting, 1000, 0, 3);
	start = now_ms();
	reset(way);
	client_finish(&c, seqno + 1);
	expect_equal("the job that ran", client_query(&c, seqno).status, DRM_QUERN_JOB_DEVICE_LOST);
	expect_equal("the job behind it", client_query(&c, seqno + 1).status, DRM_QUERN_JOB_CANCELED);
	for (uint64_t i = 0; i < 3; i++)
		expect_equal("a job that waited", client_finish(&waiting, next + i), DRM_QUERN_JOB_DONE);
	client_works(&waiting);
	expect_within("a reset", start, RESET_MS);
	client_reset(&c);
	client_works(&c);
	client_close(&c);
	client_close(&waiting);
}

static void reset_asleep(const void *way)
{
	struct client c;

	set("power/autosuspend_delay_ms", "50");
	client_open(&c);
	for (int i = 0; i < 3; i++) {
		client_works(&c);
		must_sleep();
		reset(way);
		client_works(&c);
		must_sleep();
		reset(way);
		must_sleep();
	}
	client_works(&c);
	client_close(&c);
	must_sleep();
	restore();
}

/* Work that comes and goes, so that the chip falls asleep and wakes all the time. */
static void come_and_go(void)
{
	struct client c;

	client_open(&c);
	for (uint32_t i = 0;; i++) {
		uint32_t status = client_finish(&c, client_keep_busy(&c, 1000, 0, 1));

		if (status == DRM_QUERN_JOB_DEVICE_LOST)
			client_reset(&c);
		else if (status != DRM_QUERN_JOB_DONE)
			die("a job ended with status %u", status);
		usleep(1000 * (i * 7 % 40));
	}
}

static void reset_racing(const void *way)
{
	int status;
	pid_t pid;

	set("power/autosuspend_delay_ms", "5");
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid)
		come_and_go();
	for (int i = 0; i < ROUNDS; i++) {
		usleep(1000 * (i * 37 % 200));
		reset(way);
	}
	if (waitpid(pid, &status, WNOHANG))
		die("who works has ended with status 0x%x", status);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	must_sleep();
	restore();
}

const struct test pci_tests[] = {
	{.name = "reset-busy", .seconds = 90, .run_with = reset_busy, .arg = FUNCTION},
	{.name = "reset-asleep", .seconds = 90, .run_with = reset_asleep, .arg = FUNCTION},
	{.name = "reset-racing", .seconds = 120, .run_with = reset_racing, .arg = FUNCTION},
};
const unsigned int num_pci_tests = ARRAY_LENGTH(pci_tests);

const struct test bus_tests[] = {
	{.name = "bus-reset-busy", .seconds = 90, .run_with = reset_busy, .arg = BUS},
	{.name = "bus-reset-asleep", .seconds = 90, .run_with = reset_asleep, .arg = BUS},
	{.name = "bus-reset-racing", .seconds = 120, .run_with = reset_racing, .arg = BUS},
};
const unsigned int num_bus_tests = ARRAY_LENGTH(bus_tests);
