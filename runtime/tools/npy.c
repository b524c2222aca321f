// SPDX-License-Identifier: Apache-2.0
/*
 * The header of a .npy file is the text of a Python dictionary with three keys in any order. The reader takes exactly
 * that: strings in either quote, True or False, a tuple of numbers; it never looks beyond the header's stated end.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "npy.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_BYTES 6
#define ALIGN 64

static const struct {
	const char *descr;
	enum accel_dtype dtype;
} types[] = {
	{"|i1", ACCEL_DTYPE_INT8},    {"<i1", ACCEL_DTYPE_INT8},  {"|u1", ACCEL_DTYPE_UINT8},
	{"<u1", ACCEL_DTYPE_UINT8},   {"<i2", ACCEL_DTYPE_INT16}, {"<i4", ACCEL_DTYPE_INT32},
	{"<f4", ACCEL_DTYPE_FLOAT32},
};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

/* What is left of the header's text. */
struct cursor {
	const char *p;
	const char *end;
};

enum { SEEN_DESCR = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4, SEEN_ALL = 7 };

static int fail(char why[NPY_TEXT], const char *text)
{
	snprintf(why, NPY_TEXT, "%s", text);
	return -1;
}

static void skip_space(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\t'))
		c->p++;
}

/* Skips space, then takes this character if it comes next. */
static bool take(struct cursor *c, char ch)
{
	skip_space(c);
	if (c->p == c->end || *c->p != ch)
		return false;
	c->p++;
	return true;
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t len = strlen(word);

	skip_space(c);
	if ((size_t)(c->end - c->p) < len || memcmp(c->p, word, len))
		return false;
	c->p += len;
	return true;
}

static bool take_string(struct cursor *c, char *out, size_t bytes)
{
	size_t len = 0;
	char quote;

	skip_space(c);
	if (c->p == c->end || (*c->p != '\'' && *c->p != '"'))
		return false;
	quote = *c->p++;
	while (c->p < c->end && *c->p != quote) {
		if (len + 1 == bytes)
			return false;
		out[len++] = *c->p++;
	}
	out[len] = '\0';
	return take(c, quote);
}

static bool take_number(struct cursor *c, uint64_t *value)
{
	bool any = false;

	skip_space(c);
	*value = 0;
	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*c->p - '0'), value))
			return false;
		any = true;
	}
	return any;
}

