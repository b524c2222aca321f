// SPDX-License-Identifier: Apache-2.0
/*
 * Every field of every ioctl with every wrong value of its kind, one at a time: refused with the right error, nothing
 * has happened, the kernel says nothing, and a good job runs. Also with values at the edge of what is accepted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check.h"
#include "lib/klog.h"
#include "values.h"

#define MARK 0xa5a5a5a5a5a5a5a5ull

struct run {
	const struct good_call *good;
	const struct client *other;
	struct request *request;
	struct scene scene; /* where the next call happens; reopened after one that was accepted */
	bool open;
	unsigned int calls;
};

static void leave_scene(struct run *run)
{
	if (run->open)
		scene_close(&run->scene);
	run->open = false;
}

static void enter_scene(struct run *run)
{
	if (!run->open)
		scene_open(&run->scene, run->other);
	run->open = true;
}

/* A refused call has left its context as it was. */
static void check_refused(struct scene *scene, const char *what)
{
	if (client_state(&scene->c).submitted != scene->seqno)
		fail("%s: a refused call has queued jobs", what);
	if (!client_works(&scene->c))
		fail("%s: the caller's context does not work afterwards", what);
	scene->seqno++;
}

static void check_output(const struct good_call *good, const struct field *f, const void *structure, const char *what)
{
	const uint64_t mark = f->bytes == 8 ? MARK : (uint32_t)MARK;

	(void)good;
	if (f->kind == FIELD_OUT && field_get(f, 0, structure) == mark)
		fail("%s is not written", what);
}

static void try_value(struct run *run, const struct field *f, uint32_t element, const struct value *v)
{
	const struct good_call *good = run->good;
	char what[128];
	void *structure = (char *)run->request + good->place;
	int got;

	snprintf(what, sizeof(what), "%s.%s[%u] = 0x%llx", good->name, f->name, element, (unsigned long long)v->value);
	enter_scene(run);
	good->prepare(run->request, &run->scene);
	field_set(f, element, structure, v->value);
	got = call(run->scene.c.fd, good->request, &run->request->args);
	expect_error(what, got, v->want);
	if (got)
		check_refused(&run->scene, what);
	else
		check_output(good, f, structure, what);
	/* Numbers of jobs mean something else after the next one. */
	if (!got || f->kind == FIELD_SEQNO)
		leave_scene(run);
	if (klog_noise())
		fail("%s: the kernel says something", what);
	run->calls++;
}

/* What the pointers of the good call lead to. */
static void make_bad_memory(const struct run *run, const struct field *f, struct bad_memory *memory)
{
	const struct request *r = run->request;

	if (!strcmp(f->name, "jobs"))
		bad_memory_make(memory, r->jobs, 2 * sizeof(r->jobs[0]));
	else if (!strcmp(f->name, "syncs"))
		bad_memory_make(memory, r->syncs, 2 * sizeof(r->syncs[0]));
	else if (!strcmp(f->name, "events"))
		bad_memory_make(memory, r->events, PROFILE_EVENTS * sizeof(r->events[0]));
	else if (!strcmp(f->name, "counters"))
		bad_memory_make(memory, r->counters, sizeof(r->counters));
	else
		bad_memory_make(memory, &r->info, sizeof(r->info));
}

static void try_element(struct run *run, const struct field *f, uint32_t element)
{
	struct value values[MAX_VALUES];
	struct bad_memory memory = {0};
	unsigned int num;

	leave_scene(run);
	enter_scene(run);
	run->good->prepare(run->request, &run->scene);
	make_bad_memory(run, f, &memory);
	num = field_values(f, element, 2, &run->scene, &memory, values);
	for (unsigned int i = 0; i < num; i++)
		try_value(run, f, element, &values[i]);
	bad_memory_free(&memory);
	if (!client_works(run->other))
		fail("%s.%s: another client does not work afterwards", run->good->name, f->name);
}

/* The first, one that is used, the first that is not, the last. */
static void try_field(struct run *run, const struct field *f)
{
	if (f->kind == FIELD_UNKNOWN) {
		fail("fields.toml does not say what %s.%s is", run->good->name, f->name);
		return;
	}
	for (uint32_t element = 0; element < f->count; element++)
		if (element < 3 || element == f->count - 1)
			try_element(run, f, element);
}

static void try_call(const void *arg)
{
	struct client other;
	struct run run = {.good = arg, .other = &other};

	run.request = calloc(1, sizeof(*run.request));
	if (!run.request)
		die("no memory");
	scene_open_other(&other);
	klog_start();
	for (uint32_t i = 0; i < run.good->num_fields; i++)
		try_field(&run, &run.good->fields[i]);
	leave_scene(&run);
	printf("    %s: %u calls\n", run.good->name, run.calls);
	client_close(&other);
	free(run.request);
}

static void everything_is_described(void)
{
	for (const char *const *what = mismatches; *what; what++)
		fail("fields.toml: %s", *what);
}

/* Pads of what the kernel fills are zero. */
static void pads_are_filled_with_zeros(void)
{
	struct drm_quern_dev_info info;
	struct drm_quern_dev_query query = {.size = sizeof(info), .pointer = (uintptr_t)&info};
	struct client c;

	client_open(&c);
	memset(&info, 0xa5, sizeof(info));
	must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	for (uint32_t i = 0; i < num_outputs; i++) {
		if (outputs[i].bytes != sizeof(info))
			continue;
		for (uint32_t n = 0; n < outputs[i].num_fields; n++) {
			const struct field *f = &outputs[i].fields[n];

			if (f->kind == FIELD_ZERO)
				expect_equal(f->name, field_get(f, 0, &info), 0);
			else
				check_output(&outputs[i], f, &info, f->name);
		}
	}
	client_close(&c);
}

int main(int argc, char **argv)
{
	struct test tests[64] = {
		{.name = "everything-is-described", .run = everything_is_described},
		{.name = "pads-are-filled-with-zeros", .run = pads_are_filled_with_zeros},
	};
	unsigned int num = 2;

	for (uint32_t i = 0; i < num_good_calls; i++)
		tests[num++] = (struct test){
			.name = good_calls[i].name,
			.run_with = try_call,
			.arg = &good_calls[i],
			.seconds = 300,
		};
	return run_tests("fields", tests, num, argc, argv);
}
