// SPDX-License-Identifier: Apache-2.0
/* The frame of the driver's suites. */
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "klog.h"

static unsigned int num_failures;
/* Of the test that runs. */
static const char *suite_name, *test_name;

unsigned int failures(void)
{
	return num_failures;
}

static void say(const char *word, const char *format, va_list args)
{
	printf("%s: ", word);
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("    wrong", format, args);
	va_end(args);
	num_failures++;
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("    fatal", format, args);
	va_end(args);
	_exit(1);
}

void skip(const char *format, ...)
{
	va_list args;

	printf("skip: %s %s", suite_name, test_name);
	va_start(args, format);
	say("", format, args);
	va_end(args);
	_exit(num_failures ? 1 : SKIPPED);
}

void expect_error(const char *what, int got, int want)
{
	if (got != want)
		fail("%s: %d (%s), expected %d (%s)", what, got, strerror(-got), want, strerror(-want));
}

void expect_equal(const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		fail("%s: %llu, expected %llu", what, (unsigned long long)got, (unsigned long long)want);
}

void must(int error, const char *what)
{
	if (error)
		die("%s: %s", what, strerror(-error));
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

bool on_debug_kernel(void)
{
	const char *kernel = getenv("QUERN_KERNEL");

	return kernel && !strcmp(kernel, "kasan");
}

static unsigned int bound(const struct test *test)
{
	return (test->seconds ? test->seconds : 60) * (on_debug_kernel() ? 4 : 1);
}

/* The alarm's default action ends a test that hangs. Children of the test go with it. */
static int run_test(const struct test *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork failed");
	if (!pid) {
		setpgid(0, 0);
		alarm(bound(test));
		if (test->run)
			test->run();
		else
			test->run_with(test->arg);
		fflush(stdout);
		_exit(num_failures ? 1 : 0);
	}
	while (waitpid(pid, &status, 0) < 0)
		;
	kill(-pid, SIGKILL);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("    wrong: ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
	return 1;
}

static bool chosen(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(name, argv[i]))
			return true;
	return argc < 2;
}

int run_tests(const char *suite, const struct test *tests, size_t num, int argc, char **argv)
{
	static const char *const words[] = {"ok", "FAILED"};
	unsigned int count[3] = {0};

	suite_name = suite;
	klog_start();
	for (size_t i = 0; i < num; i++) {
		double start = now();
		int result;

		test_name = tests[i].name;
		if (!chosen(test_name, argc, argv))
			continue;
		result = run_test(&tests[i]);
		result = result == SKIPPED ? 2 : result ? 1 : 0;
		if (tests[i].noisy)
			klog_start();
		else if (klog_noise())
			result = 1;
		count[result]++;
		/* A test that is skipped has said so. */
		if (result < 2)
			printf("%s: %s %s (%.1f s)\n", words[result], suite, test_name, now() - start);
	}
	printf("%s: %u passed, %u failed, %u skipped\n", suite, count[0], count[1], count[2]);
	if (count[1] || !(count[0] + count[2]))
		return 1;
	return count[0] ? 0 : SKIPPED;
}
