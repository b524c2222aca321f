// SPDX-License-Identifier: Apache-2.0
/* What is in use: see tests.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chip.h"
#include "clock.h"
#include "lib/memory.h"
#include "tests.h"

#define DEBUGFS "/sys/kernel/debug/accel"
#define SETTLE_MS 10000
#define SLACK_KB 64  /* files in tmpfs of others */
#define LOST_KB 2048 /* less than a page for each of a thousand */

/* Named by the minor or, before 6.15, by the device. */
static const char *queues(void)
{
	static char path[300];

	snprintf(path, sizeof(path), DEBUGFS "/%s/queues", chip_address());
	if (access(path, F_OK))
		snprintf(path, sizeof(path), DEBUGFS "/0/queues");
	return path;
}

uint32_t num_resets(void)
{
	return (uint32_t)read_number(queues(), "resets ");
}

static uint64_t count_lines(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[512];
	uint64_t num = 0;

	if (!f)
		die("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f))
		num += !strncmp(line, word, strlen(word));
	fclose(f);
	return num;
}

/* A kernel that finds lost memory by itself keeps freed memory for a while and books about all of it. */
static uint64_t free_kb(void)
{
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		return 0;
	write_file("/proc/sys/vm/drop_caches", "3");
	return memory_free_kib();
}

struct usage usage_now(void)
{
	return (struct usage){
		.contexts = count_lines(queues(), "slot "),
		.shmem_kb = read_number("/proc/meminfo", "Shmem:"),
		.files = read_number("/sys/module/quern/refcnt", ""),
		.available_kb = free_kb(),
	};
}

static bool within(const struct usage *now, const struct usage *before)
{
	return now->available_kb + LOST_KB >= before->available_kb && now->contexts <= before->contexts &&
	       now->files <= before->files && now->shmem_kb <= before->shmem_kb + SLACK_KB;
}

void expect_usage(const struct usage *before)
{
	uint64_t start = now_ms();
	struct usage now = usage_now();

	while (!within(&now, before) && now_ms() - start < SETTLE_MS) {
		usleep(50000);
		now = usage_now();
	}
	if (within(&now, before))
		return;
	fail("left in use: %llu contexts (before: %llu), %llu KiB of objects (%llu), %llu users (%llu); free: %llu KiB "
	     "(%llu)",
	     (unsigned long long)now.contexts, (unsigned long long)before->contexts, (unsigned long long)now.shmem_kb,
	     (unsigned long long)before->shmem_kb, (unsigned long long)now.files, (unsigned long long)before->files,
	     (unsigned long long)now.available_kb, (unsigned long long)before->available_kb);
}
