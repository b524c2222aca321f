// SPDX-License-Identifier: Apache-2.0
/* Lives of contexts, buffers, mappings, bindings and syncobj: what is gone is gone, what is in use stays. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"

/* Copies a page of what is bound at va to the client's own second page of data. */
static uint32_t run_read(const struct client *c, uint64_t va)
{
	struct stream s = stream_at(c->map);
	struct drm_quern_job job;
	uint64_t seqno;

	stream_load(&s, 1, 0, 0, PAGE);
	stream_store(&s, 0, CLIENT_DATA + PAGE, 0, PAGE);
	stream_end(&s);
	job = client_job(s.num);
	job.num_regions = 2;
	job.regions[1] = va;
	must(client_submit(c, &job, 1, &seqno), "submit");
	return client_finish(c, seqno);
}

static uint32_t run_write(const struct client *c, uint64_t va)
{
	struct stream s = stream_at(c->map);
	struct drm_quern_job job;
	uint64_t seqno;

	stream_fill(&s, 0, 0x77, PAGE);
	stream_store(&s, 1, 0, 0, PAGE);
	stream_end(&s);
	job = client_job(s.num);
	job.num_regions = 2;
	job.regions[1] = va;
	must(client_submit(c, &job, 1, &seqno), "submit");
	return client_finish(c, seqno);
}

static void contexts_end_once(void)
{
	struct drm_quern_ctx_query query = {0};
	struct drm_quern_ctx_reset again = {0};
	struct drm_quern_job_query old = {.seqno = 1};
	struct drm_quern_job job = client_job(1);
	struct client c;

	client_open(&c);
	client_works(&c);
	query.handle = again.handle = old.ctx = c.ctx;
	expect_error("destroy", node_destroy_ctx(c.fd, c.ctx), 0);
	expect_error("destroy twice", node_destroy_ctx(c.fd, c.ctx), -ENOENT);
	expect_error("query after the end", call(c.fd, DRM_IOCTL_QUERN_CTX_QUERY, &query), -ENOENT);
	expect_error("reset after the end", call(c.fd, DRM_IOCTL_QUERN_CTX_RESET, &again), -ENOENT);
	expect_error("job_query after the end", call(c.fd, DRM_IOCTL_QUERN_JOB_QUERY, &old), -ENOENT);
	expect_error("submit after the end", client_submit(&c, &job, 1, NULL), -ENOENT);
	c.ctx = node_ctx(c.fd, DRM_QUERN_PRIORITY_LOW);
	client_works(&c);
	client_close(&c);
}

/* What is queued ends with ECANCELED, at once and not after the jobs' time. */
static void jobs_end_with_their_context(void)
{
	struct drm_syncobj_wait wait = {.count_handles = 1, .timeout_nsec = INT64_MAX};
	struct client c;

	client_open(&c);
	client_keep_busy(&c, 400000000, 1000000000, 8);
	expect_error("destroy while jobs run", node_destroy_ctx(c.fd, c.ctx), 0);
	wait.handles = (uintptr_t)&c.sync;
	expect_error("wait", call(c.fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait), 0);
	c.ctx = node_ctx(c.fd, DRM_QUERN_PRIORITY_NORMAL);
	client_works(&c);
	client_close(&c);
}

static void buffers_end_once(void)
{
	struct drm_quern_bo_mmap_offset where = {0};
	struct client c;
	uint32_t bo;

	client_open(&c);
	bo = node_bo(c.fd, PAGE);
	where.handle = bo;
	expect_error("close", node_close_bo(c.fd, bo), 0);
	expect_error("close twice", node_close_bo(c.fd, bo), -EINVAL);
	expect_error("mmap_offset after the end", call(c.fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &where), -ENOENT);
	expect_error("bind after the end", node_bind(c.fd, bo, FREE_VA, PAGE, 0), -ENOENT);
	client_works(&c);
	client_close(&c);
}

/* A binding holds the buffer; so does a mapping. */
static void closed_buffers_stay_while_in_use(void)
{
	struct client c;
	unsigned char *map;
	uint32_t bo;

	client_open(&c);
	bo = node_bo(c.fd, PAGE);
	map = node_map(c.fd, bo, PAGE);
	must(node_bind(c.fd, bo, FREE_VA, PAGE, 0), "bind");
	must(node_close_bo(c.fd, bo), "close");
	memset(map, 0x3c, PAGE);
	expect_equal("status", run_read(&c, FREE_VA), DRM_QUERN_JOB_DONE);
	expect_equal("bytes", memcmp(c.map + CLIENT_DATA + PAGE, map, PAGE), 0);
	must(node_unbind(c.fd, FREE_VA, PAGE), "unbind");
	expect_equal("a byte of the mapping", map[PAGE - 1], 0x3c);
	expect_equal("status without the binding", run_read(&c, FREE_VA), DRM_QUERN_JOB_FAULT);
	munmap(map, PAGE);
	client_close(&c);
	device_works();
}

