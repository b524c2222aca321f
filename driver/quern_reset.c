// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Reset.
 *
 * Resets and the time-outs of all schedulers run on one ordered workqueue, so that there is one
 * at a time. Fences wait for what happens here: nothing on the way allocates memory, and what
 * does so for the crash dump is left to another worker.
 */
#include <linux/delay.h>
#include <linux/kobject.h>
#include <linux/workqueue.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_reset.h"
#include "quern_trace.h"

#define QUERN_PAUSE_MS 10000
#define QUERN_IDLE_CHECKS 8 /* checks in a row that find the chip idle with jobs in flight */

/* Fences wait for what is done with admin.lock here. Lockdep wants to know that first. */
static bool quern_reset_lock(struct quern_device *qdev)
{
	bool cookie = dma_fence_begin_signalling();

	mutex_lock(&qdev->admin.lock);
	return cookie;
}

static void quern_reset_unlock(struct quern_device *qdev, bool cookie)
{
	mutex_unlock(&qdev->admin.lock);
	dma_fence_end_signalling(cookie);
}

/*
 * Several may want them stopped at a time. This waits for jobs that are being pushed, which is a
 * section that signals fences: not with admin.lock.
 */
static void quern_reset_stop_scheds(struct quern_device *qdev)
{
	mutex_lock(&qdev->sched_lock);
	if (!qdev->sched_stops++)
		for (unsigned int i = 0; i < QUERN_NUM_CTX; i++)
			drm_sched_wqueue_stop(&qdev->slots[i].sched);
	mutex_unlock(&qdev->sched_lock);
}

static void quern_reset_start_scheds(struct quern_device *qdev)
{
	mutex_lock(&qdev->sched_lock);
	if (!--qdev->sched_stops)
		for (unsigned int i = 0; i < QUERN_NUM_CTX; i++)
			drm_sched_wqueue_start(&qdev->slots[i].sched);
	mutex_unlock(&qdev->sched_lock);
}

/* Boot, and tell the firmware what the one before had known and what is in flight. */
static int quern_reset_boot_locked(struct quern_device *qdev)
{
	int ret = quern_fw_boot(qdev);

	if (ret)
		return ret;
	qdev->num_boots++;
	quern_admin_start_locked(qdev);
	for (unsigned int i = 0; i < QUERN_NUM_CTX && !ret; i++) {
		struct quern_ctx *ctx = qdev->slots[i].live;

		if (!ctx)
			continue;
		quern_ring_restart(ctx);
		ret = quern_admin_ctx_create_locked(ctx);
		if (!ret)
			quern_ring_resume(ctx);
	}
	return ret;
}

/* What has disturbed a firmware may still do so when the next one starts. */
static int quern_reset_reboot_locked(struct quern_device *qdev)
{
	int ret = quern_reset_boot_locked(qdev);

	if (!ret)
		return 0;
	quern_admin_stop_locked(qdev);
	return quern_reset_boot_locked(qdev);
}

/*
 * The firmware has died and the chip is halted: end the jobs that cannot be executed again. With
 * a job that had begun there is somebody to blame for the death; else it may be any.
 */
static void quern_reset_judge_locked(struct quern_device *qdev)
{
	u32 progress[QUERN_NUM_CTX];
	bool blame = true;

	lockdep_assert_held(&qdev->admin.lock);
	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++) {
		struct quern_ctx *ctx = qdev->slots[i].live;

		progress[i] = quern_fw_progress(qdev, i);
		if (ctx && quern_ring_busy(ctx) && progress[i] == QUERN_PROGRESS_BEGUN)
			blame = false;
	}
	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++)
		if (qdev->slots[i].live)
			quern_ring_judge(qdev->slots[i].live, progress[i], blame);
}

/* End what is in flight; all contexts are lost. */
static void quern_reset_cancel_locked(struct quern_device *qdev, int error)
{
	lockdep_assert_held(&qdev->admin.lock);
	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++) {
		struct quern_ctx *ctx = qdev->slots[i].live;

		if (!ctx)
			continue;
		quern_ring_cancel(ctx, error);
		spin_lock(&qdev->ring_lock);
		ctx->state = DRM_QUERN_CTX_LOST;
		spin_unlock(&qdev->ring_lock);
	}
}

/* No more work for this chip. Called with admin.lock. */
static void quern_reset_close_locked(struct quern_device *qdev, int error)
{
	quern_admin_stop_locked(qdev);
	qdev->admin.closed = true;
	quern_fw_halt(qdev);
	quern_ring_harvest(qdev);
	quern_reset_cancel_locked(qdev, error);
}

