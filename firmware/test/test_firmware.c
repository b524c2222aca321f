// SPDX-License-Identifier: Apache-2.0
/* The firmware's logic against a fake register file: handshake, rings, contexts, scheduling, faults, timeouts, hostile input. */
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOOT 0x1000u
#define ADMIN_SQ 0x2000u
#define ADMIN_CQ 0x3000u
#define REPLY 0x4000u
#define LOG 0x5000u
#define LOG_RING 1024u
#define ADMIN_ENTRIES 8u
#define SQ(c) (0x10000u + (c) * 0x2000u)
#define CQ(c) (0x40000u + (c) * 0x1000u)
#define ENTRIES 8u

static struct fw fw;
static uint32_t admin_tail;

static struct quern_boot *boot_record(void)
{
	struct quern_boot *b = fake_at(BOOT, sizeof(*b));

	*b = (struct quern_boot){ .magic = QUERN_BOOT_MAGIC, .major = QUERN_MESSAGES_MAJOR, .features = ~0ull, .admin_sq = ADMIN_SQ,
				  .admin_cq = ADMIN_CQ, .reply = REPLY, .log = LOG, .admin_entries = ADMIN_ENTRIES,
				  .log_bytes = LOG_RING + QUERN_LOG_HEADER_BYTES };
	fake.reg[QUERN_REG_HOST_BOOT_LO / 4] = BOOT;
	return b;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fw_init(&fw);
	admin_tail = 0;
	boot_record();
	return 0;
}

static int setup_booted(void **state)
{
	setup(state);
	return boot_handshake(&fw);
}

/* From waking to falling asleep. */
static void run(void)
{
	if (!hot_wake(&fw))
		do {
			fw_loop_once(&fw);
		} while (sched_run(&fw));
	hot_sleep(&fw);
}

static const struct quern_admin_done *admin(struct quern_admin_cmd cmd)
{
	struct quern_admin_done *done = fake_at(ADMIN_CQ + admin_tail % ADMIN_ENTRIES * sizeof(*done), sizeof(*done));

	cmd.seqno = 0x700 + admin_tail;
	memcpy(fake_at(ADMIN_SQ + admin_tail % ADMIN_ENTRIES * sizeof(cmd), sizeof(cmd)), &cmd, sizeof(cmd));
	fake.reg[QUERN_REG_ADMIN_TAIL / 4] = ++admin_tail;
	fake.reg[QUERN_REG_CORE_IRQ_STATUS / 4] |= QUERN_CORE_IRQ_STATUS_ADMIN_MASK;
	run();
	assert_int_equal(done->index, admin_tail);
	assert_int_equal(done->seqno, 0x700 + admin_tail - 1);
	return done;
}

static struct quern_admin_cmd create_cmd(uint32_t ctx, uint32_t asid, uint32_t priority)
{
	return (struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_CREATE, .ctx = ctx, .asid = asid, .root = 0x80000 + asid * 0x1000,
					 .sq = SQ(ctx), .cq = CQ(ctx), .entries = ENTRIES, .priority = priority };
}

static void create(uint32_t ctx, uint32_t asid, uint32_t priority)
{
	assert_int_equal(admin(create_cmd(ctx, asid, priority))->status, QUERN_STATUS_OK);
}

static struct quern_job *job_at(uint32_t ctx, uint32_t index)
{
	return fake_at(SQ(ctx) + index % ENTRIES * sizeof(struct quern_job), sizeof(struct quern_job));
}

static void put_job(uint32_t ctx, uint32_t index)
{
	*job_at(ctx, index) = (struct quern_job){ .op = QUERN_JOB_OP_RUN, .ncmds = 100, .seqno = ctx * 1000 + index, .stream = 0x4000 };
}

static void announce(uint32_t ctx, uint32_t tail)
{
	fake.reg[QUERN_REG_DB_TAIL(ctx) / 4] = tail;
	fake.reg[QUERN_REG_DB_PENDING / 4] |= 1u << ctx;
	fake.reg[QUERN_REG_CORE_IRQ_STATUS / 4] |= QUERN_CORE_IRQ_STATUS_DOORBELL_MASK;
	fake_doorbell(&fw, ctx);
}

static void ring(uint32_t ctx, uint32_t tail)
{
	announce(ctx, tail);
	run();
}

