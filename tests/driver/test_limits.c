// SPDX-License-Identifier: Apache-2.0
/* All of something is used up, by one file or by many: a clean error, the others go on, and all of it comes back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"

#define NOBODY 65534
#define MANY 4096

/* What a limit may say. */
static bool is_limit(int error)
{
	return error == -EBUSY || error == -ENOSPC || error == -EDQUOT || error == -ENOMEM || error == -EMFILE;
}

/* For privileges that are given up for good. Ends with the number of failures. */
static void as_nobody(void (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork failed");
	if (!pid) {
		int fd = node_open();
		char path[32];

		/* The node itself is for root and its group in this machine; the open file gets the process in. */
		if (setgid(NOBODY) || setuid(NOBODY))
			die("setuid failed");
		snprintf(path, sizeof(path), "%d", fd);
		setenv("OPEN_NODE", path, 1);
		run();
		_exit(failures() ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail("the process without privileges failed");
}

static int inherited_node(void)
{
	return atoi(getenv("OPEN_NODE"));
}

static int try_priority(int fd, uint32_t priority)
{
	struct drm_quern_ctx_create args = {.priority = priority};
	int ret = call(fd, DRM_IOCTL_QUERN_CTX_CREATE, &args);

	if (!ret)
		must(node_destroy_ctx(fd, args.handle), "ctx_destroy");
	return ret;
}

static void nobody_tries_priorities(void)
{
	int fd = inherited_node();

	expect_error("low", try_priority(fd, DRM_QUERN_PRIORITY_LOW), 0);
	expect_error("normal", try_priority(fd, DRM_QUERN_PRIORITY_NORMAL), 0);
	expect_error("high without CAP_SYS_NICE", try_priority(fd, DRM_QUERN_PRIORITY_HIGH), -EACCES);
	expect_error("realtime without CAP_SYS_NICE", try_priority(fd, DRM_QUERN_PRIORITY_REALTIME), -EACCES);
	expect_error("none without CAP_SYS_NICE", try_priority(fd, DRM_QUERN_PRIORITY_REALTIME + 1), -EINVAL);
}

static void priorities_need_a_capability(void)
{
	int fd = node_open();

	for (uint32_t p = DRM_QUERN_PRIORITY_LOW; p <= DRM_QUERN_PRIORITY_REALTIME; p++)
		expect_error("as root", try_priority(fd, p), 0);
	close(fd);
	as_nobody(nobody_tries_priorities);
}

/* Returns how many contexts there were room for. */
static unsigned int fill_with_contexts(int fd, uint32_t *handles, unsigned int max)
{
	for (unsigned int i = 0; i < max; i++) {
		struct drm_quern_ctx_create args = {.priority = DRM_QUERN_PRIORITY_LOW};
		int ret = call(fd, DRM_IOCTL_QUERN_CTX_CREATE, &args);

		if (ret) {
			if (!is_limit(ret))
				fail("one context too many: %s", strerror(-ret));
			return i;
		}
		handles[i] = args.handle;
	}
	fail("no limit at %u contexts", max);
	return max;
}

static void contexts_of_one_file(void)
{
	uint32_t handles[64];
	unsigned int num, again;
	struct client first;

	client_open(&first);
	num = fill_with_contexts(first.fd, handles, 64);
	if (!num)
		fail("no second context for a file");
	client_works(&first);
	for (unsigned int round = 0; round < 5; round++) {
		for (unsigned int i = 0; i < num; i++)
			must(node_destroy_ctx(first.fd, handles[i]), "ctx_destroy");
		again = fill_with_contexts(first.fd, handles, 64);
		expect_equal("contexts after all were destroyed", again, num);
	}
	client_works(&first);
	client_close(&first);
	device_works();
}

static void contexts_of_many_files(void)
{
	int fd[64];
	unsigned int num = 0;
	struct client first;

	client_open(&first);
	for (int i = 0; i < 64; i++) {
		struct drm_quern_ctx_create args = {.priority = DRM_QUERN_PRIORITY_LOW};
		int ret;

		fd[i] = node_open();
		ret = call(fd[i], DRM_IOCTL_QUERN_CTX_CREATE, &args);
		num += !ret;
		if (ret && !is_limit(ret))
			fail("one context too many: %s", strerror(-ret));
	}
	if (num < 2 || num == 64)
		fail("%u of 64 files got a context", num);
	client_works(&first);
	for (int i = 0; i < 64; i++)
		close(fd[i]);
	client_close(&first);
	device_works();
}

static void the_queue_of_a_context(void)
{
	struct drm_quern_dev_info info = {0};
	struct drm_quern_dev_query query = {.size = sizeof(info), .pointer = (uintptr_t)&info};
	struct drm_quern_job jobs[DRM_QUERN_MAX_SUBMIT_JOBS];
	struct client c, other;
	uint64_t seqno;

	client_open(&c);
	client_open(&other);
	must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	jobs[0] = client_busy_job(&c, 1000000000);
	jobs[0].timeout_cycles = 10000000000ull;
	jobs[1] = jobs[0];
	for (uint32_t i = 0; i < info.queue_depth - 1; i++)
		must(client_submit(&c, jobs, 1, &seqno), "submit");
	expect_error("two where there is room for one", client_submit(&c, jobs, 2, NULL), -EBUSY);
	expect_error("one more", client_submit(&c, jobs, 1, &seqno), 0);
	expect_error("one too many", client_submit(&c, jobs, 1, NULL), -EBUSY);
	expect_equal("number of the last", seqno, info.queue_depth);
	must(node_destroy_ctx(c.fd, c.ctx), "ctx_destroy");
	client_works(&other);
	c.ctx = node_ctx(c.fd, DRM_QUERN_PRIORITY_NORMAL);
	client_works(&c);
	client_close(&c);
	client_close(&other);
}

static void the_memory_of_jobs_that_ended(void)
{
	struct drm_quern_job_query query = {.seqno = 1};
	struct drm_quern_dev_info info = {0};
	struct drm_quern_dev_query dev = {.size = sizeof(info), .pointer = (uintptr_t)&info};
	struct client c;
	struct stream s;

	client_open(&c);
	must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &dev), "dev_query");
	s = stream_at(c.map);
	stream_end(&s);
	query.ctx = c.ctx;
	for (uint32_t i = 0; i < info.job_history; i++)
		client_run(&c, s.num);
	expect_error("the oldest that is known", call(c.fd, DRM_IOCTL_QUERN_JOB_QUERY, &query), 0);
	client_run(&c, s.num);
	query = (struct drm_quern_job_query){.ctx = c.ctx, .seqno = 1};
	expect_error("one older", call(c.fd, DRM_IOCTL_QUERN_JOB_QUERY, &query), -ENOENT);
	client_close(&c);
}

/* Buffers that nobody touches cost little; a limit on them is not a crash. */
static void huge_buffers(void)
{
	struct client c;
	int fd = node_open();

	for (unsigned int bits = 20; bits <= 38; bits++)
		for (int i = 0; i < 4; i++) {
			struct drm_quern_bo_create args = {.size = 1ull << bits};
			int ret = call(fd, DRM_IOCTL_QUERN_BO_CREATE, &args);

			if (ret && !is_limit(ret))
				fail("a buffer of 2^%u bytes: %s", bits, strerror(-ret));
			if (!ret)
				must(node_close_bo(fd, args.handle), "close");
		}
	client_open(&c);
	client_works(&c);
	client_close(&c);
	close(fd);
}

/* Binding takes the pages; the quota refuses more before the kernel kills anybody for them. */
static void more_memory_than_there_is(void)
{
	struct client c;
	unsigned int num = 0;
	uint64_t bytes = 32ull << 20;
	int ret = 0;

	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		skip("the debug kernel takes minutes to fill its memory");
	client_open(&c);
	while (num < 64) {
		struct drm_quern_bo_create args = {.size = bytes};

		ret = call(c.fd, DRM_IOCTL_QUERN_BO_CREATE, &args);
		if (!ret)
			ret = node_bind(c.fd, args.handle, FREE_VA + num * bytes, bytes, 0);
		if (ret)
			break;
		num++;
	}
	if (!is_limit(ret))
		fail("2 GiB in a small machine: %s", strerror(-ret));
	client_works(&c);
	client_close(&c);
	device_works();
}

static void many_small_buffers(void)
{
	struct client c;
	unsigned int num = 0;
	int ret = 0;

	client_open(&c);
	while (num < MANY && !ret) {
		struct drm_quern_bo_create args = {.size = PAGE};

		ret = call(c.fd, DRM_IOCTL_QUERN_BO_CREATE, &args);
		/* Each in a page table of its own. */
		if (!ret && num < MANY / 8)
			ret = node_bind(c.fd, args.handle, FREE_VA + ((uint64_t)num << 21), PAGE, 0);
		num += !ret;
	}
	if (ret && !is_limit(ret))
		fail("small buffer %u: %s", num, strerror(-ret));
	client_works(&c);
	client_close(&c);
	device_works();
}

static void many_files(void)
{
	struct rlimit limit = {.rlim_cur = 400, .rlim_max = 400};
	unsigned int num = 0;
	int fd[400];

	setrlimit(RLIMIT_NOFILE, &limit);
	while (num < 400) {
		fd[num] = open(NODE, O_RDWR | O_CLOEXEC);
		if (fd[num] < 0)
			break;
		num++;
	}
	if (num < 100)
		fail("only %u files can be open: %s", num, strerror(errno));
	while (num)
		close(fd[--num]);
	device_works();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "priorities-need-a-capability", .run = priorities_need_a_capability},
		{.name = "contexts-of-one-file", .run = contexts_of_one_file},
		{.name = "contexts-of-many-files", .run = contexts_of_many_files},
		{.name = "the-queue-of-a-context", .run = the_queue_of_a_context},
		{.name = "the-memory-of-jobs-that-ended", .run = the_memory_of_jobs_that_ended},
		{.name = "huge-buffers", .run = huge_buffers},
		{.name = "more-memory-than-there-is", .run = more_memory_than_there_is},
		{.name = "many-small-buffers", .run = many_small_buffers},
		{.name = "many-files", .run = many_files},
	};

	return run_tests("limits", tests, ARRAY_LENGTH(tests), argc, argv);
}
