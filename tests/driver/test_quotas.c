// SPDX-License-Identifier: Apache-2.0
/* What one user can take: contexts and memory of all the user's files together, and no less for others. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"

#define SOMEBODY 65533
#define NOBODY 65534
#define MAX_FILES 8
#define MAX_CTX 64

static struct drm_quern_dev_info info_of(int fd)
{
	struct drm_quern_dev_info info = {0};
	struct drm_quern_dev_query query = {.size = sizeof(info), .pointer = (uintptr_t)&info};

	must(call(fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	return info;
}

static pid_t start_as(uid_t uid, void (*run)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork failed");
	if (pid)
		return pid;
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		die("setuid failed");
	run();
	fflush(stdout);
	_exit(failures() ? 1 : 0);
}

static void finish(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	if (status)
		fail("the other user's process ended with status 0x%x", (unsigned int)status);
}

/* The node is open to all for as long as the test runs. */
static void with_open_node(void (*run)(void))
{
	struct stat before;

	if (stat(NODE, &before) || chmod(NODE, 0666))
		die("the mode of " NODE " cannot be changed");
	run();
	chmod(NODE, before.st_mode & 07777);
}

static int try_ctx(int fd)
{
	struct drm_quern_ctx_create args = {.priority = DRM_QUERN_PRIORITY_NORMAL};

	return call(fd, DRM_IOCTL_QUERN_CTX_CREATE, &args);
}

/* Contexts over all files until there is no other; how many, and the error in *ret. */
static unsigned int take_contexts(const int *fd, unsigned int num_files, int *ret)
{
	unsigned int num = 0;

	while (num < MAX_CTX) {
		*ret = try_ctx(fd[num % num_files]);
		if (*ret)
			break;
		num++;
	}
	return num;
}

static void take_all_contexts(void)
{
	int fd[MAX_FILES], ret;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < MAX_FILES; i++)
			fd[i] = node_open();
		expect_equal("contexts of a user", take_contexts(fd, MAX_FILES, &ret), info_of(fd[0]).user_contexts);
		expect_error("one more", ret, -EDQUOT);
		for (int i = 0; i < MAX_FILES; i++)
			close(fd[i]);
	}
}

static void hold_all_contexts(void)
{
	int fd = node_open(), ret;

	take_contexts(&fd, 1, &ret);
	expect_error("one more", ret, -EDQUOT);
	/* Until the parent has seen that others still get some, and is done with this process. */
	pause();
}

static void works_for_somebody(void)
{
	device_works();
}

static void check_contexts(void)
{
	pid_t holder;

	finish(start_as(NOBODY, take_all_contexts));
	holder = start_as(NOBODY, hold_all_contexts);
	usleep(300000);
	device_works();
	finish(start_as(SOMEBODY, works_for_somebody));
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	finish(start_as(NOBODY, take_all_contexts));
}

static int try_bo(int fd, uint64_t bytes)
{
	struct drm_quern_bo_create args = {.size = bytes};

	return call(fd, DRM_IOCTL_QUERN_BO_CREATE, &args);
}

static uint64_t take_memory(int fd, uint64_t piece, int *ret)
{
	uint64_t taken = 0;

	while (!(*ret = try_bo(fd, piece)) && taken < 1ull << 40)
		taken += piece;
	return taken;
}

static void take_all_memory(void)
{
	uint64_t quota, taken;
	int ret;

	for (int round = 0; round < 3; round++) {
		int a = node_open(), b = node_open();

		quota = info_of(a).user_bytes;
		expect_error("a buffer of more than the quota", try_bo(a, quota + PAGE), -EDQUOT);
		taken = take_memory(a, quota / 16 & ~(PAGE - 1), &ret);
		expect_error("one more", ret, -EDQUOT);
		if (taken > quota || taken < quota / 2)
			fail("%llu bytes taken of %llu", (unsigned long long)taken, (unsigned long long)quota);
		expect_error("in another file of the user", try_bo(b, quota / 8), -EDQUOT);
		close(a);
		expect_error("after the first was closed", try_bo(b, quota / 8), 0);
		close(b);
	}
}

/* Memory that a dma-buf holds counts, also when all files are closed. */
static void hide_memory_in_a_dmabuf(void)
{
	struct drm_prime_handle export = {.flags = DRM_CLOEXEC};
	int fd = node_open();
	uint64_t quota = info_of(fd).user_bytes;

	export.handle = node_bo(fd, quota / 2);
	must(call(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &export), "prime_handle_to_fd");
	close(fd);
	fd = node_open();
	expect_error("what the dma-buf left", try_bo(fd, quota / 2 + quota / 4), -EDQUOT);
	close(export.fd);
	expect_error("after it is closed", try_bo(fd, quota / 2 + quota / 4), 0);
	close(fd);
}

static void check_memory(void)
{
	finish(start_as(NOBODY, take_all_memory));
	finish(start_as(NOBODY, hide_memory_in_a_dmabuf));
	finish(start_as(SOMEBODY, works_for_somebody));
	device_works();
}

static void contexts_by_user(void)
{
	with_open_node(check_contexts);
}

static void memory_by_user(void)
{
	with_open_node(check_memory);
}

/* All contexts, but not all memory. */
static void root_has_more(void)
{
	int fd = node_open(), ret;
	struct drm_quern_dev_info info = info_of(fd);
	unsigned int num = take_contexts(&fd, 1, &ret);

	expect_equal("contexts", num,
		     info.max_contexts < 2 * info.user_contexts ? info.max_contexts : 2 * info.user_contexts);
	expect_error("memory", try_bo(fd, info.user_bytes + PAGE), 0);
	expect_error("three quarters of all memory", try_bo(fd, info.user_bytes / 2), -EDQUOT);
	expect_error("less", try_bo(fd, info.user_bytes / 4), 0);
	close(fd);
	device_works();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "contexts-by-user", .run = contexts_by_user},
		{.name = "memory-by-user", .run = memory_by_user},
		{.name = "root-has-more", .run = root_has_more},
	};

	return run_tests("quotas", tests, ARRAY_LENGTH(tests), argc, argv);
}
