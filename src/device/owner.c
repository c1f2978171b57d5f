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

struct reloop_owned *reloop_owned_create(struct reloop_owner *owner)
{
	struct reloop_owned *owned = kzalloc(sizeof(*owned), GFP_KERNEL);

	if (owned)
		owned->owner = owner;

	return owned;
}

void reloop_owned_destroy(struct reloop_owned *owned)
{
	kfree(owned);
}

void reloop_owner_add(struct reloop_owned *owned, struct reloop_device *dev)
{
	struct reloop_owner *owner = owned->owner;

	lockdep_assert_held(&dev->lock);

	spin_lock(&owned_lock);
	owned->dev = dev;
	WRITE_ONCE(dev->owned, owned);
	owner->has_owned = true;
	list_add_tail(&owned->node, &owner->devices);
	spin_unlock(&owned_lock);
}

void reloop_owner_remove(struct reloop_device *dev)
{
	struct reloop_owned *owned = dev->owned;
	struct reloop_owner *owner;

	lockdep_assert_held(&dev->lock);
	if (!owned)
		return;

	spin_lock(&owned_lock);
	owner = owned->owner;
	WRITE_ONCE(dev->owned, NULL);
	if (owner->has_left) {
		owned = NULL;
	} else {
		list_del(&owned->node);
		if (list_empty(&owner->devices))
			wake_up_poll(&owner->bereft, EPOLLHUP);
	}
	spin_unlock(&owned_lock);

	reloop_owned_destroy(owned);
}

/* What is on the list is attached, so it is alive until the unlock. */
void reloop_owner_leave(struct reloop_owner *owner)
{
	struct reloop_owned *owned;

	spin_lock(&owned_lock);
	owner->has_left = true;
	list_for_each_entry(owned, &owner->devices, node) {
		reloop_device_get(owned->dev);
		owned->medium = reloop_faults_medium(&owned->dev->io);
	}
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
