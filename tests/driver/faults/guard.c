// SPDX-License-Identifier: Apache-2.0
/* Tests that may make the driver talk: see guard.h. */
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "guard.h"
#include "lib/klog.h"

#define MAX_TESTS 64

static struct test all[MAX_TESTS];
static unsigned int num_all;

/* Whether a line of the kernel's log is a report of a defect. */
static bool is_report(const char *record)
{
	static const char *const words[] = {
		"BUG:",
		"WARNING:",
		"Call Trace",
		"KASAN",
		"UBSAN",
		"DMA-API",
		"Oops",
		"INFO: task",
		"possible circular",
		"possible recursive",
		"inconsistent lock",
		"bad unlock",
		"ODEBUG",
		"refcount_t",
		"general protection",
		"INFO: rcu",
		"suspicious RCU",
		"Memory manager not clean",
		"leaked",
	};

	for (unsigned int i = 0; i < ARRAY_LENGTH(words); i++)
		if (strstr(record, words[i]))
			return true;
	return false;
}

static void check_log(void)
{
	char record[KLOG_RECORD_BYTES];

	while (klog_next(record, sizeof(record)))
		if (is_report(record))
			fail("kernel: %s", record);
}

static void run_guarded(const void *arg)
{
	const struct test *test = arg;

	klog_start();
	if (test->run)
		test->run();
	else
		test->run_with(test->arg);
	check_log();
}

/* The debug kernel. */
static bool is_slow(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

void guard_add(const struct test *tests, unsigned int num)
{
	for (unsigned int i = 0; i < num && num_all < MAX_TESTS; i++)
		all[num_all++] = (struct test){.name = tests[i].name,
					       .seconds = tests[i].seconds * (is_slow() ? 3 : 1),
					       .noisy = true,
					       .run_with = run_guarded,
					       .arg = &tests[i]};
}

int guard_run(const char *suite, int argc, char **argv)
{
	return run_tests(suite, all, num_all, argc, argv);
}
