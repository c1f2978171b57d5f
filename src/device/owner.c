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

/* Under the lock, so whoever has taken the last one off has done with @owner. */
static bool owner_has_none(struct reloop_owner *owner)
{
	bool has_none;

	spin_lock(&owned_lock);
	has_none = list_empty(&owner->devices);
	spin_unlock(&owned_lock);

	return has_none;
}

/*
 * Each device has a work of its own: one whose last flush or whose lock takes
 * long, since its file is on a server that does not answer, holds up no other.
 * What is on the list is attached, so it is alive until the unlock.
 */
void reloop_owner_leave(struct reloop_owner *owner)
{
	struct reloop_device *dev;

	spin_lock(&owned_lock);
	owner->has_left = true;
	list_for_each_entry(dev, &owner->devices, owned) {
		reloop_device_get(dev);
		/* One that is still queued for another owner serves both. */
		if (!queue_work(dev->reaper, &dev->disown))
			reloop_device_put(dev);
	}
	spin_unlock(&owned_lock);

	wait_event(owner->bereft, owner_has_none(owner));
}

bool reloop_owner_has_left(const struct reloop_device *dev,
			   unsigned int *medium)
{
	bool has_left;

	spin_lock(&owned_lock);
	has_left = dev->owner && dev->owner->has_left;
	if (has_left)
		*medium = reloop_faults_medium(&dev->io);
	spin_unlock(&owned_lock);

	return has_left;
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
