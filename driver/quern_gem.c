// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Buffer objects. */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/module.h>
#include <linux/property.h>
#include <linux/slab.h>

#include <drm/drm_file.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/quern_accel.h>

#include "quern/commands.h"
#include "quern_compat.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_gem.h"
#include "quern_user.h"

QUERN_COMPAT_IMPORT_NS(DMA_BUF);

struct quern_bo {
	struct drm_gem_shmem_object base; /* first: the helpers free the object by it */
	struct list_head link; /* in quern_device.bos */
	struct dma_buf_attachment *attach; /* of an import */
	struct quern_user *user; /* whose quota it counts in; NULL for imports */
};

static struct quern_bo *to_quern_bo(struct drm_gem_object *obj)
{
	return container_of(to_drm_gem_shmem_obj(obj), struct quern_bo, base);
}

static void quern_bo_free(struct drm_gem_object *obj)
{
	struct quern_device *qdev = to_quern_device(obj->dev);
	struct quern_bo *bo = to_quern_bo(obj);
	struct quern_user *user = bo->user;
	u64 bytes = obj->size;

	mutex_lock(&qdev->bos_lock);
	list_del(&bo->link);
	mutex_unlock(&qdev->bos_lock);
	drm_gem_shmem_object_free(obj);
	quern_user_uncharge_bytes(user, bytes);
	quern_user_put(user);
}

static enum drm_gem_object_status quern_bo_status(struct drm_gem_object *obj)
{
	struct drm_gem_shmem_object *shmem = to_drm_gem_shmem_obj(obj);

	return obj->import_attach || shmem->pages ? DRM_GEM_OBJECT_RESIDENT : 0;
}

static const struct drm_gem_object_funcs quern_bo_funcs = {
	.free = quern_bo_free,
	.print_info = drm_gem_shmem_object_print_info,
	.pin = drm_gem_shmem_object_pin,
	.unpin = drm_gem_shmem_object_unpin,
	.get_sg_table = drm_gem_shmem_object_get_sg_table,
	.vmap = drm_gem_shmem_object_vmap,
	.vunmap = drm_gem_shmem_object_vunmap,
	.mmap = drm_gem_shmem_object_mmap,
	.status = quern_bo_status,
	.vm_ops = &drm_gem_shmem_vm_ops,
};

struct drm_gem_object *quern_gem_create_object(struct drm_device *drm, size_t size)
{
	struct quern_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	BUILD_BUG_ON(offsetof(struct quern_bo, base.base));
	if (!bo)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&bo->link);
	bo->base.base.funcs = &quern_bo_funcs;
	/* A chip that does not snoop sees what processors write past their caches. */
	bo->base.map_wc = device_get_dma_attr(drm->dev) != DEV_DMA_COHERENT;
	/* What the chip has written outlives its mapping. */
	bo->base.pages_mark_dirty_on_put = true;
	return &bo->base.base;
}

struct drm_gem_object *quern_gem_import_sg_table(struct drm_device *drm,
						 struct dma_buf_attachment *attach,
						 struct sg_table *sgt)
{
	struct drm_gem_object *obj = drm_gem_shmem_prime_import_sg_table(drm, attach, sgt);
	struct quern_device *qdev = to_quern_device(drm);
	struct quern_bo *bo;
	bool closed;

	if (IS_ERR(obj))
		return obj;
	bo = to_quern_bo(obj);
	mutex_lock(&qdev->bos_lock);
	closed = qdev->bos_closed;
	if (!closed) {
		bo->attach = attach;
		list_add(&bo->link, &qdev->bos);
	}
	mutex_unlock(&qdev->bos_lock);
	if (!closed)
		return obj;
	/* The caller unmaps. */
	bo->base.sgt = NULL;
	drm_gem_object_put(obj);
	return ERR_PTR(-ENODEV);
}

/* Nobody asks for a mapping meanwhile: the device is unplugged. */
static void quern_bo_unmap(struct quern_bo *bo)
{
	struct drm_gem_shmem_object *shmem = &bo->base;
	struct sg_table *sgt = shmem->sgt;

	if (!sgt)
		return;
	if (bo->attach) {
		shmem->sgt = NULL;
		dma_buf_unmap_attachment_unlocked(bo->attach, sgt, DMA_BIDIRECTIONAL);
		return;
	}
	dma_resv_lock(shmem->base.resv, NULL);
	shmem->sgt = NULL;
	dma_unmap_sgtable(shmem->base.dev->dev, sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(sgt);
	kfree(sgt);
	quern_compat_shmem_put_pages(shmem);
	dma_resv_unlock(shmem->base.resv);
}

void quern_gem_close(struct quern_device *qdev)
{
	struct quern_bo *bo;

	mutex_lock(&qdev->bos_lock);
	qdev->bos_closed = true;
	list_for_each_entry(bo, &qdev->bos, link)
		quern_bo_unmap(bo);
	mutex_unlock(&qdev->bos_lock);
}

/* Charged to the user, who is charged no more when it is freed. */
static struct drm_gem_object *quern_bo_create(struct quern_file *file, u64 bytes)
{
	struct quern_device *qdev = file->qdev;
	struct drm_gem_shmem_object *shmem;
	struct quern_bo *bo;
	int ret = quern_user_charge_bytes(file->user, bytes);

	if (ret)
		return ERR_PTR(ret);
	shmem = drm_gem_shmem_create(&qdev->drm, bytes);
	if (IS_ERR(shmem)) {
		quern_user_uncharge_bytes(file->user, bytes);
		return ERR_CAST(shmem);
	}
	bo = to_quern_bo(&shmem->base);
	bo->user = quern_user_get(file->user);
	mutex_lock(&qdev->bos_lock);
	list_add(&bo->link, &qdev->bos);
	mutex_unlock(&qdev->bos_lock);
	return &shmem->base;
}

int quern_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_bo_create *args = data;
	struct drm_gem_object *obj;
	int ret;

	if (args->flags || args->handle || !args->size || args->size > BIT_ULL(QUERN_VA_BITS))
		return -EINVAL;
	obj = quern_bo_create(drm_file->driver_priv, PAGE_ALIGN(args->size));
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	args->size = obj->size;
	ret = drm_gem_handle_create(drm_file, obj, &args->handle);
	drm_gem_object_put(obj);
	return ret;
}

int quern_bo_mmap_offset_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_bo_mmap_offset *args = data;

	if (args->pad || args->offset)
		return -EINVAL;
	return drm_gem_dumb_map_offset(drm_file, drm, args->handle, &args->offset);
}
