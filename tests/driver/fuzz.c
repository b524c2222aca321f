// SPDX-License-Identifier: Apache-2.0
/*
 * Random ioctls: good calls on a changing set of objects, a third of them with mistakes. At the end the device works,
 * every kind of call has succeeded at least once, and the kernel has said nothing.
 *
 * usage: fuzz [SEED [CALLS [PROCESSES [THREADS]]]]
 * Each process has CALLS calls on files of its own, from SEED + its number; the threads of a process share its files.
 * QUERN_SEED is the default of SEED, also for a SEED of "-". With one process of one thread the calls depend on SEED only.
 */
#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz_calls.h"
#include "fuzz_mutate.h"
#include "lib/check.h"
#include "lib/klog.h"

#define MAX_CALLS 32
#define MAX_THREADS 8
/* Requests are in the middle of much nothing, so that wrong pointers meet no other memory of this program. */
#define ARENA 0x5a0000000000ull
#define ARENA_BYTES (1ull << 20)

struct fuzzer {
	struct pool pool;
	struct rng rng;
	struct request *request;
	unsigned long calls;
	unsigned long tried[MAX_CALLS], succeeded[MAX_CALLS];
};

static const struct fuzz_call *choose(struct rng *rng)
{
	unsigned int sum = 0, n;

	for (unsigned int i = 0; i < num_fuzz_calls; i++)
		sum += fuzz_calls[i].weight;
	n = rng_below(rng, sum);
	for (unsigned int i = 0;; i++) {
		if (n < fuzz_calls[i].weight)
			return &fuzz_calls[i];
		n -= fuzz_calls[i].weight;
	}
}

static int raw_call(int fd, unsigned long request, void *args)
{
	return ioctl(fd, request, args) ? -errno : 0;
}

static void *argument(struct fuzzer *f, bool wrong)
{
	static const uint64_t nowhere[] = {0, 8, 0xffff888000000000, UINT64_MAX - 7, ARENA + 2 * ARENA_BYTES};

	if (!wrong || rng_below(&f->rng, 40))
		return &f->request->args;
	return (void *)(uintptr_t)nowhere[rng_below(&f->rng, ARRAY_LENGTH(nowhere))];
}

static void one_call(struct fuzzer *f)
{
	struct pool_file *file = &f->pool.files[rng_below(&f->rng, POOL_FILES)];
	const struct fuzz_call *call = choose(&f->rng);
	unsigned long request = call->request;
	bool wrong = !rng_below(&f->rng, 3);
	void *args;

	memset(f->request, 0, sizeof(*f->request));
	call->make(f->request, file, &f->rng);
	if (wrong)
		request = mutate(f->request, request, &f->rng);
	bound_call(f->request, request);
	args = argument(f, wrong);
	f->tried[call - fuzz_calls]++;
	if (raw_call(file->fd, request, args) || request != call->request)
		return;
	f->succeeded[call - fuzz_calls]++;
	if (call->done)
		call->done(f->request, file);
}

/* A buffer is looked at through a mapping. */
static void touch(struct fuzzer *f)
{
	struct pool_file *file = &f->pool.files[rng_below(&f->rng, POOL_FILES)];
	struct drm_quern_bo_mmap_offset where = {.handle = set_pick(&file->bo, &f->rng)};
	volatile unsigned char *map;

	if (raw_call(file->fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &where))
		return;
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, (off_t)where.offset);
	if (map == MAP_FAILED)
		return;
	map[PAGE - 1]++;
	munmap((void *)map, PAGE);
}

static void *fuzz(void *arg)
{
	struct fuzzer *f = arg;

	for (unsigned long i = 0; i < f->calls; i++) {
		one_call(f);
		if (!rng_below(&f->rng, 50))
			touch(f);
		if (!rng_below(&f->rng, 500))
			pool_reopen(&f->pool.files[rng_below(&f->rng, POOL_FILES)]);
	}
	return NULL;
}

