/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The chip's trace ring and counters, for one open file at a time. They show when all contexts
 * work, so that it takes CAP_PERFMON.
 */
#ifndef QUERN_PROFILE_H
#define QUERN_PROFILE_H

#include <linux/mutex.h>
#include <linux/types.h>

struct drm_device;
struct drm_file;
struct quern_device;
struct quern_file;

struct quern_profile {
	struct mutex lock; /* protects all of this, and the registers of the ring */
	struct quern_file *owner; /* who records, and keeps the device awake; NULL: nobody */
	u64 *events; /* room for a ring of them */
	u32 head; /* events read */
};

int quern_profile_init(struct quern_device *qdev);
/* When a file ends. The chip may be gone. */
void quern_profile_release(struct quern_file *file);

int quern_profile_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#endif
