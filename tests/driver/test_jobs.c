// SPDX-License-Identifier: Apache-2.0
/* What jobs do wrong is their context's business alone: it says what happened, refuses jobs until reset, others go on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"
#include "quern/commands.h"

#define SLOW 30000000 /* cycles that no test waits for */

/* Jobs with this stream, queued at once; the number of the first. */
static uint64_t submit_streams(const struct client *c, const struct stream *s, uint64_t timeout, uint32_t num)
{
	struct drm_quern_job jobs[2] = {client_job(s->num), client_job(s->num)};
	uint64_t seqno;

	jobs[0].timeout_cycles = timeout;
	must(client_submit(c, jobs, num, &seqno), "submit");
	return seqno;
}

static uint64_t submit_stream(const struct client *c, const struct stream *s, uint64_t timeout)
{
	return submit_streams(c, s, timeout, 1);
}

struct mistake {
	const char *name;
	void (*write)(struct stream *s);
	uint64_t timeout;
	enum drm_quern_job_status status;
	enum quern_fault fault;
};

static void illegal(struct stream *s)
{
	stream_delay(s, 1000);
	stream_illegal(s);
	stream_end(s);
}

static void no_end(struct stream *s)
{
	stream_delay(s, 10);
}

static void unbound(struct stream *s)
{
	stream_load(s, 3, 0, 0, 64);
	stream_end(s);
}

static void past_scratchpad(struct stream *s)
{
	stream_fill(s, 0xfffff0, 1, 64);
	stream_end(s);
}

static void past_buffer(struct stream *s)
{
	stream_store(s, 0, CLIENT_BYTES - 8, 0, 64);
	stream_end(s);
}

static void too_long(struct stream *s)
{
	stream_delay(s, SLOW);
	stream_end(s);
}

static const struct mistake mistakes[] = {
	{"an illegal command", illegal, 0, DRM_QUERN_JOB_FAULT, QUERN_FAULT_ILLEGAL_OPCODE},
	{"a stream without END", no_end, 0, DRM_QUERN_JOB_FAULT, QUERN_FAULT_STREAM_END},
	{"an address that is not bound", unbound, 0, DRM_QUERN_JOB_FAULT, QUERN_FAULT_PAGE_INVALID},
	{"past the scratchpad", past_scratchpad, 0, DRM_QUERN_JOB_FAULT, QUERN_FAULT_SPM_BOUNDS},
	{"past the buffer", past_buffer, 0, DRM_QUERN_JOB_FAULT, QUERN_FAULT_PAGE_INVALID},
	{"longer than its timeout", too_long, 20000, DRM_QUERN_JOB_TIMEOUT, 0},
};

/* The guilty one: its job, the job behind it, its state. */
static void check_guilty(const struct client *c, const struct mistake *m, uint64_t first)
{
	struct drm_quern_job_query query;
	struct drm_quern_ctx_query state;
	struct drm_quern_job good = client_job(1);

	expect_equal("the job behind it", client_finish(c, first + 1), DRM_QUERN_JOB_CANCELED);
	query = client_query(c, first);
	expect_equal(m->name, query.status, m->status);
	if (m->fault)
		expect_equal("fault", query.fault, m->fault);
	state = client_state(c);
	expect_equal("state", state.state, DRM_QUERN_CTX_FAILED);
	expect_equal("job that failed", state.failed_seqno, first);
	expect_equal("its fault", state.fault, query.fault);
	expect_equal("its unit", state.fault_unit, query.fault_unit);
	expect_equal("its command", state.fault_index, query.fault_index);
	expect_equal("its address", state.fault_addr, query.fault_addr);
	expect_error("a job for a failed context", client_submit(c, &good, 1, NULL), -ECANCELED);
	client_reset(c);
	expect_equal("state after reset", client_state(c).state, DRM_QUERN_CTX_OK);
	client_works(c);
}

static void mistakes_stop_their_context(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(mistakes); i++) {
		struct client guilty, sibling, stranger;
		struct stream s;
		uint64_t seqno;

		client_open(&guilty);
		client_open(&stranger);
		/* The same file and buffer, another context. */
		sibling = guilty;
		sibling.ctx = node_ctx(guilty.fd, DRM_QUERN_PRIORITY_NORMAL);
		sibling.sync = node_syncobj(guilty.fd);
		s = stream_at(guilty.map);
		mistakes[i].write(&s);
		seqno = submit_streams(&guilty, &s, mistakes[i].timeout, 2);
		client_works(&stranger);
		client_works(&sibling);
		check_guilty(&guilty, &mistakes[i], seqno);
		client_works(&stranger);
		client_works(&sibling);
		client_close(&stranger);
		client_close(&guilty);
	}
}