static void end(enum quern_job_state state, enum quern_fault fault, uint32_t index)
{
	fake_job_end(state, fault, index);
	run();
}

static const struct quern_job_done *done_at(uint32_t ctx, uint32_t index)
{
	return fake_at(CQ(ctx) + index % ENTRIES * sizeof(struct quern_job_done), sizeof(struct quern_job_done));
}

static void assert_done(uint32_t ctx, uint32_t index, enum quern_status status)
{
	assert_int_equal(done_at(ctx, index)->index, index + 1);
	assert_int_equal(done_at(ctx, index)->status, status);
}

static void test_boot(void **state)
{
	struct quern_boot_reply *r = fake_at(REPLY, sizeof(*r));

	(void)state;
	assert_int_equal(boot_handshake(&fw), 0);
	assert_int_equal(fake.reg[QUERN_REG_FW_STATUS / 4], QUERN_FW_STATE_READY);
	assert_int_equal(r->magic, QUERN_REPLY_MAGIC);
	assert_int_equal(r->features, FW_FEATURES);
	assert_int_equal(r->progress_stride, sizeof(fw.ctx[0]));
	assert_true(fake.raised & FW_VECTOR_ADMIN);
}

static void refused(enum quern_boot_error why)
{
	fw_init(&fw);
	assert_true(boot_handshake(&fw) < 0);
	assert_int_equal(fake.reg[QUERN_REG_FW_STATUS / 4], QUERN_FW_STATE_REFUSED);
	assert_int_equal(fake.reg[QUERN_REG_FW_ERROR / 4], why);
}

static void test_boot_refuses(void **state)
{
	(void)state;
	boot_record()->magic ^= 1;
	refused(QUERN_BOOT_ERROR_MAGIC);
	boot_record()->major++;
	refused(QUERN_BOOT_ERROR_VERSION);
	for (uint32_t entries = 0; entries < 8; entries++) {
		boot_record()->admin_entries = entries;
		if (entries == 2 || entries == 4)
			continue;
		refused(QUERN_BOOT_ERROR_RING);
	}
	boot_record()->admin_entries = QUERN_MSG_MAX_RING * 2;
	refused(QUERN_BOOT_ERROR_RING);
	boot_record()->admin_sq = 0xffffffffffffffc0ull;
	refused(QUERN_BOOT_ERROR_RING);
	boot_record()->admin_cq += 4;
	refused(QUERN_BOOT_ERROR_RING);
	boot_record()->log_bytes = 1000;
	refused(QUERN_BOOT_ERROR_RING);
	boot_record()->log = 0xffffffffffffffc0ull;
	refused(QUERN_BOOT_ERROR_RING);
	boot_record();
	fake.reg[QUERN_REG_HW_VERSION / 4] += 1u << QUERN_HW_VERSION_MAJOR_LSB;
	refused(QUERN_BOOT_ERROR_CHIP);
	fake.dma_broken = true;
	refused(QUERN_BOOT_ERROR_DMA);
}

static void test_admin(void **state)
{
	(void)state;
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_PING, .root = 0x123456789abcull })->value, 0x123456789abcull);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = 99 })->status, QUERN_STATUS_EOPNOTSUPP);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_PING, .flags = 1 })->status, QUERN_STATUS_EINVAL);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_TLB_FLUSH })->status, QUERN_STATUS_EINVAL);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_TLB_FLUSH, .asid = 3 })->status, QUERN_STATUS_OK);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = 2 })->status, QUERN_STATUS_ENOENT);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_RESET, .ctx = 200 })->status, QUERN_STATUS_ENOENT);
}

