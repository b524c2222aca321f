/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A suite is a table of tests. Each runs in a process of its own, is bounded in time, and must leave the kernel's log
 * silent. A program's arguments name the tests to run; none: all. Exit status: 0, 1 if a test failed, 77 if all were
 * skipped.
 */
#ifndef TESTS_DRIVER_CHECK_H
#define TESTS_DRIVER_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SKIPPED 77

struct test {
	const char *name;
	void (*run)(void);
	unsigned int seconds; /* 0: a minute */
	bool noisy;	      /* the kernel's log need not be silent */
	/* Instead of run, for tests that come from a table. */
	void (*run_with)(const void *arg);
	const void *arg;
};

/* Whether this kernel is the one that takes about ten times as long. */
bool on_debug_kernel(void);

int run_tests(const char *suite, const struct test *tests, size_t num, int argc, char **argv);

/* Count a failure; the test goes on. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Failures of this process so far. */
unsigned int failures(void);
/* End this process: with a failure, or as a skipped test. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* got and want are 0 or a negative errno. */
void expect_error(const char *what, int got, int want);
void expect_equal(const char *what, uint64_t got, uint64_t want);
/* A negative errno ends the process. */
void must(int error, const char *what);

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#endif