/* The chip does not come back. */
static void quern_reset_give_up_locked(struct quern_device *qdev, int error)
{
	drm_err(&qdev->drm, "the chip does not come back: %d\n", error);
	quern_reset_close_locked(qdev, -EIO);
	schedule_work(&qdev->wedged_work);
}

static void quern_reset_report(struct quern_device *qdev)
{
	u32 state = quern_read(qdev, QUERN_REG_FW_STATUS);
	u32 error = quern_read(qdev, QUERN_REG_FW_ERROR);

	trace_quern_reset(qdev, state, error);
	drm_err(&qdev->drm, "the firmware has failed: state %s, error 0x%x; resetting the chip\n",
		quern_fw_state_name(state), error);
}

/* Fences wait for this. The schedulers are stopped. */
static void quern_reset_locked(struct quern_device *qdev)
{
	int ret;

	lockdep_assert_held(&qdev->admin.lock);
	quern_reset_report(qdev);
	quern_coredump_capture(qdev);
	quern_fw_halt(qdev);
	/* What had been completed by then counts. */
	quern_ring_harvest(qdev);
	quern_reset_judge_locked(qdev);
	WRITE_ONCE(qdev->bad_completion, false);
	ret = quern_reset_reboot_locked(qdev);
	if (ret)
		quern_reset_give_up_locked(qdev, ret);
	qdev->num_resets++;
}

/* Whether the firmware is to be given up; then it gets no more commands. */
static bool quern_reset_needed(struct quern_device *qdev,
			       bool (*is_dead)(struct quern_device *qdev), u32 *boots)
{
	bool cookie = quern_reset_lock(qdev);
	bool needed = !qdev->admin.halted && !qdev->admin.closed && is_dead(qdev);

	if (needed)
		quern_admin_stop_locked(qdev);
	*boots = qdev->num_boots;
	quern_reset_unlock(qdev, cookie);
	return needed;
}

/*
 * On the reset workqueue. While the lock is given up for the schedulers the chip may only be
 * halted, or booted by the end of that.
 */
static void quern_reset_if(struct quern_device *qdev, bool (*is_dead)(struct quern_device *qdev))
{
	bool cookie;
	u32 boots;

	if (!quern_reset_needed(qdev, is_dead, &boots))
		return;
	quern_reset_stop_scheds(qdev);
	cookie = quern_reset_lock(qdev);
	if (!qdev->admin.halted && !qdev->admin.closed && qdev->num_boots == boots)
		quern_reset_locked(qdev);
	quern_reset_unlock(qdev, cookie);
	quern_reset_start_scheds(qdev);
}

/* Somebody else may have been faster. Called with admin.lock. */
static bool quern_reset_still_dead(struct quern_device *qdev)
{
	return !qdev->admin.up || !quern_fw_alive(qdev) || READ_ONCE(qdev->bad_completion) ||
	       quern_admin_ping_locked(qdev);
}

static void quern_reset_work(struct work_struct *work)
{
	struct quern_device *qdev = container_of(work, struct quern_device, reset_work);
	int idx;

	if (!drm_dev_enter(&qdev->drm, &idx))
		return;
	quern_reset_if(qdev, quern_reset_still_dead);
	drm_dev_exit(idx);
}

/*
 * An event takes memory, which a reset must not wait for. It has the form of
 * drm_dev_wedged_event(), which some kernels do not have and which sends it from the primary node,
 * that accel devices do not have.
 */
static void quern_reset_wedged_work(struct work_struct *work)
{
	struct quern_device *qdev = container_of(work, struct quern_device, wedged_work);
	char event[32];
	char *envp[2] = { event };

	strscpy(event, "WEDGED=rebind,bus-reset");
	kobject_uevent_env(&qdev->drm.accel->kdev->kobj, KOBJ_CHANGE, envp);
}

void quern_reset_finish(struct quern_device *qdev)
{
	flush_workqueue(qdev->reset_wq);
	cancel_work_sync(&qdev->wedged_work);
}

void quern_reset_init(struct quern_device *qdev)
{
	INIT_WORK(&qdev->reset_work, quern_reset_work);
	INIT_WORK(&qdev->wedged_work, quern_reset_wedged_work);
}

int quern_reset_start(struct quern_device *qdev)
{
	bool cookie;
	int ret;

	cookie = quern_reset_lock(qdev);
	ret = quern_reset_boot_locked(qdev);
	quern_reset_unlock(qdev, cookie);
	return ret;
}

