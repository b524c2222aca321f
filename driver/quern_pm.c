// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* System sleep: the chip loses everything, the rings' memory and the contexts stay. */
#include <linux/device.h>
#include <linux/pm.h>

#include "quern_device.h"
#include "quern_pm.h"
#include "quern_reset.h"

static int quern_pm_suspend(struct device *dev)
{
	return quern_reset_suspend(dev_get_drvdata(dev));
}

static int quern_pm_resume(struct device *dev)
{
	return quern_reset_resume(dev_get_drvdata(dev));
}

DEFINE_SIMPLE_DEV_PM_OPS(quern_pm_ops, quern_pm_suspend, quern_pm_resume);
