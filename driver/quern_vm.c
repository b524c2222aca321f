// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Address spaces of files. */
#include <linux/idr.h>
#include <linux/slab.h>

#include <kunit/visibility.h>

#include <drm/drm_file.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/quern_accel.h>

#include "quern/sv39.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_vm.h"

struct quern_binding {
	struct drm_mm_node node;
	struct drm_gem_object *obj;
};

int quern_vm_init(struct quern_vm *vm, struct quern_device *qdev, struct quern_user *user)
{
	int ret = quern_mmu_init(&vm->mmu, qdev->drm.dev, user);

	if (ret)
		return ret;
	mutex_init(&vm->lock);
	xa_init(&vm->bindings);
	drm_mm_init(&vm->space, QUERN_VM_START, BIT_ULL(QUERN_VA_BITS) - QUERN_VM_START);
	return 0;
}

static void quern_binding_free(struct quern_vm *vm, struct quern_binding *binding)
{
	vm->bound_bytes -= binding->node.size;
	drm_mm_remove_node(&binding->node);
	drm_gem_object_put(binding->obj);
	kfree(binding);
}

void quern_vm_finish(struct quern_vm *vm)
{
	struct quern_binding *binding;
	unsigned long page;

	if (!vm->mmu.root)
		return;
	WARN_ON(vm->asid_users);
	quern_mmu_finish(&vm->mmu);
	xa_for_each(&vm->bindings, page, binding)
		quern_binding_free(vm, binding);
	xa_destroy(&vm->bindings);
	drm_mm_takedown(&vm->space);
	mutex_destroy(&vm->lock);
}

int quern_vm_get_asid(struct quern_file *file, u32 *asid, dma_addr_t *root)
{
	struct quern_vm *vm = &file->vm;
	int ret = 0;

	mutex_lock(&vm->lock);
	if (!vm->asid_users)
		ret = ida_alloc_range(&file->qdev->asid_ida, 1, QUERN_NUM_ASID - 1, GFP_KERNEL);
	if (ret < 0)
		goto out_unlock;
	if (!vm->asid_users)
		vm->asid = ret;
	vm->asid_users++;
	*asid = vm->asid;
	*root = vm->mmu.root->dma;
	ret = 0;
out_unlock:
	mutex_unlock(&vm->lock);
	return ret == -ENOSPC ? -EBUSY : ret;
}

void quern_vm_put_asid(struct quern_file *file)
{
	struct quern_vm *vm = &file->vm;

	mutex_lock(&vm->lock);
	if (!--vm->asid_users) {
		ida_free(&file->qdev->asid_ida, vm->asid);
		vm->asid = 0;
	}
	mutex_unlock(&vm->lock);
}

/* Have the chip forget translations, then free what they led through. */
static void quern_vm_flush(struct quern_file *file)
{
	lockdep_assert_held(&file->vm.lock);
	/* A failure means that the chip has been reset or is gone: it has no translations. */
	if (file->vm.asid_users)
		quern_admin_tlb_flush(file->qdev, file->vm.asid);
	quern_mmu_reap(&file->vm.mmu);
}

static bool quern_vm_range_ok(const struct drm_quern_vm_bind *args)
{
	u64 any = args->va | args->range | args->bo_offset;

	return args->range && !(any & (QUERN_SV39_PAGE_BYTES - 1)) &&
	       args->va >= QUERN_VM_START && quern_sv39_va_ok(args->va, args->range);
}

