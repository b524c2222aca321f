// SPDX-License-Identifier: Apache-2.0
/* Values of a field by its kind. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "quern/commands.h"
#include "values.h"

#define VA_END (1ull << QUERN_VA_BITS)
#define KERNEL 0xffff888000000000ull
#define HIGHEST UINT64_MAX

struct list {
	struct value *values;
	unsigned int num;
};

void bad_memory_make(struct bad_memory *m, const void *data, uint32_t bytes)
{
	unsigned char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || bytes > PAGE)
		die("no memory for bad pointers");
	memcpy(p + PAGE + 1 - bytes, data, bytes - 1);
	memcpy(p + 2 * PAGE, data, bytes);
	mprotect(p + PAGE, PAGE, PROT_NONE);
	mprotect(p + 2 * PAGE, PAGE, PROT_READ);
	munmap(p + 3 * PAGE, PAGE);
	m->half = (uintptr_t)(p + PAGE + 1 - bytes);
	m->read_only = (uintptr_t)(p + 2 * PAGE);
	m->unmapped = (uintptr_t)(p + 3 * PAGE);
}

void bad_memory_free(struct bad_memory *m)
{
	munmap((void *)(uintptr_t)(m->read_only - 2 * PAGE), 3 * PAGE);
}

static void add(struct list *list, int want, uint64_t value)
{
	if (list->num == MAX_VALUES)
		die("more than %d values of a field", MAX_VALUES);
	list->values[list->num++] = (struct value){value, want};
}

static void add_all(struct list *list, int want, const uint64_t *values, unsigned int num)
{
	for (unsigned int i = 0; i < num; i++)
		add(list, want, values[i]);
}

#define ADD(list, want, ...)                                                                                           \
	add_all(list, want, (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Each bit outside the mask by itself, and all of them. */
static void add_bits(struct list *list, const struct field *f, uint64_t mask)
{
	uint64_t all = f->bytes == 8 ? HIGHEST : UINT32_MAX;

	for (unsigned int bit = 0; bit < 8 * f->bytes; bit++)
		if (!(mask >> bit & 1))
			add(list, -EINVAL, 1ull << bit);
	add(list, -EINVAL, all & ~mask);
	add(list, -EINVAL, all);
}

static void add_bounds(struct list *list, const struct field *f, uint64_t min, uint64_t max)
{
	if (min)
		ADD(list, -EINVAL, 0, min - 1);
	ADD(list, -EINVAL, max + 1);
	if (f->bytes == 4)
		ADD(list, -EINVAL, 0x7fffffff, 0x80000000, 0xffffffff);
	else
		ADD(list, -EINVAL, 1ull << 63, HIGHEST - PAGE + 2, HIGHEST);
}

static void add_handles(struct list *list, const struct scene *scene)
{
	ADD(list, -ENOENT, 0, scene->foreign, 64, 65535, 0x7fffffff, 0x80000000, 0xffffffff);
}

static void add_pointers(struct list *list, const struct field *f, const struct bad_memory *memory)
{
	ADD(list, -EFAULT, 8, memory->half, memory->unmapped, KERNEL, 1ull << 47, 1ull << 63, HIGHEST - 7, HIGHEST);
	if (f->kind == FIELD_OUTPUT)
		add(list, -EFAULT, memory->read_only);
	else
		add(list, -EFAULT, 0);
}

/* Misaligned ones too. The good ranges have at least two pages. */
static void add_addresses(struct list *list)
{
	ADD(list, -EINVAL, 0, 1, CLIENT_VA + 1, CLIENT_VA + PAGE - 1, PAGE, 15 * PAGE, VA_END - PAGE, VA_END,
	    2 * VA_END, KERNEL, HIGHEST - PAGE + 1, HIGHEST - 2 * PAGE + 1, HIGHEST);
}

static void add_ranges(struct list *list)
{
	ADD(list, -EINVAL, 0, 1, PAGE - 1, PAGE + 1, CLIENT_BYTES + 1, VA_END, 2 * VA_END, 1ull << 63,
	    HIGHEST - PAGE + 1, HIGHEST);
}

