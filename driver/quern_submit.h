/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The submit ioctl. */
#ifndef QUERN_SUBMIT_H
#define QUERN_SUBMIT_H

#include <linux/types.h>

#define QUERN_MAX_TIMEOUT_CYCLES 10000000000ULL /* 10 s at the nominal clock: fences are bounded */

struct drm_device;
struct drm_file;

int quern_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#endif
