/* SPDX-License-Identifier: Apache-2.0 */
/* What executes the streams: the functional model, or the RTL with the real firmware. Both work on an image's RAM. */
#ifndef TESTS_STREAM_BACKEND_H
#define TESTS_STREAM_BACKEND_H

#include "image.h"
#include "options.h"
#include "quern/commands.h"

enum backend_outcome {
	BACKEND_DONE,
	BACKEND_FAULT,
	BACKEND_TIMEOUT, /* stopped by its limit, in order */
	BACKEND_BROKEN,	 /* the device did something that it must never do; why says what */
};

struct backend_result {
	enum backend_outcome outcome;
	enum quern_fault fault;
	enum quern_unit unit;
	uint32_t index;
	uint64_t addr;
	uint64_t cycles; /* 0 on the functional model */
	char why[160];
};

struct backend_ops;

struct backend {
	const struct backend_ops *ops;
	struct image *img;
};

struct backend_ops {
	/* The image has new address spaces. False: broken. */
	bool (*attach)(struct backend *b);
	/*
	 * Runs the first ncmds commands at the space's stream address. limit bounds the job: cycles, or as many vectors
	 * of work. Page tables may have changed since the last job.
	 */
	void (*run)(struct backend *b, enum image_space_id space, const struct stream *s, uint64_t limit,
		    struct backend_result *result);
	/*
	 * Starts the test space's stream, and after `delay` cycles the victim's at a higher priority, which preempts it at
	 * a YIELD. NULL where nothing overlaps.
	 */
	void (*run_pair)(struct backend *b, const struct stream *test, const struct stream *victim, uint64_t delay,
			 uint64_t limit, struct backend_result result[IMAGE_SPACES]);
	void (*destroy)(struct backend *b);
};

/* By o->device; prints why and returns NULL if it cannot be had. *absent says that it is not built. */
struct backend *backend_create(const struct options *o, struct image *img, bool *absent);
void backend_destroy(struct backend *b);

/* The functional model. */
struct backend *backend_func_create(const struct options *o, struct image *img);
/* The RTL: libquern-rtl-NxN.so from o->rtl_dir, firmware from o->firmware. */
struct backend *backend_rtl_create(const struct options *o, struct image *img, bool *absent);

/* A line about a result, for messages. */
void backend_describe(const struct backend_result *r, char *text, uint32_t bytes);

#endif
