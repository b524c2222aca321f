/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The device: registers, interrupts, and what all parts of the driver share.
 *
 * Locks, outermost first:
 *   quern_device.files_lock    the list of open files
 *   quern_file.teardown_lock   the end of what a file has of the device
 *   quern_profile.lock         who records
 *   quern_vm.lock              a file's bindings, page tables and ASID
 *   quern_ctx.submit_lock      the order in which jobs of a context get their numbers
 *   quern_device.sched_lock    whether the schedulers run
 *   quern_admin.lock           the admin ring, the firmware's life, what the firmware knows
 *   quern_device.bos_lock      the list of buffer objects; outside the objects' dma_resv locks
 *   quern_device.users_lock    the list of users
 *   quern_device.ring_lock     rings and states of contexts; taken where fences are signalled
 */
#ifndef QUERN_DEVICE_H
#define QUERN_DEVICE_H

#include <linux/idr.h>
#include <linux/io.h>
#include <linux/pci.h>

#include <drm/drm_device.h>
#include <drm/gpu_scheduler.h>

#include "quern/commands.h"
#include "quern/messages.h"
#include "quern/registers.h"
#include "quern_admin.h"
#include "quern_coredump.h"
#include "quern_fw.h"
#include "quern_profile.h"

struct quern_ctx;

/* A hardware slot: a doorbell, a ring, a scheduler. */
struct quern_slot {
	struct drm_gpu_scheduler sched;
	struct quern_ctx *ring;	/* whose jobs the slot has; under ring_lock */
	struct quern_ctx *live;	/* context that the firmware knows; under admin.lock */
};

/* What the registers say, read at probe. */
struct quern_hw_info {
	u64 features;
	u32 version;
	u32 array;
	u32 bus_bytes;
	u32 spm_bytes;
	u32 acc_entries;
};

struct quern_device {
	struct drm_device drm;
	void __iomem *regs;
	int irq[QUERN_NUM_VECTORS];
	struct quern_hw_info hw;
	struct quern_admin admin;
	struct quern_fw fw;
	struct quern_coredump coredump;
	struct quern_profile profile;

	spinlock_t ring_lock; /* rings of contexts, quern_slot.ring, states of contexts */
	struct quern_slot slots[QUERN_NUM_CTX];
	struct ida slot_ida;
	struct ida asid_ida;

	struct mutex files_lock; /* protects files */
	struct list_head files;
	struct mutex users_lock; /* protects users */
	struct list_head users;
	struct mutex bos_lock; /* protects bos, bos_closed */
	struct list_head bos;
	bool bos_closed; /* unbound: nothing is mapped for DMA any more */

	atomic_t num_ctx; /* contexts whose memory is not freed */
	wait_queue_head_t ctx_gone;
	struct workqueue_struct *release_wq; /* last steps of a context's life */
	struct workqueue_struct *reset_wq;   /* ordered: time-outs of all schedulers and resets */
	struct work_struct reset_work;
	struct work_struct wedged_work; /* tells userspace that the chip does not come back */
	struct delayed_work recovery_work; /* the end of waiting for the bus to recover */
	bool pci_reset; /* begun and not ended; under the lock of the struct device */
	atomic_t pci_stopped; /* the schedulers, for it */
	struct mutex sched_lock; /* protects sched_stops, and makes it true for all schedulers */
	unsigned int sched_stops; /* who wants the schedulers stopped */
	u32 num_boots;	     /* under admin.lock */
	u32 num_resets;	     /* under admin.lock */
	bool bad_completion; /* the firmware has completed what it was not given */
	atomic_t idle_checks; /* in a row that found the chip idle with jobs in flight */
};

static inline struct quern_device *to_quern_device(struct drm_device *drm)
{
	return container_of(drm, struct quern_device, drm);
}

static inline u32 quern_read(struct quern_device *qdev, u32 offset)
{
	return readl(qdev->regs + offset);
}

static inline void quern_write(struct quern_device *qdev, u32 offset, u32 value)
{
	writel(value, qdev->regs + offset);
}

/* Everything of the PCI function and the chip's registers; released with the device. */
int quern_device_init(struct quern_device *qdev, struct pci_dev *pdev);

/* Handlers may run from here on; needs everything else to be ready. */
int quern_device_request_irqs(struct quern_device *qdev);
void quern_device_synchronize_irqs(struct quern_device *qdev);

u64 quern_device_cycles(struct quern_device *qdev);

/*
 * Whether more cycles have passed than the bound since *last was read, added up in *total. A
 * simulated chip is slow, and its clock stands still while it is idle, so that bounds are in its
 * own time.
 */
bool quern_device_cycles_over(struct quern_device *qdev, u32 *last, u64 *total, u64 bound);

#endif
