// SPDX-License-Identifier: Apache-2.0
/*
 * Mutated program files, under sanitizers: the loader refuses or accepts, what it accepts can be asked everything, and
 * now and then the mutant runs on the functional model, where its commands may do what they like inside their context.
 *
 *     fuzz-program SEED COUNT [PROGRAM.qn]...
 *
 * Mutant i depends on SEED and i only: "fuzz-program SEED:i 1" replays it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accel/accel.h"
#include "lib/rng.h"
#include "qnfile.h"

#define MAX_BASES 16
#define MAX_FILE (4u << 20)
#define RUN_EVERY 8
#define RUN_CYCLES 20000
#define RUN_TENSOR_LIMIT (1u << 20)
#define WAIT_NS 60000000000ull

struct base {
	unsigned char *data;
	size_t bytes;
};

struct fuzz {
	struct base base[MAX_BASES];
	uint32_t num_bases;
	struct accel_device *dev;
	struct rng rng;
	uint32_t accepted, ran;
};

static uint32_t draw(struct fuzz *f)
{
	return rng_next(&f->rng);
}

static uint32_t interesting(struct fuzz *f)
{
	static const uint32_t values[] = {0,   1,    2,	    63,	   64,	       127,	   128,	       255,
					  256, 4096, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};

	return draw(f) % 4 ? values[draw(f) % 16] : draw(f);
}

/* Most damage goes where the structure is: headers, and the records at the ends of the file. */
static size_t place(struct fuzz *f, size_t bytes)
{
	size_t window = bytes < 2048 ? bytes : 2048;

	switch (draw(f) % 4) {
	case 0:
		return draw(f) % bytes;
	case 1:
		return bytes - 1 - draw(f) % window;
	default:
		return draw(f) % window;
	}
}

static void damage(struct fuzz *f, unsigned char *data, size_t bytes)
{
	size_t at = place(f, bytes);
	uint32_t value = interesting(f);
	size_t from, room;

	switch (draw(f) % 4) {
	case 0:
		data[at] ^= (unsigned char)(1u << (value & 7));
		break;
	case 1:
		data[at] = (unsigned char)value;
		break;
	case 2:
		at &= ~(size_t)3;
		memcpy(data + at, &value, bytes - at < 4 ? bytes - at : 4);
		break;
	default:
		from = place(f, bytes);
		room = bytes - (at > from ? at : from);
		memmove(data + at, data + from, value % 256 < room ? value % 256 : room);
		break;
	}
}

/* A mutant in memory of exactly its size. */
static unsigned char *mutate(struct fuzz *f, size_t *bytes)
{
	const struct base *base = &f->base[draw(f) % f->num_bases];
	unsigned char *data;

	*bytes = base->bytes;
	if (draw(f) % 16 == 0)
		*bytes = 1 + draw(f) % base->bytes;
	data = malloc(*bytes);
	if (!data)
		abort();
	memcpy(data, base->data, *bytes);
	for (uint32_t n = draw(f) % 4 + (*bytes == base->bytes); n; n--)
		damage(f, data, *bytes);
	return data;
}

/* Ask everything; the answers must be usable. */
static void ask(const struct accel_program *program)
{
	struct accel_program_info info;
	struct accel_tensor_info tensor;
	struct accel_range_info range;
	struct accel_op_info op;
	size_t used;

	accel_program_info(program, &info);
	used = strlen(info.name);
	for (uint32_t i = 0; !accel_program_tensor(program, i, &tensor); i++)
		used += strlen(tensor.name) + strlen(accel_dtype_name(tensor.dtype));
	for (uint32_t i = 0; !accel_program_op(program, i, &op); i++)
		used += strlen(op.name) + strlen(op.kind);
	for (uint32_t i = 0; !accel_program_range(program, i, &range); i++)
		used += range.op < info.num_ops && range.first + range.count <= info.num_commands;
	if (used == SIZE_MAX)
		abort();
}