void quern_reset_schedule(struct quern_device *qdev)
{
	queue_work(qdev->reset_wq, &qdev->reset_work);
}

void quern_reset_wait(struct quern_device *qdev)
{
	flush_work(&qdev->reset_work);
}

/*
 * Asleep, nothing on the engines, and yet jobs in flight: they were lost. Called with
 * admin.lock.
 */
static bool quern_reset_idle_locked(struct quern_device *qdev)
{
	u32 status = quern_read(qdev, QUERN_REG_STATUS);

	if (!(status & QUERN_STATUS_CORE_SLEEP_MASK) || status & QUERN_STATUS_JOB_BUSY_MASK)
		atomic_set(&qdev->idle_checks, 0);
	return atomic_inc_return(&qdev->idle_checks) > QUERN_IDLE_CHECKS;
}

/* Called with admin.lock. */
static bool quern_reset_seems_dead(struct quern_device *qdev)
{
	return qdev->admin.up && (!quern_fw_alive(qdev) || quern_reset_idle_locked(qdev) ||
				  quern_admin_ping_locked(qdev));
}

void quern_reset_if_dead(struct quern_device *qdev)
{
	int idx;

	if (!drm_dev_enter(&qdev->drm, &idx))
		return;
	quern_reset_if(qdev, quern_reset_seems_dead);
	drm_dev_exit(idx);
}

void quern_reset_close(struct quern_device *qdev)
{
	bool cookie = quern_reset_lock(qdev);

	quern_reset_close_locked(qdev, -ENODEV);
	quern_reset_unlock(qdev, cookie);
}

static bool quern_reset_drained(struct quern_device *qdev)
{
	bool drained = true;

	spin_lock(&qdev->ring_lock);
	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++) {
		struct quern_ctx *ctx = qdev->slots[i].ring;

		if (ctx && ctx->ring.head != ctx->ring.tail)
			drained = false;
	}
	spin_unlock(&qdev->ring_lock);
	return drained;
}

int quern_reset_pause(struct quern_device *qdev)
{
	unsigned long end = jiffies + msecs_to_jiffies(QUERN_PAUSE_MS);

	flush_workqueue(qdev->reset_wq);
	quern_reset_stop_scheds(qdev);
	while (!quern_reset_drained(qdev)) {
		if (time_after(jiffies, end)) {
			quern_reset_start_scheds(qdev);
			return -EBUSY;
		}
		msleep(20);
	}
	return 0;
}

void quern_reset_continue(struct quern_device *qdev)
{
	quern_reset_start_scheds(qdev);
}

int quern_reset_sleep(struct quern_device *qdev)
{
	bool cookie;
	int ret = 0;

	cookie = quern_reset_lock(qdev);
	/* A firmware that has died is left to the reset. */
	if (!quern_reset_drained(qdev) || (!qdev->admin.up && !qdev->admin.closed)) {
		ret = -EBUSY;
		goto out_unlock;
	}
	quern_admin_stop_locked(qdev);
	qdev->admin.halted |= QUERN_HALTED_IDLE;
	quern_fw_halt(qdev);
out_unlock:
	quern_reset_unlock(qdev, cookie);
	if (!ret)
		quern_device_synchronize_irqs(qdev);
	return ret;
}

void quern_reset_prepare(struct quern_device *qdev)
{
	bool cookie;

	flush_workqueue(qdev->reset_wq);
	quern_reset_stop_scheds(qdev);
	cookie = quern_reset_lock(qdev);
	/* One that sleeps has no jobs, and may not be reached. */
	if (!qdev->admin.closed && !qdev->admin.halted) {
		quern_admin_stop_locked(qdev);
		quern_fw_halt(qdev);
		quern_ring_harvest(qdev);
		quern_reset_judge_locked(qdev);
	}
	qdev->admin.halted |= QUERN_HALTED_RESET;
	quern_reset_unlock(qdev, cookie);
	quern_device_synchronize_irqs(qdev);
}

void quern_reset_wake(struct quern_device *qdev, u32 reason)
{
	bool cookie;
	int ret = 0;

	cookie = quern_reset_lock(qdev);
	qdev->admin.halted &= ~reason;
	if (!qdev->admin.closed && !qdev->admin.halted)
		ret = quern_reset_reboot_locked(qdev);
	if (ret)
		quern_reset_give_up_locked(qdev, ret);
	quern_reset_unlock(qdev, cookie);
}