static void fuzzer_init(struct fuzzer *f, uint64_t seed, unsigned int thread, unsigned long calls)
{
	char *arena = mmap((void *)(ARENA + 16 * thread * ARENA_BYTES), ARENA_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (arena == MAP_FAILED)
		die("no memory for requests");
	memset(f, 0, sizeof(*f));
	f->rng = (struct rng){seed * 1000 + thread};
	f->request = (struct request *)(arena + ARENA_BYTES / 2);
	f->calls = calls;
}

/* The files of the first, under numbers of their own. */
static void share_files(struct fuzzer *to, const struct fuzzer *from)
{
	to->pool = from->pool;
	for (unsigned int i = 0; i < POOL_FILES; i++)
		to->pool.files[i].fd = dup(from->pool.files[i].fd);
}

static void report(const struct fuzzer *f, unsigned long calls)
{
	for (unsigned int i = 0; i < num_fuzz_calls; i++) {
		printf("    %-16s %8lu calls %8lu succeeded\n", fuzz_calls[i].name, f->tried[i], f->succeeded[i]);
		if (calls >= 20000 && !f->succeeded[i])
			fail("%s has never succeeded", fuzz_calls[i].name);
	}
}

/* Each process has the calls of all its threads together. */
static void process(uint64_t seed, unsigned long calls, unsigned int threads, bool talk)
{
	static struct fuzzer fuzzers[MAX_THREADS];
	pthread_t thread[MAX_THREADS];

	for (unsigned int t = 0; t < threads; t++) {
		fuzzer_init(&fuzzers[t], seed, t, calls / threads);
		if (t)
			share_files(&fuzzers[t], &fuzzers[0]);
		else
			pool_open(&fuzzers[0].pool);
	}
	for (unsigned int t = 1; t < threads; t++)
		if (pthread_create(&thread[t], NULL, fuzz, &fuzzers[t]))
			die("pthread_create failed");
	fuzz(&fuzzers[0]);
	for (unsigned int t = 1; t < threads; t++)
		pthread_join(thread[t], NULL);
	if (talk)
		report(&fuzzers[0], calls / threads);
	for (unsigned int t = 0; t < threads; t++)
		pool_close(&fuzzers[t].pool);
}

static void run_processes(uint64_t seed, unsigned long calls, unsigned int processes, unsigned int threads)
{
	for (unsigned int i = 0; i < processes; i++) {
		fflush(stdout);
		if (fork())
			continue;
		process(seed + i, calls, threads, !i);
		fflush(stdout);
		_exit(failures() ? 1 : 0);
	}
	for (unsigned int i = 0; i < processes; i++) {
		int status;

		if (wait(&status) < 0 || status)
			fail("a process of the fuzzer ended with status 0x%x", (unsigned int)status);
	}
}

static unsigned long number(int argc, char **argv, int i, const char *otherwise)
{
	if (argc > i && strcmp(argv[i], "-"))
		return strtoul(argv[i], NULL, 0);
	return strtoul(otherwise ? otherwise : "1", NULL, 0);
}

/* With it, root's quota is all memory of the machine, of which nothing would be left for the machine. */
static void give_up_resources(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		die("capget: %s", strerror(errno));
	data[CAP_TO_INDEX(CAP_SYS_RESOURCE)].effective &= ~CAP_TO_MASK(CAP_SYS_RESOURCE);
	if (syscall(SYS_capset, &header, data))
		die("capset: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	uint64_t seed = number(argc, argv, 1, getenv("QUERN_SEED"));
	unsigned long calls = number(argc, argv, 2, "100000");
	unsigned int processes = (unsigned int)number(argc, argv, 3, "1"),
		     threads = (unsigned int)number(argc, argv, 4, "1");
	struct timespec start, end;

	if (!processes || !threads || threads > MAX_THREADS)
		die("usage: fuzz [SEED [CALLS [PROCESSES [THREADS]]]], up to %d threads", MAX_THREADS);
	printf("replay: %s %llu %lu %u %u\n", argv[0], (unsigned long long)seed, calls, processes, threads);
	give_up_resources();
	klog_start();
	clock_gettime(CLOCK_MONOTONIC, &start);
	run_processes(seed, calls, processes, threads);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("    %lu calls in %lld s\n", calls * processes, (long long)(end.tv_sec - start.tv_sec));
	device_works();
	if (klog_noise())
		fail("the kernel says something");
	printf("%s: fuzz seed %llu\n", failures() ? "FAILED" : "ok", (unsigned long long)seed);
	return failures() ? 1 : 0;
}
