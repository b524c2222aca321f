// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * DRM accel driver for the Quern accelerator: PCI driver, ioctl table, open files.
 *
 * A chip with a command sequencer, a scratchpad and an MMU of its own is run by firmware that
 * takes jobs from rings in memory. The driver boots the firmware, keeps address spaces and
 * rings, and schedules jobs by drm_sched.
 */
#include <linux/compat.h>
#include <linux/idr.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include <drm/drm_accel.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>
#include <drm/quern_accel.h>

#include "quern_compat.h"
#include "quern_ctx.h"
#include "quern_debugfs.h"
#include "quern_device.h"
#include "quern_drv.h"
#include "quern_gem.h"
#include "quern_job.h"
#include "quern_pci.h"
#include "quern_pm.h"
#include "quern_reset.h"
#include "quern_submit.h"
#include "quern_sysfs.h"
#include "quern_user.h"

static void quern_dev_info(struct quern_device *qdev, struct drm_quern_dev_info *info)
{
	*info = (struct drm_quern_dev_info){
		.features = qdev->hw.features,
		.fw_features = qdev->fw.features,
		.hw_version = qdev->hw.version,
		.fw_version = qdev->fw.version,
		.array = qdev->hw.array,
		.bus_bytes = qdev->hw.bus_bytes,
		.spm_bytes = qdev->hw.spm_bytes,
		.acc_entries = qdev->hw.acc_entries,
		.clock_hz = QUERN_CLOCK_HZ,
		.va_start = QUERN_VM_START,
		.va_end = BIT_ULL(QUERN_VA_BITS),
		.max_timeout_cycles = QUERN_MAX_TIMEOUT_CYCLES,
		.page_bytes = SZ_4K,
		.max_contexts = qdev->fw.num_ctx,
		.max_commands = QUERN_MAX_STREAM_CMDS,
		.queue_depth = QUERN_CTX_QUEUE,
		.job_history = QUERN_CTX_HISTORY,
		.user_contexts = QUERN_USER_CONTEXTS,
		.user_bytes = quern_user_max_bytes(),
	};
}

/*
 * A shorter structure is filled as far as it goes; of a longer one the size tells what is
 * filled.
 */
static int quern_dev_query_copy(struct drm_quern_dev_query *args, const void *data, size_t bytes)
{
	if (!args->pointer) {
		args->size = bytes;
		return 0;
	}
	args->size = min_t(size_t, args->size, bytes);
	return copy_to_user(u64_to_user_ptr(args->pointer), data, args->size) ? -EFAULT : 0;
}

static int quern_dev_query_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct quern_device *qdev = to_quern_device(drm);
	struct drm_quern_dev_query *args = data;
	struct drm_quern_dev_info info;
	struct drm_quern_dev_time now;
	int ret;

	switch (args->type) {
	case DRM_QUERN_DEV_QUERY_INFO:
		quern_dev_info(qdev, &info);
		return quern_dev_query_copy(args, &info, sizeof(info));
	case DRM_QUERN_DEV_QUERY_TIME:
		ret = quern_pm_get(qdev);
		if (ret)
			return ret;
		now.cycles = quern_device_cycles(qdev);
		now.monotonic_ns = ktime_get_ns();
		quern_pm_put(qdev);
		return quern_dev_query_copy(args, &now, sizeof(now));
	default:
		return -EINVAL;
	}
}

static const struct drm_ioctl_desc quern_ioctls[] = {
	DRM_IOCTL_DEF_DRV(QUERN_DEV_QUERY, quern_dev_query_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_CTX_CREATE, quern_ctx_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_CTX_DESTROY, quern_ctx_destroy_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_CTX_QUERY, quern_ctx_query_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_CTX_RESET, quern_ctx_reset_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_BO_CREATE, quern_bo_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_BO_MMAP_OFFSET, quern_bo_mmap_offset_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_VM_BIND, quern_vm_bind_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_SUBMIT, quern_submit_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_JOB_QUERY, quern_job_query_ioctl, 0),
	DRM_IOCTL_DEF_DRV(QUERN_PROFILE, quern_profile_ioctl, 0),
};

/*
 * What a file has of the device: done when the file is closed, and when the device goes. It may
 * wait for the firmware, even for a reset.
 */
static void quern_file_teardown(struct quern_file *file)
{
	mutex_lock(&file->teardown_lock);
	quern_profile_release(file);
	quern_ctx_close_all(file);
	quern_vm_finish(&file->vm);
	mutex_unlock(&file->teardown_lock);
}

