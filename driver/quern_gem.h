/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Buffer objects: shmem, shared with others by dma-buf; the DRM core and its helpers do the
 * work.
 */
#ifndef QUERN_GEM_H
#define QUERN_GEM_H

#include <linux/types.h>

struct drm_device;
struct drm_file;
struct drm_gem_object;

/* drm_driver.gem_create_object */
struct drm_gem_object *quern_gem_create_object(struct drm_device *drm, size_t size);

int quern_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);
int quern_bo_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#endif
