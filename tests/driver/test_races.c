// SPDX-License-Identifier: Apache-2.0
/*
 * Threads and processes that do everything at once to the same objects: submit, wait, destroy, reset, bind, unbind,
 * map, unmap, import, close. Any result of a call is fine that the state it met explains; afterwards the device works.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/rng.h"
#include "lib/commands.h"

#define MAX_ACTORS 6
#define RACE_MS 1500

/* What the actors of a race share. */
struct race {
	struct client c;
	int dmabuf;
	uint64_t end_ms;
	/* Handles, which actors replace: read and written as atoms. */
	uint32_t ctx;
	uint32_t bo;
	unsigned long did[MAX_ACTORS];
};

struct actor {
	struct race *race;
	void (*act)(struct race *race, struct rng *rng);
	unsigned int number;
	pthread_t thread;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static uint32_t get(const uint32_t *handle)
{
	return __atomic_load_n(handle, __ATOMIC_RELAXED);
}

static void put(uint32_t *handle, uint32_t value)
{
	__atomic_store_n(handle, value, __ATOMIC_RELAXED);
}

static void *play(void *arg)
{
	struct actor *actor = arg;
	struct race *race = actor->race;
	struct rng rng = {actor->number};

	while (now_ms() < race->end_ms) {
		actor->act(race, &rng);
		race->did[actor->number]++;
	}
	return NULL;
}

static void race_open(struct race *race)
{
	struct drm_prime_handle export = {.flags = DRM_CLOEXEC | DRM_RDWR};
	struct stream s;

	memset(race, 0, sizeof(*race));
	client_open(&race->c);
	s = stream_at(race->c.map);
	stream_load(&s, 0, CLIENT_DATA, 0, 256);
	stream_delay(&s, 500);
	stream_store(&s, 0, CLIENT_DATA + PAGE, 0, 256);
	stream_end(&s);
	race->ctx = race->c.ctx;
	race->bo = node_bo(race->c.fd, 4 * PAGE);
	export.handle = race->bo;
	must(call(race->c.fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &export), "prime_handle_to_fd");
	race->dmabuf = export.fd;
	race->end_ms = now_ms() + RACE_MS;
}

static void race_close(struct race *race)
{
	close(race->dmabuf);
	client_close(&race->c);
	device_works();
}

static void run_race(void (*const *acts)(struct race *race, struct rng *rng), unsigned int num)
{
	struct actor actors[MAX_ACTORS];
	struct race race;

	race_open(&race);
	for (unsigned int i = 0; i < num; i++) {
		actors[i] = (struct actor){.race = &race, .act = acts[i], .number = i};
		if (pthread_create(&actors[i].thread, NULL, play, &actors[i]))
			die("pthread_create failed");
	}
	for (unsigned int i = 0; i < num; i++)
		pthread_join(actors[i].thread, NULL);
	for (unsigned int i = 0; i < num; i++)
		if (!race.did[i])
			fail("actor %u did nothing", i);
	race_close(&race);
}

#define RACE(...)                                                                                                      \
	do {                                                                                                           \
		static void (*const acts[])(struct race * race, struct rng * rng) = {__VA_ARGS__};                     \
		run_race(acts, ARRAY_LENGTH(acts));                                                                    \
	} while (0)

static void allow(const char *what, int got, int a, int b, int c)
{
	if (got && got != a && got != b && got != c)
		fail("%s: %s", what, strerror(-got));
}

/* Actors */

static void submit(struct race *race, struct rng *rng)
{
	struct drm_quern_job jobs[4];
	struct client c = race->c;

	for (int i = 0; i < 4; i++)
		jobs[i] = client_job(6);
	c.ctx = get(&race->ctx);
	allow("submit", client_submit(&c, jobs, 1 + rng_below(rng, 4), NULL), -EBUSY, -ENOENT, -ECANCELED);
}

static void submit_illegal(struct race *race, struct rng *rng)
{
	struct drm_quern_job job = client_job(6);
	struct client c = race->c;

	job.stream += CLIENT_LAST - PAGE; /* zeros, without END */
	c.ctx = get(&race->ctx);
	if (!rng_below(rng, 4))
		allow("submit", client_submit(&c, &job, 1, NULL), -EBUSY, -ENOENT, -ECANCELED);
}

static void reset_ctx(struct race *race, struct rng *rng)
{
	struct drm_quern_ctx_reset args = {.handle = get(&race->ctx)};

	(void)rng;
	allow("ctx_reset", call(race->c.fd, DRM_IOCTL_QUERN_CTX_RESET, &args), -EBUSY, -ENOENT, 0);
}

static void replace_ctx(struct race *race, struct rng *rng)
{
	struct drm_quern_ctx_create args = {.priority = rng_below(rng, 4)};
	uint32_t old = get(&race->ctx);
	int ret = call(race->c.fd, DRM_IOCTL_QUERN_CTX_CREATE, &args);

	allow("ctx_create", ret, -EBUSY, -ENOSPC, -EDQUOT);
	if (!ret)
		put(&race->ctx, args.handle);
	allow("ctx_destroy", node_destroy_ctx(race->c.fd, old), -ENOENT, 0, 0);
}

static void query(struct race *race, struct rng *rng)
{
	struct drm_quern_ctx_query ctx = {.handle = get(&race->ctx)};
	struct drm_quern_job_query job = {.ctx = ctx.handle, .seqno = 1 + rng_below(rng, 100)};

	allow("ctx_query", call(race->c.fd, DRM_IOCTL_QUERN_CTX_QUERY, &ctx), -ENOENT, 0, 0);
	allow("job_query", call(race->c.fd, DRM_IOCTL_QUERN_JOB_QUERY, &job), -ENOENT, 0, 0);
}

static void wait_a_little(struct race *race, struct rng *rng)
{
	struct drm_syncobj_wait args = {.handles = (uintptr_t)&race->c.sync, .count_handles = 1};

	args.timeout_nsec = (int64_t)(now_ms() + rng_below(rng, 5)) * 1000000;
	allow("wait", call(race->c.fd, DRM_IOCTL_SYNCOBJ_WAIT, &args), -ETIME, -EINVAL, 0);
}

static void bind(struct race *race, struct rng *rng)
{
	uint64_t va = FREE_VA + rng_below(rng, 8) * PAGE;

	allow("bind", node_bind(race->c.fd, get(&race->bo), va, PAGE, rng_below(rng, 2)), -EEXIST, -ENOENT, 0);
	allow("unbind", node_unbind(race->c.fd, FREE_VA + rng_below(rng, 8) * PAGE, PAGE), -ENOENT, 0, 0);
}

/* What jobs use goes away under them. */
static void bind_streams(struct race *race, struct rng *rng)
{
	allow("unbind", node_unbind(race->c.fd, CLIENT_VA, CLIENT_BYTES), -ENOENT, 0, 0);
	if (rng_below(rng, 2))
		usleep(rng_below(rng, 2000));
	allow("bind", node_bind(race->c.fd, race->c.bo, CLIENT_VA, CLIENT_BYTES, 0), -EEXIST, 0, 0);
}

static void replace_bo(struct race *race, struct rng *rng)
{
	struct drm_quern_bo_create args = {.size = (1 + rng_below(rng, 8)) * PAGE};
	uint32_t old = get(&race->bo);
	int ret = call(race->c.fd, DRM_IOCTL_QUERN_BO_CREATE, &args);

	allow("bo_create", ret, -EDQUOT, -ENOMEM, 0);
	if (!ret)
		put(&race->bo, args.handle);
	allow("gem_close", node_close_bo(race->c.fd, old), -EINVAL, 0, 0);
}

static void map(struct race *race, struct rng *rng)
{
	struct drm_quern_bo_mmap_offset args = {.handle = get(&race->bo)};
	volatile unsigned char *at;
	int ret = call(race->c.fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &args);

	allow("bo_mmap_offset", ret, -ENOENT, 0, 0);
	if (ret)
		return;
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, race->c.fd, (off_t)args.offset);
	if (at == MAP_FAILED)
		return;
	at[rng_below(rng, PAGE)]++;
	munmap((void *)at, PAGE);
}

