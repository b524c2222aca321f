/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Files below /sys/kernel/debug/accel: no interface, for people. */
#ifndef QUERN_DEBUGFS_H
#define QUERN_DEBUGFS_H

struct quern_device;

/* Before the DRM device is registered. */
void quern_debugfs_init(struct quern_device *qdev);

#endif
