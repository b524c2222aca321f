/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The address space of an open file: its bindings, page tables and ASID.
 *
 * A binding holds its buffer object. The chip knows the address space as long as the file has
 * contexts; the file has an ASID for just that time, so that any number of files can be open.
 */
#ifndef QUERN_VM_H
#define QUERN_VM_H

#include <linux/mutex.h>
#include <linux/xarray.h>

#include <drm/drm_mm.h>

#include "quern_mmu.h"

#define QUERN_VM_START SZ_64K /* the lowest addresses are never bound: zero regions fault */

struct drm_device;
struct drm_file;
struct quern_device;
struct quern_file;
struct quern_user;

struct quern_vm {
	struct mutex lock;	/* protects all of this */
	struct drm_mm space;
	struct xarray bindings;	/* by first page */
	struct quern_mmu mmu;
	u32 asid;
	u32 asid_users;		/* contexts */
	u64 bound_bytes;
};

int quern_vm_init(struct quern_vm *vm, struct quern_device *qdev, struct quern_user *user);
/* When there are no contexts any more. Only the first call does anything. */
void quern_vm_finish(struct quern_vm *vm);

/* For a context. -EBUSY if all ASIDs are taken. */
int quern_vm_get_asid(struct quern_file *file, u32 *asid, dma_addr_t *root);
/* When the firmware does not know the context any more. */
void quern_vm_put_asid(struct quern_file *file);

int quern_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file);

#if IS_ENABLED(CONFIG_KUNIT)
struct drm_quern_vm_bind;

int quern_vm_check_args(const struct drm_quern_vm_bind *args);
#endif

#endif
