/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Open files. */
#ifndef QUERN_DRV_H
#define QUERN_DRV_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "quern_vm.h"

struct quern_device;
struct quern_user;

struct quern_file {
	struct list_head link; /* in quern_device.files */
	struct mutex teardown_lock; /* one at a time gives back what the file has of the device */
	struct quern_device *qdev;
	struct quern_user *user; /* who opened it: quotas */
	struct quern_vm vm;
	struct xarray contexts;
	u64 busy_cycles; /* of the chip, for jobs of this file; under quern_device.ring_lock */
};

#endif
