/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Attributes of the PCI device: fw_version, hw_version. */
#ifndef QUERN_SYSFS_H
#define QUERN_SYSFS_H

struct attribute_group;

extern const struct attribute_group *quern_sysfs_groups[];

#endif
