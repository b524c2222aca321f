// SPDX-License-Identifier: Apache-2.0
/*
 * Two processes at two priorities share the chip. Each leaves canaries wherever it can: buffers, all of the scratchpad,
 * memory that it gives back. Neither ever reads the other's. The one of higher priority comes first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"

#define ROUNDS 60
#define DUMP_VA 0x8000000ull
#define CANARY_LOW 0xa5
#define CANARY_HIGH 0xc3

struct tenant {
	struct client c;
	const char *name;
	uint8_t own, others;
	uint32_t spm_bytes;
	unsigned char *dump; /* as large as the scratchpad, bound at DUMP_VA */
};

/* What two processes know of each other. */
struct shared {
	unsigned int jobs[2];
	unsigned int scrubbed; /* dumps that began with another tenant's job before them */
};

static uint32_t scratchpad_bytes(int fd)
{
	struct drm_quern_dev_info info = {0};
	struct drm_quern_dev_query query = {.size = sizeof(info), .pointer = (uintptr_t)&info};

	must(call(fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	return info.spm_bytes;
}

static uint64_t device_cycles(int fd)
{
	struct drm_quern_dev_time now = {0};
	struct drm_quern_dev_query query = {
		.type = DRM_QUERN_DEV_QUERY_TIME, .size = sizeof(now), .pointer = (uintptr_t)&now};

	must(call(fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	return now.cycles;
}

static void tenant_open(struct tenant *t, const char *name, uint32_t priority, uint8_t own, uint8_t others)
{
	uint32_t bo;

	client_open_priority(&t->c, priority);
	t->name = name;
	t->own = own;
	t->others = others;
	t->spm_bytes = scratchpad_bytes(t->c.fd);
	bo = node_bo(t->c.fd, t->spm_bytes);
	t->dump = node_map(t->c.fd, bo, t->spm_bytes);
	must(node_bind(t->c.fd, bo, DUMP_VA, t->spm_bytes, 0), "bind");
}

static void tenant_close(struct tenant *t)
{
	munmap(t->dump, t->spm_bytes);
	client_close(&t->c);
}

static struct drm_quern_job job_of(const struct stream *s)
{
	struct drm_quern_job job = client_job(s->num);

	job.num_regions = 2;
	job.regions[1] = DUMP_VA;
	return job;
}

static struct drm_quern_job_query run_stream(const struct tenant *t, const struct stream *s)
{
	struct drm_quern_job job = job_of(s);
	uint64_t seqno;

	must(client_submit(&t->c, &job, 1, &seqno), "submit");
	expect_equal(t->name, client_finish(&t->c, seqno), DRM_QUERN_JOB_DONE);
	return client_query(&t->c, seqno);
}

static bool is_free_of(const struct tenant *t, const unsigned char *bytes, uint64_t num, uint8_t canary)
{
	for (uint64_t i = 0; i < num; i++)
		if (bytes[i] == canary) {
			fail("%s: another tenant's byte 0x%02x at %llu", t->name, canary, (unsigned long long)i);
			return false;
		}
	return true;
}

/* All of the scratchpad as the job finds it, then all of it full of canaries, and those of the data too. */
static void visit(const struct tenant *t)
{
	struct stream s = stream_at(t->c.map);

	memset(t->dump, 0x11, t->spm_bytes);
	memset(t->c.map + CLIENT_DATA, t->own, CLIENT_LAST - CLIENT_DATA);
	stream_store(&s, 1, 0, 0, t->spm_bytes);
	stream_fill(&s, 0, t->own, t->spm_bytes);
	stream_load(&s, 0, CLIENT_DATA, 0, PAGE);
	stream_delay(&s, 200);
	stream_store(&s, 0, CLIENT_DATA + PAGE, PAGE, PAGE);
	stream_end(&s);
	run_stream(t, &s);
	is_free_of(t, t->dump, t->spm_bytes, t->others);
	is_free_of(t, t->dump, t->spm_bytes, 0x11);
	for (uint64_t i = 0; i < PAGE; i++)
		if (t->c.map[CLIENT_DATA + PAGE + i] != t->own) {
			fail("%s: own byte %llu is 0x%02x", t->name, (unsigned long long)i,
			     t->c.map[CLIENT_DATA + PAGE + i]);
			return;
		}
}

/* The dump is all canaries of one's own or all zeros: nothing half way. */
static void count_scrubs(const struct tenant *t, struct shared *shared)
{
	for (uint32_t i = 1; i < t->spm_bytes; i++)
		if (t->dump[i] && t->dump[i] != t->own && t->dump[i] != t->others) {
			fail("%s: the scratchpad has 0x%02x at %u", t->name, t->dump[i], i);
			return;
		}
	if (!t->dump[t->spm_bytes - 1])
		__atomic_add_fetch(&shared->scrubbed, 1, __ATOMIC_RELAXED);
}

/* Memory that others gave back comes zeroed, and what is given back here is full of canaries. */
static void take_and_give_memory(const struct tenant *t)
{
	uint32_t bo = node_bo(t->c.fd, 32 * PAGE);
	unsigned char *map = node_map(t->c.fd, bo, 32 * PAGE);

	is_free_of(t, map, 32 * PAGE, t->others);
	memset(map, t->own, 32 * PAGE);
	munmap(map, 32 * PAGE);
	must(node_close_bo(t->c.fd, bo), "close");
}

/* Contexts and the address space come and go as well, with all the chip knows of them. */
static void tenant_rounds(struct tenant *t, struct shared *shared, unsigned int which)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		visit(t);
		count_scrubs(t, shared);
		take_and_give_memory(t);
		if (round % 8 == 7) {
			must(node_destroy_ctx(t->c.fd, t->c.ctx), "ctx_destroy");
			t->c.ctx = node_ctx(t->c.fd, which ? DRM_QUERN_PRIORITY_HIGH : DRM_QUERN_PRIORITY_LOW);
		}
		shared->jobs[which]++;
	}
}

static struct shared *share(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		die("no shared memory");
	return shared;
}

static void join(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	if (status)
		fail("the other process ended with status 0x%x", (unsigned int)status);
}

static void each_reads_its_own_bytes(void)
{
	struct shared *shared = share();
	struct tenant t = {0};
	pid_t pid = fork();

	if (!pid) {
		tenant_open(&t, "low", DRM_QUERN_PRIORITY_LOW, CANARY_LOW, CANARY_HIGH);
		tenant_rounds(&t, shared, 0);
		tenant_close(&t);
		fflush(stdout);
		_exit(failures() ? 1 : 0);
	}
	tenant_open(&t, "high", DRM_QUERN_PRIORITY_HIGH, CANARY_HIGH, CANARY_LOW);
	tenant_rounds(&t, shared, 1);
	tenant_close(&t);
	join(pid);
	if (!shared->scrubbed)
		fail("the two never met on the chip");
	printf("    %u and %u jobs, %u of them after the other's\n", shared->jobs[0], shared->jobs[1],
	       shared->scrubbed);
}

/* In one process, job by job: each job of one follows one of the other. */
static void each_job_finds_zeros_after_another_tenant(void)
{
	struct tenant a = {0}, b = {0};

	tenant_open(&a, "a", DRM_QUERN_PRIORITY_NORMAL, CANARY_LOW, CANARY_HIGH);
	tenant_open(&b, "b", DRM_QUERN_PRIORITY_NORMAL, CANARY_HIGH, CANARY_LOW);
	for (int i = 0; i < 4; i++) {
		visit(&a);
		for (uint32_t n = 0; n < a.spm_bytes; n++)
			if (a.dump[n])
				die("a: the scratchpad has 0x%02x at %u", a.dump[n], n);
		visit(&b);
		for (uint32_t n = 0; n < b.spm_bytes; n++)
			if (b.dump[n])
				die("b: the scratchpad has 0x%02x at %u", b.dump[n], n);
	}
	tenant_close(&a);
	tenant_close(&b);
}

/* What an ended tenant leaves: stopped by a fault, by its timeout, by the end of its file. */
static void nothing_is_left_of_a_tenant_that_ended(void)
{
	for (int how = 0; how < 3; how++) {
		struct tenant a = {0}, b = {0};
		struct drm_quern_job job;
		struct stream s;
		uint64_t seqno;

		tenant_open(&a, "a", DRM_QUERN_PRIORITY_NORMAL, CANARY_LOW, CANARY_HIGH);
		s = stream_at(a.c.map);
		stream_fill(&s, 0, a.own, a.spm_bytes);
		stream_delay(&s, how ? 400000000 : 10);
		stream_illegal(&s);
		job = job_of(&s);
		job.timeout_cycles = how == 1 ? 30000 : 1000000000;
		must(client_submit(&a.c, &job, 1, &seqno), "submit");
		if (how < 2)
			expect_equal("its end", client_finish(&a.c, seqno),
				     how ? DRM_QUERN_JOB_TIMEOUT : DRM_QUERN_JOB_FAULT);
		else
			usleep(50000);
		tenant_close(&a);
		tenant_open(&b, "b", DRM_QUERN_PRIORITY_NORMAL, CANARY_HIGH, CANARY_LOW);
		visit(&b);
		tenant_close(&b);
	}
}

/* A job of many pieces, each of which ends with a point where another may come in. Up to 250. */
static void write_pieces(struct stream *s, unsigned int pieces, uint32_t cycles)
{
	for (unsigned int i = 0; i < pieces; i++) {
		stream_delay(s, cycles);
		stream_yield(s);
	}
	stream_end(s);
}

/* The urgent job is ready while the long one, which came before, still runs. */
static void the_higher_priority_comes_first(void)
{
	struct drm_quern_job jobs[3];
	struct drm_quern_job_query urgent;
	struct tenant low = {0}, high = {0};
	struct stream s;
	uint64_t seqno, begin;

	tenant_open(&low, "low", DRM_QUERN_PRIORITY_LOW, CANARY_LOW, CANARY_HIGH);
	tenant_open(&high, "high", DRM_QUERN_PRIORITY_HIGH, CANARY_HIGH, CANARY_LOW);
	s = stream_at(low.c.map);
	write_pieces(&s, 250, 60000);
	for (int i = 0; i < 3; i++)
		jobs[i] = client_job(s.num);
	begin = device_cycles(low.c.fd);
	must(client_submit(&low.c, jobs, 3, &seqno), "submit");
	s = stream_at(high.c.map);
	stream_store(&s, 1, 0, 0, high.spm_bytes);
	stream_end(&s);
	/* The chip's clock goes on only with work: it is in the long job's second piece or behind. */
	while (device_cycles(low.c.fd) < begin + 100000)
		usleep(100);
	urgent = run_stream(&high, &s);
	expect_equal("the long job when the urgent one is ready", client_query(&low.c, seqno).status,
		     DRM_QUERN_JOB_PENDING);
	is_free_of(&high, high.dump, high.spm_bytes, CANARY_LOW);
	if (urgent.t_start - urgent.t_doorbell > 100000)
		fail("the urgent job waits %llu cycles for pieces of 60000",
		     (unsigned long long)(urgent.t_start - urgent.t_doorbell));
	printf("    long job from %llu, urgent one from %llu to %llu\n", (unsigned long long)begin,
	       (unsigned long long)urgent.t_doorbell, (unsigned long long)urgent.t_end);
	must(node_destroy_ctx(low.c.fd, low.c.ctx), "ctx_destroy");
	client_works(&high.c);
	tenant_close(&low);
	tenant_close(&high);
}

/* Each piece leaves its number in memory; urgent jobs come in between as often as they can. */
static void a_preempted_job_goes_on_where_it_was(void)
{
	enum { PIECES = 24, RUN = 16, AT = 8 * PAGE };
	struct tenant low = {0}, high = {0};
	struct drm_quern_job job;
	struct stream s, urgent;
	unsigned int num = 0;
	uint64_t seqno;

	tenant_open(&low, "low", DRM_QUERN_PRIORITY_LOW, CANARY_LOW, CANARY_HIGH);
	tenant_open(&high, "high", DRM_QUERN_PRIORITY_HIGH, CANARY_HIGH, CANARY_LOW);
	s = stream_at(low.c.map);
	for (unsigned int i = 0; i < PIECES; i++) {
		stream_fill(&s, 0, (uint8_t)(i + 1), RUN);
		stream_delay(&s, 20000);
		stream_store(&s, 0, AT + i * RUN, 0, RUN);
		stream_yield(&s);
	}
	stream_end(&s);
	urgent = stream_at(high.c.map);
	stream_fill(&urgent, 0, CANARY_HIGH, PAGE);
	stream_end(&urgent);
	job = client_job(s.num);
	must(client_submit(&low.c, &job, 1, &seqno), "submit");
	for (; client_state(&low.c).pending; num++)
		run_stream(&high, &urgent);
	expect_equal("the long job", client_finish(&low.c, seqno), DRM_QUERN_JOB_DONE);
	/* stream_delay() fills the first byte with zero. */
	for (unsigned int i = 0; i < PIECES; i++)
		for (unsigned int n = 1; n < RUN; n++)
			expect_equal("a byte of a piece", low.c.map[AT + i * RUN + n], i + 1);
	printf("    %u urgent jobs beside a job of %u pieces\n", num, PIECES);
	tenant_close(&low);
	tenant_close(&high);
}

/* The same address means the own buffer of each. */
static void one_address_two_memories(void)
{
	struct tenant a = {0}, b = {0};
	struct stream s;

	tenant_open(&a, "a", DRM_QUERN_PRIORITY_NORMAL, CANARY_LOW, CANARY_HIGH);
	tenant_open(&b, "b", DRM_QUERN_PRIORITY_HIGH, CANARY_HIGH, CANARY_LOW);
	for (int i = 0; i < 10; i++) {
		memset(a.dump, a.own, PAGE);
		memset(b.dump, b.own, PAGE);
		for (int n = 0; n < 2; n++) {
			const struct tenant *t = n ? &b : &a;

			s = stream_at(t->c.map);
			stream_load(&s, 1, 0, 0, PAGE);
			stream_store(&s, 0, CLIENT_DATA, 0, PAGE);
			stream_end(&s);
			run_stream(t, &s);
			is_free_of(t, t->c.map + CLIENT_DATA, PAGE, t->others);
		}
	}
	tenant_close(&a);
	tenant_close(&b);
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "each-reads-its-own-bytes", .run = each_reads_its_own_bytes, .seconds = 120},
		{.name = "each-job-finds-zeros-after-another-tenant", .run = each_job_finds_zeros_after_another_tenant},
		{.name = "nothing-is-left-of-a-tenant-that-ended", .run = nothing_is_left_of_a_tenant_that_ended},
		{.name = "the-higher-priority-comes-first", .run = the_higher_priority_comes_first},
		{.name = "a-preempted-job-goes-on-where-it-was", .run = a_preempted_job_goes_on_where_it_was},
		{.name = "one-address-two-memories", .run = one_address_two_memories},
	};

	return run_tests("tenants", tests, ARRAY_LENGTH(tests), argc, argv);
}
