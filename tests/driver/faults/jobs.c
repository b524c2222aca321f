// SPDX-License-Identifier: Apache-2.0
/* Jobs that are at fault: each ends with the right error in bounded device time, and nobody else notices. */
#include <errno.h>
#include <string.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "innocent.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"
#include "quern/commands.h"
#include "tests.h"

#define TIMEOUT_CYCLES 200000u
#define READONLY_VA FREE_VA
#define UNBOUND_VA (FREE_VA + 64 * PAGE)

struct crime {
	void (*write)(const struct client *c, struct stream *s);
	void (*change)(struct drm_quern_job *job);
	uint32_t status; /* enum drm_quern_job_status */
	uint32_t fault;	 /* enum quern_fault */
};

static void write_endless(const struct client *c, struct stream *s)
{
	(void)c;
	stream_delay(s, 2000000000);
	stream_end(s);
}

/* Commands that follow each other without an end in sight. */
static void write_long(const struct client *c, struct stream *s)
{
	(void)c;
	for (int i = 0; i < 40; i++)
		stream_delay(s, 60000);
	stream_end(s);
}

static void write_copy(const struct client *c, struct stream *s)
{
	(void)c;
	stream_load(s, 0, CLIENT_DATA, 0, 64);
	stream_end(s);
}

static void read_unbound(const struct client *c, struct stream *s)
{
	(void)c;
	stream_load(s, 1, 0, 0, 64);
	stream_end(s);
}

static void write_unbound(const struct client *c, struct stream *s)
{
	(void)c;
	stream_store(s, 1, 0, 0, 64);
	stream_end(s);
}

/* The same pages, bound once more. The second time they are there. */
static void write_readonly(const struct client *c, struct stream *s)
{
	int ret = node_bind(c->fd, c->bo, READONLY_VA, PAGE, DRM_QUERN_VM_BIND_READONLY);

	if (ret != -EEXIST)
		must(ret, "vm_bind");
	stream_load(s, 2, 0, 0, 64);
	stream_store(s, 2, 0, 0, 64);
	stream_end(s);
}

static void write_illegal(const struct client *c, struct stream *s)
{
	(void)c;
	stream_illegal(s);
	stream_end(s);
}

static void write_bad_field(const struct client *c, struct stream *s)
{
	stream_load(s, 0, CLIENT_DATA, 0, 64);
	/* A bit of the first word that no field names. */
	((uint32_t *)c->map)[0] |= 1u << 31;
	stream_end(s);
}

static void write_bad_token(const struct client *c, struct stream *s)
{
	stream_load(s, 0, CLIENT_DATA, 0, 64);
	/* Waits for what nobody signals. */
	((uint32_t *)c->map)[1] = 1u << 5;
	stream_end(s);
}

static void write_beyond_scratchpad(const struct client *c, struct stream *s)
{
	(void)c;
	stream_load(s, 0, CLIENT_DATA, 0xfffff0, 64);
	stream_end(s);
}

static void write_no_end(const struct client *c, struct stream *s)
{
	(void)c;
	stream_load(s, 0, CLIENT_DATA, 0, 64);
}

static void fetch_unbound(struct drm_quern_job *job)
{
	job->stream = UNBOUND_VA;
}

/* The first command is there, the page of the second is not. */
static void fetch_off_the_end(struct drm_quern_job *job)
{
	job->stream = CLIENT_VA + CLIENT_BYTES - QUERN_CMD_BYTES;
	job->num_commands = 2;
}

static void write_nop_at_end(const struct client *c, struct stream *s)
{
	struct stream last = stream_at(c->map + CLIENT_BYTES - QUERN_CMD_BYTES);

	write_copy(c, s);
	stream_op(&last, QUERN_OP_NOP);
}

static void check_context(const struct client *c, uint64_t seqno, const struct crime *crime)
{
	struct drm_quern_ctx_query query = {.handle = c->ctx};

	must(call(c->fd, DRM_IOCTL_QUERN_CTX_QUERY, &query), "ctx_query");
	expect_equal("the context's state", query.state, DRM_QUERN_CTX_FAILED);
	expect_equal("the job that failed", query.failed_seqno, seqno);
	expect_equal("the context's fault", query.fault, crime->fault);
	expect_equal("jobs left", query.pending, 0);
}