static void a_busy_context_is_not_reset(void)
{
	struct drm_quern_ctx_reset reset = {0};
	struct client c;
	uint64_t seqno;

	client_open(&c);
	reset.handle = c.ctx;
	seqno = client_keep_busy(&c, SLOW, 50000, 1);
	expect_error("reset", call(c.fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), -EBUSY);
	expect_equal("pending", client_state(&c).pending, 1);
	expect_equal("query", client_query(&c, seqno).status, DRM_QUERN_JOB_PENDING);
	expect_equal("status", client_finish(&c, seqno), DRM_QUERN_JOB_TIMEOUT);
	client_close(&c);
}

/* What JOB_QUERY says of a good job fits together. */
static void counters_fit_together(void)
{
	struct drm_quern_dev_time before, after;
	struct drm_quern_dev_query query = {.type = DRM_QUERN_DEV_QUERY_TIME, .size = sizeof(before)};
	struct drm_quern_job_query q;
	struct client c;
	struct stream s;
	uint64_t seqno;

	client_open(&c);
	s = stream_at(c.map);
	stream_load(&s, 0, CLIENT_DATA, 0, 4096);
	stream_delay(&s, 5000);
	stream_store(&s, 0, CLIENT_DATA, 0, 2048);
	stream_end(&s);
	query.pointer = (uintptr_t)&before;
	must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	seqno = submit_stream(&c, &s, 0);
	client_finish(&c, seqno);
	query.pointer = (uintptr_t)&after;
	must(call(c.fd, DRM_IOCTL_QUERN_DEV_QUERY, &query), "dev_query");
	q = client_query(&c, seqno);
	expect_equal("status", q.status, DRM_QUERN_JOB_DONE);
	if (!(before.cycles <= q.t_doorbell && q.t_doorbell <= q.t_start && q.t_start < q.t_end &&
	      q.t_end <= after.cycles))
		fail("times %llu %llu %llu between %llu and %llu", (unsigned long long)q.t_doorbell,
		     (unsigned long long)q.t_start, (unsigned long long)q.t_end, (unsigned long long)before.cycles,
		     (unsigned long long)after.cycles);
	if (q.job_cycles < 5000 || q.job_cycles > q.t_end - q.t_start)
		fail("%llu cycles", (unsigned long long)q.job_cycles);
	if (q.rd_bytes < 4096 || q.wr_bytes < 2048)
		fail("%llu bytes read, %llu written", (unsigned long long)q.rd_bytes, (unsigned long long)q.wr_bytes);
	client_close(&c);
}

static void a_submission_is_all_or_nothing(void)
{
	struct drm_quern_job jobs[DRM_QUERN_MAX_SUBMIT_JOBS];
	struct client c;
	struct stream s;
	uint64_t seqno;

	client_open(&c);
	s = stream_at(c.map);
	stream_end(&s);
	for (int i = 0; i < DRM_QUERN_MAX_SUBMIT_JOBS; i++)
		jobs[i] = client_job(s.num);
	jobs[DRM_QUERN_MAX_SUBMIT_JOBS - 1].flags = 1;
	expect_error("the last is bad", client_submit(&c, jobs, DRM_QUERN_MAX_SUBMIT_JOBS, NULL), -EINVAL);
	expect_equal("jobs that were queued", client_state(&c).submitted, 0);
	jobs[DRM_QUERN_MAX_SUBMIT_JOBS - 1].flags = 0;
	must(client_submit(&c, jobs, DRM_QUERN_MAX_SUBMIT_JOBS, &seqno), "submit");
	expect_equal("number of the first", seqno, 1);
	expect_equal("the last", client_finish(&c, DRM_QUERN_MAX_SUBMIT_JOBS), DRM_QUERN_JOB_DONE);
	client_close(&c);
}