static int quern_open(struct drm_device *drm, struct drm_file *drm_file)
{
	struct quern_device *qdev = to_quern_device(drm);
	struct quern_file *file;
	int ret, idx;

	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	ret = -ENOMEM;
	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		goto out_exit;
	file->qdev = qdev;
	mutex_init(&file->teardown_lock);
	xa_init_flags(&file->contexts, XA_FLAGS_ALLOC1);
	file->user = quern_user_get_current(qdev);
	if (!file->user)
		goto err_free;
	ret = quern_vm_init(&file->vm, qdev, file->user);
	if (ret)
		goto err_user;
	drm_file->driver_priv = file;
	mutex_lock(&qdev->files_lock);
	list_add_tail(&file->link, &qdev->files);
	mutex_unlock(&qdev->files_lock);
	goto out_exit;
err_user:
	quern_user_put(file->user);
err_free:
	mutex_destroy(&file->teardown_lock);
	kfree(file);
out_exit:
	drm_dev_exit(idx);
	return ret;
}

static void quern_postclose(struct drm_device *drm, struct drm_file *drm_file)
{
	struct quern_device *qdev = to_quern_device(drm);
	struct quern_file *file = drm_file->driver_priv;

	/* Others open and close files meanwhile; it stays on the list, for the device may go. */
	quern_file_teardown(file);
	mutex_lock(&qdev->files_lock);
	list_del(&file->link);
	mutex_unlock(&qdev->files_lock);
	xa_destroy(&file->contexts);
	mutex_destroy(&file->teardown_lock);
	quern_user_put(file->user);
	kfree(file);
}

/* The driver's own ioctls do not outlast the device: unplugging waits for those that have begun. */
static long quern_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct drm_file *drm_file = filp->private_data;
	long ret;
	int idx;

	if (_IOC_NR(cmd) < DRM_COMMAND_BASE || _IOC_NR(cmd) >= DRM_COMMAND_END)
		return drm_ioctl(filp, cmd, arg);
	if (!drm_dev_enter(drm_file->minor->dev, &idx))
		return -ENODEV;
	ret = drm_ioctl(filp, cmd, arg);
	drm_dev_exit(idx);
	return ret;
}

#ifdef CONFIG_COMPAT
/* Ours are the same for all programs; some of the DRM core's are not. */
static long quern_compat_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	if (_IOC_NR(cmd) < DRM_COMMAND_BASE || _IOC_NR(cmd) >= DRM_COMMAND_END)
		return drm_compat_ioctl(filp, cmd, arg);
	return quern_ioctl(filp, cmd, (unsigned long)compat_ptr(arg));
}
#else
#define quern_compat_ioctl NULL
#endif

static void quern_show_fdinfo(struct drm_printer *p, struct drm_file *drm_file)
{
	struct quern_file *file = drm_file->driver_priv;
	u64 cycles;

	spin_lock(&file->qdev->ring_lock);
	cycles = file->busy_cycles;
	spin_unlock(&file->qdev->ring_lock);
	drm_printf(p, "drm-engine-npu:\t%llu ns\n",
		   mul_u64_u32_div(cycles, NSEC_PER_SEC, QUERN_CLOCK_HZ));
	drm_printf(p, "drm-cycles-npu:\t%llu\n", cycles);
	drm_printf(p, "drm-maxfreq-npu:\t%u Hz\n", QUERN_CLOCK_HZ);
	drm_show_memory_stats(p, drm_file);
}

static const struct file_operations quern_fops = {
	.owner = THIS_MODULE,
	.open = accel_open,
	.release = drm_release,
	.unlocked_ioctl = quern_ioctl,
	.compat_ioctl = quern_compat_ioctl,
	.poll = drm_poll,
	.read = drm_read,
	.llseek = noop_llseek,
	.mmap = drm_gem_mmap,
	.fop_flags = FOP_UNSIGNED_OFFSET,
	.show_fdinfo = drm_show_fdinfo,
};

static const struct drm_driver quern_drm_driver = {
	.driver_features = DRIVER_GEM | DRIVER_COMPUTE_ACCEL | DRIVER_SYNCOBJ |
			   DRIVER_SYNCOBJ_TIMELINE,
	.open = quern_open,
	.postclose = quern_postclose,
	.show_fdinfo = quern_show_fdinfo,
	.gem_create_object = quern_gem_create_object,
	.gem_prime_import_sg_table = quern_gem_import_sg_table,
	.ioctls = quern_ioctls,
	.num_ioctls = ARRAY_SIZE(quern_ioctls),
	.fops = &quern_fops,
	.name = "quern",
	.desc = "Quern accelerator",
	QUERN_COMPAT_DRIVER_DATE
	.major = 1,
	.minor = 0,
};

static void quern_destroy_wq(struct drm_device *drm, void *wq)
{
	destroy_workqueue(wq);
}

static void quern_destroy_ida(struct drm_device *drm, void *ida)
{
	ida_destroy(ida);
}

static int quern_init_queues(struct quern_device *qdev)
{
	struct drm_device *drm = &qdev->drm;
	int ret;

	qdev->reset_wq = alloc_ordered_workqueue("quern-reset", WQ_MEM_RECLAIM);
	if (!qdev->reset_wq)
		return -ENOMEM;
	ret = drmm_add_action_or_reset(drm, quern_destroy_wq, qdev->reset_wq);
	if (ret)
		return ret;
	qdev->release_wq = alloc_workqueue("quern-release", WQ_UNBOUND, 0);
	if (!qdev->release_wq)
		return -ENOMEM;
	return drmm_add_action_or_reset(drm, quern_destroy_wq, qdev->release_wq);
}

