// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Power. Asleep, the chip loses everything; the rings' memory and the contexts stay. The states
 * of the device and of the admin ring change together under admin.lock, so that whoever holds
 * it and finds the ring up may use the chip.
 */
#include <linux/device.h>
#include <linux/pm_runtime.h>

#include "quern_device.h"
#include "quern_pm.h"
#include "quern_reset.h"

#define QUERN_PM_IDLE_MS 5000

int quern_pm_get(struct quern_device *qdev)
{
	return pm_runtime_resume_and_get(qdev->drm.dev) ? -EIO : 0;
}

void quern_pm_get_awake(struct quern_device *qdev)
{
	pm_runtime_get_noresume(qdev->drm.dev);
}

void quern_pm_hold(struct quern_device *qdev, bool wake)
{
	struct device *dev = qdev->drm.dev;

	if (wake) {
		pm_runtime_get_sync(dev);
		return;
	}
	pm_runtime_get_noresume(dev);
	pm_runtime_barrier(dev);
}

void quern_pm_put(struct quern_device *qdev)
{
	pm_runtime_mark_last_busy(qdev->drm.dev);
	pm_runtime_put_autosuspend(qdev->drm.dev);
}

/* Gives up the reference that the PCI core takes for probe. */
void quern_pm_enable(struct quern_device *qdev)
{
	struct device *dev = qdev->drm.dev;

	pm_runtime_set_autosuspend_delay(dev, QUERN_PM_IDLE_MS);
	pm_runtime_use_autosuspend(dev);
	pm_runtime_allow(dev);
	quern_pm_put(qdev);
}

/* The PCI core has woken the device for remove. */
void quern_pm_disable(struct quern_device *qdev)
{
	struct device *dev = qdev->drm.dev;

	pm_runtime_forbid(dev);
	pm_runtime_dont_use_autosuspend(dev);
	pm_runtime_get_noresume(dev);
}

static int quern_pm_runtime_suspend(struct device *dev)
{
	return quern_reset_sleep(dev_get_drvdata(dev));
}

/* A chip that does not come back closes the device, which then says so to everybody. */
static int quern_pm_runtime_resume(struct device *dev)
{
	quern_reset_wake(dev_get_drvdata(dev), QUERN_HALTED_IDLE);
	return 0;
}

static int quern_pm_suspend(struct device *dev)
{
	struct quern_device *qdev = dev_get_drvdata(dev);
	int ret = quern_reset_pause(qdev);

	if (ret)
		return ret;
	ret = pm_runtime_force_suspend(dev);
	if (ret)
		quern_reset_continue(qdev);
	return ret;
}

static int quern_pm_resume(struct device *dev)
{
	int ret = pm_runtime_force_resume(dev);

	quern_reset_continue(dev_get_drvdata(dev));
	return ret;
}

const struct dev_pm_ops quern_pm_ops = {
	SYSTEM_SLEEP_PM_OPS(quern_pm_suspend, quern_pm_resume)
	RUNTIME_PM_OPS(quern_pm_runtime_suspend, quern_pm_runtime_resume, NULL)
};
