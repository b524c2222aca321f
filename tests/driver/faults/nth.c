// SPDX-License-Identifier: Apache-2.0
/* Failures on demand: see nth.h and the kernel's Documentation/fault-injection. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chip.h"
#include "lib/check.h"
#include "nth.h"

#define NTH "/proc/thread-self/fail-nth"
#define DEBUGFS "/sys/kernel/debug/"
#define TRIES 10
#define ALL_FRAMES 32
#define NEAR_FRAMES 10

static int file = -1;

/* Where a function of the kernel begins and the next one does; false: it is not there. */
static bool find_function(const char *name, uint64_t *start, uint64_t *end)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long at;
	char symbol[512];

	if (!f)
		die("/proc/kallsyms: %s", strerror(errno));
	*start = 0;
	*end = UINT64_MAX;
	while (fscanf(f, "%llx %*c %511s%*[^\n]", &at, symbol) == 2)
		if (!strcmp(symbol, name))
			*start = at;
	rewind(f);
	while (*start && fscanf(f, "%llx %*c %511s%*[^\n]", &at, symbol) == 2)
		if (at > *start && at < *end)
			*end = at;
	fclose(f);
	return *start;
}

static void set_number(const char *name, uint64_t value)
{
	static const char *const kinds[] = {"failslab", "fail_page_alloc", "fail_usercopy"};
	char path[128], text[32];

	for (unsigned int i = 0; i < ARRAY_LENGTH(kinds); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/%s", kinds[i], name);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
		must(write_file(path, text), path);
	}
}

/* Of addresses that are, or are not, among a caller's. */
static void set_range(const char *which, uint64_t start, uint64_t end)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-start", which);
	set_number(name, start);
	snprintf(name, sizeof(name), "%s-end", which);
	set_number(name, end);
}

/*
 * drm_minor_alloc() of 6.12, when it cannot make the sysfs device, leaves an error pointer to its cleanup, which follows it.
 * What happens below that function does not fail.
 */
static void spare_the_core(void)
{
	uint64_t start, end;

	if (find_function("drm_minor_alloc", &start, &end))
		set_range("reject", start, end);
}

/* Text of the driver. */
static void module_range(uint64_t *start, uint64_t *end)
{
	FILE *f = fopen("/sys/module/quern/sections/.text", "r");
	unsigned long long at = 0;

	if (!f || fscanf(f, "%llx", &at) != 1)
		die("the driver's place is not known");
	fclose(f);
	*start = at;
	*end = at + read_number("/proc/modules", "quern ");
}

void nth_prepare_near(void)
{
	uint64_t start, end;

	nth_prepare();
	module_range(&start, &end);
	set_range("require", start, end);
	set_number("stacktrace-depth", NEAR_FRAMES);
}

void nth_prepare(void)
{
	static const char *const settings[][2] = {
		{DEBUGFS "failslab/ignore-gfp-wait", "N"},	  {DEBUGFS "failslab/verbose", "0"},
		{DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N"}, {DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N"},
		{DEBUGFS "fail_page_alloc/min-order", "0"},	  {DEBUGFS "fail_page_alloc/verbose", "0"},
		{DEBUGFS "fail_usercopy/verbose", "0"},
	};

	file = open(NTH, O_RDWR | O_CLOEXEC);
	if (file < 0)
		skip("the kernel has no fault injection");
	for (unsigned int i = 0; i < ARRAY_LENGTH(settings); i++)
		must(write_file(settings[i][0], settings[i][1]), settings[i][0]);
	set_range("require", 0, UINT64_MAX);
	set_number("stacktrace-depth", ALL_FRAMES);
	spare_the_core();
}

void nth_arm(uint32_t nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(file, text, strlen(text), 0) < 0)
		die(NTH ": %s", strerror(errno));
}

/* Reading copies to user memory, too: if just that fails, nothing did before. So does writing. */
bool nth_disarm(void)
{
	char text[16] = {0};
	bool failed = pread(file, text, sizeof(text) - 1, 0) > 0 && !strtoul(text, NULL, 10);

	for (int i = 0; i < TRIES; i++)
		if (pwrite(file, "0", 1, 0) == 1)
			return failed;
	die(NTH " does not end: %s", strerror(errno));
}
