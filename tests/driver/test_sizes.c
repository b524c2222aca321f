// SPDX-License-Identifier: Apache-2.0
/*
 * Old and new programs: ioctls with shorter and longer arguments than this kernel's, arrays of longer elements,
 * arguments in memory that is not there, ioctl numbers that do not exist.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/klog.h"
#include "values.h"

#define RED 0x5a

static unsigned long sized(unsigned long request, unsigned int bytes)
{
	return _IOC(_IOC_DIR(request), _IOC_TYPE(request), _IOC_NR(request), bytes);
}

static struct request *new_request(void)
{
	struct request *r = calloc(1, sizeof(*r));

	if (!r)
		die("no memory");
	return r;
}

/* The good call on a client of its own, with zeros behind the first bytes. */
static int result_of_prefix(const struct good_call *good, unsigned int bytes)
{
	struct request *r = new_request();
	struct scene scene;
	int ret;

	scene_open(&scene, NULL);
	good->prepare(r, &scene);
	memset(r->args.bytes + bytes, 0, sizeof(r->args) - bytes);
	ret = call(scene.c.fd, good->request, &r->args);
	scene_close(&scene);
	free(r);
	return ret;
}

/* Shorter means the same as zeros behind it, and what is behind it stays as it is. */
static void try_short(const struct good_call *good, unsigned int bytes)
{
	int want = result_of_prefix(good, bytes);
	struct request *r = new_request();
	struct scene scene;
	char what[80];

	snprintf(what, sizeof(what), "%s with %u of %u bytes", good->name, bytes, good->bytes);
	scene_open(&scene, NULL);
	good->prepare(r, &scene);
	memset(r->args.bytes + bytes, RED, sizeof(r->args) - bytes);
	expect_error(what, call(scene.c.fd, sized(good->request, bytes), &r->args), want);
	for (unsigned int i = bytes; i < sizeof(r->args); i++)
		if (r->args.bytes[i] != RED) {
			fail("%s: byte %u behind it is written", what, i);
			break;
		}
	scene_close(&scene);
	free(r);
}

static void try_long(const struct good_call *good, unsigned int more)
{
	struct request *r = new_request();
	struct scene scene;
	char what[80];

	snprintf(what, sizeof(what), "%s with %u bytes more", good->name, more);
	scene_open(&scene, NULL);
	good->prepare(r, &scene);
	memset(r->args.bytes + good->bytes, RED, sizeof(r->args) - good->bytes);
	expect_error(what, call(scene.c.fd, sized(good->request, good->bytes + more), &r->args), 0);
	for (unsigned int i = good->bytes; i < sizeof(r->args); i++)
		if (r->args.bytes[i] != RED) {
			fail("%s: byte %u behind it is written", what, i);
			break;
		}
	scene_close(&scene);
	free(r);
}

static void for_each_argument(void (*try)(const struct good_call *good, unsigned int bytes), unsigned int first,
			      unsigned int last)
{
	for (unsigned int i = 0; i < num_good_calls; i++)
		for (unsigned int n = first; good_calls[i].is_args && n < (last ? last : good_calls[i].bytes); n++)
			/* In long arguments, the edges of fields only. */
			if (n < 20 || n % 4 == 0 || first)
				try(&good_calls[i], n);
	device_works();
}

static void short_arguments(void)
{
	for_each_argument(try_short, 0, 0);
}

static void long_arguments(void)
{
	static const unsigned int more[] = {1, 7, 8, 16, 64, 511};

	for (size_t i = 0; i < ARRAY_LENGTH(more); i++)
		for_each_argument(try_long, more[i], more[i] + 1);
}

/* Directions other than the ioctl's: the kernel then sees zeros, or gives nothing back. */
static void other_directions(void)
{
	static const unsigned int dirs[] = {_IOC_NONE, _IOC_READ, _IOC_WRITE};
	struct request *r = new_request();

	for (unsigned int i = 0; i < num_good_calls * ARRAY_LENGTH(dirs); i++) {
		const struct good_call *good = &good_calls[i / ARRAY_LENGTH(dirs)];
		const unsigned int dir = dirs[i % ARRAY_LENGTH(dirs)];
		struct scene scene;
		int want, got;

		if (!good->is_args)
			continue;
		want = result_of_prefix(good, dir == _IOC_WRITE ? good->bytes : 0);
		scene_open(&scene, NULL);
		good->prepare(r, &scene);
		got = call(scene.c.fd, _IOC(dir, _IOC_TYPE(good->request), _IOC_NR(good->request), good->bytes),
			   &r->args);
		if (got != want)
			fail("%s with direction %u: %d, expected %d", good->name, dir, got, want);
		scene_close(&scene);
	}
	free(r);
	device_works();
}

