// SPDX-License-Identifier: Apache-2.0
/*
 * test-program MODEL: a program file says what the compiler meant, is the same each time, and damaged ones are
 * refused or print without harm (20,000 seeded mutations).
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
#include "dump.h"
#include "file.h"
#include "mutate.h"
#include "passes.h"
#include "program_write.h"
#include "tflite_import.h"

#define SEED 1
#define MUTATIONS 20000

static const char *model_path;
static const struct target target = {.array = 16, .spm_bytes = 512 * 1024, .acc_entries = QUERN_ACC_ENTRIES};

struct compiled {
	uint8_t *model;
	struct graph *g;
	struct program_image image;
	char path[64];
};

static int compile(void **state)
{
	static struct compiled c;
	struct diag diag;
	size_t bytes;
	int fd;

	*state = &c;
	strcpy(c.path, "/tmp/test-program-XXXXXX");
	fd = mkstemp(c.path);
	if (fd < 0 || close(fd) || file_read(model_path, &c.model, &bytes, &diag))
		return -1;
	c.g = graph_create();
	return tflite_import(c.g, c.model, bytes, &diag) || passes_run(c.g, &diag) ||
	       backend_compile(c.g, &target, &c.image, &diag) || program_write(c.path, c.g, &target, &c.image, &diag);
}

static int release(void **state)
{
	struct compiled *c = *state;

	unlink(c->path);
	program_image_finish(&c->image);
	graph_destroy(c->g);
	free(c->model);
	return 0;
}

static void test_round_trip(void **state)
{
	const struct compiled *c = *state;
	struct program_file p;
	struct diag diag;

	assert_int_equal(program_file_read(&p, c->path, &diag), STATUS_OK);
	assert_int_equal(p.info.ncmds, c->image.ncmds);
	assert_int_equal(p.info.image_bytes, c->image.image_bytes);
	assert_memory_equal(p.image, c->image.image, c->image.image_bytes);
	assert_int_equal(p.info.num_tensors, c->g->num_inputs + c->g->num_outputs);
	assert_string_equal(program_file_string(&p, p.tensors[0].name), c->g->inputs[0]->name);
	assert_int_equal(p.tensors[0].bytes, c->g->inputs[0]->bytes);
	assert_int_equal(p.tensors[0].dim[1], c->g->inputs[0]->dim[1]);
	assert_int_equal(p.tensors[0].kind, QUERN_TENSOR_KIND_INPUT);
	assert_int_equal(p.tensors[p.info.num_tensors - 1].kind, QUERN_TENSOR_KIND_OUTPUT);
	assert_int_equal(p.info.num_ops, c->g->num_sources);
	assert_string_equal(program_file_string(&p, p.ops[0].name), c->g->sources[0].name);
	assert_int_equal(p.info.num_ranges, c->image.num_ranges);
	program_file_finish(&p);
}

static void test_every_engine_command_has_a_source(void **state)
{
	const struct compiled *c = *state;
	struct program_file p;
	uint32_t range = 0, without = 0;
	struct diag diag;

	assert_int_equal(program_file_read(&p, c->path, &diag), STATUS_OK);
	for (uint32_t i = 0; i < p.info.ncmds; i++) {
		uint32_t w[QUERN_CMD_WORDS];

		program_file_command(&p, i, w);
		if ((w[0] & 0xff) >= 0x10 && !program_file_source(&p, i, &range))
			without++;
	}
	assert_int_equal(without, 0);
	program_file_finish(&p);
}

static void test_same_bytes_each_time(void **state)
{
	const struct compiled *c = *state;
	uint8_t *first, *second;
	size_t first_bytes, second_bytes;
	struct diag diag;

	assert_int_equal(file_read(c->path, &first, &first_bytes, &diag), STATUS_OK);
	assert_int_equal(program_write(c->path, c->g, &target, &c->image, &diag), STATUS_OK);
	assert_int_equal(file_read(c->path, &second, &second_bytes, &diag), STATUS_OK);
	assert_int_equal(first_bytes, second_bytes);
	assert_memory_equal(first, second, first_bytes);
	free(first);
	free(second);
}

static void test_unwritable(void **state)
{
	const struct compiled *c = *state;
	struct diag diag;

	assert_int_equal(program_write("/nonexistent/x.qn", c->g, &target, &c->image, &diag), STATUS_IO);
	assert_int_equal(program_write("/dev/full", c->g, &target, &c->image, &diag), STATUS_IO);
	/* A device named as output stays. */
	assert_int_equal(access("/dev/full", F_OK), 0);
}

static void print_damaged(const uint8_t *file, size_t bytes, uint64_t index, FILE *sink)
{
	struct rng r = rng_make(SEED, index);
	struct program_file p;
	struct diag diag = {""};
	size_t n;
	uint8_t *data = mutate(&r, file, bytes, &n);

	assert_non_null(data);
	case_begin("test-program (index of the mutation)", SEED, index, model_path, 20);
	if (program_file_parse(&p, data, n, &diag)) {
		assert_true(diag.text[0] && !strchr(diag.text, '\n'));
	} else {
		dump_text(sink, &p, DUMP_ALL);
		dump_json(sink, &p, DUMP_ALL);
		program_file_finish(&p);
	}
	case_end();
}

static void test_damaged_files(void **state)
{
	const struct compiled *c = *state;
	FILE *sink = fopen("/dev/null", "w");
	struct diag diag;
	uint8_t *file;
	size_t bytes;

	assert_non_null(sink);
	assert_int_equal(file_read(c->path, &file, &bytes, &diag), STATUS_OK);
	for (uint64_t i = 0; i < MUTATIONS; i++)
		print_damaged(file, bytes, i, sink);
	free(file);
	fclose(sink);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),	     cmocka_unit_test(test_every_engine_command_has_a_source),
		cmocka_unit_test(test_same_bytes_each_time), cmocka_unit_test(test_unwritable),
		cmocka_unit_test(test_damaged_files),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: test-program MODEL\n");
		return 2;
	}
	model_path = argv[1];
	return cmocka_run_group_tests(tests, compile, release);
}