/* A chain over a timeline: each context's job waits for the other's. */
static void timelines_order_jobs(void)
{
	enum { STEPS = 24 };
	struct drm_syncobj_create create = {0};
	struct drm_quern_job job;
	struct client c;
	uint32_t ctx[2];
	uint64_t seqno[STEPS];

	client_open(&c);
	ctx[0] = c.ctx;
	ctx[1] = node_ctx(c.fd, DRM_QUERN_PRIORITY_HIGH);
	must(call(c.fd, DRM_IOCTL_SYNCOBJ_CREATE, &create), "syncobj_create");
	job = client_busy_job(&c, 300);
	for (uint64_t i = 0; i < STEPS; i++) {
		struct drm_quern_sync syncs[] = {
			{.handle = create.handle, .flags = DRM_QUERN_SYNC_TIMELINE, .point = i},
			{.handle = create.handle,
			 .flags = DRM_QUERN_SYNC_TIMELINE | DRM_QUERN_SYNC_SIGNAL,
			 .point = i + 1},
		};
		struct drm_quern_submit args = {
			.ctx = ctx[i & 1],
			.jobs = (uintptr_t)&job,
			.num_jobs = 1,
			.job_stride = sizeof(job),
			.syncs = (uintptr_t)(i ? syncs : syncs + 1),
			.num_syncs = i ? 2 : 1,
			.sync_stride = sizeof(syncs[0]),
		};

		must(call(c.fd, DRM_IOCTL_QUERN_SUBMIT, &args), "submit");
		seqno[i] = args.seqno;
	}
	client_idle(&c);
	c.ctx = ctx[1];
	client_idle(&c);
	for (int i = 1; i < STEPS; i++) {
		uint64_t end, start;

		c.ctx = ctx[(i - 1) & 1];
		end = client_query(&c, seqno[i - 1]).t_end;
		c.ctx = ctx[i & 1];
		start = client_query(&c, seqno[i]).t_start;
		if (start < end)
			fail("step %d starts before step %d has ended", i, i - 1);
	}
	client_close(&c);
}

/* A job behind one that failed, in another context, by syncobj: it runs or not, but it ends. */
static void a_dependency_that_fails(void)
{
	struct client bad, next;
	struct drm_quern_job job;
	struct drm_quern_sync sync = {0};
	struct drm_quern_submit args = {.jobs = (uintptr_t)&job,
					.num_jobs = 1,
					.job_stride = sizeof(job),
					.syncs = (uintptr_t)&sync,
					.num_syncs = 1,
					.sync_stride = sizeof(sync)};
	struct stream s;

	client_open(&bad);
	next = bad;
	next.ctx = node_ctx(bad.fd, DRM_QUERN_PRIORITY_NORMAL);
	next.sync = node_syncobj(bad.fd);
	s = stream_at(bad.map);
	illegal(&s);
	submit_stream(&bad, &s, 0);
	s = stream_at(bad.map + PAGE);
	stream_end(&s);
	job = client_job(s.num);
	job.stream += PAGE;
	args.ctx = next.ctx;
	sync.handle = bad.sync;
	must(call(next.fd, DRM_IOCTL_QUERN_SUBMIT, &args), "submit");
	client_idle(&next);
	client_idle(&bad);
	client_works(&next);
	client_reset(&bad);
	client_works(&bad);
	client_close(&bad);
}

/* A wait of a process is for as long as it says. */
static void waits_end_in_time(void)
{
	struct drm_syncobj_wait wait = {.count_handles = 1};
	struct timespec now;
	struct client c;

	client_open(&c);
	wait.handles = (uintptr_t)&c.sync;
	client_keep_busy(&c, SLOW, 1000000000, 1);
	clock_gettime(CLOCK_MONOTONIC, &now);
	wait.timeout_nsec = now.tv_sec * 1000000000ll + now.tv_nsec + 20000000;
	expect_error("a wait of 20 ms", call(c.fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait), -ETIME);
	client_close(&c);
	device_works();
}

int main(int argc, char **argv)
{
	static const struct test tests[] = {
		{.name = "mistakes-stop-their-context", .run = mistakes_stop_their_context},
		{.name = "a-busy-context-is-not-reset", .run = a_busy_context_is_not_reset},
		{.name = "counters-fit-together", .run = counters_fit_together},
		{.name = "a-submission-is-all-or-nothing", .run = a_submission_is_all_or_nothing},
		{.name = "timelines-order-jobs", .run = timelines_order_jobs},
		{.name = "a-dependency-that-fails", .run = a_dependency_that_fails},
		{.name = "waits-end-in-time", .run = waits_end_in_time},
	};

	return run_tests("jobs", tests, ARRAY_LENGTH(tests), argc, argv);
}
