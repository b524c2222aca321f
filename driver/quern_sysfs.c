// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Attributes of the PCI device; they are there while the driver is bound. */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "quern_device.h"
#include "quern_sysfs.h"

static ssize_t fw_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct quern_device *qdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u.%u\n", qdev->fw.version >> 16, qdev->fw.version & 0xffff);
}
static DEVICE_ATTR_RO(fw_version);

static ssize_t hw_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct quern_device *qdev = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u.%u\n", qdev->hw.version >> 16, qdev->hw.version & 0xffff);
}
static DEVICE_ATTR_RO(hw_version);

static struct attribute *quern_sysfs_attrs[] = {
	&dev_attr_fw_version.attr,
	&dev_attr_hw_version.attr,
	NULL
};

static const struct attribute_group quern_sysfs_group = {
	.attrs = quern_sysfs_attrs,
};

const struct attribute_group *quern_sysfs_groups[] = {
	&quern_sysfs_group,
	NULL
};
