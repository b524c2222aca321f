// SPDX-License-Identifier: Apache-2.0
/* Files and buffers that more than one process has: PRIME, fork, files sent over a socket; and what must not be shared. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"

static int export(const struct client *c, uint32_t bo)
{
	struct drm_prime_handle args = {.handle = bo, .flags = DRM_CLOEXEC | DRM_RDWR};

	must(call(c->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &args), "prime_handle_to_fd");
	return args.fd;
}

static int import(const struct client *c, int dmabuf, uint32_t *bo)
{
	struct drm_prime_handle args = {.fd = dmabuf};
	int ret = call(c->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &args);

	*bo = args.handle;
	return ret;
}

/* Copies a page between the bound address and the client's data. */
static uint32_t copy_page(const struct client *c, uint64_t va, bool in)
{
	struct stream s = stream_at(c->map);
	struct drm_quern_job job;
	uint64_t seqno;

	stream_load(&s, in, in ? 0 : CLIENT_DATA, 0, PAGE);
	stream_store(&s, !in, in ? CLIENT_DATA : 0, 0, PAGE);
	stream_end(&s);
	job = client_job(s.num);
	job.num_regions = 2;
	job.regions[1] = va;
	must(client_submit(c, &job, 1, &seqno), "submit");
	return client_finish(c, seqno);
}

static void expect_page(const char *what, const unsigned char *page, int byte)
{
	for (uint64_t i = 0; i < PAGE; i++)
		if (page[i] != byte) {
			fail("%s: byte %llu is 0x%x, not 0x%x", what, (unsigned long long)i, page[i],
			     (unsigned int)byte);
			return;
		}
}

/* The importer goes on with the buffer after the exporter has closed everything. */
static void buffers_go_from_file_to_file(void)
{
	struct client from, to;
	unsigned char *map;
	uint32_t bo, imported, again;
	int dmabuf;

	client_open(&from);
	client_open(&to);
	bo = node_bo(from.fd, PAGE);
	map = node_map(from.fd, bo, PAGE);
	memset(map, 0x61, PAGE);
	dmabuf = export(&from, bo);
	must(import(&to, dmabuf, &imported), "import");
	must(import(&to, dmabuf, &again), "import again");
	expect_equal("one handle a buffer", again, imported);
	must(node_bind(to.fd, imported, FREE_VA, PAGE, 0), "bind an imported buffer");
	expect_equal("reading it", copy_page(&to, FREE_VA, true), DRM_QUERN_JOB_DONE);
	expect_page("what was read", to.map + CLIENT_DATA, 0x61);
	memset(to.map + CLIENT_DATA, 0x62, PAGE);
	expect_equal("writing it", copy_page(&to, FREE_VA, false), DRM_QUERN_JOB_DONE);
	expect_page("what was written", map, 0x62);
	munmap(map, PAGE);
	close(dmabuf);
	client_close(&from);
	expect_equal("after its exporter", copy_page(&to, FREE_VA, true), DRM_QUERN_JOB_DONE);
	expect_page("after its exporter", to.map + CLIENT_DATA, 0x62);
	client_close(&to);
	device_works();
}

static void a_dmabuf_outlives_all_files(void)
{
	struct client from;
	unsigned char *map;
	int dmabuf;

	client_open(&from);
	memset(from.map, 0x44, CLIENT_BYTES);
	dmabuf = export(&from, from.bo);
	client_close(&from);
	map = mmap(NULL, CLIENT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);
	if (map == MAP_FAILED)
		die("mmap of a dma-buf: %s", strerror(errno));
	close(dmabuf);
	expect_page("its last page", map + CLIENT_BYTES - PAGE, 0x44);
	munmap(map, CLIENT_BYTES);
	device_works();
}

static void an_own_buffer_comes_back_as_itself(void)
{
	struct client c;
	uint32_t bo;
	int dmabuf;

	client_open(&c);
	dmabuf = export(&c, c.bo);
	must(import(&c, dmabuf, &bo), "import");
	expect_equal("its handle", bo, c.bo);
	close(dmabuf);
	client_works(&c);
	client_close(&c);
}

static void files_that_are_no_dmabuf(void)
{
	struct drm_prime_handle none = {.handle = 99, .flags = DRM_CLOEXEC};
	struct drm_prime_handle flags = {.flags = 1u << 30};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct client c;
	uint32_t bo;

	client_open(&c);
	flags.handle = c.bo;
	expect_error("/dev/null", import(&c, null, &bo), -EINVAL);
	expect_error("no file", import(&c, 1000, &bo), -EBADF);
	expect_error("the device itself", import(&c, c.fd, &bo), -EINVAL);
	expect_error("no such buffer", call(c.fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &none), -ENOENT);
	expect_error("unknown flags", call(c.fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &flags), -EINVAL);
	client_works(&c);
	client_close(&c);
	close(null);
}

/* Another file's numbers mean nothing, or this file's own objects. */
static void handles_are_private(void)
{
	struct client a, b;
	unsigned char *map;
	uint32_t bo = 0;

	client_open(&a);
	client_open(&b);
	for (int i = 0; i < 5; i++)
		bo = node_bo(a.fd, PAGE);
	map = node_map(a.fd, bo, PAGE);
	memset(map, 0x13, PAGE);
	must(node_bind(a.fd, bo, FREE_VA, PAGE, 0), "bind");
	expect_error("bind another file's buffer", node_bind(b.fd, bo, FREE_VA, PAGE, 0), -ENOENT);
	expect_error("unbind in another file", node_unbind(b.fd, FREE_VA, PAGE), -ENOENT);
	expect_error("close another file's buffer", node_close_bo(b.fd, bo), -EINVAL);
	expect_equal("an address of another file", copy_page(&b, FREE_VA, true), DRM_QUERN_JOB_FAULT);
	expect_equal("the owner", copy_page(&a, FREE_VA, true), DRM_QUERN_JOB_DONE);
	expect_page("the owner", a.map + CLIENT_DATA, 0x13);
	munmap(map, PAGE);
	client_close(&a);
	client_close(&b);
}