static void mappings_outlive_their_file(void)
{
	struct client c;

	client_open(&c);
	memset(c.map, 0x42, CLIENT_BYTES);
	close(c.fd);
	for (uint64_t i = 0; i < CLIENT_BYTES; i += 1024)
		expect_equal("a byte", c.map[i], 0x42);
	munmap(c.map, CLIENT_BYTES);
	device_works();
}

static void *try_map(int fd, uint64_t bytes, int prot, int flags, uint64_t offset)
{
	return mmap(NULL, bytes, prot, flags, fd, (off_t)offset);
}

static void expect_unmappable(const char *what, int fd, uint64_t bytes, int flags, uint64_t offset)
{
	void *p = try_map(fd, bytes, PROT_READ | PROT_WRITE, flags, offset);

	if (p == MAP_FAILED)
		return;
	fail("%s can be mapped", what);
	munmap(p, bytes);
}

static void mappings_that_must_fail(void)
{
	struct drm_quern_bo_mmap_offset where = {0};
	struct client c, other;
	uint64_t at;

	client_open(&c);
	client_open(&other);
	where.handle = c.bo;
	must(call(c.fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &where), "bo_mmap_offset");
	at = where.offset;
	expect_unmappable("more than the buffer", c.fd, CLIENT_BYTES + PAGE, MAP_SHARED, at);
	expect_unmappable("the page behind the buffer", c.fd, PAGE, MAP_SHARED, at + CLIENT_BYTES);
	expect_unmappable("the page before the buffer", c.fd, PAGE, MAP_SHARED, at - PAGE);
	expect_unmappable("offset 0", c.fd, PAGE, MAP_SHARED, 0);
	expect_unmappable("an offset of no buffer", c.fd, PAGE, MAP_SHARED, at + (1ull << 40));
	expect_unmappable("another file's buffer", other.fd, CLIENT_BYTES, MAP_SHARED, at);
	expect_unmappable("a private copy", c.fd, CLIENT_BYTES, MAP_PRIVATE, at);
	client_works(&c);
	client_works(&other);
	client_close(&c);
	client_close(&other);
}

/* Pieces of a mapping come and go under a running job; the device's view is its own. */
static void mappings_in_pieces(void)
{
	struct client c;
	unsigned char *copy;
	struct drm_quern_job job;
	struct stream s;
	uint64_t seqno;

	client_open(&c);
	copy = node_map(c.fd, c.bo, CLIENT_BYTES);
	s = stream_at(c.map);
	stream_delay(&s, 50000);
	stream_fill(&s, 0, 0x99, PAGE);
	stream_store(&s, 0, CLIENT_DATA, 0, PAGE);
	stream_end(&s);
	job = client_job(s.num);
	must(client_submit(&c, &job, 1, &seqno), "submit");
	munmap(copy + 4 * PAGE, 4 * PAGE);
	mprotect(copy + 8 * PAGE, PAGE, PROT_READ);
	madvise(copy, 2 * PAGE, MADV_DONTNEED);
	expect_equal("madvise of a kernel's buffer away is refused or harmless", copy[0] == c.map[0], 1);
	munmap(c.map, CLIENT_BYTES);
	expect_equal("status", client_finish(&c, seqno), DRM_QUERN_JOB_DONE);
	expect_equal("a byte", copy[CLIENT_DATA], 0x99);
	munmap(copy, CLIENT_BYTES);
	close(c.fd);
	device_works();
}

static void bindings_do_not_overlap(void)
{
	const uint64_t end = 1ull << 38;
	struct client c;

	client_open(&c);
	expect_error("the same again", node_bind(c.fd, c.bo, CLIENT_VA, CLIENT_BYTES, 0), -EEXIST);
	expect_error("its last page", node_bind(c.fd, c.bo, CLIENT_VA + CLIENT_BYTES - PAGE, 2 * PAGE, 0), -EEXIST);
	expect_error("its first page", node_bind(c.fd, c.bo, CLIENT_VA - PAGE, 2 * PAGE, 0), -EEXIST);
	expect_error("a page in its middle", node_bind(c.fd, c.bo, CLIENT_VA + PAGE, PAGE, 0), -EEXIST);
	expect_error("more than the buffer", node_bind(c.fd, c.bo, FREE_VA, CLIENT_BYTES + PAGE, 0), -EINVAL);
	expect_error("the page before", node_bind(c.fd, c.bo, CLIENT_VA - PAGE, PAGE, 0), 0);
	expect_error("the page behind", node_bind(c.fd, c.bo, CLIENT_VA + CLIENT_BYTES, PAGE, 0), 0);
	expect_error("the first address", node_bind(c.fd, c.bo, 16 * PAGE, PAGE, 0), 0);
	expect_error("the last page", node_bind(c.fd, c.bo, end - PAGE, PAGE, 0), 0);
	expect_equal("a job at the last page", run_read(&c, end - PAGE), DRM_QUERN_JOB_DONE);
	client_works(&c);
	client_close(&c);
}

