// SPDX-License-Identifier: GPL-2.0-only
/* Owners: open files of the control node, and what is attached for them. */
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "device/device.h"
#include "device/owner.h"
#include "io/faults.h"

/*
 * Guards the lists of all owners, and so keeps an owner that has a device from
 * going. No lock is taken under it except that of a wait queue.
 */
static DEFINE_SPINLOCK(owned_lock);

struct reloop_owner *reloop_owner_create(void)
{
	struct reloop_owner *owner;

	owner = kzalloc(sizeof(*owner), GFP_KERNEL);
	if (!owner)
		return NULL;

	INIT_LIST_HEAD(&owner->devices);
	init_waitqueue_head(&owner->bereft);

	return owner;
}

void reloop_owner_destroy(struct reloop_owner *owner)
{
	kfree(owner);
}

/* What is on the list is attached, so it is alive until the unlock. */
struct reloop_device *reloop_owner_get_first(struct reloop_owner *owner,
					     unsigned int *medium)
{
	struct reloop_device *dev;

	spin_lock(&owned_lock);
	dev = list_first_entry_or_null(&owner->devices, struct reloop_device,
				       owned);
	if (dev) {
		reloop_device_get(dev);
		*medium = reloop_faults_medium(&dev->io);
	}
	spin_unlock(&owned_lock);

	return dev;
}

void reloop_owner_add(struct reloop_owner *owner, struct reloop_device *dev)
{
	lockdep_assert_held(&dev->lock);
	if (!owner)
		return;

	spin_lock(&owned_lock);
	WRITE_ONCE(dev->owner, owner);
	owner->has_owned = true;
	list_add_tail(&dev->owned, &owner->devices);
	spin_unlock(&owned_lock);
}

void reloop_owner_remove(struct reloop_device *dev)
{
	struct reloop_owner *owner = dev->owner;

	lockdep_assert_held(&dev->lock);
	if (!owner)
		return;

	spin_lock(&owned_lock);
	WRITE_ONCE(dev->owner, NULL);
	list_del(&dev->owned);
	if (list_empty(&owner->devices))
		wake_up_poll(&owner->bereft, EPOLLHUP);
	spin_unlock(&owned_lock);
}

__poll_t reloop_owner_poll(struct reloop_owner *owner, struct file *file,
			   poll_table *wait)
{
	bool is_bereft;

	poll_wait(file, &owner->bereft, wait);
	spin_lock(&owned_lock);
	is_bereft = owner->has_owned && list_empty(&owner->devices);
	spin_unlock(&owned_lock);

	return is_bereft ? EPOLLHUP : 0;
}