static void test_create_refuses(void **state)
{
	struct quern_admin_cmd c;

	(void)state;
#define REFUSE(change) \
	do { \
		c = create_cmd(1, 1, 0); \
		change; \
		assert_int_equal(admin(c)->status, QUERN_STATUS_EINVAL); \
	} while (0)
	REFUSE(c.ctx = QUERN_NUM_CTX);
	REFUSE(c.ctx = UINT32_MAX);
	REFUSE(c.asid = 0);
	REFUSE(c.asid = QUERN_NUM_ASID);
	REFUSE(c.priority = FW_NUM_PRIORITIES);
	REFUSE(c.root += 8);
	REFUSE(c.root = 0);
	REFUSE(c.root = 1ull << 43);
	REFUSE(c.entries = 3);
	REFUSE(c.entries = 1);
	REFUSE(c.entries = QUERN_MSG_MAX_RING * 2);
	REFUSE(c.sq += 64);
	REFUSE(c.cq += 64);
	REFUSE(c.sq = UINT64_MAX - 255);
	assert_int_equal(fake.reg[QUERN_REG_ASID_ROOT(1) / 4], 0);
	create(1, 1, 0);
	assert_int_equal(admin(create_cmd(1, 1, 0))->status, QUERN_STATUS_EBUSY);
	c = create_cmd(2, 1, 0);
	c.root += 0x1000;
	assert_int_equal(admin(c)->status, QUERN_STATUS_EINVAL);
}

static void test_asid_shared(void **state)
{
	(void)state;
	create(1, 5, 0);
	create(2, 5, 1);
	assert_true(fake.reg[QUERN_REG_ASID_ROOT(5) / 4] >> 31);
	admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = 1 });
	assert_true(fake.reg[QUERN_REG_ASID_ROOT(5) / 4] >> 31);
	admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = 2 });
	assert_int_equal(fake.reg[QUERN_REG_ASID_ROOT(5) / 4], 0);
}

static void test_job(void **state)
{
	(void)state;
	create(0, 1, 0);
	put_job(0, 0);
	job_at(0, 0)->region[3] = 0x12ull << 32 | 0x345000;
	ring(0, 1);
	assert_int_equal(fake.starts, 1);
	assert_int_equal(fake.fetches, 1);
	assert_int_equal(fake.run_asid, 1);
	assert_int_equal(fake.reg[QUERN_REG_REGION_LO(3) / 4], 0x345000);
	assert_int_equal(fake.reg[QUERN_REG_REGION_HI(3) / 4], 0x12);
	fake.raised = 0;
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_done(0, 0, QUERN_STATUS_OK);
	assert_int_equal(fake.raised, FW_VECTOR_JOB);
}

/* A job with fewer regions must not find the last one's in the registers behind its own. */
static void test_regions_do_not_stay(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 0);
	put_job(0, 0);
	job_at(0, 0)->num_regions = 5;
	for (uint32_t i = 0; i < 5; i++)
		job_at(0, 0)->region[i] = 0x1000 + i;
	put_job(1, 0);
	job_at(1, 0)->num_regions = 2;
	job_at(1, 0)->region[0] = 0x2000;
	job_at(1, 0)->region[3] = 0x77; /* behind num_regions: taken as zero */
	ring(0, 1);
	assert_int_equal(fake.reg[QUERN_REG_REGION_LO(4) / 4], 0x1004);
	ring(1, 1);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(fake.reg[QUERN_REG_REGION_LO(0) / 4], 0x2000);
	for (uint32_t i = 1; i < QUERN_NUM_REGIONS; i++)
		assert_int_equal(fake.reg[QUERN_REG_REGION_LO(i) / 4], 0);
}

static void test_back_to_back(void **state)
{
	(void)state;
	create(0, 1, 0);
	for (uint32_t i = 0; i < 5; i++)
		put_job(0, i);
	ring(0, 5);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(fake.starts, i + 1);
		end(QUERN_JOB_STATE_DONE, 0, 0);
		assert_done(0, i, QUERN_STATUS_OK);
		assert_int_equal(done_at(0, i)->seqno, i);
	}
	assert_int_equal(fake.starts, 5);
}

static void test_ring_wraps(void **state)
{
	(void)state;
	create(0, 1, 0);
	fw.ctx[0].head = fw.ctx[0].tail = UINT32_MAX - 2;
	sched_update(&fw, 0);
	job_next_entry(&fw, 0);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t index = UINT32_MAX - 2 + i;

		put_job(0, index);
		job_at(0, index)->op = QUERN_JOB_OP_NOP;
		ring(0, index + 1);
		assert_done(0, index, QUERN_STATUS_OK);
	}
}

