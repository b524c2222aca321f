/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Buffer objects: shmem, shared with others by dma-buf; the DRM core and its helpers do the
 * work. Here is who pays for them, and that the device's mappings end with the device, however
 * long somebody holds the objects.
 */
#ifndef QUERN_GEM_H
#define QUERN_GEM_H

#include <linux/types.h>

struct dma_buf_attachment;
struct drm_device;
struct drm_file;
struct drm_gem_object;
struct quern_device;
struct sg_table;

/* drm_driver.gem_create_object, .gem_prime_import_sg_table */
struct drm_gem_object *quern_gem_create_object(struct drm_device *drm, size_t size);
struct drm_gem_object *quern_gem_import_sg_table(struct drm_device *drm,
						 struct dma_buf_attachment *attach,
						 struct sg_table *sgt);

/* The chip uses no memory any more: unmap all objects for DMA. No object is mapped after this. */
void quern_gem_close(struct quern_device *qdev);

int quern_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);
int quern_bo_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#endif
