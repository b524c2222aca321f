// SPDX-License-Identifier: Apache-2.0
/* Reading and writing the headers of .npy files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "npy.h"

/* A file with this dictionary and data bytes; returns its size. */
static size_t make(unsigned char *file, int version, const char *dict, size_t data)
{
	size_t fixed = version == 1 ? 10 : 12, len = strlen(dict);

	memcpy(file, "\x93NUMPY", 6);
	file[6] = (unsigned char)version;
	file[7] = 0;
	for (size_t i = 8; i < fixed; i++)
		file[i] = (unsigned char)(len >> (8 * (i - 8)));
	memcpy(file + fixed, dict, len);
	memset(file + fixed + len, 0x5a, data);
	return fixed + len + data;
}

static void good(const char *dict, size_t data, enum accel_dtype dtype, uint32_t rank)
{
	for (int version = 1; version <= 3; version++) {
		unsigned char file[4096];
		size_t bytes = make(file, version, dict, data);
		char why[NPY_TEXT] = "";
		struct npy npy;

		if (npy_parse(&npy, file, bytes, why))
			fail_msg("version %d of %s: %s", version, dict, why);
		assert_int_equal(npy.dtype, dtype);
		assert_int_equal(npy.rank, rank);
		assert_int_equal(npy.bytes, data);
		assert_int_equal(npy.data_offset + data, bytes);
	}
}

static void bad(const char *dict, size_t data, const char *text)
{
	unsigned char file[4096];
	size_t bytes = make(file, 1, dict, data);
	char why[NPY_TEXT] = "";
	struct npy npy;

	assert_int_equal(npy_parse(&npy, file, bytes, why), -1);
	if (!strstr(why, text))
		fail_msg("%s: '%s' does not say '%s'", dict, why, text);
}

static void good_headers(void **state)
{
	(void)state;
	good("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\n", 6, ACCEL_DTYPE_INT8, 2);
	good("{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }      \n", 20, ACCEL_DTYPE_FLOAT32, 1);
	good("{\"shape\":(),\"fortran_order\":True,\"descr\":\"<i4\"}", 4, ACCEL_DTYPE_INT32, 0);
	good("{'descr':'<i2','fortran_order':True,'shape':(7,)}", 14, ACCEL_DTYPE_INT16, 1);
	good("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 9)}", 0, ACCEL_DTYPE_UINT8, 2);
}

static void bad_headers(void **state)
{
	(void)state;
	bad("", 0, "damaged");
	bad("{", 0, "damaged");
	bad("{}", 0, "lacks");
	bad("{'descr': '|i1', 'shape': (2,)}", 2, "lacks");
	bad("{'descr': '>i4', 'fortran_order': False, 'shape': (1,)}", 4, "'>i4'");
	bad("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", 8, "'<f8'");
	bad("{'descr': '\x1b[2J', 'fortran_order': False, 'shape': (1,)}", 8, "'?[2J'");
	bad("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", 4, "not a plain one");
	bad("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 2)}", 4, "Fortran");
	bad("{'descr': '|i1', 'fortran_order': Maybe, 'shape': (2, 2)}", 4, "order");
	bad("{'descr': '|i1', 'fortran_order': False, 'shape': (2, 2)}", 5, "needs 4 bytes of data, it has 5");
	bad("{'descr': '|i1', 'fortran_order': False, 'shape': (2, -2)}", 4, "not a list of numbers");
	bad("{'descr': '|i1', 'fortran_order': False, 'shape': (2 2)}", 4, "not a list of numbers");
	bad("{'descr': '|i1', 'fortran_order': False, 'shape': 4}", 4, "no shape");
	bad("{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999,)}", 4, "not a list of numbers");
	bad("{'descr': '<i4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 4, "larger than any file");
	bad("{'descr': '|i1', 'descr': '|i1', 'fortran_order': False, 'shape': (1,)}", 1, "twice");
	bad("{'colour': 1, 'descr': '|i1', 'fortran_order': False, 'shape': (1,)}", 1, "unknown key");
	bad("{'descr': '|i1' 'fortran_order': False, 'shape': (1,)}", 1, "damaged");
	bad("{'descr': '|i1', 'fortran_order': False, 'shape': "
	    "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
	    "1,1,1,1)}",
	    1, "more dimensions");
}

/* Every prefix of a good file is refused. */
static void truncated_files(void **state)
{
	unsigned char file[256];
	size_t bytes = make(file, 2, "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }\n", 6);
	char why[NPY_TEXT];
	struct npy npy;

	(void)state;
	for (size_t n = 0; n < bytes; n++) {
		unsigned char *copy = malloc(n ? n : 1); /* of this size, so that a sanitizer sees an overrun */

		assert_non_null(copy);
		memcpy(copy, file, n);
		assert_int_equal(npy_parse(&npy, copy, n, why), -1);
		free(copy);
	}
	file[6] = 4;
	assert_int_equal(npy_parse(&npy, file, bytes, why), -1);
	assert_non_null(strstr(why, "unknown version"));
}

static void written_headers_read_back(void **state)
{
	struct accel_tensor_info t = {.dtype = ACCEL_DTYPE_INT8, .rank = 4, .dim = {1, 32, 48, 3}};
	char header[512], text[NPY_TEXT], why[NPY_TEXT];
	unsigned char *file;
	struct npy npy;
	size_t bytes;

	(void)state;
	for (t.rank = 0; t.rank <= 4; t.rank++) {
		uint64_t data = 1;

		for (uint32_t i = 0; i < t.rank; i++)
			data *= t.dim[i];
		bytes = npy_header(&t, header, sizeof(header));
		assert_true(bytes > 0 && bytes % 64 == 0);
		file = calloc(1, bytes + data);
		assert_non_null(file);
		memcpy(file, header, bytes);
		if (npy_parse(&npy, file, bytes + data, why))
			fail_msg("rank %u: %s", t.rank, why);
		assert_int_equal(npy.rank, t.rank);
		free(file);
	}
	t.rank = 1;
	npy_tensor_shape_text(&t, text);
	assert_string_equal(text, "(1,)");
	t.rank = 4;
	npy_tensor_shape_text(&t, text);
	assert_string_equal(text, "(1, 32, 48, 3)");
	assert_int_equal(npy_header(&t, header, 64), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_headers),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(truncated_files),
		cmocka_unit_test(written_headers_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
