/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Power: the chip is halted when nobody has needed it for a while, and booted for who does.
 *
 * Who accesses registers holds a reference, jobs from submission to their end. What only needs
 * the chip to know nothing of something, like the end of a context, does not wake it.
 */
#ifndef QUERN_PM_H
#define QUERN_PM_H

#include <linux/types.h>

struct quern_device;

extern const struct dev_pm_ops quern_pm_ops;

/* Around probe's end and remove. */
void quern_pm_enable(struct quern_device *qdev);
void quern_pm_disable(struct quern_device *qdev);

/* Wake the device; may sleep and allocate. 0 or -EIO. */
int quern_pm_get(struct quern_device *qdev);
/* One more reference of who has one. */
void quern_pm_get_awake(struct quern_device *qdev);
/*
 * A reference without a wish for the chip: the device stays as it is, asleep or awake, or is woken
 * if that can be done.
 */
void quern_pm_hold(struct quern_device *qdev, bool wake);
/* From any context. */
void quern_pm_put(struct quern_device *qdev);

#endif
