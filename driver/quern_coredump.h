/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What is known about a firmware that had to be reset, for /sys/class/devcoredump. */
#ifndef QUERN_COREDUMP_H
#define QUERN_COREDUMP_H

#include <linux/workqueue.h>

#define QUERN_COREDUMP_BYTES 12288

struct quern_device;

struct quern_coredump {
	struct work_struct work;
	bool taken; /* text is being published; under admin.lock */
	size_t bytes;
	char text[QUERN_COREDUMP_BYTES];
};

void quern_coredump_init(struct quern_device *qdev);
/* No work after this. */
void quern_coredump_finish(struct quern_device *qdev);

/*
 * Note registers and log, and have them published. Allocates nothing. Called with admin.lock
 * held, before the reset.
 */
void quern_coredump_capture(struct quern_device *qdev);

#endif