static int parse_descr(struct npy *npy, struct cursor *c, char why[NPY_TEXT])
{
	char descr[16];

	if (!take_string(c, descr, sizeof(descr)))
		return fail(why, "its type is not a plain one: save an int8, uint8, int16, int32 or float32 array");
	for (size_t i = 0; i < NUM_TYPES; i++) {
		if (strcmp(descr, types[i].descr))
			continue;
		npy->dtype = types[i].dtype;
		return 0;
	}
	for (char *p = descr; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	snprintf(why, NPY_TEXT, "its type is '%s': save an int8, uint8, int16, int32 or float32 array", descr);
	return -1;
}

static int parse_shape(struct npy *npy, struct cursor *c, char why[NPY_TEXT])
{
	if (!take(c, '('))
		return fail(why, "its header has no shape: save it again with numpy.save");
	npy->rank = 0;
	while (!take(c, ')')) {
		if (npy->rank == NPY_MAX_RANK)
			return fail(why, "it has more dimensions than numpy allows: save it again");
		if (!take_number(c, &npy->dim[npy->rank++]))
			return fail(why, "its shape is not a list of numbers: save it again with numpy.save");
		if (!take(c, ',') && (c->p == c->end || *c->p != ')'))
			return fail(why, "its shape is not a list of numbers: save it again with numpy.save");
	}
	return 0;
}

static int parse_order(bool *fortran, struct cursor *c, char why[NPY_TEXT])
{
	*fortran = take_word(c, "True");
	if (!*fortran && !take_word(c, "False"))
		return fail(why, "its header does not say the order: save it again with numpy.save");
	return 0;
}

/* One "key: value"; marks in seen which one it was. */
static int parse_entry(struct npy *npy, bool *fortran, unsigned int *seen, struct cursor *c, char why[NPY_TEXT])
{
	unsigned int bit;
	char key[16];
	int err;

	if (!take_string(c, key, sizeof(key)) || !take(c, ':'))
		return fail(why, "its header is damaged: save it again with numpy.save");
	if (!strcmp(key, "descr")) {
		bit = SEEN_DESCR;
		err = parse_descr(npy, c, why);
	} else if (!strcmp(key, "fortran_order")) {
		bit = SEEN_ORDER;
		err = parse_order(fortran, c, why);
	} else if (!strcmp(key, "shape")) {
		bit = SEEN_SHAPE;
		err = parse_shape(npy, c, why);
	} else {
		return fail(why, "its header has an unknown key: save it again with numpy.save");
	}
	if (!err && (*seen & bit))
		return fail(why, "its header says something twice: save it again with numpy.save");
	*seen |= bit;
	return err;
}

static int parse_dictionary(struct npy *npy, struct cursor *c, char why[NPY_TEXT])
{
	unsigned int seen = 0;
	bool fortran = false;

	if (!take(c, '{'))
		return fail(why, "its header is damaged: save it again with numpy.save");
	while (!take(c, '}')) {
		if (parse_entry(npy, &fortran, &seen, c, why))
			return -1;
		if (!take(c, ',') && (c->p == c->end || *c->p != '}'))
			return fail(why, "its header is damaged: save it again with numpy.save");
	}
	if (seen != SEEN_ALL)
		return fail(why, "its header lacks type, order or shape: save it again with numpy.save");
	if (fortran && npy->rank > 1)
		return fail(why, "it is in Fortran order: save numpy.ascontiguousarray() of it");
	return 0;
}

/* Where the dictionary lies: versions 2 and 3 have a longer length field. */
static int find_header(const unsigned char *file, size_t bytes, size_t *start, size_t *len, char why[NPY_TEXT])
{
	size_t fixed;

	if (bytes < MAGIC_BYTES + 2 || memcmp(file, MAGIC, MAGIC_BYTES))
		return fail(why, "not a .npy file: save the array with numpy.save");
	if (file[6] < 1 || file[6] > 3)
		return fail(why, "an unknown version of .npy: save the array with numpy.save");
	fixed = file[6] == 1 ? 10 : 12;
	if (bytes < fixed)
		return fail(why, "truncated: save the array again");
	*len = (size_t)file[8] | (size_t)file[9] << 8;
	if (fixed == 12)
		*len |= (size_t)file[10] << 16 | (size_t)file[11] << 24;
	if (*len > bytes - fixed)
		return fail(why, "truncated: save the array again");
	*start = fixed;
	return 0;
}

static int check_size(struct npy *npy, size_t left, char why[NPY_TEXT])
{
	npy->bytes = accel_dtype_bytes(npy->dtype);
	for (uint32_t i = 0; i < npy->rank; i++)
		if (__builtin_mul_overflow(npy->bytes, npy->dim[i], &npy->bytes))
			return fail(why, "its shape is larger than any file: save the array again");
	if (npy->bytes == left)
		return 0;
	snprintf(why, NPY_TEXT, "its shape needs %" PRIu64 " bytes of data, it has %zu: save the array again",
		 npy->bytes, left);
	return -1;
}

int npy_parse(struct npy *npy, const void *file, size_t bytes, char why[NPY_TEXT])
{
	struct cursor c;
	size_t start, len;

	memset(npy, 0, sizeof(*npy));
	if (find_header(file, bytes, &start, &len, why))
		return -1;
	c.p = (const char *)file + start;
	c.end = c.p + len;
	if (parse_dictionary(npy, &c, why))
		return -1;
	npy->data_offset = start + len;
	return check_size(npy, bytes - npy->data_offset, why);
}

static void append(char *text, size_t bytes, size_t *len, const char *format, uint64_t value)
{
	int n = *len < bytes ? snprintf(text + *len, bytes - *len, format, value) : 0;

	*len += n > 0 ? (size_t)n : 0;
}

static size_t shape_text(const uint64_t *dim, uint32_t rank, char *text, size_t bytes)
{
	size_t len = 0;

	append(text, bytes, &len, "(", 0);
	for (uint32_t i = 0; i < rank; i++)
		append(text, bytes, &len, i ? ", %" PRIu64 : "%" PRIu64, dim[i]);
	append(text, bytes, &len, rank == 1 ? ",)" : ")", 0);
	return len;
}

void npy_shape_text(const struct npy *npy, char text[NPY_TEXT])
{
	shape_text(npy->dim, npy->rank, text, NPY_TEXT);
}

void npy_tensor_shape_text(const struct accel_tensor_info *tensor, char text[NPY_TEXT])
{
	uint64_t dim[ACCEL_MAX_RANK] = {0};

	for (uint32_t i = 0; i < tensor->rank; i++)
		dim[i] = tensor->dim[i];
	shape_text(dim, tensor->rank, text, NPY_TEXT);
}

static const char *descr_of(enum accel_dtype dtype)
{
	for (size_t i = 0; i < NUM_TYPES; i++)
		if (types[i].dtype == dtype)
			return types[i].descr;
	return "|V1";
}

size_t npy_header(const struct accel_tensor_info *tensor, char *header, size_t bytes)
{
	const size_t fixed = MAGIC_BYTES + 4;
	char shape[NPY_TEXT];
	size_t total, len;
	int n;

	npy_tensor_shape_text(tensor, shape);
	if (bytes < fixed)
		return 0;
	n = snprintf(header + fixed, bytes - fixed, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
		     descr_of(tensor->dtype), shape);
	total = (fixed + (size_t)n + 1 + ALIGN - 1) / ALIGN * ALIGN;
	if (n < 0 || total > bytes)
		return 0;
	memset(header + fixed + n, ' ', total - fixed - (size_t)n - 1);
	header[total - 1] = '\n';
	len = total - fixed;
	memcpy(header, MAGIC "\x01\x00", MAGIC_BYTES + 2);
	header[8] = (char)(len & 0xff);
	header[9] = (char)(len >> 8);
	return total;
}
