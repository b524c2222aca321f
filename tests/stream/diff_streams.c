/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random legal streams on the functional model and on the RTL with its firmware: every byte of memory must be equal.
 * A second context's stream runs after each, or preempts it. Every tenth stream runs on two chips fresh out of reset,
 * which must take the same cycles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "backend.h"
#include "hazard.h"
#include "lib/rng.h"
#include "shrink.h"
#include "stream_gen.h"

#define LIMIT 20000000	   /* vectors or cycles: no generated stream comes near */
#define PREEMPT_DELAY 8000 /* cycles, at most, before the second context interrupts */
#define REPEAT_EVERY 10
#define SKIPPED 77

struct bench {
	const struct options *o;
	struct image *img[2]; /* of func and of the device */
	struct backend *func;
	struct backend *device;
	struct stream stream[IMAGE_SPACES];
	enum image_space_id suspect; /* whose stream is made smaller */
	uint64_t cycles;	     /* of the last test stream */
	uint64_t cmds;
	uint64_t preempted;
};

static bool explain(const char *who, const struct backend_result *r)
{
	char text[256];

	if (r->outcome == BACKEND_DONE)
		return true;
	backend_describe(r, text, sizeof(text));
	fprintf(stderr, "%s: %s\n", who, text);
	return false;
}

/* Streams and memory of a seed, the same in each image. */
static bool prepare(struct bench *b, struct image *img, uint64_t seed)
{
	const struct options *o = b->o;
	const struct stream_params test = {seed, o->n, o->spm_bytes, o->min_cmds, o->max_cmds, o->units};
	const struct stream_params victim = {~seed, o->n, o->spm_bytes, 10, 40, o->units};

	image_seed(img, seed);
	if (!stream_gen(&test, &img->space[IMAGE_TEST], &b->stream[IMAGE_TEST]) ||
	    !stream_gen(&victim, &img->space[IMAGE_VICTIM], &b->stream[IMAGE_VICTIM]))
		return false;
	for (uint32_t i = 0; i < IMAGE_SPACES; i++)
		image_put_stream(img, i, &b->stream[i]);
	image_restore(img);
	return true;
}

/*
 * In either order, so that sometimes a space begins where another, gone since, with the same ASID ended: it must find
 * zeros.
 */
static bool run_one_by_one(struct bench *b, struct backend *device, uint64_t seed, const char *who)
{
	struct backend_result r[IMAGE_SPACES];

	for (uint32_t i = 0; i < IMAGE_SPACES; i++) {
		enum image_space_id space = (seed >> 1 & 1) ^ i;

		device->ops->run(device, space, &b->stream[space], LIMIT, &r[space]);
		if (!explain(who, &r[space]))
			return false;
	}
	b->cycles = r[IMAGE_TEST].cycles;
	return true;
}

static bool run_preempted(struct bench *b, uint64_t seed)
{
	struct backend_result r[IMAGE_SPACES];
	struct rng rng = {seed};

	b->preempted++;
	b->device->ops->run_pair(b->device, &b->stream[IMAGE_TEST], &b->stream[IMAGE_VICTIM],
				 rng_next(&rng) % PREEMPT_DELAY, LIMIT, r);
	return explain("preempting", &r[IMAGE_VICTIM]) && explain("preempted", &r[IMAGE_TEST]);
}

static bool compare(const struct bench *b)
{
	int64_t at = image_first_difference(b->img[0]->ram, b->img[1]->ram);

	if (at < 0)
		return true;
	fprintf(stderr, "memory differs at 0x%llx: func 0x%02x, %s 0x%02x\n", (unsigned long long)at,
		b->img[0]->ram[at], b->o->device, b->img[1]->ram[at]);
	return false;
}

/* One stream on a chip of its own; its cycles, or 0. */
static uint64_t fresh_cycles(struct bench *b, uint64_t seed)
{
	struct image *img = image_create(b->o->n);
	struct backend *device = NULL;
	uint64_t cycles = 0;
	bool absent;

	if (img && prepare(b, img, seed))
		device = backend_create(b->o, img, &absent);
	if (device && device->ops->attach(device) && run_one_by_one(b, device, seed, "fresh chip"))
		cycles = b->cycles;
	backend_destroy(device);
	image_destroy(img);
	return cycles;
}

static bool repeats(struct bench *b, uint64_t seed)
{
	uint64_t first = fresh_cycles(b, seed);
	uint64_t second = first ? fresh_cycles(b, seed) : 0;

	if (first && first == second)
		return true;
	fprintf(stderr, "cycles differ from run to run: %llu and %llu\n", (unsigned long long)first,
		(unsigned long long)second);
	return false;
}