static int wait_for(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Parent and child have one file: one address space, one set of handles. */
static void a_file_over_fork(void)
{
	struct client c;
	pid_t pid;

	client_open(&c);
	pid = fork();
	if (!pid) {
		for (int i = 0; i < 50; i++)
			client_works(&c);
		_exit(failures() ? 1 : 0);
	}
	for (int i = 0; i < 50; i++)
		if (node_bind(c.fd, c.bo, FREE_VA, PAGE, 0) || node_unbind(c.fd, FREE_VA, PAGE))
			fail("binding while the child uses the file");
	expect_equal("the child's status", (uint64_t)wait_for(pid), 0);
	client_close(&c);
	device_works();
}

/* The child is killed with jobs in flight; the file is still the parent's. */
static void a_child_that_is_killed(void)
{
	struct drm_quern_job job;
	struct client c;
	pid_t pid;

	client_open(&c);
	job = client_busy_job(&c, 20000);
	pid = fork();
	if (!pid) {
		for (;;)
			client_submit(&c, &job, 1, NULL);
	}
	usleep(100000);
	kill(pid, SIGKILL);
	wait_for(pid);
	client_idle(&c);
	client_works(&c);
	client_close(&c);
	device_works();
}

static void send_file(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {0}, byte = 'x';
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		die("sendmsg: %s", strerror(errno));
}

static int receive_file(int socket)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		die("recvmsg: %s", strerror(errno));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* The receiver uses the sender's context; it has handles, not memory, of the sender. */
static void a_file_over_a_socket(void)
{
	struct client c;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die("socketpair failed");
	pid = fork();
	if (!pid) {
		/* Made after the fork, so that it can only have come over the socket. */
		client_open(&c);
		send_file(pair[1], c.fd);
		send_file(pair[1], export(&c, c.bo));
		_exit(0);
	}
	c.fd = receive_file(pair[0]);
	int dmabuf = receive_file(pair[0]);

	wait_for(pid);
	must(import(&c, dmabuf, &c.bo), "import");
	close(dmabuf);
	c.map = node_map(c.fd, c.bo, CLIENT_BYTES);
	c.ctx = 1;
	c.sync = node_syncobj(c.fd);
	client_works(&c);
	client_close(&c);
	device_works();
}

/* A message in flight holds the file; when the socket goes, so does the file with its jobs. */
static void a_file_in_a_message_that_nobody_reads(void)
{
	for (int i = 0; i < 20; i++) {
		struct client c;
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			die("socketpair failed");
		client_open(&c);
		client_keep_busy(&c, 100000, 0, 1);
		send_file(pair[0], c.fd);
		client_close(&c);
		close(pair[0]);
		close(pair[1]);
	}
	device_works();
}

/* Fences go from process to process as files. */
static void syncobj_go_from_file_to_file(void)
{
	struct drm_syncobj_handle args = {0}, back = {0};
	struct drm_quern_sync wait = {0};
	struct drm_quern_submit submit = {.num_jobs = 1, .job_stride = sizeof(struct drm_quern_job), .num_syncs = 1};
	struct drm_quern_job next;
	struct client a, b;
	struct stream s;
	uint64_t first;

	client_open(&a);
	client_open(&b);
	first = client_keep_busy(&a, 200000, 0, 1);
	args.handle = a.sync;
	must(call(a.fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &args), "syncobj_handle_to_fd");
	back.fd = args.fd;
	must(call(b.fd, DRM_IOCTL_SYNCOBJ_FD_TO_HANDLE, &back), "syncobj_fd_to_handle");
	close(args.fd);
	s = stream_at(b.map);
	stream_end(&s);
	next = client_job(s.num);
	wait.handle = back.handle;
	submit.ctx = b.ctx;
	submit.jobs = (uintptr_t)&next;
	submit.syncs = (uintptr_t)&wait;
	submit.sync_stride = sizeof(wait);
	must(call(b.fd, DRM_IOCTL_QUERN_SUBMIT, &submit), "submit behind another file's job");
	must(client_submit(&b, &next, 1, NULL), "submit");
	expect_equal("the second", client_finish(&b, submit.seqno + 1), DRM_QUERN_JOB_DONE);
	if (client_query(&b, submit.seqno).t_start < client_query(&a, first).t_end)
		fail("a job did not wait for another file's");
	client_close(&a);
	client_close(&b);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "buffers-go-from-file-to-file", .run = buffers_go_from_file_to_file},
		{.name = "a-dmabuf-outlives-all-files", .run = a_dmabuf_outlives_all_files},
		{.name = "an-own-buffer-comes-back-as-itself", .run = an_own_buffer_comes_back_as_itself},
		{.name = "files-that-are-no-dmabuf", .run = files_that_are_no_dmabuf},
		{.name = "handles-are-private", .run = handles_are_private},
		{.name = "a-file-over-fork", .run = a_file_over_fork},
		{.name = "a-child-that-is-killed", .run = a_child_that_is_killed},
		{.name = "a-file-over-a-socket", .run = a_file_over_a_socket},
		{.name = "a-file-in-a-message-that-nobody-reads", .run = a_file_in_a_message_that_nobody_reads},
		{.name = "syncobj-go-from-file-to-file", .run = syncobj_go_from_file_to_file},
	};

	return run_tests("sharing", tests, ARRAY_LENGTH(tests), argc, argv);
}