static void run(struct fuzz *f, struct accel_program *program)
{
	struct accel_binding bindings[ACCEL_MAX_TENSORS] = {0};
	struct accel_submit submit = {.program = program, .tensors = bindings, .timeout_cycles = RUN_CYCLES};
	struct accel_context *ctx = NULL;
	struct accel_fence *fence = NULL;
	struct accel_tensor_info tensor;
	bool small = true;

	for (; !accel_program_tensor(program, submit.num_tensors, &tensor); submit.num_tensors++) {
		small &= tensor.bytes <= RUN_TENSOR_LIMIT;
		if (small && accel_buffer_create(f->dev, tensor.bytes, 0, &bindings[submit.num_tensors].buffer, NULL))
			abort();
	}
	if (small && !accel_context_create(f->dev, ACCEL_PRIORITY_NORMAL, &ctx, NULL) &&
	    !accel_context_submit(ctx, &submit, &fence, NULL)) {
		if (accel_fence_wait(fence, WAIT_NS, NULL) == ACCEL_ERROR_WAIT_TIMEOUT)
			abort();
		f->ran++;
	}
	accel_fence_destroy(fence);
	accel_context_destroy(ctx);
	for (uint32_t i = 0; i < submit.num_tensors; i++)
		accel_buffer_destroy(bindings[i].buffer);
}

static void one(struct fuzz *f, uint64_t seed, uint64_t index)
{
	struct accel_program *program;
	struct accel_error err;
	unsigned char *data;
	bool on_device;
	size_t bytes;

	f->rng = (struct rng){seed * 0x2545f4914f6cdd1dull + index};
	on_device = draw(f) % RUN_EVERY == 0;
	data = mutate(f, &bytes);
	if (!accel_program_create(on_device ? f->dev : NULL, data, bytes, &program, &err)) {
		f->accepted++;
		ask(program);
		if (on_device)
			run(f, program);
		accel_program_destroy(program);
	} else if (!err.message[0] || strchr(err.message, '\n')) {
		fprintf(stderr, "mutant %" PRIu64 ": no message of one line\n", index);
		abort();
	}
	free(data);
}

static void add_base(struct fuzz *f, const void *data, size_t bytes)
{
	struct base *base = &f->base[f->num_bases++];

	base->data = malloc(bytes);
	base->bytes = bytes;
	if (!base->data)
		abort();
	memcpy(base->data, data, bytes);
}

static bool add_file(struct fuzz *f, const char *path)
{
	static unsigned char data[MAX_FILE];
	FILE *file = fopen(path, "rb");
	size_t bytes = file ? fread(data, 1, sizeof(data), file) : 0;

	if (file)
		fclose(file);
	if (bytes)
		add_base(f, data, bytes);
	else
		fprintf(stderr, "fuzz-program: %s: cannot be read\n", path);
	return bytes != 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: fuzz-program SEED[:FIRST] COUNT [PROGRAM.qn]...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct fuzz f = {0};
	uint64_t seed, first = 0, count;
	struct qnfile qn;
	char *end;

	if (argc < 3 || argc > MAX_BASES)
		return usage();
	seed = strtoull(argv[1], &end, 0);
	if (*end == ':')
		first = strtoull(end + 1, NULL, 0);
	count = strtoull(argv[2], NULL, 0);
	qnfile_init(&qn, 16);
	add_base(&f, &qn, sizeof(qn));
	for (int i = 3; i < argc; i++)
		if (!add_file(&f, argv[i]))
			return 1;
	if (accel_device_open("func", &f.dev, NULL))
		return 1;
	for (uint64_t i = first; i < first + count; i++) {
		if (i % 10000 == 0) {
			printf("replay from here: fuzz-program %" PRIu64 ":%" PRIu64 " 10000\n", seed, i);
			fflush(stdout);
		}
		one(&f, seed, i);
	}
	printf("%" PRIu64 " mutants, %u accepted, %u ran\n", count, f.accepted, f.ran);
	accel_device_close(f.dev);
	for (uint32_t i = 0; i < f.num_bases; i++)
		free(f.base[i].data);
	return 0;
}
