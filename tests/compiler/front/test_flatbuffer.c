// SPDX-License-Identifier: Apache-2.0
/* The FlatBuffer reader on a hand-made buffer, and on the same with each offset pointing where it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "flatbuffer.h"

/*
 * Field 0: u32 7, field 1: vector of three i32, field 2: absent, field 3: string "ab", field 4: table (the root
 * itself is not one).
 */
static const uint8_t good[] = {
	24, 0, 0,  0, 'T', 'E', 'S', 'T',				   /* 0: root table at 24 */
	14, 0, 20, 0, 4,   0,	8,   0,	  0, 0, 12, 0, 16,  0,		   /* 8: vtable */
	0,  0,								   /* 22 */
	16, 0, 0,  0,							   /* 24: vtable is 16 before */
	7,  0, 0,  0,							   /* 28: field 0 */
	12, 0, 0,  0,							   /* 32: field 1, vector at 44 */
	24, 0, 0,  0,							   /* 36: field 3, string at 60 */
	28, 0, 0,  0,							   /* 40: field 4, table at 68 */
	3,  0, 0,  0, 1,   0,	0,   0,	  2, 0, 0,  0, 255, 255, 255, 255, /* 44: vector */
	2,  0, 0,  0, 'a', 'b', 0,   0,					   /* 60: string */
	60, 0, 0,  0,							   /* 68: table with the vtable at 8 */
	9,  0, 0,  0, 0,   0,	0,   0,	  0, 0, 0,  0, 0,   0,	 0,   0,   /* 72 */
};

static void open_copy(struct fb *fb, uint8_t *copy, size_t at, uint32_t value)
{
	memcpy(copy, good, sizeof(good));
	for (int i = 0; i < 4 && at < sizeof(good); i++)
		copy[at + (size_t)i] = (uint8_t)(value >> 8 * i);
	fb_init(fb, copy, sizeof(good));
}

static void test_reads(void **state)
{
	struct fb fb;
	struct fb_table t, sub;
	struct fb_vec v, s;

	(void)state;
	fb_init(&fb, good, sizeof(good));
	t = fb_root(&fb, "TEST");
	assert_int_equal(fb_u32(&fb, t, 0, 1), 7);
	assert_int_equal(fb_u32(&fb, t, 2, 42), 42);
	assert_int_equal(fb_u32(&fb, t, 99, 43), 43);
	v = fb_vec(&fb, t, 1, 4);
	assert_int_equal(v.count, 3);
	assert_int_equal(fb_vec_i32(&fb, &v, 2), -1);
	assert_int_equal(fb_vec_i32(&fb, &v, 3), 0);
	s = fb_str(&fb, t, 3);
	assert_int_equal(s.count, 2);
	assert_memory_equal(fb.data + s.pos, "ab", 2);
	sub = fb_sub(&fb, t, 4);
	assert_int_equal(fb_u32(&fb, sub, 0, 0), 9);
	assert_false(fb_has(&fb, t, 2));
	assert_true(fb_has(&fb, t, 3));
	assert_null(fb.error);
}

static void test_bad_offsets(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} bad[] = {
		{0, 1u << 31},	    {0, sizeof(good) - 3},  {4, 0},	      {24, 1u << 31},
		{24, 25},	    {24, UINT32_MAX - 200}, {8, 3},	      {8, 0xfffe},
		{8, 0x140007},	    {8, 0x2000e},	    {14, 0xffff},     {32, 1u << 31},
		{32, sizeof(good)}, {36, UINT32_MAX},	    {40, 0x7ffffff0}, {44, 200},
		{44, UINT32_MAX},   {60, UINT32_MAX},	    {68, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = malloc(sizeof(good));
		struct fb fb;
		struct fb_table t;

		open_copy(&fb, copy, bad[i].at, bad[i].value);
		t = fb_root(&fb, "TEST");
		fb_u32(&fb, t, 0, 0);
		fb_vec(&fb, t, 1, 4);
		fb_str(&fb, t, 3);
		fb_u32(&fb, fb_sub(&fb, t, 4), 0, 0);
		assert_non_null(fb.error);
		/* The first error sticks and everything reads as absent. */
		assert_int_equal(fb_u32(&fb, t, 0, 5), 5);
		assert_int_equal(fb_vec(&fb, t, 1, 4).count, 0);
		free(copy);
	}
}

static void test_every_prefix(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(good); n++) {
		uint8_t *copy = malloc(n ? n : 1);
		struct fb fb;
		struct fb_table t;

		memcpy(copy, good, n);
		fb_init(&fb, copy, n);
		t = fb_root(&fb, "TEST");
		fb_u32(&fb, t, 0, 0);
		fb_vec(&fb, t, 1, 4);
		fb_str(&fb, t, 3);
		fb_u32(&fb, fb_sub(&fb, t, 4), 0, 0);
		assert_non_null(fb.error);
		free(copy);
	}
}

static void test_huge_file(void **state)
{
	struct fb fb;

	(void)state;
	fb_init(&fb, good, (size_t)FB_MAX_BYTES + 1);
	assert_non_null(fb.error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_bad_offsets),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_huge_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