/* What needs no hardware. Released with the last reference to the DRM device. */
static int quern_init(struct quern_device *qdev)
{
	struct drm_device *drm = &qdev->drm;
	int ret;

	spin_lock_init(&qdev->ring_lock);
	INIT_LIST_HEAD(&qdev->files);
	init_waitqueue_head(&qdev->ctx_gone);
	quern_reset_init(qdev);
	quern_pci_init(qdev);
	quern_coredump_init(qdev);
	INIT_LIST_HEAD(&qdev->users);
	INIT_LIST_HEAD(&qdev->bos);
	ret = drmm_mutex_init(drm, &qdev->files_lock);
	if (ret)
		return ret;
	ret = drmm_mutex_init(drm, &qdev->sched_lock);
	if (ret)
		return ret;
	ret = drmm_mutex_init(drm, &qdev->users_lock);
	if (ret)
		return ret;
	ret = drmm_mutex_init(drm, &qdev->bos_lock);
	if (ret)
		return ret;
	ret = quern_admin_init(qdev);
	if (ret)
		return ret;
	ret = quern_profile_init(qdev);
	if (ret)
		return ret;
	ida_init(&qdev->slot_ida);
	ida_init(&qdev->asid_ida);
	ret = drmm_add_action_or_reset(drm, quern_destroy_ida, &qdev->slot_ida);
	if (ret)
		return ret;
	ret = drmm_add_action_or_reset(drm, quern_destroy_ida, &qdev->asid_ida);
	if (ret)
		return ret;
	return quern_init_queues(qdev);
}

static int quern_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct quern_device *qdev;
	int ret;

	qdev = devm_drm_dev_alloc(&pdev->dev, &quern_drm_driver, struct quern_device, drm);
	if (IS_ERR(qdev))
		return PTR_ERR(qdev);
	pci_set_drvdata(pdev, qdev);
	ret = quern_init(qdev);
	if (ret)
		return ret;
	ret = quern_device_init(qdev, pdev);
	if (ret)
		return ret;
	ret = quern_job_init(qdev);
	if (ret)
		return ret;
	ret = quern_fw_load(qdev);
	if (ret)
		return ret;
	ret = quern_device_request_irqs(qdev);
	if (ret)
		return ret;
	ret = quern_reset_start(qdev);
	if (ret)
		goto err_close;
	quern_debugfs_init(qdev);
	ret = drm_dev_register(&qdev->drm, 0);
	if (ret)
		goto err_close;
	quern_pm_enable(qdev);
	drm_info(&qdev->drm, "%ux%u chip, hardware %u.%u, firmware %u.%u\n", qdev->hw.array,
		 qdev->hw.array, qdev->hw.version >> 16, qdev->hw.version & 0xffff,
		 qdev->fw.version >> 16, qdev->fw.version & 0xffff);
	return 0;
err_close:
	/* An interrupt may have asked for a reset. */
	quern_reset_close(qdev);
	quern_reset_finish(qdev);
	quern_coredump_finish(qdev);
	return ret;
}

static void quern_remove(struct pci_dev *pdev)
{
	struct quern_device *qdev = pci_get_drvdata(pdev);
	struct quern_file *file;

	quern_pm_disable(qdev);
	/* First the chip: from here on it touches no memory, and everything in flight has ended. */
	quern_reset_close(qdev);
	quern_pci_finish(qdev);
	drm_dev_unplug(&qdev->drm);
	/* No file is opened any more, and nothing waits for a chip that is closed. */
	mutex_lock(&qdev->files_lock);
	list_for_each_entry(file, &qdev->files, link)
		quern_file_teardown(file);
	mutex_unlock(&qdev->files_lock);
	quern_reset_finish(qdev);
	quern_coredump_finish(qdev);
	quern_gem_close(qdev);
	/* DMA memory goes before the device does. */
	wait_event(qdev->ctx_gone, !atomic_read(&qdev->num_ctx));
	flush_workqueue(qdev->release_wq);
}

static void quern_shutdown(struct pci_dev *pdev)
{
	quern_reset_close(pci_get_drvdata(pdev));
}

static const struct pci_device_id quern_ids[] = {
	{ PCI_DEVICE(QUERN_PCI_VENDOR, QUERN_PCI_DEVICE) },
	{}
};
MODULE_DEVICE_TABLE(pci, quern_ids);

static struct pci_driver quern_pci_driver = {
	.name = "quern",
	.id_table = quern_ids,
	.probe = quern_probe,
	.remove = quern_remove,
	.shutdown = quern_shutdown,
	.dev_groups = quern_sysfs_groups,
	.err_handler = &quern_pci_err_handlers,
	.driver.pm = pm_ptr(&quern_pm_ops),
};
module_pci_driver(quern_pci_driver);

MODULE_DESCRIPTION("Quern accelerator");
MODULE_LICENSE("GPL");
