// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk of a loop device: what the block layer calls, and how a device is
 * made and removed. Everything else in this directory is below it: ioctls and
 * attributes come in from here.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "device/detach.h"
#include "device/disk.h"
#include "device/ioctl.h"
#include "device/limits.h"
#include "device/medium.h"
#include "device/sysfs.h"

/* What the block layer calls. */

static int device_open(struct gendisk *disk, blk_mode_t mode)
{
	struct reloop_device *dev = disk->private_data;
	int ret;

	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;
	ret = reloop_device_check(dev, RELOOP_OPEN);
	mutex_unlock(&dev->lock);

	return ret;
}

static void device_release(struct gendisk *disk)
{
	struct reloop_device *dev = disk->private_data;

	if (disk_openers(disk) > 0)
		return;

	mutex_lock(&dev->lock);
	reloop_device_settle(dev);
	mutex_unlock(&dev->lock);
}

static void device_free(struct gendisk *disk)
{
	struct reloop_device *dev = disk->private_data;

	mutex_destroy(&dev->uevent_lock);
	mutex_destroy(&dev->lock);
	kfree(dev);
}

COMPAT_DISK_OPEN(device_open)
COMPAT_DISK_RELEASE(device_release)

static const struct block_device_operations device_ops = {
	.owner		= THIS_MODULE,
	.open		= compat_device_open,
	.release	= compat_device_release,
	.ioctl		= reloop_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= reloop_compat_ioctl,
#endif
	.free_disk	= device_free,
};

/* Creation and removal. */

static struct gendisk *
device_alloc_disk(struct reloop_device *dev,
		  const struct reloop_disk_params *params)
{
	struct queue_limits lim = { };
	struct gendisk *disk;

	reloop_limits_set(&lim, NULL);
	disk = blk_mq_alloc_disk(&dev->io.tag_set, &lim, &dev->io);
	if (IS_ERR(disk))
		return disk;

	disk->major = params->major;
	disk->first_minor = dev->index << params->part_shift;
	disk->minors = 1 << params->part_shift;
	disk->fops = &device_ops;
	disk->private_data = dev;
	disk->events = DISK_EVENT_MEDIA_CHANGE;
	disk->event_flags = DISK_EVENT_FLAG_UEVENT;
	snprintf(disk->disk_name, sizeof(disk->disk_name), "%s%u",
		 params->name, dev->index);

	return disk;
}

struct reloop_device *
reloop_device_create(unsigned int index,
		     const struct reloop_disk_params *params, bool transient)
{
	struct reloop_device *dev;
	int ret;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);

	mutex_init(&dev->lock);
	mutex_init(&dev->uevent_lock);
	init_rwsem(&dev->opening);
	init_waitqueue_head(&dev->waiters);
	INIT_WORK(&dev->reap, params->reap);
	dev->reaper = params->reaper;
	dev->transient = transient;
	atomic_set(&dev->reserved, transient);
	dev->index = index;
	ret = reloop_io_init(&dev->io, &params->io,
			     reloop_medium_announce_nospace);
	if (ret)
		goto free_dev;

	dev->disk = device_alloc_disk(dev, params);
	if (IS_ERR(dev->disk)) {
		ret = PTR_ERR(dev->disk);
		goto exit_io;
	}
	reloop_medium_forbid_scan(dev);

	ret = device_add_disk(NULL, dev->disk, reloop_sysfs_groups);
	if (ret)
		goto put_disk;

	return dev;

put_disk:
	put_disk(dev->disk);
exit_io:
	reloop_io_exit(&dev->io);
free_dev:
	mutex_destroy(&dev->uevent_lock);
	mutex_destroy(&dev->lock);
	kfree(dev);
	return ERR_PTR(ret);
}

int reloop_device_retire(struct reloop_device *dev, bool transient)
{
	int ret;

	/* An open is counted only at its end, still under open_mutex. */
	ret = mutex_lock_killable(&dev->disk->open_mutex);
	if (ret)
		return ret;
	mutex_lock(&dev->lock);

	ret = reloop_device_check(dev, RELOOP_REMOVE);
	if (!ret && (disk_openers(dev->disk) > 0 ||
		     (transient && !reloop_device_is_disposable(dev))))
		ret = -EBUSY;
	if (!ret)
		reloop_device_advance(dev, RELOOP_REMOVE);

	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->disk->open_mutex);
	return ret;
}

void reloop_device_destroy(struct reloop_device *dev)
{
	del_gendisk(dev->disk);
	/* Wait for whoever opens it by its number; others see the state. */
	down_write(&dev->opening);
	up_write(&dev->opening);
	reloop_io_exit(&dev->io);
}
