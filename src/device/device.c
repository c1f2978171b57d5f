// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loop device itself: its state, its references, and who has reserved it.
 * What can be done to it is above this: attach.c, detach.c and change.c, and
 * disk.c, which makes and removes devices.
 */
#include <linux/err.h>
#include <linux/module.h>

#include "device/device.h"
#include "device/trace.h"

int reloop_device_check(struct reloop_device *dev, enum reloop_event event)
{
	int next;

	lockdep_assert_held(&dev->lock);
	next = reloop_state_next(dev->state, event);

	return next < 0 ? next : 0;
}

int reloop_device_advance(struct reloop_device *dev, enum reloop_event event)
{
	int next;

	lockdep_assert_held(&dev->lock);
	next = reloop_state_next(dev->state, event);
	if (next < 0)
		return next;

	trace_reloop_state(dev->disk->disk_name, dev->state, event, next);
	WRITE_ONCE(dev->state, next);
	return 0;
}

int reloop_device_lock_live(struct reloop_device *dev)
{
	int ret;

	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;

	ret = reloop_device_check(dev, RELOOP_USE);
	if (ret)
		mutex_unlock(&dev->lock);

	return ret;
}

int reloop_device_claim(struct reloop_device *dev, blk_mode_t mode)
{
	if (mode & BLK_OPEN_EXCL)
		return 0;

	return bd_prepare_to_claim(dev->disk->part0, dev, NULL);
}

void reloop_device_unclaim(struct reloop_device *dev, blk_mode_t mode)
{
	if (!(mode & BLK_OPEN_EXCL))
		bd_abort_claiming(dev->disk->part0, dev);
}

/*
 * Opens the disk by its number, as a program does. If the disk were gone by
 * then, that would make another one. So a task that removes the disk keeps its
 * number until nobody is in here any more.
 */
void *reloop_device_open_disk(struct reloop_device *dev, blk_mode_t mode)
{
	void *opened = ERR_PTR(-ENXIO);

	down_read(&dev->opening);
	if (READ_ONCE(dev->state) != RELOOP_DYING)
		opened = compat_disk_open(dev->disk, mode);
	up_read(&dev->opening);

	return opened;
}

void reloop_device_get(struct reloop_device *dev)
{
	get_device(disk_to_dev(dev->disk));
}

void reloop_device_put(struct reloop_device *dev)
{
	put_disk(dev->disk);
}

/* The module, which is never built in, has disks of one kind only. */
struct reloop_device *reloop_device_of(struct gendisk *disk)
{
	return disk->fops->owner == THIS_MODULE ? disk->private_data : NULL;
}

void reloop_device_reap(struct reloop_device *dev)
{
	reloop_device_get(dev);
	if (!queue_work(dev->reaper, &dev->reap))
		reloop_device_put(dev);
}

void reloop_device_wait_reaped(struct reloop_device *dev)
{
	flush_work(&dev->reap);
}

bool reloop_device_is_disposable(const struct reloop_device *dev)
{
	return dev->transient && !atomic_read(&dev->reserved);
}

bool reloop_device_is_free(const struct reloop_device *dev)
{
	return READ_ONCE(dev->state) == RELOOP_IDLE &&
	       !READ_ONCE(dev->transient) && !atomic_read(&dev->reserved);
}

bool reloop_device_reserve(struct reloop_device *dev)
{
	return reloop_device_is_free(dev) &&
	       !atomic_cmpxchg(&dev->reserved, 0, 1);
}

/* The lock keeps the device from being reaped at the same time. */
bool reloop_device_reserve_known(struct reloop_device *dev)
{
	bool reserved;

	if (mutex_lock_killable(&dev->lock))
		return false;
	reserved = dev->state == RELOOP_IDLE &&
		   !atomic_cmpxchg(&dev->reserved, 0, 1);
	mutex_unlock(&dev->lock);

	return reserved;
}

void reloop_device_unreserve(struct reloop_device *dev)
{
	atomic_set(&dev->reserved, 0);
}
