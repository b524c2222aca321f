// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Commands to the firmware: what is asked, and every kind of answer, late, wrong or missing. An
 * answer that cannot be trusted ends the firmware's life; nothing else does.
 */
#include <linux/delay.h>

#include "quern/ring.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_fw.h"
#include "quern_test.h"

static int admin_test_init(struct kunit *test)
{
	struct quern_test_chip *chip = quern_test_chip_create(test);

	test->priv = chip;
	quern_test_chip_boot(chip);
	return 0;
}

static int admin_ping(struct quern_test_chip *chip)
{
	int ret;

	mutex_lock(&chip->qdev->admin.lock);
	ret = quern_admin_ping_locked(chip->qdev);
	mutex_unlock(&chip->qdev->admin.lock);
	return ret;
}

static void admin_expect_dead(struct quern_test_chip *chip, int ret)
{
	KUNIT_EXPECT_EQ(chip->test, ret, -EIO);
	KUNIT_EXPECT_FALSE(chip->test, chip->qdev->admin.up);
}

/* Three times around the ring. */
static void admin_test_ping(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;

	for (u32 i = 0; i < 3 * QUERN_ADMIN_ENTRIES; i++) {
		KUNIT_ASSERT_EQ(test, admin_ping(chip), 0);
		KUNIT_ASSERT_EQ(test, chip->head, i + 1);
		KUNIT_ASSERT_EQ(test, chip->last.op, QUERN_ADMIN_OP_PING);
		KUNIT_ASSERT_EQ(test, chip->last.seqno, i);
	}
	KUNIT_EXPECT_TRUE(test, chip->qdev->admin.up);
}

static struct quern_ctx *admin_make_ctx(struct quern_test_chip *chip)
{
	struct quern_ctx *ctx = kunit_kzalloc(chip->test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(chip->test, ctx);
	ctx->qdev = chip->qdev;
	ctx->slot = 7;
	ctx->asid = 3;
	ctx->root = 0x123456000;
	ctx->priority = 2;
	ctx->ring.dma = 0x7654321000;
	return ctx;
}

struct admin_status_case {
	u32 status;
	int error;
};

static const struct admin_status_case admin_status_cases[] = {
	{ QUERN_STATUS_OK, 0 },
	{ QUERN_STATUS_EINVAL, -EINVAL },
	{ QUERN_STATUS_ENOENT, -ENOENT },
	{ QUERN_STATUS_EBUSY, -EBUSY },
	{ QUERN_STATUS_EOPNOTSUPP, -EOPNOTSUPP },
	{ QUERN_STATUS_EFAULT, -EIO },
	{ QUERN_STATUS_EIO, -EIO },
	{ QUERN_STATUS_COUNT, -EIO },
	{ 0x80000000, -EIO },
	{ U32_MAX, -EIO },
};

static void admin_status_desc(const struct admin_status_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "status %u", c->status);
}

KUNIT_ARRAY_PARAM(admin_status, admin_status_cases, admin_status_desc);

static bool admin_answer_status(struct quern_test_chip *chip, struct quern_admin_done *done)
{
	done->status = chip->param;
	return true;
}

/* What the firmware says is what the caller gets; it goes on living. */
static void admin_test_status(struct kunit *test)
{
	const struct admin_status_case *c = test->param_value;
	struct quern_test_chip *chip = test->priv;

	chip->param = c->status;
	chip->answer = admin_answer_status;
	KUNIT_EXPECT_EQ(test, admin_ping(chip), c->error);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_reset(admin_make_ctx(chip)), c->error);
	KUNIT_EXPECT_TRUE(test, chip->qdev->admin.up);
	chip->answer = NULL;
	KUNIT_EXPECT_EQ(test, admin_ping(chip), 0);
}

/* But for what frees memory behind it: a firmware that refuses that is not to be trusted. */
static void admin_test_refused_flush(struct kunit *test)
{
	const struct admin_status_case *c = test->param_value;
	struct quern_test_chip *chip = test->priv;

	chip->param = c->status;
	chip->answer = admin_answer_status;
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(chip->qdev, 3), c->error ? -EIO : 0);
	KUNIT_EXPECT_EQ(test, chip->qdev->admin.up, !c->error);
	flush_work(&chip->qdev->reset_work);
	KUNIT_EXPECT_EQ(test, atomic_read(&chip->resets) > 0, c->error != 0);
}

