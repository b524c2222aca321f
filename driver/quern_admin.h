/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Commands to the firmware by the admin ring, one at a time. */
#ifndef QUERN_ADMIN_H
#define QUERN_ADMIN_H

#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/mutex.h>

#include "quern/messages.h"

struct quern_ctx;
struct quern_device;

/* Why the chip is halted. */
#define QUERN_HALTED_IDLE BIT(0)  /* it had nothing to do */
#define QUERN_HALTED_RESET BIT(1) /* the PCI function is being reset */

struct quern_admin {
	struct mutex lock;		/* the ring, qdev->fw, quern_slot.live, up */
	struct completion interrupt;	/* vector 0 */
	bool up;			/* the firmware takes commands; read without lock, too */
	u32 halted;			/* QUERN_HALTED_*; 0: the chip runs, or is to be reset */
	bool closed;			/* it never will again: device gone, or reset failed */
	u32 tail;			/* of both rings: commands so far */
};

int quern_admin_init(struct quern_device *qdev);

/* The ring is empty and the firmware answers; called with the lock held, after a boot. */
void quern_admin_start_locked(struct quern_device *qdev);
/* No more commands; called with the lock held. */
void quern_admin_stop_locked(struct quern_device *qdev);

void quern_admin_irq(struct quern_device *qdev);

/*
 * Each returns 0, -ENODEV if the device is gone or does not work any more, or what the firmware
 * says. One that finds the firmware dead goes to the next one; -EIO if that dies, too. After an
 * error, too, the chip does not use what it had been told before. CTX_CREATE needs a device that
 * is not halted, the others have nothing to do in one that is.
 */
int quern_admin_ctx_create(struct quern_ctx *ctx);
int quern_admin_ctx_destroy(struct quern_ctx *ctx);
int quern_admin_ctx_reset(struct quern_ctx *ctx);
int quern_admin_tlb_flush(struct quern_device *qdev, u32 asid);

/* For the reset, which holds the lock: never resets itself. */
int quern_admin_ping_locked(struct quern_device *qdev);
int quern_admin_ctx_create_locked(struct quern_ctx *ctx);

#endif