/* The last but two: offset + range is 0 in 64 bits. */
static void add_offsets(struct list *list)
{
	ADD(list, -EINVAL, 1, PAGE - 1, CLIENT_BYTES * 3 / 4 + PAGE, CLIENT_BYTES, CLIENT_BYTES + PAGE, 1ull << 32,
	    1ull << 63, HIGHEST - CLIENT_BYTES / 4 + 1, HIGHEST - PAGE + 1, HIGHEST);
}

static void add_streams(struct list *list)
{
	ADD(list, -EINVAL, CLIENT_VA + 1, CLIENT_VA + 32, CLIENT_VA + 63, VA_END - 64, VA_END, 2 * VA_END, KERNEL,
	    1ull << 63, HIGHEST - 63, HIGHEST);
}

static void add_regions(struct list *list, bool used)
{
	ADD(list, -EINVAL, VA_END, VA_END + PAGE, 2 * VA_END, KERNEL, 1ull << 63, HIGHEST);
	if (!used)
		ADD(list, -EINVAL, 1, CLIENT_VA, VA_END - 1);
}

static void add_limits(struct list *list, const struct field *f)
{
	switch (f->kind) {
	case FIELD_ENUM:
		for (uint64_t v = 0; v < f->max; v++)
			add(list, 0, v);
		/* fallthrough */
	case FIELD_OP:
		add_bounds(list, f, 0, f->max - 1);
		break;
	case FIELD_MAX:
		add_bounds(list, f, 0, f->max);
		ADD(list, 0, 0, f->max - 1, f->max);
		break;
	case FIELD_STRIDE:
		add_bounds(list, f, f->max, PAGE);
		ADD(list, -EINVAL, f->max / 2, f->max - 8);
		break;
	default: /* sizes and counts */
		add_bounds(list, f, f->min, f->max);
		ADD(list, 0, f->min, f->kind == FIELD_SIZE ? PAGE + 1 : f->max);
	}
}

static void add_masks(struct list *list, const struct field *f)
{
	add_bits(list, f, f->kind == FIELD_ZERO ? 0 : f->max);
	if (f->kind == FIELD_FLAGS)
		for (uint64_t bit = 1; bit <= f->max; bit <<= 1)
			if (f->max & bit)
				add(list, 0, bit);
}

static void add_others(struct list *list, const struct field *f, bool used)
{
	switch (f->kind) {
	case FIELD_VA:
		return add_addresses(list);
	case FIELD_RANGE:
		return add_ranges(list);
	case FIELD_OFFSET:
		return add_offsets(list);
	case FIELD_STREAM:
		return add_streams(list);
	case FIELD_REGIONS:
		return add_regions(list, used);
	case FIELD_SEQNO:
		ADD(list, -EINVAL, 0);
		return ADD(list, -ENOENT, 2, 257, 1ull << 32, 1ull << 63, HIGHEST);
	case FIELD_POINT:
		return ADD(list, -EINVAL, 1, 2, 1ull << 63, HIGHEST);
	case FIELD_ANY:
		return ADD(list, 0, 0, 1, 7, 0x80000000, 0xffffffff);
	default: /* outputs: what is there does not matter */
		return ADD(list, 0, 0xa5a5a5a5a5a5a5a5);
	}
}

unsigned int field_values(const struct field *f, uint32_t element, uint32_t used, const struct scene *scene,
			  const struct bad_memory *memory, struct value values[MAX_VALUES])
{
	struct list list = {.values = values};

	switch (f->kind) {
	case FIELD_ZERO:
	case FIELD_FLAGS:
	case FIELD_BITS:
		add_masks(&list, f);
		break;
	case FIELD_ENUM:
	case FIELD_OP:
	case FIELD_MAX:
	case FIELD_STRIDE:
	case FIELD_SIZE:
	case FIELD_COUNT:
		add_limits(&list, f);
		break;
	case FIELD_CTX:
	case FIELD_BO:
	case FIELD_SYNC:
		add_handles(&list, scene);
		break;
	case FIELD_INPUT:
	case FIELD_OUTPUT:
		add_pointers(&list, f, memory);
		break;
	default:
		add_others(&list, f, element < used);
	}
	return list.num;
}