static void admin_test_refused_destroy(struct kunit *test)
{
	const struct admin_status_case *c = test->param_value;
	struct quern_test_chip *chip = test->priv;
	struct quern_ctx *ctx = admin_make_ctx(chip);

	KUNIT_ASSERT_EQ(test, quern_admin_ctx_create(ctx), 0);
	chip->param = c->status;
	chip->answer = admin_answer_status;
	quern_admin_ctx_destroy(ctx);
	KUNIT_EXPECT_EQ(test, chip->qdev->admin.up, !c->error);
	flush_work(&chip->qdev->reset_work);
	KUNIT_EXPECT_EQ(test, atomic_read(&chip->resets) > 0, c->error != 0);
	/* The reset does not bring it back. */
	KUNIT_EXPECT_NULL(test, chip->qdev->slots[ctx->slot].live);
}

static const u32 admin_wrong_numbers[] = { 0, 1, 3, 2 + QUERN_ADMIN_ENTRIES, U32_MAX };

static void admin_number_desc(const u32 *number, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%x", *number);
}

KUNIT_ARRAY_PARAM(admin_number, admin_wrong_numbers, admin_number_desc);

static bool admin_answer_number(struct quern_test_chip *chip, struct quern_admin_done *done)
{
	done->seqno = chip->param;
	return true;
}

/* An answer to another command than the one that was asked. */
static void admin_test_wrong_number(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;

	KUNIT_ASSERT_EQ(test, admin_ping(chip), 0);
	KUNIT_ASSERT_EQ(test, admin_ping(chip), 0);
	chip->param = *(const u32 *)test->param_value;
	chip->answer = admin_answer_number;
	admin_expect_dead(chip, admin_ping(chip));
}

/* Offsets of stamps to the right one. */
static const u32 admin_wrong_stamps[] = { 1, -1U, QUERN_ADMIN_ENTRIES, -(u32)QUERN_ADMIN_ENTRIES,
					  0x80000000, 256, 0x10000 };

KUNIT_ARRAY_PARAM(admin_stamp, admin_wrong_stamps, admin_number_desc);

static bool admin_answer_stamp(struct quern_test_chip *chip, struct quern_admin_done *done)
{
	done->index += chip->param;
	return true;
}

/* An answer whose stamp is not due is none. A clock that runs ends the wait. */
static void admin_test_wrong_stamp(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;

	for (u32 i = 0; i < QUERN_ADMIN_ENTRIES + 3; i++)
		KUNIT_ASSERT_EQ(test, admin_ping(chip), 0);
	chip->param = *(const u32 *)test->param_value;
	chip->cycles_per_step = 20000;
	chip->answer = admin_answer_stamp;
	admin_expect_dead(chip, admin_ping(chip));
}

static bool admin_answer_never(struct quern_test_chip *chip, struct quern_admin_done *done)
{
	return false;
}

/* A clock that stands still says that no answer is on its way. */
static void admin_test_no_answer(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	unsigned long start = jiffies;

	chip->cycles_per_step = 0;
	chip->answer = admin_answer_never;
	admin_expect_dead(chip, admin_ping(chip));
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 10000);
}

/* A command that finds the firmware dead asks for a reset, and does not go on for ever. */
static void admin_test_dead_asks_for_reset(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	u32 before = chip->head;

	chip->answer = admin_answer_number;
	chip->param = U32_MAX;
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(chip->qdev, 1), -EIO);
	KUNIT_EXPECT_EQ(test, chip->head, before + 1);
	flush_work(&chip->qdev->reset_work);
	KUNIT_EXPECT_GT(test, atomic_read(&chip->resets), 0);
	KUNIT_EXPECT_LT(test, atomic_read(&chip->resets), 10);
}

static bool admin_answer_crash(struct quern_test_chip *chip, struct quern_admin_done *done)
{
	quern_write(chip->qdev, QUERN_REG_FW_STATUS, QUERN_FW_STATE_CRASHED);
	quern_admin_irq(chip->qdev);
	return false;
}

static unsigned int admin_crash_ms(struct quern_test_chip *chip)
{
	unsigned long start;

	chip->answer = NULL;
	quern_test_chip_boot(chip);
	chip->answer = admin_answer_crash;
	start = jiffies;
	admin_expect_dead(chip, admin_ping(chip));
	return jiffies_to_msecs(jiffies - start);
}

/*
 * A crash is seen at once, in a wait and outside of one: sooner than after 500 ms, at least once
 * on a machine that is busy with other things.
 */