VISIBLE_IF_KUNIT int quern_vm_check_args(const struct drm_quern_vm_bind *args)
{
	if (args->pad || !quern_vm_range_ok(args))
		return -EINVAL;
	switch (args->op) {
	case DRM_QUERN_VM_BIND_MAP:
		return args->flags & ~DRM_QUERN_VM_BIND_READONLY ? -EINVAL : 0;
	case DRM_QUERN_VM_BIND_UNMAP:
		return args->flags || args->bo_offset || args->bo_handle ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}
EXPORT_SYMBOL_IF_KUNIT(quern_vm_check_args);

/* Reserve addresses and remember the binding; nothing is mapped yet. */
static int quern_vm_reserve(struct quern_vm *vm, struct quern_binding *binding,
			    const struct drm_quern_vm_bind *args)
{
	int ret;

	binding->node.start = args->va;
	binding->node.size = args->range;
	ret = drm_mm_reserve_node(&vm->space, &binding->node);
	if (ret)
		return ret == -ENOSPC ? -EEXIST : ret;
	ret = xa_insert(&vm->bindings, args->va >> QUERN_SV39_PAGE_SHIFT, binding,
			GFP_KERNEL_ACCOUNT);
	if (ret)
		drm_mm_remove_node(&binding->node);
	return ret;
}

static int quern_vm_map_locked(struct quern_file *file, struct quern_binding *binding,
			       const struct drm_quern_vm_bind *args, struct sg_table *sgt)
{
	struct quern_vm *vm = &file->vm;
	int ret = quern_vm_reserve(vm, binding, args);

	if (ret)
		return ret;
	ret = quern_mmu_map(&vm->mmu, args->va, sgt, args->bo_offset, args->range,
			    !(args->flags & DRM_QUERN_VM_BIND_READONLY));
	if (ret) {
		quern_vm_flush(file);
		xa_erase(&vm->bindings, args->va >> QUERN_SV39_PAGE_SHIFT);
		drm_mm_remove_node(&binding->node);
		return ret;
	}
	vm->bound_bytes += args->range;
	return 0;
}

static int quern_vm_map(struct quern_file *file, struct drm_gem_object *obj,
			const struct drm_quern_vm_bind *args)
{
	struct quern_binding *binding;
	struct sg_table *sgt;
	int ret;

	if (args->bo_offset > obj->size || args->range > obj->size - args->bo_offset)
		return -EINVAL;
	sgt = drm_gem_shmem_get_pages_sgt(to_drm_gem_shmem_obj(obj));
	if (IS_ERR(sgt))
		return PTR_ERR(sgt);
	binding = kzalloc(sizeof(*binding), GFP_KERNEL_ACCOUNT);
	if (!binding)
		return -ENOMEM;
	drm_gem_object_get(obj);
	binding->obj = obj;
	mutex_lock(&file->vm.lock);
	ret = quern_vm_map_locked(file, binding, args, sgt);
	mutex_unlock(&file->vm.lock);
	if (ret) {
		drm_gem_object_put(obj);
		kfree(binding);
	}
	return ret;
}

static int quern_vm_unmap(struct quern_file *file, const struct drm_quern_vm_bind *args)
{
	struct quern_vm *vm = &file->vm;
	struct quern_binding *binding;
	int ret = -ENOENT;

	mutex_lock(&vm->lock);
	binding = xa_load(&vm->bindings, args->va >> QUERN_SV39_PAGE_SHIFT);
	if (!binding || binding->node.size != args->range)
		goto out_unlock;
	xa_erase(&vm->bindings, args->va >> QUERN_SV39_PAGE_SHIFT);
	quern_mmu_unmap(&vm->mmu, args->va, args->range);
	quern_vm_flush(file);
	quern_binding_free(vm, binding);
	ret = 0;
out_unlock:
	mutex_unlock(&vm->lock);
	return ret;
}

int quern_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct drm_quern_vm_bind *args = data;
	struct quern_file *file = drm_file->driver_priv;
	struct drm_gem_object *obj;
	int ret;

	ret = quern_vm_check_args(args);
	if (ret)
		return ret;
	if (args->op == DRM_QUERN_VM_BIND_UNMAP)
		return quern_vm_unmap(file, args);
	obj = drm_gem_object_lookup(drm_file, args->bo_handle);
	if (!obj)
		return -ENOENT;
	ret = quern_vm_map(file, obj, args);
	drm_gem_object_put(obj);
	return ret;
}