static void share(struct race *race, struct rng *rng)
{
	struct drm_prime_handle export = {.handle = get(&race->bo), .flags = DRM_CLOEXEC};
	struct drm_prime_handle import = {.fd = race->dmabuf};

	(void)rng;
	if (!call(race->c.fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &export))
		close(export.fd);
	if (!call(race->c.fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &import))
		put(&race->bo, import.handle);
}

static void share_with_another_file(struct race *race, struct rng *rng)
{
	struct drm_prime_handle import = {.fd = race->dmabuf};
	int fd = node_open();

	(void)rng;
	must(call(fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &import), "import");
	allow("bind", node_bind(fd, import.handle, FREE_VA, PAGE, 0), -EEXIST, 0, 0);
	close(fd);
}

static void come_and_go(struct race *race, struct rng *rng)
{
	struct drm_quern_job job = client_job(2);
	struct drm_quern_ctx_create ctx = {.priority = rng_below(rng, 3)};
	struct client c = {.fd = node_open()};

	(void)race;
	c.sync = node_syncobj(c.fd);
	if (!call(c.fd, DRM_IOCTL_QUERN_CTX_CREATE, &ctx)) {
		c.ctx = ctx.handle;
		allow("submit", client_submit(&c, &job, 1, NULL), 0, 0, 0);
	}
	close(c.fd);
}