static void admin_test_crash(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	unsigned int ms = U32_MAX;

	for (int i = 0; i < 5 && ms >= 400; i++)
		ms = admin_crash_ms(chip);
	KUNIT_EXPECT_LT(test, ms, 400);
	/* In a wait the waiter may be faster than the interrupt, and then asks for the reset. */
	chip->answer = NULL;
	quern_test_chip_boot(chip);
	quern_write(chip->qdev, QUERN_REG_FW_STATUS, QUERN_FW_STATE_CRASHED);
	quern_admin_irq(chip->qdev);
	flush_work(&chip->qdev->reset_work);
	KUNIT_EXPECT_GT(test, atomic_read(&chip->resets), 0);
}

/* The watchdog, a core that was stopped, and a device that reads as all ones. */
static void admin_test_not_alive(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	struct quern_device *qdev = chip->qdev;

	KUNIT_EXPECT_TRUE(test, quern_fw_alive(qdev));
	quern_write(qdev, QUERN_REG_STATUS, QUERN_STATUS_WATCHDOG_MASK);
	KUNIT_EXPECT_FALSE(test, quern_fw_alive(qdev));
	quern_write(qdev, QUERN_REG_STATUS, U32_MAX);
	KUNIT_EXPECT_FALSE(test, quern_fw_alive(qdev));
	quern_write(qdev, QUERN_REG_STATUS, 0);
	for (u32 state = 0; state < QUERN_FW_STATE_COUNT; state++) {
		quern_write(qdev, QUERN_REG_FW_STATUS, state);
		KUNIT_EXPECT_EQ(test, quern_fw_alive(qdev), state == QUERN_FW_STATE_READY);
	}
	quern_write(qdev, QUERN_REG_FW_STATUS, U32_MAX);
	KUNIT_EXPECT_FALSE(test, quern_fw_alive(qdev));
	quern_write(qdev, QUERN_REG_FW_STATUS, QUERN_FW_STATE_READY);
	KUNIT_EXPECT_TRUE(test, quern_fw_alive(qdev));
	quern_write(qdev, QUERN_REG_CTRL, 0);
	KUNIT_EXPECT_FALSE(test, quern_fw_alive(qdev));
}

/* A lost interrupt costs a slice of the wait, no more. */
static void admin_test_lost_interrupt(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;

	chip->silent = true;
	KUNIT_EXPECT_EQ(test, admin_ping(chip), 0);
	KUNIT_EXPECT_TRUE(test, chip->qdev->admin.up);
}

static bool admin_answer_late(struct quern_test_chip *chip, struct quern_admin_done *done)
{
	for (int i = 0; i < 20; i++) {
		quern_admin_irq(chip->qdev);
		usleep_range(500, 1000);
	}
	return true;
}

/* Interrupts without an answer do not end the wait. */
static void admin_test_spurious_interrupts(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;

	chip->answer = admin_answer_late;
	KUNIT_EXPECT_EQ(test, admin_ping(chip), 0);
	KUNIT_EXPECT_EQ(test, admin_ping(chip), 0);
	flush_work(&chip->qdev->reset_work);
	KUNIT_EXPECT_EQ(test, atomic_read(&chip->resets), 0);
}

/* A chip that is halted has nothing to forget, and can be told nothing. */
static void admin_test_halted(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	struct quern_device *qdev = chip->qdev;
	struct quern_ctx *ctx = admin_make_ctx(chip);

	mutex_lock(&qdev->admin.lock);
	quern_admin_stop_locked(qdev);
	qdev->admin.halted = QUERN_HALTED_RESET;
	mutex_unlock(&qdev->admin.lock);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_create(ctx), -EAGAIN);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_reset(ctx), 0);
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(qdev, 1), 0);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_destroy(ctx), 0);
	KUNIT_EXPECT_EQ(test, chip->head, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&chip->resets), 0);
}

/* A device that is closed, or gone, is asked nothing. */
static void admin_test_gone(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	struct quern_device *qdev = chip->qdev;

	qdev->drm.unplugged = true;
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(qdev, 1), -ENODEV);
	qdev->drm.unplugged = false;
	mutex_lock(&qdev->admin.lock);
	quern_admin_stop_locked(qdev);
	qdev->admin.closed = true;
	mutex_unlock(&qdev->admin.lock);
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(qdev, 1), -ENODEV);
	/* Also one that fell asleep after that: a context must not seem to be well again. */
	qdev->admin.halted = QUERN_HALTED_IDLE;
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(qdev, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_reset(admin_make_ctx(chip)), -ENODEV);
	KUNIT_EXPECT_EQ(test, chip->head, 0);
	KUNIT_EXPECT_EQ(test, quern_read(qdev, QUERN_REG_ADMIN_DOORBELL), 0);
	flush_work(&qdev->reset_work);
	KUNIT_EXPECT_EQ(test, atomic_read(&chip->resets), 0);
}

