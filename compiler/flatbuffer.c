// SPDX-License-Identifier: Apache-2.0
/* Bounds-checked FlatBuffer access: see flatbuffer.h. */
#include <string.h>
#include "flatbuffer.h"

uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t le32(const uint8_t *p)
{
	return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

uint64_t le64(const uint8_t *p)
{
	return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

float le_f32(const uint8_t *p)
{
	uint32_t bits = le32(p);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

void fb_init(struct fb *fb, const void *data, size_t bytes)
{
	*fb = (struct fb){.data = data, .size = (uint32_t)bytes};
	if (bytes > FB_MAX_BYTES) {
		fb->size = 0;
		fb_fail(fb, 0, "file is larger than 2 GiB");
	}
}

void fb_fail(struct fb *fb, uint32_t at, const char *error)
{
	if (fb->error)
		return;
	fb->error = error;
	fb->error_at = at;
}

/* True if bytes can be read at pos; pos may be anything. */
static bool in_file(struct fb *fb, uint64_t pos, uint64_t bytes, const char *error)
{
	if (fb->error)
		return false;
	if (pos <= fb->size && bytes <= fb->size - pos)
		return true;
	fb_fail(fb, pos < fb->size ? (uint32_t)pos : fb->size, error);
	return false;
}

static struct fb_table open_table(struct fb *fb, uint64_t pos)
{
	struct fb_table t = {0};
	int64_t vtable;

	if (!in_file(fb, pos, 4, "table outside the file"))
		return t;
	vtable = (int64_t)pos - (int32_t)le32(fb->data + pos);
	if (vtable < 0 || !in_file(fb, (uint64_t)vtable, 4, "vtable outside the file")) {
		fb_fail(fb, (uint32_t)pos, "vtable outside the file");
		return t;
	}
	t.vtable = (uint32_t)vtable;
	t.vtable_bytes = le16(fb->data + vtable);
	t.table_bytes = le16(fb->data + vtable + 2);
	if (t.vtable_bytes < 4 || t.vtable_bytes % 2 || t.table_bytes < 4)
		fb_fail(fb, t.vtable, "vtable with impossible sizes");
	if (!in_file(fb, t.vtable, t.vtable_bytes, "vtable outside the file") ||
	    !in_file(fb, pos, t.table_bytes, "table outside the file"))
		return (struct fb_table){0};
	t.pos = (uint32_t)pos;
	return t;
}

struct fb_table fb_root(struct fb *fb, const char *identifier)
{
	if (!in_file(fb, 0, 8, "too short for a FlatBuffer"))
		return (struct fb_table){0};
	if (memcmp(fb->data + 4, identifier, 4)) {
		fb_fail(fb, 4, "not a file of this format (wrong identifier)");
		return (struct fb_table){0};
	}
	return open_table(fb, le32(fb->data));
}

/* Position of a field of this many bytes, 0 if absent. */
static uint32_t field_pos(struct fb *fb, struct fb_table t, int field, uint32_t bytes)
{
	uint32_t entry = 4 + 2 * (uint32_t)field;
	uint16_t offset;

	if (fb->error || !t.pos || entry + 2 > t.vtable_bytes)
		return 0;
	offset = le16(fb->data + t.vtable + entry);
	if (!offset)
		return 0;
	if (offset < 4 || offset + bytes > t.table_bytes) {
		fb_fail(fb, t.vtable + entry, "field outside its table");
		return 0;
	}
	return t.pos + offset;
}

bool fb_has(struct fb *fb, struct fb_table t, int field)
{
	return field_pos(fb, t, field, 1) != 0;
}

uint8_t fb_u8(struct fb *fb, struct fb_table t, int field, uint8_t absent)
{
	uint32_t pos = field_pos(fb, t, field, 1);

	return pos ? fb->data[pos] : absent;
}

int8_t fb_i8(struct fb *fb, struct fb_table t, int field, int8_t absent)
{
	return (int8_t)fb_u8(fb, t, field, (uint8_t)absent);
}

uint32_t fb_u32(struct fb *fb, struct fb_table t, int field, uint32_t absent)
{
	uint32_t pos = field_pos(fb, t, field, 4);

	return pos ? le32(fb->data + pos) : absent;
}

int32_t fb_i32(struct fb *fb, struct fb_table t, int field, int32_t absent)
{
	return (int32_t)fb_u32(fb, t, field, (uint32_t)absent);
}

uint64_t fb_u64(struct fb *fb, struct fb_table t, int field, uint64_t absent)
{
	uint32_t pos = field_pos(fb, t, field, 8);

	return pos ? le64(fb->data + pos) : absent;
}

float fb_f32(struct fb *fb, struct fb_table t, int field, float absent)
{
	uint32_t pos = field_pos(fb, t, field, 4);

	return pos ? le_f32(fb->data + pos) : absent;
}

struct fb_table fb_sub(struct fb *fb, struct fb_table t, int field)
{
	uint32_t pos = field_pos(fb, t, field, 4);

	if (!pos)
		return (struct fb_table){0};
	return open_table(fb, (uint64_t)pos + le32(fb->data + pos));
}

struct fb_vec fb_vec(struct fb *fb, struct fb_table t, int field, uint32_t elem)
{
	uint32_t pos = field_pos(fb, t, field, 4);
	uint64_t at;
	uint32_t count;

	if (!pos)
		return (struct fb_vec){0};
	at = (uint64_t)pos + le32(fb->data + pos);
	if (!in_file(fb, at, 4, "vector outside the file"))
		return (struct fb_vec){0};
	count = le32(fb->data + at);
	if (!in_file(fb, at + 4, (uint64_t)count * elem, "vector outside the file"))
		return (struct fb_vec){0};
	return (struct fb_vec){(uint32_t)at + 4, count, elem, true};
}

struct fb_vec fb_str(struct fb *fb, struct fb_table t, int field)
{
	return fb_vec(fb, t, field, 1);
}

static const uint8_t *elem_at(const struct fb *fb, const struct fb_vec *v, uint32_t i, uint32_t elem)
{
	static const uint8_t zero[8];

	return i < v->count && v->elem == elem ? fb->data + v->pos + (size_t)i * elem : zero;
}

int32_t fb_vec_i32(const struct fb *fb, const struct fb_vec *v, uint32_t i)
{
	return (int32_t)le32(elem_at(fb, v, i, 4));
}

int64_t fb_vec_i64(const struct fb *fb, const struct fb_vec *v, uint32_t i)
{
	return (int64_t)le64(elem_at(fb, v, i, 8));
}

float fb_vec_f32(const struct fb *fb, const struct fb_vec *v, uint32_t i)
{
	return le_f32(elem_at(fb, v, i, 4));
}

struct fb_table fb_vec_table(struct fb *fb, const struct fb_vec *v, uint32_t i)
{
	uint64_t pos;

	if (fb->error || i >= v->count || v->elem != 4)
		return (struct fb_table){0};
	pos = v->pos + (uint64_t)i * 4;
	return open_table(fb, pos + le32(fb->data + pos));
}
