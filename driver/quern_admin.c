// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The admin ring.
 *
 * One command at a time, so that head and tail are one count and an answer needs no search.
 * Waiting is bounded in cycles of the chip; a firmware that has not answered by then has failed.
 * A lost interrupt costs a slice of the wait, no more.
 */
#include <kunit/visibility.h>

#include <drm/drm_drv.h>
#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "quern/ring.h"
#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_reset.h"

#define QUERN_ADMIN_CYCLES 5000000 /* the firmware gives a job that it stops 1,000,000 */
#define QUERN_ADMIN_SLICES 120
#define QUERN_ADMIN_IDLE_SLICES 4
#define QUERN_ADMIN_SLICE (HZ / 2)
#define QUERN_ADMIN_TRIES 3

int quern_admin_init(struct quern_device *qdev)
{
	init_completion(&qdev->admin.interrupt);
	return drmm_mutex_init(&qdev->drm, &qdev->admin.lock);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_init);

void quern_admin_start_locked(struct quern_device *qdev)
{
	lockdep_assert_held(&qdev->admin.lock);
	qdev->admin.tail = 0;
	WRITE_ONCE(qdev->admin.up, true);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_start_locked);

void quern_admin_stop_locked(struct quern_device *qdev)
{
	lockdep_assert_held(&qdev->admin.lock);
	WRITE_ONCE(qdev->admin.up, false);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_stop_locked);

/* Vector 0 means an answer, or that the firmware's state has changed. */
void quern_admin_irq(struct quern_device *qdev)
{
	complete(&qdev->admin.interrupt);
	if (READ_ONCE(qdev->admin.up) && !quern_fw_alive(qdev))
		quern_reset_schedule(qdev);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_irq);