static void test_bad_jobs(void **state)
{
	uint32_t n = 0;

	(void)state;
	create(0, 1, 0);
#define BAD(change) \
	do { \
		struct quern_job *j = job_at(0, n); \
		put_job(0, n); \
		change; \
		ring(0, ++n); \
		assert_done(0, n - 1, QUERN_STATUS_EINVAL); \
	} while (0)
	BAD(j->op = 0);
	BAD(j->op = 77);
	BAD(j->flags = 1);
	BAD(j->ncmds = 0);
	BAD(j->ncmds = QUERN_MAX_STREAM_CMDS + 1);
	BAD(j->stream += 4);
	BAD(j->stream = 1ull << QUERN_VA_BITS);
	BAD(j->timeout = UINT64_MAX);
	BAD(j->region[15] = 1ull << QUERN_HOST_ADDR_BITS);
	BAD(j->num_regions = QUERN_NUM_REGIONS + 1);
	BAD(j->first = j->ncmds);
	assert_int_equal(fake.starts, 0);
	assert_false(fw.ctx[0].error);
}

static void test_doorbell_out_of_range(void **state)
{
	(void)state;
	create(0, 1, 0);
	ring(0, ENTRIES + 1);
	assert_int_equal(fake.starts, 0);
	assert_true(fw.ctx[0].error);
	create(1, 1, 0);
	put_job(1, 0);
	put_job(1, 1);
	ring(1, 2);
	ring(1, 0); /* back behind what was announced */
	assert_true(fw.ctx[1].error);
	ring(7, 3); /* no such context: ignored */
	fake.reg[QUERN_REG_ADMIN_TAIL / 4] = admin_tail + ADMIN_ENTRIES + 1;
	fake.reg[QUERN_REG_CORE_IRQ_STATUS / 4] |= QUERN_CORE_IRQ_STATUS_ADMIN_MASK;
	run();
	assert_int_equal(fw.admin_head, admin_tail);
}

static void test_fault_cancels_own_only(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 0);
	for (uint32_t i = 0; i < 3; i++)
		put_job(0, i);
	put_job(1, 0);
	ring(0, 3);
	ring(1, 1);
	end(QUERN_JOB_STATE_FAULT, QUERN_FAULT_PAGE_READ, 17);
	assert_done(0, 0, QUERN_STATUS_EFAULT);
	assert_int_equal(done_at(0, 0)->fault, QUERN_FAULT_PAGE_READ);
	assert_int_equal(done_at(0, 0)->fault_index, 17);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_done(0, 1, QUERN_STATUS_ECANCELED);
	assert_done(0, 2, QUERN_STATUS_ECANCELED);
	assert_done(1, 0, QUERN_STATUS_OK);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_RESET, .ctx = 0 })->status, QUERN_STATUS_OK);
	put_job(0, 3);
	ring(0, 4);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_done(0, 3, QUERN_STATUS_OK);
}

static void test_timeout(void **state)
{
	(void)state;
	create(0, 1, 0);
	put_job(0, 0);
	job_at(0, 0)->timeout = 1000;
	ring(0, 1);
	run();
	assert_int_equal(fake.aborts, 0);
	fake.cycle += 2000;
	run();
	assert_int_equal(fake.aborts, 1);
	run();
	assert_done(0, 0, QUERN_STATUS_ETIMEDOUT);
}

static void test_stuck_abort_panics(void **state)
{
	(void)state;
	create(0, 1, 0);
	put_job(0, 0);
	job_at(0, 0)->timeout = 1000;
	ring(0, 1);
	fake.stuck = true;
	fake.cycle += 2000;
	run();
	fake.cycle += FW_ABORT_CYCLES;
	expect_assert_failure(run());
	assert_int_equal(fake.panic, FW_PANIC_ABORT);
}

static void test_destroy_running(void **state)
{
	(void)state;
	create(0, 1, 0);
	for (uint32_t i = 0; i < 3; i++)
		put_job(0, i);
	ring(0, 3);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = 0 })->status, QUERN_STATUS_OK);
	assert_int_equal(fake.aborts, 1);
	assert_done(0, 0, QUERN_STATUS_ETIMEDOUT);
	assert_done(0, 1, QUERN_STATUS_ECANCELED);
	assert_done(0, 2, QUERN_STATUS_ECANCELED);
	assert_int_equal(fake.starts, 1);
	create(0, 2, 0);
	put_job(0, 0);
	ring(0, 1);
	assert_int_equal(fake.starts, 2);
}

