// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Quotas. A record lives as long as an open file, a buffer object or a context of the user, so
 * that passing handles around or closing files gives nothing back too early.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "quern_device.h"
#include "quern_user.h"

static struct quern_user *quern_user_find_locked(struct quern_device *qdev, kuid_t uid)
{
	struct quern_user *user;

	lockdep_assert_held(&qdev->users_lock);
	list_for_each_entry(user, &qdev->users, link)
		if (uid_eq(user->uid, uid) && kref_get_unless_zero(&user->refs))
			return user;
	return NULL;
}

struct quern_user *quern_user_get_current(struct quern_device *qdev)
{
	struct quern_user *user;

	mutex_lock(&qdev->users_lock);
	user = quern_user_find_locked(qdev, current_euid());
	if (user)
		goto out_unlock;
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		goto out_unlock;
	kref_init(&user->refs);
	user->qdev = qdev;
	user->uid = current_euid();
	list_add(&user->link, &qdev->users);
out_unlock:
	mutex_unlock(&qdev->users_lock);
	return user;
}

struct quern_user *quern_user_get(struct quern_user *user)
{
	kref_get(&user->refs);
	return user;
}

/* With users_lock, which it gives up. */
static void quern_user_release(struct kref *refs)
{
	struct quern_user *user = container_of(refs, struct quern_user, refs);

	list_del(&user->link);
	mutex_unlock(&user->qdev->users_lock);
	kfree(user);
}

void quern_user_put(struct quern_user *user)
{
	if (user)
		kref_put_mutex(&user->refs, quern_user_release, &user->qdev->users_lock);
}

/* Up to @most for a user with CAP_SYS_RESOURCE. */
static int quern_user_charge(atomic64_t *counter, u64 amount, u64 quota, u64 most)
{
	u64 total = atomic64_add_return(amount, counter);

	if (total <= quota || (total <= most && capable(CAP_SYS_RESOURCE)))
		return 0;
	atomic64_sub(amount, counter);
	return -EDQUOT;
}

int quern_user_charge_context(struct quern_user *user)
{
	return user ? quern_user_charge(&user->contexts, 1, QUERN_USER_CONTEXTS, QUERN_NUM_CTX) :
		      0;
}

void quern_user_uncharge_context(struct quern_user *user)
{
	if (user)
		atomic64_dec(&user->contexts);
}

u64 quern_user_max_bytes(void)
{
	return (u64)totalram_pages() * PAGE_SIZE / 2;
}

int quern_user_charge_bytes(struct quern_user *user, u64 bytes)
{
	u64 quota = quern_user_max_bytes();

	return user ? quern_user_charge(&user->bytes, bytes, quota, quota + quota / 2) : 0;
}

void quern_user_uncharge_bytes(struct quern_user *user, u64 bytes)
{
	if (user)
		atomic64_sub(bytes, &user->bytes);
}