static int quern_admin_status(u32 status)
{
	switch (status) {
	case QUERN_STATUS_OK:
		return 0;
	case QUERN_STATUS_EINVAL:
		return -EINVAL;
	case QUERN_STATUS_ENOENT:
		return -ENOENT;
	case QUERN_STATUS_EBUSY:
		return -EBUSY;
	case QUERN_STATUS_EOPNOTSUPP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

static bool quern_admin_answered(struct quern_device *qdev)
{
	const struct quern_admin_done *entry =
		&qdev->fw.mem->admin_cq[quern_ring_slot(qdev->admin.tail, QUERN_ADMIN_ENTRIES)];

	return quern_ring_stamped(READ_ONCE(entry->index), qdev->admin.tail);
}

/*
 * Over a slice of the wait: the clock stood still or the core slept, so that no answer is on its
 * way.
 */
static bool quern_admin_idle(struct quern_device *qdev, u32 cycle_before)
{
	return quern_read(qdev, QUERN_REG_CYCLE_LO) == cycle_before ||
	       quern_read(qdev, QUERN_REG_STATUS) & QUERN_STATUS_CORE_SLEEP_MASK;
}

static int quern_admin_wait(struct quern_device *qdev)
{
	u32 last = quern_read(qdev, QUERN_REG_CYCLE_LO);
	unsigned int idle = 0;
	u64 cycles = 0;

	for (int i = 0; i < QUERN_ADMIN_SLICES && idle < QUERN_ADMIN_IDLE_SLICES; i++) {
		u32 before = last;
		bool signalled = wait_for_completion_timeout(&qdev->admin.interrupt,
							     QUERN_ADMIN_SLICE);

		if (quern_admin_answered(qdev))
			return 0;
		if (!quern_fw_alive(qdev))
			return -EIO;
		if (signalled)
			continue;
		idle = quern_admin_idle(qdev, before) ? idle + 1 : 0;
		if (quern_device_cycles_over(qdev, &last, &cycles, QUERN_ADMIN_CYCLES))
			break;
	}
	return -ETIMEDOUT;
}

/* 0 and the firmware's status, or an error if there is no valid answer. */
static int quern_admin_exchange(struct quern_device *qdev, struct quern_admin_cmd *cmd, u32 *status)
{
	struct quern_admin *admin = &qdev->admin;
	u32 slot = quern_ring_slot(admin->tail, QUERN_ADMIN_ENTRIES);
	struct quern_admin_done done;
	int ret;

	cmd->seqno = admin->tail;
	qdev->fw.mem->admin_sq[slot] = *cmd;
	reinit_completion(&admin->interrupt);
	dma_wmb(); /* the command before its doorbell */
	quern_write(qdev, QUERN_REG_ADMIN_DOORBELL, admin->tail + 1);
	ret = quern_admin_wait(qdev);
	if (ret)
		return ret;
	dma_rmb(); /* the stamp before the rest */
	done = qdev->fw.mem->admin_cq[slot];
	if (done.seqno != cmd->seqno)
		return -EPROTO;
	admin->tail++;
	*status = done.status;
	return 0;
}

/* It is halted for a while, and knows nothing. */
static bool quern_admin_halted(struct quern_device *qdev)
{
	return qdev->admin.halted && !qdev->admin.closed;
}

/* Returns what the firmware says; -EIO with admin.up false if it has failed. */
static int quern_admin_exec_locked(struct quern_device *qdev, struct quern_admin_cmd *cmd)
{
	u32 status;
	int ret, idx;

	lockdep_assert_held(&qdev->admin.lock);
	/* The PCI function is being reset: libdrm calls again. */
	if (quern_admin_halted(qdev))
		return -EAGAIN;
	if (qdev->admin.closed || !drm_dev_enter(&qdev->drm, &idx))
		return -ENODEV;
	ret = -EIO;
	if (qdev->admin.up && quern_fw_alive(qdev))
		ret = quern_admin_exchange(qdev, cmd, &status);
	drm_dev_exit(idx);
	if (!ret)
		return quern_admin_status(status);
	drm_dbg(&qdev->drm, "no answer to admin command %s: %d\n",
		quern_admin_op_name(cmd->op), ret);
	quern_admin_stop_locked(qdev);
	return -EIO;
}

/*
 * For commands behind which memory is freed. A firmware that refuses one may go on using it: it
 * counts as dead.
 */
static int quern_admin_insist_locked(struct quern_device *qdev, struct quern_admin_cmd *cmd)
{
	int ret = quern_admin_exec_locked(qdev, cmd);

	if (!ret || ret == -ENODEV || !qdev->admin.up)
		return ret;
	quern_admin_stop_locked(qdev);
	return -EIO;
}

int quern_admin_ping_locked(struct quern_device *qdev)
{
	struct quern_admin_cmd cmd = { .op = QUERN_ADMIN_OP_PING };

	return quern_admin_exec_locked(qdev, &cmd);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_ping_locked);

int quern_admin_ctx_create_locked(struct quern_ctx *ctx)
{
	struct quern_admin_cmd cmd = {
		.op = QUERN_ADMIN_OP_CTX_CREATE,
		.ctx = ctx->slot,
		.asid = ctx->asid,
		.root = ctx->root,
		.sq = ctx->ring.dma + offsetof(struct quern_ring_mem, sq),
		.cq = ctx->ring.dma + offsetof(struct quern_ring_mem, cq),
		.entries = QUERN_RING_ENTRIES,
		.priority = ctx->priority,
	};

	return quern_admin_exec_locked(ctx->qdev, &cmd);
}

/* What a command is about. */
struct quern_admin_request {
	struct quern_device *qdev;
	struct quern_ctx *ctx;
	u32 asid;
};

/*
 * Run an operation with the lock. One that finds the firmware dead has it reset, waits for that
 * and runs once more: each means the same to a firmware that has just been told all contexts.
 */
static int quern_admin_run(int (*op)(const struct quern_admin_request *request),
			   const struct quern_admin_request *request)
{
	struct quern_device *qdev = request->qdev;
	int ret = -EIO;

	for (int i = 0; i < QUERN_ADMIN_TRIES; i++) {
		bool dead;

		mutex_lock(&qdev->admin.lock);
		ret = op(request);
		dead = !qdev->admin.up && !qdev->admin.halted && !qdev->admin.closed;
		if (dead)
			quern_reset_schedule(qdev);
		mutex_unlock(&qdev->admin.lock);
		if (!dead)
			break;
		quern_reset_wait(qdev);
	}
	return ret;
}

static int quern_admin_op_create(const struct quern_admin_request *request)
{
	struct quern_ctx *ctx = request->ctx;
	int ret = quern_admin_ctx_create_locked(ctx);

	if (!ret)
		request->qdev->slots[ctx->slot].live = ctx;
	return ret;
}

int quern_admin_ctx_create(struct quern_ctx *ctx)
{
	const struct quern_admin_request request = { .qdev = ctx->qdev, .ctx = ctx };

	return quern_admin_run(quern_admin_op_create, &request);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_ctx_create);

/* A chip that is halted knows no context: when it wakes it is told only of those that live. */
static int quern_admin_op_destroy(const struct quern_admin_request *request)
{
	struct quern_device *qdev = request->qdev;
	u32 slot = request->ctx->slot;
	struct quern_admin_cmd cmd = { .op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = slot };

	if (qdev->slots[slot].live != request->ctx)
		return 0;
	/* A reset from here on must not bring it back. */
	qdev->slots[slot].live = NULL;
	return quern_admin_halted(qdev) ? 0 : quern_admin_insist_locked(qdev, &cmd);
}

int quern_admin_ctx_destroy(struct quern_ctx *ctx)
{
	const struct quern_admin_request request = { .qdev = ctx->qdev, .ctx = ctx };

	return quern_admin_run(quern_admin_op_destroy, &request);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_ctx_destroy);

static int quern_admin_op_reset(const struct quern_admin_request *request)
{
	struct quern_admin_cmd cmd = {
		.op = QUERN_ADMIN_OP_CTX_RESET,
		.ctx = request->ctx->slot,
	};

	return quern_admin_halted(request->qdev) ? 0 : quern_admin_exec_locked(request->qdev, &cmd);
}

int quern_admin_ctx_reset(struct quern_ctx *ctx)
{
	const struct quern_admin_request request = { .qdev = ctx->qdev, .ctx = ctx };

	return quern_admin_run(quern_admin_op_reset, &request);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_ctx_reset);

static int quern_admin_op_flush(const struct quern_admin_request *request)
{
	struct quern_admin_cmd cmd = { .op = QUERN_ADMIN_OP_TLB_FLUSH, .asid = request->asid };

	return quern_admin_halted(request->qdev) ? 0 :
						   quern_admin_insist_locked(request->qdev, &cmd);
}

int quern_admin_tlb_flush(struct quern_device *qdev, u32 asid)
{
	const struct quern_admin_request request = { .qdev = qdev, .asid = asid };

	return quern_admin_run(quern_admin_op_flush, &request);
}
EXPORT_SYMBOL_IF_KUNIT(quern_admin_tlb_flush);