/* The next context's job begins meanwhile, and is nobody's to wait for. */
static void test_destroy_lets_others_run(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 0);
	put_job(0, 0);
	put_job(1, 0);
	ring(0, 1);
	ring(1, 1);
	assert_int_equal(admin((struct quern_admin_cmd){ .op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = 0 })->status, QUERN_STATUS_OK);
	assert_done(0, 0, QUERN_STATUS_ETIMEDOUT);
	assert_int_equal(fake.aborts, 1);
	assert_int_equal(fw.active->ctx, 1);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_done(1, 0, QUERN_STATUS_OK);
}

/* An abort that comes too late. */
static void test_destroy_done(void **state)
{
	(void)state;
	create(0, 1, 0);
	put_job(0, 0);
	ring(0, 1);
	fake_job_end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(ctx_destroy(&fw, 0), QUERN_STATUS_OK);
	assert_false(fw.armed); /* the answer needs the core DMA */
	assert_done(0, 0, QUERN_STATUS_OK);
}

static void test_priority_preempts(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 3);
	put_job(0, 0);
	ring(0, 1);
	put_job(1, 0);
	ring(1, 1);
	assert_int_equal(fake.preempts, 1);
	end(QUERN_JOB_STATE_PREEMPTED, 0, 42);
	assert_int_equal(fake.starts, 2);
	assert_int_equal(fake.run_asid, 2);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_done(1, 0, QUERN_STATUS_OK);
	assert_int_equal(fake.run_asid, 1);
	assert_int_equal(fake.run_first, 42);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_done(0, 0, QUERN_STATUS_OK);
}

/* A timeout counts the cycles of all pieces, and begins anew with the next job. */
static void test_timeout_of_pieces(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 3);
	for (uint32_t i = 0; i < 2; i++) {
		put_job(0, i);
		job_at(0, i)->timeout = 10000;
		put_job(1, i);
	}
	ring(0, 2);
	for (uint32_t i = 0; i < 2; i++) {
		fake.cycle += 4000;
		ring(1, i + 1);
		end(QUERN_JOB_STATE_PREEMPTED, 0, 42 + i);
		fake.cycle += 20000; /* of the other's */
		end(QUERN_JOB_STATE_DONE, 0, 0);
		assert_int_equal(fake.run_first, 42 + i);
		run();
		assert_int_equal(fake.aborts, 0);
	}
	fake.cycle += 1000;
	end(QUERN_JOB_STATE_DONE, 0, 0);
	fake.cycle += 9000;
	run();
	assert_int_equal(fake.aborts, 0);
	fake.cycle += 1000;
	run();
	assert_int_equal(fake.aborts, 1);
	run();
	assert_done(0, 0, QUERN_STATUS_OK);
	assert_done(0, 1, QUERN_STATUS_ETIMEDOUT);
}

/* The completion tells the cycles of the pieces before the last, and nothing of other jobs. */
static void test_cycles_of_pieces(void **state)
{
	uint64_t first, second;

	(void)state;
	create(0, 1, 0);
	create(1, 2, 3);
	for (uint32_t i = 0; i < 3; i++) {
		put_job(0, i);
		put_job(1, i);
	}
	ring(0, 3);
	for (uint32_t i = 0; i < 2; i++) {
		fake.cycle += 4000;
		ring(1, i + 1);
		end(QUERN_JOB_STATE_PREEMPTED, 0, 42 + i);
		fake.cycle += 20000; /* of the other's */
		end(QUERN_JOB_STATE_DONE, 0, 0);
	}
	end(QUERN_JOB_STATE_DONE, 0, 0);
	first = done_at(0, 0)->prior_cycles;
	assert_in_range(first, 8000, 10000);
	assert_int_equal(done_at(1, 0)->prior_cycles, 0);
	assert_int_equal(done_at(1, 1)->prior_cycles, 0);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(done_at(0, 1)->prior_cycles, 0);
	/* One that is given up between its pieces. */
	fake.cycle += 3000;
	ring(1, 3);
	end(QUERN_JOB_STATE_PREEMPTED, 0, 42);
	assert_int_equal(ctx_destroy(&fw, 0), QUERN_STATUS_OK);
	assert_done(0, 2, QUERN_STATUS_ECANCELED);
	second = done_at(0, 2)->prior_cycles;
	assert_in_range(second, 3000, 4000);
}

