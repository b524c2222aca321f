// SPDX-License-Identifier: Apache-2.0
/*
 * test-import FOLDER: the models of make_seeds.py import as their names say, the passes find what they are for,
 * and running out of memory at any allocation is an error like others.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "file.h"
#include "graph_eval.h"
#include "passes.h"
#include "tflite_import.h"

static const char *folder;

/* Allocations until one fails, negative for never. */
static long fail_after = -1;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	if (fail_after >= 0 && fail_after-- == 0)
		return NULL;
	return __real_calloc(count, size);
}

struct model {
	uint8_t *data;
	size_t bytes;
	struct graph *g;
	struct diag diag;
};

static void load(struct model *m, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(file_read(path, &m->data, &m->bytes, &m->diag), STATUS_OK);
	m->g = NULL;
}

static enum status import(struct model *m)
{
	enum status st;

	m->g = graph_create();
	if (!m->g)
		return STATUS_NO_MEMORY;
	st = tflite_import(m->g, m->data, m->bytes, &m->diag);
	return st ? st : passes_run(m->g, &m->diag);
}

static void unload(struct model *m)
{
	graph_destroy(m->g);
	free(m->data);
}

/* Calls fn for each .tflite of a folder inside the seeds; returns how many there were. */
static int each_model(const char *sub, void (*fn)(const char *name))
{
	char path[4096], name[1024];
	struct dirent *e;
	int count = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", folder, sub);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d))) {
		if (!strstr(e->d_name, ".tflite"))
			continue;
		snprintf(name, sizeof(name), "%s/%s", sub, e->d_name);
		fn(name);
		count++;
	}
	closedir(d);
	return count;
}

static void expect_accepted(const char *name)
{
	struct model m;

	load(&m, name);
	if (import(&m))
		fail_msg("%s: %s", name, m.diag.text);
	assert_true(m.g->num_ops > 0);
	unload(&m);
}

static void test_accepted(void **state)
{
	(void)state;
	assert_true(each_model(".", expect_accepted) >= 16);
}

static void expect_refused(const char *name)
{
	enum status want = (enum status)atoi(strchr(name, '/') + 1), st;
	struct model m;

	load(&m, name);
	st = import(&m);
	if (st != want || !m.diag.text[0] || strchr(m.diag.text, '\n'))
		fail_msg("%s: %s: '%s'", name, status_name(st), m.diag.text);
	unload(&m);
}

static void test_refused(void **state)
{
	(void)state;
	assert_true(each_model("refused", expect_refused) >= 20);
}

static void test_passes_fuse(void **state)
{
	struct model m;
	const struct source_op *s;

	(void)state;
	load(&m, "network.tflite");
	assert_int_equal(import(&m), STATUS_OK);
	s = m.g->sources;
	/*
	 * 0 CONV, 1 RELU, 2 CONV, 3 ADD, 4 PAD, 5 DEPTHWISE, 6 POOL, 7 RESHAPE, 8 FC, 9 SOFTMAX; the skip
	 * connection reads 0, too.
	 */
	assert_int_equal(s[0].fate, FATE_CHIP);
	assert_int_equal(s[1].fate, FATE_CHIP);
	assert_int_equal(s[4].fate, FATE_FUSED);
	assert_int_equal(s[4].into, 5);
	assert_int_equal(s[7].fate, FATE_ELIDED);
	assert_int_equal(m.g->num_ops, 9);
	assert_int_equal(m.g->ops[4]->kind, OP_DWCONV);
	assert_int_equal(m.g->ops[4]->conv.pad_top, 1);
	assert_int_equal(m.g->ops[4]->conv.pad_right, 1);
	assert_int_equal(m.g->ops[4]->conv.in_h, 8);
	unload(&m);
}

static void test_tables_compose(void **state)
{
	struct model m;

	(void)state;
	load(&m, "unary.tflite");
	assert_int_equal(import(&m), STATUS_OK);
	assert_int_equal(m.g->num_ops, 1);
	for (uint32_t i = 1; i < m.g->num_sources; i++)
		assert_int_equal(m.g->sources[i].fate, FATE_FUSED);
	unload(&m);
}