/* A context's life, in the firmware's words. */
static void admin_test_ctx(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	struct quern_ctx *ctx = admin_make_ctx(chip);
	const struct quern_admin_cmd *cmd = &chip->last;

	KUNIT_ASSERT_EQ(test, quern_admin_ctx_create(ctx), 0);
	KUNIT_EXPECT_EQ(test, cmd->op, QUERN_ADMIN_OP_CTX_CREATE);
	KUNIT_EXPECT_EQ(test, cmd->flags, 0);
	KUNIT_EXPECT_EQ(test, cmd->ctx, 7);
	KUNIT_EXPECT_EQ(test, cmd->asid, 3);
	KUNIT_EXPECT_EQ(test, cmd->root, 0x123456000);
	KUNIT_EXPECT_EQ(test, cmd->sq, 0x7654321000);
	KUNIT_EXPECT_EQ(test, cmd->cq - cmd->sq, QUERN_RING_ENTRIES * sizeof(struct quern_job));
	KUNIT_EXPECT_EQ(test, cmd->entries, QUERN_RING_ENTRIES);
	KUNIT_EXPECT_EQ(test, cmd->priority, 2);
	KUNIT_EXPECT_PTR_EQ(test, chip->qdev->slots[7].live, ctx);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_reset(ctx), 0);
	KUNIT_EXPECT_EQ(test, cmd->op, QUERN_ADMIN_OP_CTX_RESET);
	KUNIT_EXPECT_EQ(test, cmd->ctx, 7);
	KUNIT_EXPECT_EQ(test, quern_admin_tlb_flush(chip->qdev, 9), 0);
	KUNIT_EXPECT_EQ(test, cmd->op, QUERN_ADMIN_OP_TLB_FLUSH);
	KUNIT_EXPECT_EQ(test, cmd->asid, 9);
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_destroy(ctx), 0);
	KUNIT_EXPECT_EQ(test, cmd->op, QUERN_ADMIN_OP_CTX_DESTROY);
	KUNIT_EXPECT_EQ(test, cmd->ctx, 7);
	KUNIT_EXPECT_NULL(test, chip->qdev->slots[7].live);
	KUNIT_EXPECT_EQ(test, chip->head, 4);
}

/* A context that the firmware refused is not there, and nobody destroys it. */
static void admin_test_ctx_refused(struct kunit *test)
{
	struct quern_test_chip *chip = test->priv;
	struct quern_ctx *ctx = admin_make_ctx(chip);

	chip->answer = admin_answer_status;
	chip->param = QUERN_STATUS_EBUSY;
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_create(ctx), -EBUSY);
	KUNIT_EXPECT_NULL(test, chip->qdev->slots[7].live);
	chip->answer = NULL;
	KUNIT_EXPECT_EQ(test, quern_admin_ctx_destroy(ctx), 0);
	KUNIT_EXPECT_EQ(test, chip->head, 1);
}

static struct kunit_case quern_admin_cases[] = {
	KUNIT_CASE(admin_test_ping),
	KUNIT_CASE_PARAM(admin_test_status, admin_status_gen_params),
	KUNIT_CASE_PARAM(admin_test_refused_flush, admin_status_gen_params),
	KUNIT_CASE_PARAM(admin_test_refused_destroy, admin_status_gen_params),
	KUNIT_CASE_PARAM(admin_test_wrong_number, admin_number_gen_params),
	KUNIT_CASE_PARAM(admin_test_wrong_stamp, admin_stamp_gen_params),
	KUNIT_CASE_SLOW(admin_test_no_answer),
	KUNIT_CASE(admin_test_dead_asks_for_reset),
	KUNIT_CASE(admin_test_crash),
	KUNIT_CASE(admin_test_not_alive),
	KUNIT_CASE(admin_test_lost_interrupt),
	KUNIT_CASE(admin_test_spurious_interrupts),
	KUNIT_CASE(admin_test_gone),
	KUNIT_CASE(admin_test_halted),
	KUNIT_CASE(admin_test_ctx),
	KUNIT_CASE(admin_test_ctx_refused),
	{}
};

static struct kunit_suite quern_admin_suite = {
	.name = "quern_admin",
	.init = admin_test_init,
	.test_cases = quern_admin_cases,
};

kunit_test_suite(quern_admin_suite);
