// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Resets of the PCI function, by sysfs or after an error on the bus. For the jobs they are as a
 * failure of the firmware. The PCI core calls with the device's lock.
 *
 * Until a reset is over the device neither falls asleep nor wakes, which would touch the
 * configuration space and the chip: it is woken before, if it can be reached.
 */
#include <linux/pci.h>
#include <linux/workqueue.h>

#include <drm/drm_print.h>

#include "quern_device.h"
#include "quern_pci.h"
#include "quern_pm.h"
#include "quern_reset.h"

#define QUERN_RECOVERY_MS 60000

static void quern_pci_begin(struct quern_device *qdev, bool reachable)
{
	if (qdev->pci_reset)
		return;
	qdev->pci_reset = true;
	quern_pm_hold(qdev, reachable);
	quern_reset_prepare(qdev);
	atomic_set(&qdev->pci_stopped, 1);
}

static void quern_pci_continue(struct quern_device *qdev)
{
	if (atomic_xchg(&qdev->pci_stopped, 0))
		quern_reset_continue(qdev);
}

static void quern_pci_end(struct quern_device *qdev)
{
	cancel_delayed_work_sync(&qdev->recovery_work);
	if (!qdev->pci_reset)
		return;
	qdev->pci_reset = false;
	quern_reset_wake(qdev, QUERN_HALTED_RESET);
	quern_pci_continue(qdev);
	quern_pm_put(qdev);
}

/* The PCI core does not say that it has given up, and jobs must end. */
static void quern_pci_recovery_late(struct work_struct *work)
{
	struct quern_device *qdev = container_of(to_delayed_work(work), struct quern_device,
						 recovery_work);

	drm_err(&qdev->drm, "the bus does not recover: no more work\n");
	quern_reset_close(qdev);
	quern_pci_continue(qdev);
}

void quern_pci_init(struct quern_device *qdev)
{
	INIT_DELAYED_WORK(&qdev->recovery_work, quern_pci_recovery_late);
}

void quern_pci_finish(struct quern_device *qdev)
{
	quern_pci_end(qdev);
}

static void quern_pci_reset_prepare(struct pci_dev *pdev)
{
	quern_pci_begin(pci_get_drvdata(pdev), true);
}

static void quern_pci_reset_done(struct pci_dev *pdev)
{
	quern_pci_end(pci_get_drvdata(pdev));
}

static pci_ers_result_t quern_pci_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct quern_device *qdev = pci_get_drvdata(pdev);

	if (state == pci_channel_io_perm_failure) {
		quern_reset_close(qdev);
		quern_pci_end(qdev);
		return PCI_ERS_RESULT_DISCONNECT;
	}
	quern_pci_begin(qdev, state == pci_channel_io_normal);
	schedule_delayed_work(&qdev->recovery_work, msecs_to_jiffies(QUERN_RECOVERY_MS));
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t quern_pci_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	pci_save_state(pdev); /* it is good for one time only */
	return PCI_ERS_RESULT_RECOVERED;
}

const struct pci_error_handlers quern_pci_err_handlers = {
	.error_detected = quern_pci_error_detected,
	.slot_reset = quern_pci_slot_reset,
	.resume = quern_pci_reset_done,
	.reset_prepare = quern_pci_reset_prepare,
	.reset_done = quern_pci_reset_done,
};