/* The PAD in front is fused, the one behind stays; both ways give what padding then convolving gives. */
static void test_fused_pad_computes_the_same(void **state)
{
	int8_t x[48], plain[50], fused[50];
	const uint8_t *in[1] = {(const uint8_t *)x};
	uint8_t *out[1] = {(uint8_t *)plain};
	struct model m;

	(void)state;
	for (int i = 0; i < 48; i++)
		x[i] = (int8_t)(i * 37);
	load(&m, "pad.tflite");
	m.g = graph_create();
	assert_int_equal(tflite_import(m.g, m.data, m.bytes, &m.diag), STATUS_OK);
	assert_int_equal(m.g->num_ops, 3);
	assert_int_equal(m.g->outputs[0]->bytes, 50);
	assert_int_equal(graph_eval(m.g, in, out), STATUS_OK);
	assert_int_equal(passes_run(m.g, &m.diag), STATUS_OK);
	assert_int_equal(m.g->num_ops, 2);
	out[0] = (uint8_t *)fused;
	assert_int_equal(graph_eval(m.g, in, out), STATUS_OK);
	assert_memory_equal(plain, fused, sizeof(plain));
	unload(&m);
}

static void test_constants_fold(void **state)
{
	static const int32_t dim[2] = {1, 4}, other[1] = {4};
	static const int8_t values[4] = {1, 2, 3, 4};
	struct graph *g = graph_create();
	struct tensor *k = graph_tensor(g, "k", QUERN_DTYPE_INT8, 2, dim),
		      *y = graph_tensor(g, "y", QUERN_DTYPE_INT8, 1, other);
	struct source_op source = {.name = "0:RESHAPE y", .kind_name = "RESHAPE"};
	struct diag diag;
	struct op *op;

	(void)state;
	g->sources = &source;
	g->num_sources = 1;
	k->kind = TENSOR_CONST;
	k->data = values;
	op = graph_op(g, OP_RESHAPE, 0, y);
	op->num_inputs = 1;
	op->inputs[0] = k;
	assert_int_equal(pass_fold_constants(g, &diag), STATUS_OK);
	assert_int_equal(g->num_ops, 0);
	assert_int_equal(y->kind, TENSOR_CONST);
	assert_ptr_equal(y->data, values);
	assert_int_equal(source.fate, FATE_ELIDED);
	graph_destroy(g);
}

static void test_verify_catches(void **state)
{
	struct model m;

	(void)state;
	load(&m, "conv.tflite");
	assert_int_equal(import(&m), STATUS_OK);
	m.g->ops[0]->conv.pad_top++;
	assert_int_equal(pass_verify(m.g, &m.diag), STATUS_INTERNAL);
	m.g->ops[0]->conv.pad_top--;
	assert_int_equal(pass_verify(m.g, &m.diag), STATUS_OK);
	m.g->ops[0]->conv.weight_bytes--;
	assert_int_equal(pass_verify(m.g, &m.diag), STATUS_INTERNAL);
	unload(&m);
}

static void test_out_of_memory(void **state)
{
	struct model m;
	enum status st = STATUS_NO_MEMORY;
	long n;

	(void)state;
	load(&m, "network.tflite");
	for (n = 0; st == STATUS_NO_MEMORY; n++) {
		fail_after = n;
		st = import(&m);
		fail_after = -1;
		graph_destroy(m.g);
		m.g = NULL;
	}
	assert_int_equal(st, STATUS_OK);
	assert_true(n > 2);
	unload(&m);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_passes_fuse),
		cmocka_unit_test(test_tables_compose),
		cmocka_unit_test(test_fused_pad_computes_the_same),
		cmocka_unit_test(test_constants_fold),
		cmocka_unit_test(test_verify_catches),
		cmocka_unit_test(test_out_of_memory),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: test-import FOLDER\n");
		return 2;
	}
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
