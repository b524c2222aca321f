// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Buffer objects. */
#include <linux/property.h>
#include <linux/slab.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/quern_accel.h>

#include "quern/commands.h"
#include "quern_gem.h"

static enum drm_gem_object_status quern_gem_status(struct drm_gem_object *obj)
{
	struct drm_gem_shmem_object *shmem = to_drm_gem_shmem_obj(obj);

	return obj->import_attach || shmem->pages ? DRM_GEM_OBJECT_RESIDENT : 0;
}

static const struct drm_gem_object_funcs quern_gem_funcs = {
	.free = drm_gem_shmem_object_free,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.status = quern_gem_status,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

struct drm_gem_object *quern_gem_create_object(struct drm_device *drm, size_t size)
{
	struct drm_gem_shmem_object *shmem = kzalloc(sizeof(*shmem), GFP_KERNEL_ACCOUNT);

	if (!shmem)
		return ERR_PTR(-ENOMEM);
	shmem->base.funcs = &quern_gem_funcs;
	/* A chip that does not snoop sees what processors write past their caches. */
	shmem->map_wc = device_get_dma_attr(drm->dev) != DEV_DMA_COHERENT;
	return &shmem->base;
}

int quern_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_bo_create *args = data;
	struct drm_gem_shmem_object *shmem;
	int ret;

	if (args->flags || args->handle || !args->size || args->size > BIT_ULL(QUERN_VA_BITS))
		return -EINVAL;
	shmem = drm_gem_shmem_create(drm, PAGE_ALIGN(args->size));
	if (IS_ERR(shmem))
		return PTR_ERR(shmem);
	args->size = shmem->base.size;
	ret = drm_gem_handle_create(drm_file, &shmem->base, &args->handle);
	drm_gem_object_put(&shmem->base);
	return ret;
}

int quern_bo_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_bo_mmap_offset *args = data;

	if (args->pad || args->offset)
		return -EINVAL;
	return drm_gem_dumb_map_offset(drm_file, drm, args->handle, &args->offset);
}
