/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Quotas: what the files of one user may have of the device together. A user with
 * CAP_SYS_RESOURCE may have all contexts, and half as much memory again. A quarter of the memory
 * is nobody's: bound buffers stay in memory, and without any left the kernel would kill processes
 * that have nothing to do with the device.
 */
#ifndef QUERN_USER_H
#define QUERN_USER_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "quern/registers.h"

#define QUERN_USER_CONTEXTS (QUERN_NUM_CTX / 2)

struct quern_device;

struct quern_user {
	struct kref refs;
	struct list_head link; /* in quern_device.users */
	struct quern_device *qdev;
	kuid_t uid;
	atomic64_t contexts;
	atomic64_t bytes; /* buffer objects and page tables */
};

/* The caller's; NULL without memory. */
struct quern_user *quern_user_get_current(struct quern_device *qdev);
struct quern_user *quern_user_get(struct quern_user *user);
/* NULL is ignored. */
void quern_user_put(struct quern_user *user);

/* -EDQUOT beyond the quota. Without a user nothing is counted. */
int quern_user_charge_context(struct quern_user *user);
void quern_user_uncharge_context(struct quern_user *user);
int quern_user_charge_bytes(struct quern_user *user, u64 bytes);
void quern_user_uncharge_bytes(struct quern_user *user, u64 bytes);

/* Half of the machine's memory. */
u64 quern_user_max_bytes(void);

#endif
