// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What SUBMIT accepts: each field at and beyond its bounds, and any garbage; and that what is
 * accepted reaches the firmware's record unchanged.
 */
#include <drm/quern_accel.h>

#include "quern/commands.h"
#include "quern_submit.h"
#include "quern_test.h"

#define VA_END BIT_ULL(QUERN_VA_BITS)
#define JOB_BYTES sizeof(struct drm_quern_job)
#define SYNC_BYTES sizeof(struct drm_quern_sync)

/* One field of a structure that is otherwise good. */
struct field_case {
	const char *name;
	struct quern_test_field field;
	u64 value;
	int want;
};

#define ARGS(field) QUERN_TEST_FIELD(struct drm_quern_submit, field)
#define JOB(field) QUERN_TEST_FIELD(struct drm_quern_job, field)
#define SYNC(field) QUERN_TEST_FIELD(struct drm_quern_sync, field)

static const struct drm_quern_submit good_args = {
	.ctx = 1,
	.jobs = 0x1000,
	.num_jobs = 1,
	.job_stride = JOB_BYTES,
	.syncs = 0x2000,
	.num_syncs = 1,
	.sync_stride = SYNC_BYTES,
};

static const struct field_case args_cases[] = {
	{ "flags", ARGS(flags), 1, -EINVAL },
	{ "highest flag", ARGS(flags), 0x80000000, -EINVAL },
	{ "seqno", ARGS(seqno), 1, -EINVAL },
	{ "seqno, upper half", ARGS(seqno), BIT_ULL(32), -EINVAL },
	{ "no jobs", ARGS(num_jobs), 0, -EINVAL },
	{ "most jobs", ARGS(num_jobs), DRM_QUERN_MAX_SUBMIT_JOBS, 0 },
	{ "too many jobs", ARGS(num_jobs), DRM_QUERN_MAX_SUBMIT_JOBS + 1, -EINVAL },
	{ "all jobs", ARGS(num_jobs), U32_MAX, -EINVAL },
	{ "no stride of jobs", ARGS(job_stride), 0, -EINVAL },
	{ "shorter jobs", ARGS(job_stride), JOB_BYTES - 1, -EINVAL },
	{ "longer jobs", ARGS(job_stride), JOB_BYTES + 8, 0 },
	{ "longest jobs", ARGS(job_stride), PAGE_SIZE, 0 },
	{ "jobs too long", ARGS(job_stride), PAGE_SIZE + 1, -EINVAL },
	{ "longest stride of jobs", ARGS(job_stride), U32_MAX, -EINVAL },
	{ "no syncs", ARGS(num_syncs), 0, 0 },
	{ "most syncs", ARGS(num_syncs), DRM_QUERN_MAX_SUBMIT_SYNCS, 0 },
	{ "too many syncs", ARGS(num_syncs), DRM_QUERN_MAX_SUBMIT_SYNCS + 1, -EINVAL },
	{ "all syncs", ARGS(num_syncs), U32_MAX, -EINVAL },
	{ "no stride of syncs", ARGS(sync_stride), 0, -EINVAL },
	{ "shorter syncs", ARGS(sync_stride), SYNC_BYTES - 1, -EINVAL },
	{ "longer syncs", ARGS(sync_stride), SYNC_BYTES + 8, 0 },
	{ "longest syncs", ARGS(sync_stride), PAGE_SIZE, 0 },
	{ "syncs too long", ARGS(sync_stride), PAGE_SIZE + 1, -EINVAL },
};

static const struct drm_quern_job good_job = {
	.stream = 0x10000,
	.timeout_cycles = 1000,
	.num_commands = 10,
	.num_regions = 2,
	.regions = { 0x20000, 0x30000 },
};