static bool one_stream(struct bench *b, uint64_t seed)
{
	for (int i = 0; i < 2; i++)
		if (!prepare(b, b->img[i], seed))
			return false;
	b->cmds += b->stream[IMAGE_TEST].ncmds + b->stream[IMAGE_VICTIM].ncmds;
	if (!b->func->ops->attach(b->func) || !b->device->ops->attach(b->device))
		return false;
	if (!run_one_by_one(b, b->func, seed, "func"))
		return false;
	if (b->device->ops->run_pair && seed % 3 == 0) {
		if (!run_preempted(b, seed))
			return false;
	} else if (!run_one_by_one(b, b->device, seed, b->o->device)) {
		return false;
	}
	if (!compare(b))
		return false;
	return !b->device->ops->run_pair || seed % REPEAT_EVERY || repeats(b, seed);
}

/* Does the suspect's stream, changed since, still leave different bytes? */
static bool still_differs(void *ctx)
{
	struct bench *b = ctx;
	struct backend *devices[2] = {b->func, b->device};
	const struct image_space *space = &b->img[0]->space[b->suspect];
	const struct hazard_config config = {b->o->n, b->o->spm_bytes, space->segment, space->num_segments};

	if (!hazard_race_free(&config, &b->stream[b->suspect]))
		return false;
	for (int i = 0; i < 2; i++) {
		struct backend_result r;

		image_put_stream(b->img[i], b->suspect, &b->stream[b->suspect]);
		image_touch_all(b->img[i]);
		image_restore(b->img[i]);
		devices[i]->ops->attach(devices[i]);
		devices[i]->ops->run(devices[i], b->suspect, &b->stream[b->suspect], LIMIT, &r);
		if (r.outcome != BACKEND_DONE)
			return false;
	}
	return image_first_difference(b->img[0]->ram, b->img[1]->ram) >= 0;
}

static void shrink_and_print(struct bench *b)
{
	for (b->suspect = 0; b->suspect < IMAGE_SPACES; b->suspect++) {
		if (!still_differs(b))
			continue;
		shrink(&b->stream[b->suspect], still_differs, b);
		still_differs(b);
		compare(b);
		stream_print(&b->stream[b->suspect]);
		return;
	}
	printf("neither stream fails alone\n");
}

static bool out_of_time(const struct options *o, time_t start)
{
	return o->seconds && time(NULL) - start >= (time_t)o->seconds;
}

/* The stream before it is part of the story: it leaves its data on the chip. */
static void replay(const struct options *o, uint64_t i)
{
	uint64_t back = i ? 1 : 0;

	fprintf(stderr, "replay: %s --device %s --array %u --cmds %u --units 0x%x --seed %llu --count %llu", o->program,
		o->device, o->n, o->max_cmds, o->units, (unsigned long long)(o->seed + i - back),
		(unsigned long long)(1 + back));
	fprintf(stderr, "%s%s", o->check ? " --check" : "", o->jitter ? " --jitter" : "");
	if (o->rtl_dir)
		fprintf(stderr, " --rtl-dir %s", o->rtl_dir);
	if (o->firmware)
		fprintf(stderr, " --firmware %s", o->firmware);
	fprintf(stderr, "\n");
}

static bool run_all(struct bench *b)
{
	const struct options *o = b->o;
	time_t start = time(NULL);
	uint64_t i;

	for (i = 0; i < o->count && !out_of_time(o, start); i++) {
		if (one_stream(b, o->seed + i))
			continue;
		replay(o, i);
		if (o->shrink)
			shrink_and_print(b);
		return false;
	}
	printf("%llu streams of %llu commands equal, %llu of them with preemption\n", (unsigned long long)i,
	       (unsigned long long)b->cmds, (unsigned long long)b->preempted);
	return true;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct options o = {.count = 500, .seed = 1, .n = 16, .min_cmds = 10, .max_cmds = 120, .device = "rtl"};
	bool absent = false;
	bool good;

	if (!options_parse(&o, argc, argv))
		return 2;
	b.o = &o;
	for (int i = 0; i < 2; i++) {
		b.img[i] = image_create(o.n);
		if (!b.img[i])
			return 1;
	}
	b.func = backend_func_create(&o, b.img[0]);
	b.device = backend_create(&o, b.img[1], &absent);
	good = b.func && b.device && run_all(&b);
	backend_destroy(b.device);
	backend_destroy(b.func);
	image_destroy(b.img[0]);
	image_destroy(b.img[1]);
	return good ? 0 : absent ? SKIPPED : 1;
}
