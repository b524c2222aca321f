/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The submit ioctl. */
#ifndef QUERN_SUBMIT_H
#define QUERN_SUBMIT_H

#include <linux/types.h>

#define QUERN_MAX_TIMEOUT_CYCLES 10000000000ULL /* 10 s at the nominal clock: fences are bounded */

struct drm_device;
struct drm_file;

int quern_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#if IS_ENABLED(CONFIG_KUNIT)
struct drm_quern_job;
struct drm_quern_submit;
struct drm_quern_sync;
struct quern_job;

int quern_submit_check_args(const struct drm_quern_submit *args);
int quern_submit_check_job(const struct drm_quern_job *job);
int quern_submit_check_sync(const struct drm_quern_sync *sync);
void quern_submit_fill(struct quern_job *record, const struct drm_quern_job *job);
#endif

#endif