/* It takes no jobs until it is reset, and then works. */
static void check_reset(const struct client *c, const struct drm_quern_job *job)
{
	struct drm_quern_ctx_reset reset = {.handle = c->ctx};

	expect_error("another job", client_submit(c, job, 1, NULL), -ECANCELED);
	must(call(c->fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), "ctx_reset");
	client_works(c);
}

static void commit(const struct client *c, const struct crime *crime)
{
	struct stream s = stream_at(c->map);
	struct drm_quern_job jobs[3];
	uint64_t start = now_ms();
	uint32_t cycles;
	uint64_t seqno;

	crime->write(c, &s);
	for (int i = 0; i < 3; i++) {
		jobs[i] = client_job(s.num);
		jobs[i].num_regions = 3;
		jobs[i].regions[1] = UNBOUND_VA;
		jobs[i].regions[2] = READONLY_VA;
		jobs[i].timeout_cycles = TIMEOUT_CYCLES;
		if (crime->change)
			crime->change(&jobs[i]);
	}
	cycles = chip_cycles();
	must(client_submit(c, jobs, 3, &seqno), "submit");
	client_finish(c, seqno);
	cycles = chip_cycles() - cycles;
	expect_within("ending the job", start, GUILTY_MS);
	if (cycles > SOON_CYCLES)
		fail("ending the job took %u cycles of %u", cycles, GUILTY_CYCLES);
	expect_equal("the job", client_query(c, seqno).status, crime->status);
	expect_equal("its fault", client_query(c, seqno).fault, crime->fault);
	for (int i = 1; i < 3; i++)
		expect_equal("a job behind it", client_query(c, seqno + i).status, DRM_QUERN_JOB_CANCELED);
	check_context(c, seqno, crime);
	check_reset(c, jobs);
}

static void run_crime(const void *arg)
{
	const struct crime *crime = arg;
	struct innocent innocent;
	uint32_t resets;
	struct client c;

	innocent_start(&innocent);
	resets = num_resets();
	client_open(&c);
	commit(&c, crime);
	innocent_goes_on(&innocent);
	commit(&c, crime);
	client_close(&c);
	innocent_finish(&innocent);
	expect_equal("resets of the chip", num_resets() - resets, 0);
}

#define FAULT(kind) DRM_QUERN_JOB_FAULT, QUERN_FAULT_##kind
#define CRIME(...) (&(const struct crime){__VA_ARGS__})

const struct test job_tests[] = {
	{.name = "endless",
	 .seconds = 90,
	 .run_with = run_crime,
	 .arg = CRIME(write_endless, NULL, DRM_QUERN_JOB_TIMEOUT, QUERN_FAULT_ABORTED)},
	{.name = "long",
	 .seconds = 90,
	 .run_with = run_crime,
	 .arg = CRIME(write_long, NULL, DRM_QUERN_JOB_TIMEOUT, QUERN_FAULT_ABORTED)},
	{.name = "mmu-read",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(read_unbound, NULL, FAULT(PAGE_INVALID))},
	{.name = "mmu-write",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_unbound, NULL, FAULT(PAGE_INVALID))},
	{.name = "mmu-readonly",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_readonly, NULL, FAULT(PAGE_WRITE))},
	{.name = "mmu-fetch",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_copy, fetch_unbound, FAULT(PAGE_INVALID))},
	{.name = "mmu-fetch-next",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_nop_at_end, fetch_off_the_end, FAULT(PAGE_INVALID))},
	{.name = "illegal-opcode",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_illegal, NULL, FAULT(ILLEGAL_OPCODE))},
	{.name = "illegal-field",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_bad_field, NULL, FAULT(ILLEGAL_FIELD))},
	{.name = "token", .seconds = 60, .run_with = run_crime, .arg = CRIME(write_bad_token, NULL, FAULT(TOKEN))},
	{.name = "scratchpad",
	 .seconds = 60,
	 .run_with = run_crime,
	 .arg = CRIME(write_beyond_scratchpad, NULL, FAULT(SPM_BOUNDS))},
	{.name = "no-end", .seconds = 60, .run_with = run_crime, .arg = CRIME(write_no_end, NULL, FAULT(STREAM_END))},
};
const unsigned int num_job_tests = ARRAY_LENGTH(job_tests);