/* EFAULT, whether it is found before or after the call has had its effect. */
static void arguments_that_are_not_there(void)
{
	struct request *r = new_request();

	for (unsigned int i = 0; i < num_good_calls; i++) {
		const struct good_call *good = &good_calls[i];
		struct bad_memory memory;
		struct scene scene;

		if (!good->is_args)
			continue;
		scene_open(&scene, NULL);
		good->prepare(r, &scene);
		bad_memory_make(&memory, &r->args, good->bytes);
		const uint64_t where[] = {
			0, 8, memory.half, memory.unmapped, memory.read_only, 0xffff888000000000, UINT64_MAX};

		for (size_t n = 0; n < ARRAY_LENGTH(where); n++)
			if (call(scene.c.fd, good->request, (void *)(uintptr_t)where[n]) != -EFAULT)
				fail("%s with its argument at 0x%llx must give EFAULT", good->name,
				     (unsigned long long)where[n]);
		bad_memory_free(&memory);
		scene_close(&scene);
	}
	free(r);
	device_works();
}

static bool exists(unsigned int nr)
{
	for (unsigned int i = 0; i < num_good_calls; i++)
		if (good_calls[i].request && _IOC_NR(good_calls[i].request) == nr)
			return true;
	return false;
}

static void numbers_without_ioctl(void)
{
	unsigned char args[4096] = {0};
	struct client c;

	client_open(&c);
	for (unsigned int nr = DRM_COMMAND_BASE; nr < DRM_COMMAND_END; nr++)
		if (!exists(nr))
			expect_error("an ioctl that does not exist",
				     call(c.fd, _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE, nr, 64), args), -EINVAL);
	expect_error("an ioctl of something else", call(c.fd, _IOC(_IOC_READ, 'X', DRM_COMMAND_BASE, 16), args),
		     -ENOTTY);
	client_works(&c);
	client_close(&c);
}

/* Elements with a tail that this kernel does not know: zeros are accepted, anything else is E2BIG. */
static void try_stride(struct scene *scene, struct request *r, bool jobs, uint32_t more, int tail)
{
	const uint32_t bytes = jobs ? sizeof(r->jobs[0]) : sizeof(r->syncs[0]);
	unsigned char *array = calloc(2, bytes + more);
	struct drm_quern_submit *args = &r->args.submit;

	if (!array)
		die("no memory");
	prepare_submit(r, scene);
	for (int i = 0; i < 2; i++)
		memcpy(array + (size_t)i * (bytes + more), jobs ? (void *)&r->jobs[i] : (void *)&r->syncs[i], bytes);
	array[2 * (bytes + more) - 1] = (unsigned char)tail;
	if (jobs) {
		args->jobs = (uintptr_t)array;
		args->job_stride = bytes + more;
	} else {
		args->syncs = (uintptr_t)array;
		args->sync_stride = bytes + more;
	}
	expect_error(jobs ? "longer jobs" : "longer syncs", call(scene->c.fd, DRM_IOCTL_QUERN_SUBMIT, args),
		     tail ? -E2BIG : 0);
	free(array);
}

static void longer_elements(void)
{
	static const uint32_t more[] = {8, 16, 64, 3000};
	struct request *r = new_request();
	struct scene scene;

	scene_open(&scene, NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(more); i++)
		for (int n = 0; n < 4; n++)
			try_stride(&scene, r, n & 1, more[i], n & 2);
	client_works(&scene.c);
	scene_close(&scene);
	free(r);
}

/* A caller that knows less of the structure gets less, one that knows more is told how much there is. */
static void dev_query_of_any_size(void)
{
	unsigned char buffer[512];
	struct client c;

	client_open(&c);
	for (uint32_t size = 0; size < sizeof(buffer); size++) {
		struct drm_quern_dev_query query = {.size = size, .pointer = (uintptr_t)buffer};
		uint32_t want = size < sizeof(struct drm_quern_dev_info) ? size : sizeof(struct drm_quern_dev_info);

		memset(buffer, RED, sizeof(buffer));
		must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
		expect_equal("bytes that were filled", query.size, want);
		for (uint32_t i = want; i < sizeof(buffer); i++)
			if (buffer[i] != RED) {
				fail("byte %u is written with size %u", i, size);
				break;
			}
	}
	for (uint32_t type = DRM_QUERN_DEV_QUERY_INFO; type <= DRM_QUERN_DEV_QUERY_TIME; type++) {
		struct drm_quern_dev_query query = {.type = type};

		must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query without a pointer");
		expect_equal("size", query.size,
			     type ? sizeof(struct drm_quern_dev_time) : sizeof(struct drm_quern_dev_info));
	}
	client_close(&c);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "short-arguments", .run = short_arguments},
		{.name = "long-arguments", .run = long_arguments},
		{.name = "other-directions", .run = other_directions},
		{.name = "arguments-that-are-not-there", .run = arguments_that_are_not_there},
		{.name = "numbers-without-ioctl", .run = numbers_without_ioctl},
		{.name = "longer-elements", .run = longer_elements},
		{.name = "dev-query-of-any-size", .run = dev_query_of_any_size},
	};

	return run_tests("sizes", tests, ARRAY_LENGTH(tests), argc, argv);
}
