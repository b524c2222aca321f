// SPDX-License-Identifier: Apache-2.0
/* What administrators look at: fdinfo, sysfs, debugfs, memory of the machine. There, true, and harmless to read at any time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"
#include "lib/klog.h"
#include "lib/memory.h"

#define TEXT_BYTES 65536

static char text[TEXT_BYTES];

/* The whole file as a string; false if it cannot be read. */
static bool read_file(const char *path)
{
	size_t len = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (len < TEXT_BYTES - 1 && (n = read(fd, text + len, TEXT_BYTES - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return n >= 0;
}

/* The one path that the pattern stands for, into found. */
static bool find_path(const char *pattern, char *found, size_t bytes)
{
	glob_t paths = {0};
	bool ok = !glob(pattern, 0, NULL, &paths) && paths.gl_pathc;

	if (ok)
		snprintf(found, bytes, "%s", paths.gl_pathv[0]);
	globfree(&paths);
	return ok;
}

/* The number behind the key, or -1. */
static long long value_of(const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoll(at + strlen(key), NULL, 0) : -1;
}

static long long fdinfo(int fd, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (!read_file(path))
		die("%s cannot be read", path);
	if (value_of(key) < 0)
		fail("fdinfo has no %s", key);
	return value_of(key);
}

static void fdinfo_says_who(void)
{
	struct client a, b;

	client_open(&a);
	client_open(&b);
	if (fdinfo(a.fd, "drm-client-id:") == fdinfo(b.fd, "drm-client-id:"))
		fail("two files have one client id");
	if (!strstr(text, "drm-driver:\tquern\n"))
		fail("fdinfo does not name the driver");
	if (!strstr(text, "drm-pdev:\t0000:"))
		fail("fdinfo does not name the device");
	client_close(&a);
	client_close(&b);
}

/* Time is that of jobs: none without, no less than they took. */
static void fdinfo_counts_time(void)
{
	struct drm_quern_job job;
	struct client c, idle;
	uint64_t cycles = 0;
	long long before, after;

	client_open(&c);
	client_open(&idle);
	job = client_busy_job(&c, 20000);
	before = fdinfo(c.fd, "drm-cycles-npu:");
	expect_equal("ns before", (uint64_t)fdinfo(c.fd, "drm-engine-npu:"), 0);
	for (uint64_t i = 1; i <= 4; i++) {
		client_run(&c, job.num_commands);
		cycles += client_query(&c, i).job_cycles;
	}
	after = fdinfo(c.fd, "drm-cycles-npu:");
	if (after - before < (long long)cycles || after - before > (long long)(cycles + 400000))
		fail("%lld cycles in fdinfo, %llu in the jobs", after - before, (unsigned long long)cycles);
	if (!fdinfo(c.fd, "drm-engine-npu:"))
		fail("no time on the engine");
	expect_equal("cycles of a file without jobs", (uint64_t)fdinfo(idle.fd, "drm-cycles-npu:"), 0);
	client_close(&c);
	client_close(&idle);
}

/* Of a job that gives way to others again and again, all pieces. */
static void fdinfo_counts_all_pieces(void)
{
	enum { PIECES = 60, CYCLES = 60000 };
	struct drm_quern_job_query q;
	struct client low, high;
	struct drm_quern_job job;
	struct stream s;
	uint64_t seqno, all;

	client_open_priority(&low, DRM_QUERN_PRIORITY_LOW);
	client_open_priority(&high, DRM_QUERN_PRIORITY_HIGH);
	s = stream_at(low.map);
	for (int i = 0; i < PIECES; i++) {
		stream_delay(&s, CYCLES);
		stream_yield(&s);
	}
	stream_end(&s);
	job = client_job(s.num);
	must(client_submit(&low, &job, 1, &seqno), "submit");
	while (client_state(&low).pending)
		client_works(&high);
	expect_equal("the job", client_finish(&low, seqno), DRM_QUERN_JOB_DONE);
	q = client_query(&low, seqno);
	all = q.prior_cycles + q.t_end - q.t_start;
	if (!q.prior_cycles || all < PIECES * CYCLES || all > 2 * PIECES * CYCLES)
		fail("%llu cycles of pieces before, %llu in all", (unsigned long long)q.prior_cycles,
		     (unsigned long long)all);
	expect_equal("cycles in fdinfo", (uint64_t)fdinfo(low.fd, "drm-cycles-npu:"), all);
	q = client_query(&high, 1);
	expect_equal("pieces before of an urgent job", q.prior_cycles, 0);
	client_close(&low);
	client_close(&high);
}

static void fdinfo_counts_memory(void)
{
	struct client c;
	long long before;
	uint32_t bo;

	client_open(&c);
	before = fdinfo(c.fd, "drm-total-memory:");
	bo = node_bo(c.fd, 1 << 20);
	expect_equal("KiB more", (uint64_t)(fdinfo(c.fd, "drm-total-memory:") - before), 1024);
	must(node_close_bo(c.fd, bo), "close");
	expect_equal("KiB after closing it", (uint64_t)fdinfo(c.fd, "drm-total-memory:"), (uint64_t)before);
	client_close(&c);
}

static void sysfs_has_versions(void)
{
	static const char *const names[] = {"fw_version", "hw_version"};
	struct drm_quern_dev_info info = {0};
	struct drm_quern_dev_query query = {.size = sizeof(info), .pointer = (uintptr_t)&info};
	struct client c;
	char path[256], want[32];

	client_open(&c);
	must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	for (int i = 0; i < 2; i++) {
		uint32_t version = i ? info.hw_version : info.fw_version;

		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/quern/0000:*/%s", names[i]);
		snprintf(want, sizeof(want), "%u.%u\n", version >> 16, version & 0xffff);
		if (!find_path(path, path, sizeof(path)) || !read_file(path))
			fail("%s cannot be read", path);
		else if (strcmp(text, want))
			fail("%s says %s, not %s", names[i], text, want);
		if (!access(path, W_OK) && open(path, O_WRONLY | O_CLOEXEC) >= 0)
			fail("%s can be written", names[i]);
	}
	client_close(&c);
}

/* Nobody gets the chip's bytes by reading attributes of the class either. */
static void the_node_belongs_to_root(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		_exit(open(NODE, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	expect_equal("opening the node as nobody", (uint64_t)status, 0);
}

static bool debugfs(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/kernel/debug/accel/0/%s", name);
	if (read_file(path))
		return true;
	snprintf(path, sizeof(path), "/sys/kernel/debug/accel/*/%s", name);
	return find_path(path, path, sizeof(path)) && read_file(path);
}

static void debugfs_shows_queues(void)
{
	struct client c;

	if (access("/sys/kernel/debug/accel", F_OK))
		skip("no debugfs");
	client_open_priority(&c, DRM_QUERN_PRIORITY_HIGH);
	client_works(&c);
	if (!debugfs("queues") || !strstr(text, "firmware up"))
		fail("queues says %s", text);
	if (value_of("resets ") != 0)
		fail("%lld resets without a reason", value_of("resets "));
	if (!strstr(text, "priority 2"))
		fail("the context is not among the queues: %s", text);
	client_close(&c);
	for (int i = 0; i < 100 && debugfs("queues") && strstr(text, "slot"); i++)
		usleep(10000);
	if (strstr(text, "slot"))
		fail("a queue of a closed file: %s", text);
}

/* Text or nothing: the firmware writes it. */
static void debugfs_shows_the_log(void)
{
	if (access("/sys/kernel/debug/accel", F_OK))
		skip("no debugfs");
	if (!debugfs("firmware_log"))
		fail("firmware_log cannot be read");
	for (const char *p = text; *p; p++)
		if ((*p < ' ' && *p != '\n' && *p != '\t') || *p > '~') {
			fail("firmware_log has a byte 0x%02x", (unsigned char)*p);
			return;
		}
}

static void read_tree(const char *folder, unsigned int depth)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[1024];

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path))
			continue;
		if (entry->d_type == DT_DIR && depth)
			read_tree(path, depth - 1);
		else if (entry->d_type == DT_REG && !strstr(path, "resource") && !strstr(path, "/rom"))
			read_file(path);
	}
	if (dir)
		closedir(dir);
}

/* Whatever is there can be read while the chip works. */
static void everything_can_be_read_under_load(void)
{
	struct client c;
	char path[256];

	client_open(&c);
	for (int round = 0; round < 4; round++) {
		client_keep_busy(&c, 5000, 0, 16);
		read_tree("/sys/kernel/debug/accel", 3);
		if (find_path("/sys/bus/pci/drivers/quern/0000:*", path, sizeof(path)))
			read_tree(path, 2);
		read_tree("/sys/module/quern", 2);
		fdinfo(c.fd, "drm-client-id:");
		client_idle(&c);
	}
	client_works(&c);
	client_close(&c);
}

/* That a silent log is not a deaf test. */
static void the_log_is_heard(void)
{
	static const char *const lines[] = {"<4>a warning of a test", "<6>quern: a word of a test",
					    "<6>a word of a test"};
	int kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (kmsg < 0)
		die("/dev/kmsg: %s", strerror(errno));
	klog_noise();
	for (int i = 0; i < 3; i++)
		if (write(kmsg, lines[i], strlen(lines[i])) < 0)
			die("/dev/kmsg: %s", strerror(errno));
	close(kmsg);
	expect_equal("lines that count", klog_noise(), 2);
}

/* Of the kernel's own, and of buffers. */
static long long used_kib(void)
{
	static const char *const kinds[] = {"Slab:", "Shmem:", "VmallocUsed:", "KernelStack:", "PageTables:"};
	long long sum = 0;

	read_file("/proc/meminfo");
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		sum += value_of(kinds[i]);
	return sum;
}

/* All else; goes up and down by megabytes. */
static long long free_kib(void)
{
	read_file("/proc/meminfo");
	return (long long)memory_free_kib() + value_of("\nCached:");
}

static void use_everything(void)
{
	for (int i = 0; i < 40; i++) {
		struct client c;
		uint32_t bo;

		client_open(&c);
		client_works(&c);
		bo = node_bo(c.fd, 64 * PAGE);
		must(node_bind(c.fd, bo, FREE_VA, 64 * PAGE, 0), "bind");
		if (i & 1)
			must(node_unbind(c.fd, FREE_VA, 64 * PAGE), "unbind");
		client_close(&c);
	}
}

/* The same again and again takes no memory away. A round uses 12 MiB; a page that each client leaves is 3 MiB in the end. */
static void memory_comes_back(void)
{
	long long used, free;

	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		skip("the debug kernel's memory goes up and down; it has kmemleak");
	for (int i = 0; i < 3; i++)
		use_everything();
	usleep(500000);
	used = used_kib();
	free = free_kib();
	for (int i = 0; i < 20; i++)
		use_everything();
	usleep(500000);
	used = used_kib() - used;
	free -= free_kib();
	printf("    after 800 clients: %lld KiB more are used, %lld KiB less are free\n", used, free);
	if (used > 1024 || free > 8192)
		fail("memory does not come back");
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "fdinfo-says-who", .run = fdinfo_says_who},
		{.name = "fdinfo-counts-time", .run = fdinfo_counts_time},
		{.name = "fdinfo-counts-all-pieces", .run = fdinfo_counts_all_pieces},
		{.name = "fdinfo-counts-memory", .run = fdinfo_counts_memory},
		{.name = "sysfs-has-versions", .run = sysfs_has_versions},
		{.name = "the-node-belongs-to-root", .run = the_node_belongs_to_root},
		{.name = "debugfs-shows-queues", .run = debugfs_shows_queues},
		{.name = "debugfs-shows-the-log", .run = debugfs_shows_the_log},
		{.name = "everything-can-be-read-under-load", .run = everything_can_be_read_under_load},
		{.name = "the-log-is-heard", .run = the_log_is_heard, .noisy = true},
		{.name = "memory-comes-back", .run = memory_comes_back, .seconds = 120},
	};

	return run_tests("views", tests, ARRAY_LENGTH(tests), argc, argv);
}