static const struct field_case job_cases[] = {
	{ "flags", JOB(flags), 1, -EINVAL },
	{ "highest flag", JOB(flags), 0x80000000, -EINVAL },
	{ "pad", JOB(pad), 1, -EINVAL },
	{ "highest bit of pad", JOB(pad), 0x80000000, -EINVAL },
	{ "no commands", JOB(num_commands), 0, -EINVAL },
	{ "one command", JOB(num_commands), 1, 0 },
	{ "most commands", JOB(num_commands), QUERN_MAX_STREAM_CMDS, 0 },
	{ "too many commands", JOB(num_commands), QUERN_MAX_STREAM_CMDS + 1, -EINVAL },
	{ "all commands", JOB(num_commands), U32_MAX, -EINVAL },
	{ "stream at 0", JOB(stream), 0, 0 },
	{ "stream not aligned", JOB(stream), 0x10001, -EINVAL },
	{ "stream half aligned", JOB(stream), 0x10020, -EINVAL },
	{ "stream to the end", JOB(stream), VA_END - 640, 0 },
	{ "stream over the end", JOB(stream), VA_END - 576, -EINVAL },
	{ "stream at the end", JOB(stream), VA_END, -EINVAL },
	{ "stream that wraps", JOB(stream), -64ULL, -EINVAL },
	{ "stream in bit 63", JOB(stream), BIT_ULL(63) | 0x10000, -EINVAL },
	{ "no timeout", JOB(timeout_cycles), 0, 0 },
	{ "longest timeout", JOB(timeout_cycles), QUERN_MAX_TIMEOUT_CYCLES, 0 },
	{ "timeout too long", JOB(timeout_cycles), QUERN_MAX_TIMEOUT_CYCLES + 1, -EINVAL },
	{ "all timeout", JOB(timeout_cycles), U64_MAX, -EINVAL },
	{ "fewer regions than named", JOB(num_regions), 1, -EINVAL },
	{ "more regions than named", JOB(num_regions), 16, 0 },
	{ "too many regions", JOB(num_regions), 17, -EINVAL },
	{ "all regions", JOB(num_regions), U32_MAX, -EINVAL },
	{ "region at the last byte", JOB(regions[1]), VA_END - 1, 0 },
	{ "region at the end", JOB(regions[1]), VA_END, -EINVAL },
	{ "region in bit 63", JOB(regions[0]), BIT_ULL(63), -EINVAL },
	{ "region of none", JOB(regions[2]), 1, -EINVAL },
	{ "last region of none", JOB(regions[15]), 0x40000, -EINVAL },
};

static const struct drm_quern_sync good_sync = { .handle = 1 };

