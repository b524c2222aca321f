/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Reset of the whole chip, for a firmware that does not answer; and the same steps for probe,
 * remove, sleep and wake-up.
 *
 * The firmware leaves behind how far it was with each context. A job that had begun ends with
 * -EIO, and its context is lost until userspace resets it. Jobs that had not begun are given to
 * the next firmware, and jobs that had stopped at a YIELD go on there. A chip that does not come
 * back is left halted, and the device takes no more work.
 */
#ifndef QUERN_RESET_H
#define QUERN_RESET_H

#include <linux/types.h>

struct quern_device;

/* The first boot. */
int quern_reset_start(struct quern_device *qdev);
void quern_reset_init(struct quern_device *qdev);
/* After quern_reset_close(): no work after this. */
void quern_reset_finish(struct quern_device *qdev);

/* From any context that may queue work. */
void quern_reset_schedule(struct quern_device *qdev);
/* Wait for a scheduled reset; not with admin.lock. */
void quern_reset_wait(struct quern_device *qdev);
/* On the reset workqueue: reset if the firmware does not answer. */
void quern_reset_if_dead(struct quern_device *qdev);

/* Halt the chip for good: what is in flight ends with -ENODEV. */
void quern_reset_close(struct quern_device *qdev);

/*
 * Give the chip no more jobs, and wait until it has none; -EBUSY if that takes too long, and then
 * it goes on.
 */
int quern_reset_pause(struct quern_device *qdev);
void quern_reset_continue(struct quern_device *qdev);

/*
 * The chip will be reset by other means: halt it for QUERN_HALTED_RESET, and decide on the jobs in
 * flight as after a failure. Then quern_reset_wake() and quern_reset_continue().
 */
void quern_reset_prepare(struct quern_device *qdev);

/* Halt a chip that has nothing to do, -EBUSY if it has, for QUERN_HALTED_IDLE. */
int quern_reset_sleep(struct quern_device *qdev);

/* This reason to be halted is gone: the last one boots it. */
void quern_reset_wake(struct quern_device *qdev, u32 reason);

#endif