/* Races */

static void submit_against_destroy(void)
{
	RACE(submit, submit, replace_ctx, replace_ctx, query);
}

static void submit_against_reset(void)
{
	RACE(submit, submit_illegal, reset_ctx, reset_ctx, query, wait_a_little);
}

static void submit_against_unbind(void)
{
	RACE(submit, bind_streams, reset_ctx, wait_a_little);
}

static void bind_against_close(void)
{
	RACE(bind, bind, replace_bo, replace_bo, map);
}

static void share_against_close(void)
{
	RACE(share, share, replace_bo, map, share_with_another_file);
}

static void all_against_all(void)
{
	RACE(submit, replace_ctx, bind, replace_bo, share, come_and_go);
}

static void files_that_come_and_go(void)
{
	RACE(come_and_go, come_and_go, come_and_go, submit);
}

/* The file is closed, in a process with many threads, under all of them. */
static void *use_until_gone(void *arg)
{
	struct client *c = arg;
	struct drm_quern_job job = client_job(6);

	for (int i = 0; i < 400; i++)
		if (client_submit(c, &job, 1, NULL) == -EBADF)
			break;
	return NULL;
}

static void close_under_threads(void)
{
	for (int round = 0; round < 20; round++) {
		struct client c;
		struct stream s;
		pthread_t thread[3];

		client_open(&c);
		s = stream_at(c.map);
		stream_delay(&s, 200);
		stream_delay(&s, 200);
		stream_end(&s);
		for (int i = 0; i < 3; i++)
			if (pthread_create(&thread[i], NULL, use_until_gone, &c))
				die("pthread_create failed");
		usleep(500u * (unsigned int)round);
		close(c.fd);
		for (int i = 0; i < 3; i++)
			pthread_join(thread[i], NULL);
		munmap(c.map, CLIENT_BYTES);
	}
	device_works();
}

/* Processes with threads are killed in the middle of anything. */
static void processes_that_are_killed(void)
{
	for (int round = 0; round < 15; round++) {
		pid_t pid = fork();
		int status;

		if (!pid) {
			RACE(submit, replace_ctx, bind, replace_bo, map);
			_exit(0);
		}
		usleep(20000 + 7000u * (unsigned int)round);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	device_works();
}

/* A signal may end a wait or a call at any time; nothing is done twice or half. */
static void on_signal(int signal)
{
	(void)signal;
}

static void signals_everywhere(void)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct timespec soon = {.tv_nsec = 1000000};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	struct itimerspec each = {.it_interval = soon, .it_value = soon};
	timer_t timer;

	sigaction(SIGUSR1, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		die("timer_create: %s", strerror(errno));
	timer_settime(timer, 0, &each, NULL);
	for (int i = 0; i < 30; i++) {
		struct client c;

		client_open(&c);
		for (int n = 0; n < 5; n++)
			client_works(&c);
		expect_equal("jobs", client_state(&c).submitted, 5);
		client_close(&c);
	}
	timer_delete(timer);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "submit-against-destroy", .run = submit_against_destroy},
		{.name = "submit-against-reset", .run = submit_against_reset},
		{.name = "submit-against-unbind", .run = submit_against_unbind},
		{.name = "bind-against-close", .run = bind_against_close},
		{.name = "share-against-close", .run = share_against_close},
		{.name = "all-against-all", .run = all_against_all},
		{.name = "files-that-come-and-go", .run = files_that_come_and_go},
		{.name = "close-under-threads", .run = close_under_threads},
		{.name = "processes-that-are-killed", .run = processes_that_are_killed},
		{.name = "signals-everywhere", .run = signals_everywhere},
	};

	return run_tests("races", tests, ARRAY_LENGTH(tests), argc, argv);
}