static void test_timeout_is_used_up(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 3);
	put_job(0, 0);
	job_at(0, 0)->timeout = 10000;
	put_job(1, 0);
	ring(0, 1);
	fake.cycle += 9000;
	ring(1, 1);
	end(QUERN_JOB_STATE_PREEMPTED, 0, 42);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	fake.cycle += 2000;
	run();
	run();
	assert_done(0, 0, QUERN_STATUS_ETIMEDOUT);
}

/* What a host reads after the firmware's death, and gives to the next one. */
static void test_progress(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 3);
	put_job(0, 0);
	job_at(0, 0)->first = 7;
	assert_int_equal(fw.ctx[0].resume, 0);
	ring(0, 1);
	assert_int_equal(fake.run_first, 7);
	assert_int_equal(fw.ctx[0].resume, QUERN_PROGRESS_BEGUN);
	put_job(1, 0);
	ring(1, 1);
	assert_int_equal(fw.ctx[1].resume, 0);
	end(QUERN_JOB_STATE_PREEMPTED, 0, 42);
	assert_int_equal(fw.ctx[0].resume, 42);
	assert_int_equal(fw.ctx[1].resume, QUERN_PROGRESS_BEGUN);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(fw.ctx[1].resume, 0);
	assert_int_equal(fake.run_first, 42);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(fw.ctx[0].resume, 0);
}

/* The next job of a context starts before the completion of the one before is out: it has begun. */
static void test_progress_back_to_back(void **state)
{
	(void)state;
	create(0, 1, 0);
	put_job(0, 0);
	put_job(0, 1);
	ring(0, 2);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(fake.starts, 2);
	assert_int_equal(fw.ctx[0].resume, QUERN_PROGRESS_BEGUN);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	assert_int_equal(fw.ctx[0].resume, 0);
}

/* A doorbell's record is used only if its context may run a job, and is the one that was announced. */
static void test_doorbell_reads_record(void **state)
{
	(void)state;
	create(0, 1, 0);
	create(1, 2, 0);
	run();
	put_job(0, 0);
	job_at(0, 0)->ncmds = 0;
	ring(0, 1);
	assert_done(0, 0, QUERN_STATUS_EINVAL);
	ring(1, 99); /* out of range: the record at the head is read, and not used */
	assert_true(fw.ctx[1].error);
	put_job(1, 0);
	ring(1, 1);
	assert_done(1, 0, QUERN_STATUS_ECANCELED);
	assert_int_equal(fake.starts, 0);
	ring(5, 1); /* no such context */
	put_job(0, 1);
	ring(0, 2);
	assert_int_equal(fake.starts, 1);
	assert_int_equal(fake.fetches, 5);
	end(QUERN_JOB_STATE_DONE, 0, 0);
	fake.dma_broken = true;
	put_job(0, 2);
	ring(0, 3);
	fake.dma_broken = false;
	assert_int_equal(fake.starts, 1);
}

/* A job ends after the core was woken by another context's doorbell, and a third context's comes before that has been answered. */
static void test_end_while_awake(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 3; c++) {
		create(c, c + 1, 0);
		put_job(c, 0);
	}
	ring(0, 1);
	announce(1, 1);
	assert_false(hot_wake(&fw));
	fake_job_end(QUERN_JOB_STATE_DONE, 0, 0);
	fw_loop_once(&fw);
	announce(2, 1);
	while (sched_run(&fw))
		fw_loop_once(&fw);
	hot_sleep(&fw);
	for (uint32_t c = 1; c < 3; c++) {
		assert_int_equal(fake.run_asid, c + 1);
		end(QUERN_JOB_STATE_DONE, 0, 0);
		assert_done(c, 0, QUERN_STATUS_OK);
		assert_int_equal(done_at(c, 0)->seqno, c * 1000);
	}
}

static void test_equals_take_turns(void **state)
{
	uint32_t order[6];

	(void)state;
	for (uint32_t c = 0; c < 3; c++) {
		create(c, c + 1, 1);
		put_job(c, 0);
		put_job(c, 1);
	}
	for (uint32_t c = 0; c < 3; c++)
		ring(c, 2);
	for (uint32_t i = 0; i < 6; i++) {
		order[i] = fake.run_asid;
		end(QUERN_JOB_STATE_DONE, 0, 0);
	}
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(order[i] + order[i + 1] + order[i + 2], 6);
	for (uint32_t c = 0; c < 3; c++)
		assert_done(c, 1, QUERN_STATUS_OK);
}