static const struct field_case sync_cases[] = {
	{ "signal", SYNC(flags), DRM_QUERN_SYNC_SIGNAL, 0 },
	{ "timeline without point", SYNC(flags), DRM_QUERN_SYNC_TIMELINE, -EINVAL },
	{ "next flag", SYNC(flags), DRM_QUERN_SYNC_TIMELINE << 1, -EINVAL },
	{ "highest flag", SYNC(flags), 0x80000000, -EINVAL },
	{ "point without timeline", SYNC(point), 1, -EINVAL },
	{ "point without timeline, upper half", SYNC(point), BIT_ULL(32), -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(args, args_cases, name);
KUNIT_ARRAY_PARAM_DESC(job, job_cases, name);
KUNIT_ARRAY_PARAM_DESC(sync, sync_cases, name);

static void submit_test_args(struct kunit *test)
{
	const struct field_case *c = test->param_value;
	struct drm_quern_submit args = good_args;

	KUNIT_ASSERT_EQ(test, quern_submit_check_args(&args), 0);
	quern_test_set(&args, c->field, c->value);
	KUNIT_EXPECT_EQ(test, quern_submit_check_args(&args), c->want);
}

/* Without syncs their stride is not looked at. */
static void submit_test_no_syncs(struct kunit *test)
{
	struct drm_quern_submit args = good_args;

	args.num_syncs = 0;
	args.sync_stride = 0;
	KUNIT_EXPECT_EQ(test, quern_submit_check_args(&args), 0);
	args.sync_stride = U32_MAX;
	KUNIT_EXPECT_EQ(test, quern_submit_check_args(&args), 0);
}

static void submit_test_job(struct kunit *test)
{
	const struct field_case *c = test->param_value;
	struct drm_quern_job job = good_job;

	KUNIT_ASSERT_EQ(test, quern_submit_check_job(&job), 0);
	quern_test_set(&job, c->field, c->value);
	KUNIT_EXPECT_EQ(test, quern_submit_check_job(&job), c->want);
}

/* The longest stream, where it just fits. */
static void submit_test_longest_stream(struct kunit *test)
{
	u64 bytes = (u64)QUERN_MAX_STREAM_CMDS * QUERN_CMD_BYTES;
	struct drm_quern_job job = good_job;

	job.num_commands = QUERN_MAX_STREAM_CMDS;
	job.stream = VA_END - bytes;
	KUNIT_EXPECT_EQ(test, quern_submit_check_job(&job), 0);
	job.stream += QUERN_CMD_BYTES;
	KUNIT_EXPECT_EQ(test, quern_submit_check_job(&job), -EINVAL);
}

static void submit_test_sync(struct kunit *test)
{
	const struct field_case *c = test->param_value;
	struct drm_quern_sync sync = good_sync;

	KUNIT_ASSERT_EQ(test, quern_submit_check_sync(&sync), 0);
	quern_test_set(&sync, c->field, c->value);
	KUNIT_EXPECT_EQ(test, quern_submit_check_sync(&sync), c->want);
}

static void submit_test_timeline(struct kunit *test)
{
	static const u64 points[] = { 1, BIT_ULL(32), U64_MAX };
	struct drm_quern_sync sync = good_sync;

	for (unsigned int i = 0; i < ARRAY_SIZE(points); i++) {
		sync.point = points[i];
		sync.flags = DRM_QUERN_SYNC_TIMELINE;
		KUNIT_EXPECT_EQ(test, quern_submit_check_sync(&sync), 0);
		sync.flags |= DRM_QUERN_SYNC_SIGNAL;
		KUNIT_EXPECT_EQ(test, quern_submit_check_sync(&sync), 0);
	}
}

/* Every field of a job is one of the record, and nothing else is set. */
static void submit_test_fill(struct kunit *test)
{
	struct drm_quern_job job = good_job;
	struct quern_job record, want = {
		.op = QUERN_JOB_OP_RUN,
		.ncmds = 10,
		.stream = 0x10000,
		.timeout = 1000,
		.num_regions = 16,
	};

	job.num_regions = 16;
	for (u32 i = 0; i < 16; i++) {
		job.regions[i] = 0x100000ULL * (i + 1);
		want.region[i] = 0x100000ULL * (i + 1);
	}
	memset(&record, 0xa5, sizeof(record));
	quern_submit_fill(&record, &job);
	KUNIT_EXPECT_MEMEQ(test, &record, &want, sizeof(want));
}

/* What a job that was accepted must be, said once more in other words. */
static bool job_is_sane(const struct drm_quern_job *job)
{
	u64 end = job->stream + 64ULL * job->num_commands;
	bool sane = !job->flags && !job->pad && job->num_commands && job->num_regions <= 16 &&
		    job->timeout_cycles <= 10000000000ULL && !(job->stream & 63) &&
		    end > job->stream && end <= VA_END &&
		    job->num_commands <= QUERN_MAX_STREAM_CMDS;

	for (u32 i = 0; i < 16; i++)
		if (job->regions[i] >= VA_END || (i >= job->num_regions && job->regions[i]))
			sane = false;
	return sane;
}

static u64 random_u64(struct rnd_state *rnd)
{
	return (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);
}

/* Often at or beyond its bound. */
static u64 random_value(struct rnd_state *rnd, u64 bound)
{
	switch (quern_test_below(rnd, 8)) {
	case 0:
		return bound;
	case 1:
		return bound + 1;
	case 2:
		return random_u64(rnd);
	case 3:
		return bound - 64;
	default:
		return random_u64(rnd) % bound;
	}
}

static void random_job(struct rnd_state *rnd, struct drm_quern_job *job)
{
	*job = good_job;
	switch (quern_test_below(rnd, 4)) {
	case 0:
		job->stream = random_value(rnd, VA_END);
		if (quern_test_below(rnd, 4))
			job->stream &= ~63ULL;
		job->num_commands = random_value(rnd, QUERN_MAX_STREAM_CMDS);
		break;
	case 1:
		job->timeout_cycles = random_value(rnd, QUERN_MAX_TIMEOUT_CYCLES);
		job->num_regions = random_value(rnd, 16);
		break;
	case 2:
		for (u32 i = 0; i < 1 + quern_test_below(rnd, 3); i++)
			job->regions[quern_test_below(rnd, 16)] = random_value(rnd, VA_END);
		job->num_regions = 2 + quern_test_below(rnd, 15);
		break;
	default:
		((u8 *)job)[quern_test_below(rnd, JOB_BYTES)] ^= BIT(quern_test_below(rnd, 8));
	}
}

static void submit_test_random(struct kunit *test)
{
	u32 accepted = 0;

	for (u64 seed = quern_test_seed(); seed < quern_test_seed() + QUERN_TEST_SEEDS; seed++) {
		struct drm_quern_job job;
		struct rnd_state rnd;

		prandom_seed_state(&rnd, seed);
		for (u32 i = 0; i < 10000; i++) {
			bool taken;

			random_job(&rnd, &job);
			taken = !quern_submit_check_job(&job);
			KUNIT_ASSERT_EQ_MSG(test, taken, job_is_sane(&job), "seed %llu, job %u",
					    seed, i);
			accepted += taken;
		}
	}
	/* It tried both. */
	KUNIT_EXPECT_GT(test, accepted, 1000);
	KUNIT_EXPECT_LT(test, accepted, 10000 * QUERN_TEST_SEEDS - 1000);
}

static struct kunit_case quern_submit_cases[] = {
	KUNIT_CASE_PARAM(submit_test_args, args_gen_params),
	KUNIT_CASE(submit_test_no_syncs),
	KUNIT_CASE_PARAM(submit_test_job, job_gen_params),
	KUNIT_CASE(submit_test_longest_stream),
	KUNIT_CASE_PARAM(submit_test_sync, sync_gen_params),
	KUNIT_CASE(submit_test_timeline),
	KUNIT_CASE(submit_test_fill),
	KUNIT_CASE(submit_test_random),
	{}
};

static struct kunit_suite quern_submit_suite = {
	.name = "quern_submit",
	.test_cases = quern_submit_cases,
};

kunit_test_suite(quern_submit_suite);
