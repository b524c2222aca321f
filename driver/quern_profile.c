// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Trace ring and counters.
 *
 * The ring goes on while it is read: what was overwritten meanwhile is dropped and counted. A
 * reset of the chip stops the recording, which the next call tells.
 */
#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_managed.h>
#include <drm/quern_accel.h>

#include "quern_device.h"
#include "quern_drv.h"
#include "quern_pm.h"
#include "quern_profile.h"

int quern_profile_init(struct quern_device *qdev)
{
	BUILD_BUG_ON(QUERN_COUNTER_VE_IDLE + 1 != DRM_QUERN_NUM_COUNTERS);
	return drmm_mutex_init(&qdev->drm, &qdev->profile.lock);
}

static int quern_profile_start(struct quern_file *file)
{
	struct quern_device *qdev = file->qdev;
	struct quern_profile *profile = &qdev->profile;
	int ret;

	if (profile->owner)
		return -EBUSY;
	profile->events = kvcalloc(QUERN_TRACE_ENTRIES, sizeof(*profile->events),
				   GFP_KERNEL_ACCOUNT);
	if (!profile->events)
		return -ENOMEM;
	ret = quern_pm_get(qdev);
	if (ret)
		goto err_events;
	profile->owner = file;
	profile->head = 0;
	quern_write(qdev, QUERN_REG_TRACE_CTRL,
		    QUERN_TRACE_CTRL_ENABLE_MASK | QUERN_TRACE_CTRL_CLEAR_MASK);
	return 0;
err_events:
	kvfree(profile->events);
	return ret;
}

static void quern_profile_stop(struct quern_device *qdev)
{
	struct quern_profile *profile = &qdev->profile;
	int idx;

	if (drm_dev_enter(&qdev->drm, &idx)) {
		quern_write(qdev, QUERN_REG_TRACE_CTRL, 0);
		drm_dev_exit(idx);
	}
	quern_pm_put(qdev);
	kvfree(profile->events);
	profile->events = NULL;
	profile->owner = NULL;
}

/* Read up to max events; returns how many there were, *lost how many came and went before. */
static u32 quern_profile_events(struct quern_device *qdev, u32 max, u32 *lost)
{
	struct quern_profile *profile = &qdev->profile;
	u32 first = profile->head;
	u32 written = quern_read(qdev, QUERN_REG_TRACE_HEAD);
	u32 num, gone;

	if (written - first > QUERN_TRACE_ENTRIES)
		first = written - QUERN_TRACE_ENTRIES;
	num = min3(written - first, max, (u32)QUERN_TRACE_ENTRIES);
	for (u32 i = 0; i < num; i++) {
		u32 offset = QUERN_REG_TRACE_DATA((first + i) % QUERN_TRACE_ENTRIES);

		profile->events[i] = quern_read(qdev, offset) |
				     (u64)quern_read(qdev, offset + sizeof(u32)) << 32;
	}
	written = quern_read(qdev, QUERN_REG_TRACE_HEAD);
	gone = written - first > QUERN_TRACE_ENTRIES ? written - first - QUERN_TRACE_ENTRIES : 0;
	gone = min(gone, num);
	memmove(profile->events, profile->events + gone, (num - gone) * sizeof(*profile->events));
	*lost = first + gone - profile->head;
	profile->head = first + num;
	return num - gone;
}

static int quern_profile_counters(struct quern_device *qdev, u64 address)
{
	u64 counters[DRM_QUERN_NUM_COUNTERS];

	if (!address)
		return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++) {
		counters[i] = quern_read(qdev, QUERN_REG_COUNTER(i)); /* latches the high word */
		counters[i] |= (u64)quern_read(qdev, QUERN_REG_COUNTER(i) + sizeof(u32)) << 32;
	}
	return copy_to_user(u64_to_user_ptr(address), counters, sizeof(counters)) ? -EFAULT : 0;
}

static int quern_profile_read(struct quern_device *qdev, struct drm_quern_profile *args)
{
	u32 num;
	int ret;

	if (!(quern_read(qdev, QUERN_REG_TRACE_CTRL) & QUERN_TRACE_CTRL_ENABLE_MASK))
		return -ECANCELED;
	args->start_cycle = quern_device_cycles(qdev);
	ret = quern_profile_counters(qdev, args->counters);
	if (ret)
		return ret;
	args->counters_cycle = quern_device_cycles(qdev);
	num = quern_profile_events(qdev, args->num_events, &args->lost_events);
	args->dropped_cycles = quern_read(qdev, QUERN_REG_TRACE_DROPPED);
	args->end_cycle = quern_device_cycles(qdev);
	args->num_events = num;
	if (copy_to_user(u64_to_user_ptr(args->events), qdev->profile.events,
			 num * sizeof(*qdev->profile.events)))
		return -EFAULT;
	return 0;
}

static int quern_profile_check(const struct drm_quern_profile *args)
{
	u64 rest = args->events | args->counters | args->num_events;
	u64 out = args->lost_events | args->dropped_cycles | args->start_cycle |
		  args->counters_cycle | args->end_cycle;

	if (args->flags || out)
		return -EINVAL;
	if (args->op != DRM_QUERN_PROFILE_READ && rest)
		return -EINVAL;
	return args->op <= DRM_QUERN_PROFILE_STOP ? 0 : -EINVAL;
}

static int quern_profile_run(struct quern_file *file, struct drm_quern_profile *args)
{
	lockdep_assert_held(&file->qdev->profile.lock);
	if (args->op == DRM_QUERN_PROFILE_START)
		return quern_profile_start(file);
	if (file->qdev->profile.owner != file)
		return -ENOENT;
	if (args->op == DRM_QUERN_PROFILE_READ)
		return quern_profile_read(file->qdev, args);
	quern_profile_stop(file->qdev);
	return 0;
}

int quern_profile_ioctl(struct drm_device *drm, void *data, struct drm_file *drm_file)
{
	struct quern_file *file = drm_file->driver_priv;
	struct drm_quern_profile *args = data;
	int ret = quern_profile_check(args);

	if (ret)
		return ret;
	if (!perfmon_capable())
		return -EACCES;
	mutex_lock(&file->qdev->profile.lock);
	ret = quern_profile_run(file, args);
	mutex_unlock(&file->qdev->profile.lock);
	return ret;
}

void quern_profile_release(struct quern_file *file)
{
	struct quern_profile *profile = &file->qdev->profile;

	mutex_lock(&profile->lock);
	if (profile->owner == file)
		quern_profile_stop(file->qdev);
	mutex_unlock(&profile->lock);
}