static void bindings_end_once_and_whole(void)
{
	struct client c;

	client_open(&c);
	expect_error("one page of many", node_unbind(c.fd, CLIENT_VA, PAGE), -ENOENT);
	expect_error("not from its start", node_unbind(c.fd, CLIENT_VA + PAGE, CLIENT_BYTES - PAGE), -ENOENT);
	expect_error("more than it", node_unbind(c.fd, CLIENT_VA, CLIENT_BYTES + PAGE), -ENOENT);
	expect_error("what was never bound", node_unbind(c.fd, FREE_VA, PAGE), -ENOENT);
	client_works(&c);
	expect_error("unbind", node_unbind(c.fd, CLIENT_VA, CLIENT_BYTES), 0);
	expect_error("unbind twice", node_unbind(c.fd, CLIENT_VA, CLIENT_BYTES), -ENOENT);
	expect_equal("a job after that", client_run(&c, 3), DRM_QUERN_JOB_FAULT);
	client_reset(&c);
	expect_error("bind again", node_bind(c.fd, c.bo, CLIENT_VA, CLIENT_BYTES, 0), 0);
	client_works(&c);
	client_close(&c);
}

static void read_only_bindings_are_not_written(void)
{
	struct client c;
	unsigned char *map;
	uint32_t bo;

	client_open(&c);
	bo = node_bo(c.fd, PAGE);
	map = node_map(c.fd, bo, PAGE);
	memset(map, 0x11, PAGE);
	must(node_bind(c.fd, bo, FREE_VA, PAGE, DRM_QUERN_VM_BIND_READONLY), "bind");
	expect_equal("reading it", run_read(&c, FREE_VA), DRM_QUERN_JOB_DONE);
	expect_equal("writing it", run_write(&c, FREE_VA), DRM_QUERN_JOB_FAULT);
	for (uint64_t i = 0; i < PAGE; i++)
		if (map[i] != 0x11)
			die("byte %llu is written", (unsigned long long)i);
	client_reset(&c);
	must(node_bind(c.fd, bo, FREE_VA + PAGE, PAGE, 0), "bind the same to be written");
	expect_equal("writing it there", run_write(&c, FREE_VA + PAGE), DRM_QUERN_JOB_DONE);
	expect_equal("a byte", map[0], 0x77);
	client_close(&c);
}

static void buffers_start_with_zeros(void)
{
	for (int round = 0; round < 20; round++) {
		int fd = node_open();
		unsigned char *map = node_map(fd, node_bo(fd, 64 * PAGE), 64 * PAGE);

		for (uint64_t i = 0; i < 64 * PAGE; i++)
			if (map[i])
				die("byte %llu of a fresh buffer is 0x%x", (unsigned long long)i, map[i]);
		memset(map, 0xee, 64 * PAGE);
		munmap(map, 64 * PAGE);
		close(fd);
	}
}

static void syncobj_may_go_first(void)
{
	struct drm_quern_job job;
	struct client c;

	client_open(&c);
	job = client_busy_job(&c, 50000);
	must(client_submit(&c, &job, 1, NULL), "submit");
	must(node_close_syncobj(c.fd, c.sync), "syncobj_destroy");
	expect_error("a syncobj that is gone", client_submit(&c, &job, 1, NULL), -ENOENT);
	c.sync = node_syncobj(c.fd);
	client_works(&c);
	client_close(&c);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "contexts-end-once", .run = contexts_end_once},
		{.name = "jobs-end-with-their-context", .run = jobs_end_with_their_context},
		{.name = "buffers-end-once", .run = buffers_end_once},
		{.name = "closed-buffers-stay-while-in-use", .run = closed_buffers_stay_while_in_use},
		{.name = "mappings-outlive-their-file", .run = mappings_outlive_their_file},
		{.name = "mappings-that-must-fail", .run = mappings_that_must_fail},
		{.name = "mappings-in-pieces", .run = mappings_in_pieces},
		{.name = "bindings-do-not-overlap", .run = bindings_do_not_overlap},
		{.name = "bindings-end-once-and-whole", .run = bindings_end_once_and_whole},
		{.name = "read-only-bindings-are-not-written", .run = read_only_bindings_are_not_written},
		{.name = "buffers-start-with-zeros", .run = buffers_start_with_zeros},
		{.name = "syncobj-may-go-first", .run = syncobj_may_go_first},
	};

	return run_tests("objects", tests, ARRAY_LENGTH(tests), argc, argv);
}
