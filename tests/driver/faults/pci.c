// SPDX-License-Identifier: Apache-2.0
/*
 * The PCI function is reset, by itself, with its bus, or after an error on the bus: with a job on the chip, and while the
 * chip sleeps, falls asleep or wakes. The job that ran ends with an error, nothing else is lost, and the chip sleeps again
 * when it has nothing to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/klog.h"
#include "tests.h"

#define ENDLESS_CYCLES 2000000000u
#define SLEEP_MS 10000
#define ROUNDS 30
#define INJECT "/dev/aer_inject"
#define INJECT_MODULE "/tmp/faults/aer_inject.ko"

/* How a reset is brought about: a file of sysfs, or an error that the port over the chip is said to have seen. */
struct way {
	const char *file;
	uint32_t error;
};

static const struct way function = {.file = "reset"};
static const struct way bus = {.file = "../reset_subordinate"};
static const struct way nonfatal = {.error = PCI_ERR_UNC_COMP_TIME};
static const struct way fatal = {.error = PCI_ERR_UNC_MALF_TLP};

static void set(const char *name, const char *text)
{
	char path[300];

	chip_path(path, sizeof(path), name);
	must(write_file(path, text), name);
}

/* As the kernel's module aer_inject takes it. */
struct injection {
	uint8_t bus;
	uint8_t dev;
	uint8_t fn;
	uint32_t uncor_status;
	uint32_t cor_status;
	uint32_t header_log[4];
	uint32_t domain;
};

/* The kernel recovers from an error by itself, later, and says so in its log. */
static void await_recovery(int log)
{
	struct pollfd p = {.fd = log, .events = POLLIN};
	uint64_t start = now_ms();
	char record[KLOG_RECORD_BYTES];

	while (now_ms() - start < RESET_MS) {
		ssize_t bytes = read(log, record, sizeof(record) - 1);

		if (bytes <= 0) {
			poll(&p, 1, 100);
			continue;
		}
		record[bytes] = '\0';
		if (strstr(record, "device recovery failed"))
			die("the kernel does not recover from the error");
		if (strstr(record, "device recovery successful"))
			return;
	}
	die("the kernel does not say that it has recovered from the error");
}

/* A reader of the log from here on, beside the one that looks for reports. */
static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (log < 0 || lseek(log, 0, SEEK_END) < 0)
		die("/dev/kmsg: %s", strerror(errno));
	return log;
}

static void inject(uint32_t error)
{
	struct injection injection = {.uncor_status = error};
	unsigned int domain, bus_number, dev, fn;
	char path[300], port[PATH_MAX];
	int fd, log;

	chip_path(path, sizeof(path), "..");
	if (!realpath(path, port) || sscanf(strrchr(port, '/'), "/%x:%x:%x.%x", &domain, &bus_number, &dev, &fn) != 4)
		skip("the chip is behind no port");
	if (access(INJECT, F_OK) && (access(INJECT_MODULE, F_OK) || system("insmod " INJECT_MODULE)))
		skip("there is no module aer_inject");
	injection.bus = (uint8_t)bus_number;
	injection.dev = (uint8_t)dev;
	injection.fn = (uint8_t)fn;
	injection.domain = domain;
	log = open_log();
	fd = open(INJECT, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, &injection, sizeof(injection)) != sizeof(injection))
		die(INJECT ": %s", strerror(errno));
	close(fd);
	await_recovery(log);
	close(log);
}

static void reset(const struct way *way)
{
	char path[300];

	if (way->error) {
		inject(way->error);
		return;
	}
	chip_path(path, sizeof(path), way->file);
	if (access(path, F_OK))
		skip("there is no %s", path);
	must(write_file(path, "1"), way->file);
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
	{.name = "reset-busy", .seconds = 90, .run_with = reset_busy, .arg = &function},
	{.name = "reset-asleep", .seconds = 90, .run_with = reset_asleep, .arg = &function},
	{.name = "reset-racing", .seconds = 120, .run_with = reset_racing, .arg = &function},
};
const unsigned int num_pci_tests = ARRAY_LENGTH(pci_tests);

const struct test bus_tests[] = {
	{.name = "bus-reset-busy", .seconds = 90, .run_with = reset_busy, .arg = &bus},
	{.name = "bus-reset-asleep", .seconds = 90, .run_with = reset_asleep, .arg = &bus},
	{.name = "bus-reset-racing", .seconds = 120, .run_with = reset_racing, .arg = &bus},
	{.name = "bus-error-busy", .seconds = 90, .run_with = reset_busy, .arg = &nonfatal},
	{.name = "bus-error-asleep", .seconds = 90, .run_with = reset_asleep, .arg = &nonfatal},
	{.name = "bus-error-racing", .seconds = 120, .run_with = reset_racing, .arg = &nonfatal},
	{.name = "bus-fatal-busy", .seconds = 90, .run_with = reset_busy, .arg = &fatal},
	{.name = "bus-fatal-asleep", .seconds = 90, .run_with = reset_asleep, .arg = &fatal},
};
const unsigned int num_bus_tests = ARRAY_LENGTH(bus_tests);