static void test_log(void **state)
{
	uint32_t *count = fake_at(LOG, 4);
	uint32_t before = *count;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		log_line(&fw, "a line of some length", i);
	assert_true(*count > before && *count % 4 == 0);
	assert_int_equal(*(char *)fake_at(LOG + QUERN_LOG_HEADER_BYTES + (*count - 1) % LOG_RING, 1), '\n');
	assert_int_equal(*(uint8_t *)fake_at(LOG + QUERN_LOG_HEADER_BYTES + LOG_RING, 1), 0);
}

/* Seeded random host: valid and senseless commands, doorbells and job ends; the firmware must neither panic nor lose a completion order. */
static void test_random_host(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 200; seed++) {
		srand(seed);
		setup_booted(NULL);
		for (uint32_t step = 0; step < 300; step++) {
			uint32_t ctx = (uint32_t)rand() % QUERN_NUM_CTX;

			switch (rand() % 6) {
			case 0:
				admin(create_cmd(ctx % 4, 1 + (uint32_t)rand() % 4, (uint32_t)rand() % 5));
				break;
			case 1:
				admin((struct quern_admin_cmd){ .op = (uint16_t)(rand() % 8), .ctx = ctx, .asid = (uint32_t)rand() % 20 });
				break;
			case 2:
				put_job(ctx % 4, fw.ctx[ctx % 4].tail);
				ring(ctx % 4, fw.ctx[ctx % 4].tail + 1);
				break;
			case 3:
				ring(ctx, (uint32_t)rand() % 3 ? (uint32_t)rand() % 16 : (uint32_t)rand());
				break;
			default:
				if (fw.active->ctx != FW_NO_CTX)
					end(rand() % 2 ? QUERN_JOB_STATE_DONE : QUERN_JOB_STATE_FAULT + rand() % 2, QUERN_FAULT_BUS, 1);
			}
		}
		if (fake.panic)
			fail_msg("panic %#x with seed %u; replay: change the loop to start at that seed", fake.panic, seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_boot, setup),
		cmocka_unit_test_setup(test_boot_refuses, setup),
		cmocka_unit_test_setup(test_admin, setup_booted),
		cmocka_unit_test_setup(test_create_refuses, setup_booted),
		cmocka_unit_test_setup(test_asid_shared, setup_booted),
		cmocka_unit_test_setup(test_job, setup_booted),
		cmocka_unit_test_setup(test_regions_do_not_stay, setup_booted),
		cmocka_unit_test_setup(test_back_to_back, setup_booted),
		cmocka_unit_test_setup(test_ring_wraps, setup_booted),
		cmocka_unit_test_setup(test_bad_jobs, setup_booted),
		cmocka_unit_test_setup(test_doorbell_out_of_range, setup_booted),
		cmocka_unit_test_setup(test_fault_cancels_own_only, setup_booted),
		cmocka_unit_test_setup(test_timeout, setup_booted),
		cmocka_unit_test_setup(test_stuck_abort_panics, setup_booted),
		cmocka_unit_test_setup(test_destroy_running, setup_booted),
		cmocka_unit_test_setup(test_destroy_lets_others_run, setup_booted),
		cmocka_unit_test_setup(test_destroy_done, setup_booted),
		cmocka_unit_test_setup(test_priority_preempts, setup_booted),
		cmocka_unit_test_setup(test_timeout_of_pieces, setup_booted),
		cmocka_unit_test_setup(test_cycles_of_pieces, setup_booted),
		cmocka_unit_test_setup(test_timeout_is_used_up, setup_booted),
		cmocka_unit_test_setup(test_progress, setup_booted),
		cmocka_unit_test_setup(test_progress_back_to_back, setup_booted),
		cmocka_unit_test_setup(test_doorbell_reads_record, setup_booted),
		cmocka_unit_test_setup(test_end_while_awake, setup_booted),
		cmocka_unit_test_setup(test_equals_take_turns, setup_booted),
		cmocka_unit_test_setup(test_log, setup_booted),
		cmocka_unit_test(test_random_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
