// SPDX-License-Identifier: Apache-2.0
/*
 * test-memory MODEL: compiles, writes and reads back a program with the n-th allocation failing, for n = 0, 1, 2... until
 * everything succeeds, once with that one failing and once with all after it failing, too. Each time the compiler must
 * say "out of memory", leak nothing (LeakSanitizer) and leave no file behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "file.h"
#include "passes.h"
#include "program_read.h"
#include "program_write.h"
#include "tflite_import.h"

static const char *model_path;

/* Allocations until one fails, negative for never; whether all after it fail as well. */
static long fail_after = -1;
static bool fail_rest;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails(void)
{
	if (fail_after < 0)
		return false;
	if (fail_after > 0) {
		fail_after--;
		return false;
	}
	if (!fail_rest)
		fail_after = -1;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

static enum status write_and_read(const char *path, const struct graph *g, const struct target *target,
				  const struct program_image *image, struct diag *diag)
{
	struct program_file p;
	enum status st = program_write(path, g, target, image, diag);

	if (st)
		return st;
	st = program_file_read(&p, path, diag);
	if (!st)
		program_file_finish(&p);
	unlink(path);
	return st;
}

static enum status compile(const char *path, struct diag *diag)
{
	const struct target target = {.array = 16, .spm_bytes = 64 * 1024, .acc_entries = QUERN_ACC_ENTRIES};
	struct program_image image = {0};
	struct graph *g = graph_create();
	uint8_t *model = NULL;
	size_t bytes;
	enum status st = g ? file_read(model_path, &model, &bytes, diag) : STATUS_NO_MEMORY;

	if (!st)
		st = tflite_import(g, model, bytes, diag);
	if (!st)
		st = passes_run(g, diag);
	if (!st)
		st = backend_compile(g, &target, &image, diag);
	if (!st)
		st = write_and_read(path, g, &target, &image, diag);
	program_image_finish(&image);
	graph_destroy(g);
	free(model);
	return st;
}

static void sweep(bool rest)
{
	char path[] = "/tmp/test-memory-XXXXXX";
	struct diag diag = {""};
	enum status st;
	int fd = mkstemp(path);
	long n = 0;

	assert_true(fd >= 0 && !close(fd) && !unlink(path));
	do {
		fail_after = n++;
		fail_rest = rest;
		st = compile(path, &diag);
		fail_after = -1;
		if (st && st != STATUS_NO_MEMORY)
			fail_msg("allocation %ld: %s: %s", n - 1, status_name(st), diag.text);
		assert_int_equal(access(path, F_OK), -1);
	} while (st);
	printf("%ld allocations\n", n - 1);
	assert_true(n > 20);
}

static void test_one_fails(void **state)
{
	(void)state;
	sweep(false);
}

static void test_all_after_fail(void **state)
{
	(void)state;
	sweep(true);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_fails), cmocka_unit_test(test_all_after_fail)};

	if (argc != 2) {
		fprintf(stderr, "usage: test-memory MODEL\n");
		return 2;
	}
	model_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
