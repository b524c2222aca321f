// SPDX-License-Identifier: Apache-2.0
/*
 * The driver and the chip part and meet again: unbinding with jobs in flight and files open, reloading the module, firmware
 * images that cannot be used.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "gone.h"
#include "innocent.h"
#include "lib/check.h"
#include "lib/client.h"
#include "tests.h"

#define FIRMWARE "/lib/firmware/quern/quern-fw.bin"
#define GOOD_FIRMWARE "/tmp/good-fw.bin"
#define MODULE "/modules/quern.ko"
#define NODE_MS 2000
#define ROUNDS 3

static void must_bind(void)
{
	uint64_t start = now_ms();

	must(chip_bind(), "bind");
	while (access(NODE, F_OK) && now_ms() - start < NODE_MS)
		usleep(10000);
	device_works();
}

/* Jobs in flight, files open, buffers mapped: unbinding ends all of it. */
static void unbind_busy(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct gone gone;
		uint64_t start;

		gone_prepare(&gone);
		start = now_ms();
		must(chip_unbind(), "unbind");
		expect_within("unbinding", start, UNBIND_MS);
		gone_check(&gone);
		/* Files that are still open do not keep the device from coming back, under another number. */
		must(chip_bind(), "bind");
		gone_check(&gone);
		must(chip_unbind(), "unbind");
		gone_close(&gone);
		must_bind();
	}
}

/* The last step of a file's end comes after the device's. */
static void unbind_then_killed(void)
{
	struct gone gone;
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid) {
		gone_prepare(&gone);
		for (;;)
			pause();
	}
	sleep(1);
	must(chip_unbind(), "unbind");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	must_bind();
}

/* Others open files and create contexts all the time. */
static void unbind_racing(void)
{
	pid_t pids[3];

	for (unsigned int i = 0; i < ARRAY_LENGTH(pids); i++) {
		pids[i] = fork();
		if (!pids[i])
			gone_hammer();
	}
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start;

		usleep(300000);
		start = now_ms();
		must(chip_unbind(), "unbind");
		expect_within("unbinding", start, UNBIND_MS);
		must(chip_bind(), "bind");
	}
	for (unsigned int i = 0; i < ARRAY_LENGTH(pids); i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	device_works();
}

static void reload(void)
{
	if (access(MODULE, F_OK))
		skip(MODULE " is not there");
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = now_ms();

		chip_unload();
		if (system("insmod " MODULE))
			die("the module does not load");
		expect_within("reloading", start, BOOT_MS);
		device_works();
	}
}

static void copy_image(const char *from, const char *to)
{
	char command[600];

	snprintf(command, sizeof(command), "cp %s %s", from, to);
	if (system(command))
		die("%s", command);
}

/* The name says what is to happen: "boot-" is found out by starting it, "good-" works, all else by looking at it. */
static void try_image(const char *folder, const char *name)
{
	char path[512];
	uint64_t start;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	copy_image(path, FIRMWARE);
	start = now_ms();
	ret = chip_bind();
	if (!strncmp(name, "good-", 5)) {
		must(ret, name);
		device_works();
		must(chip_unbind(), "unbind");
		return;
	}
	expect_within(name, start, strncmp(name, "boot-", 5) ? IMAGE_MS : BOOT_MS);
	if (!ret || chip_bound())
		fail("%s: the driver takes it", name);
	if (!ret)
		must(chip_unbind(), "unbind");
	if (!access(NODE, F_OK))
		fail("%s: there is a device file", name);
}

static void try_images(const char *folder)
{
	struct dirent *entry;
	unsigned int num = 0;
	DIR *dir = opendir(folder);

	if (!dir)
		skip("%s: %s", folder, strerror(errno));
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			try_image(folder, entry->d_name);
			num++;
		}
	closedir(dir);
	printf("    %u images\n", num);
	if (num < 10)
		fail("only %u images in %s", num, folder);
}

static void images(void)
{
	const char *folder = getenv("QUERN_FW_IMAGES");
	uint64_t start;

	if (!folder)
		skip("QUERN_FW_IMAGES is not set");
	copy_image(FIRMWARE, GOOD_FIRMWARE);
	must(chip_unbind(), "unbind");
	try_images(folder);
	unlink(FIRMWARE);
	if (!chip_bind())
		fail("the driver needs no firmware");
	copy_image(GOOD_FIRMWARE, FIRMWARE);
	unlink(GOOD_FIRMWARE);
	start = now_ms();
	must_bind();
	expect_within("the good image", start, BOOT_MS);
}

const struct test bind_tests[] = {
	{.name = "unbind-busy", .run = unbind_busy, .seconds = 120},
	{.name = "unbind-killed", .run = unbind_then_killed, .seconds = 90},
	{.name = "unbind-racing", .run = unbind_racing, .seconds = 120},
	{.name = "reload", .run = reload, .seconds = 120},
	{.name = "images", .run = images, .seconds = 240},
};
const unsigned int num_bind_tests = ARRAY_LENGTH(bind_tests);
