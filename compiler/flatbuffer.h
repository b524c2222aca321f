/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads FlatBuffers that nobody has verified. Each access checks every offset it follows and reads byte by byte,
 * so alignment does not matter. The first error sticks in fb.error and from then on every read gives zero or an
 * empty object: callers read what they need and look at fb.error at the places where they would act on it.
 * Nothing here recurses or loops over file-controlled lengths.
 */
#ifndef COMPILER_FLATBUFFER_H
#define COMPILER_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fb {
	const uint8_t *data;
	uint32_t size;
	const char *error; /* NULL while all is well */
	uint32_t error_at; /* byte offset of the first error */
};

/* A table; pos 0 stands for an absent one: all its fields are absent. */
struct fb_table {
	uint32_t pos;
	uint32_t vtable;
	uint16_t vtable_bytes;
	uint16_t table_bytes;
};

/* A vector whose count elements of elem bytes lie inside the file. */
struct fb_vec {
	uint32_t pos; /* of the first element */
	uint32_t count;
	uint32_t elem;
	bool present;
};

/* Largest file: offsets are 32 bits and signed arithmetic on them must not overflow. */
#define FB_MAX_BYTES 0x7fffffffu

void fb_init(struct fb *fb, const void *data, size_t bytes);
/* Records an error, if it is the first. */
void fb_fail(struct fb *fb, uint32_t at, const char *error);

/* The root table of a file with this 4-byte identifier. */
struct fb_table fb_root(struct fb *fb, const char *identifier);

bool fb_has(struct fb *fb, struct fb_table t, int field);
uint8_t fb_u8(struct fb *fb, struct fb_table t, int field, uint8_t absent);
int8_t fb_i8(struct fb *fb, struct fb_table t, int field, int8_t absent);
int32_t fb_i32(struct fb *fb, struct fb_table t, int field, int32_t absent);
uint32_t fb_u32(struct fb *fb, struct fb_table t, int field, uint32_t absent);
uint64_t fb_u64(struct fb *fb, struct fb_table t, int field, uint64_t absent);
float fb_f32(struct fb *fb, struct fb_table t, int field, float absent);
struct fb_table fb_sub(struct fb *fb, struct fb_table t, int field);
/* elem: bytes of one element; 4 for vectors of tables and strings. */
struct fb_vec fb_vec(struct fb *fb, struct fb_table t, int field, uint32_t elem);
/* A string is a vector of bytes; the result is not terminated. */
struct fb_vec fb_str(struct fb *fb, struct fb_table t, int field);

/* Element i of a vector; zero if i is out of range. */
int32_t fb_vec_i32(const struct fb *fb, const struct fb_vec *v, uint32_t i);
int64_t fb_vec_i64(const struct fb *fb, const struct fb_vec *v, uint32_t i);
float fb_vec_f32(const struct fb *fb, const struct fb_vec *v, uint32_t i);
struct fb_table fb_vec_table(struct fb *fb, const struct fb_vec *v, uint32_t i);

/* Little-endian reads of unaligned bytes. */
uint16_t le16(const uint8_t *p);
uint32_t le32(const uint8_t *p);
uint64_t le64(const uint8_t *p);
float le_f32(const uint8_t *p);

#endif
