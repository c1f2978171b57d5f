// SPDX-License-Identifier: GPL-2.0-only
/* Attaching: a backing file becomes the medium of a device. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>

#include "device/attach.h"
#include "device/attachment.h"
#include "device/medium.h"
#include "device/owner.h"
#include "device/sysfs_attached.h"

/* Does everything that can fail, and undoes it if it does. */
static int device_start(struct reloop_device *dev,
			struct reloop_attachment *attachment)
{
	int ret;

	ret = reloop_medium_set_origin(dev, attachment->origin);
	if (ret)
		return ret;

	ret = reloop_io_start(&dev->io, dev->disk->disk_name,
			      attachment->nospace);
	if (ret)
		goto take_origin;

	ret = reloop_sysfs_add_attached(dev);
	if (ret)
		goto stop_io;

	/* The medium gets its size when it is announced. */
	ret = reloop_medium_swap(dev, attachment->binding, 0,
				 attachment->unshared ? &attachment->user : NULL);
	if (ret)
		goto remove_sysfs;
	dev->has_attributes = true;

	return 0;

remove_sysfs:
	reloop_sysfs_remove_attached(dev);
stop_io:
	reloop_io_stop(&dev->io);
take_origin:
	reloop_medium_take_origin(dev);
	return ret;
}

/* Sends one uevent, when everything that it announces is there. */
static void device_announce(struct reloop_device *dev, sector_t sectors,
			    bool read_only)
{
	struct device *ddev = disk_to_dev(dev->disk);

	dev_set_uevent_suppress(ddev, 1);
	reloop_medium_renew(dev);
	set_disk_ro(dev->disk, read_only);
	set_capacity(dev->disk, sectors);
	dev_set_uevent_suppress(ddev, 0);
	kobject_uevent(&ddev->kobj, KOBJ_CHANGE);
}

static void device_warn(const struct reloop_device *dev)
{
	if (dev->io.binding->vol)
		pr_notice("%s: a volatile write cache, as asked for: what is not flushed is lost with the power\n",
			  dev->disk->disk_name);
	if (dev->io.binding->ignore_flush)
		pr_warn("%s: flushes are ignored, as asked for: if the machine crashes, the file may be damaged\n",
			dev->disk->disk_name);
}

/* Gives the device what has been prepared. */
static int device_bind(struct reloop_device *dev,
		       struct reloop_attachment *attachment)
{
	struct reloop_binding *binding = attachment->binding;
	int ret;

	ret = reloop_device_check(dev, RELOOP_CONFIGURE);
	if (!ret)
		ret = device_start(dev, attachment);
	if (ret)
		return ret;

	attachment->binding = NULL;
	attachment->origin = NULL;

	/* Held while attached. Safe, since the caller has the device open. */
	__module_get(THIS_MODULE);
	dev->autoclear = attachment->autoclear;
	attachment->made = dev->transient;
	if (attachment->owned)
		reloop_owner_add(attachment->owned, dev);
	else
		/* Whoever attaches without an owner wants it to stay. */
		WRITE_ONCE(dev->transient, false);
	attachment->owned = NULL;
	reloop_device_advance(dev, RELOOP_CONFIGURE);
	if (binding->flags & LO_FLAGS_PARTSCAN)
		reloop_medium_allow_scan(dev);
	device_announce(dev, attachment->sectors,
			reloop_binding_is_read_only(binding));
	device_warn(dev);

	attachment->flags = binding->flags;
	attachment->block_size = binding->block_size;
	attachment->diskseq = dev->disk->diskseq;
	return 0;
}

/*
 * Holds open_mutex, so that nobody opens the device before it is complete. Only
 * the scan calls a file system from here: the file may be on a server that does
 * not answer.
 */
static int device_bind_and_scan(struct reloop_device *dev,
				struct reloop_attachment *attachment)
{
	int ret;

	if (dev->disk->minors > 1)
		attachment->binding->flags |= LO_FLAGS_PARTSCAN;

	mutex_lock(&dev->disk->open_mutex);
	mutex_lock(&dev->lock);
	ret = device_bind(dev, attachment);
	mutex_unlock(&dev->lock);

	if (!ret && (attachment->flags & LO_FLAGS_PARTSCAN))
		reloop_medium_scan(dev);
	mutex_unlock(&dev->disk->open_mutex);

	return ret;
}

static int device_claim_and_bind(struct reloop_device *dev, blk_mode_t mode,
				 struct reloop_attachment *attachment)
{
	int ret;

	ret = reloop_device_claim(dev, mode);
	if (ret)
		return ret;

	ret = device_bind_and_scan(dev, attachment);
	reloop_device_unclaim(dev, mode);

	return ret;
}

/* -EBUSY for a device that is attached or claimed comes before any error. */
static int device_check_unbound(struct reloop_device *dev, blk_mode_t mode)
{
	int ret;

	ret = reloop_device_claim(dev, mode);
	if (ret)
		return ret;
	reloop_device_unclaim(dev, mode);

	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;
	ret = reloop_device_check(dev, RELOOP_CONFIGURE);
	mutex_unlock(&dev->lock);

	return ret;
}

/*
 * What is prepared may take as long as a file system likes. Meanwhile the device
 * is not claimed, since whoever else claims or opens it exclusively would wait
 * for that file system; and it is reserved if it can be, so that those who want
 * any free device take another.
 */
static int device_attach_file(struct reloop_device *dev, struct file *file,
			      blk_mode_t mode,
			      const struct loop_config *config)
{
	const struct reloop_image image = {
		.file		= file,
		.default_cache	= dev->io.params->cache,
		.label		= "",
	};
	struct reloop_attachment attachment;
	bool reserved;
	int ret;

	ret = device_check_unbound(dev, mode);
	if (ret)
		return ret;

	reserved = reloop_device_reserve(dev);
	ret = reloop_attachment_init(&attachment, &image, mode & BLK_OPEN_WRITE,
				     config);
	if (!ret) {
		ret = device_claim_and_bind(dev, mode, &attachment);
		reloop_attachment_exit(&attachment);
	}
	if (reserved)
		reloop_device_unreserve(dev);

	return ret;
}

int reloop_device_attach(struct reloop_device *dev, blk_mode_t mode,
			 const struct loop_config *config)
{
	struct file *file;
	int ret;

	file = fget(config->fd);
	if (!file)
		return -EBADF;

	ret = device_attach_file(dev, file, mode, config);
	fput(file);

	return ret;
}

int reloop_device_attach_prepared(struct reloop_device *dev, blk_mode_t mode,
				  struct reloop_attachment *attachment)
{
	void *opened;
	int ret;

	opened = reloop_device_open_disk(dev, mode);
	if (opened == ERR_PTR(-ENXIO))
		return -EBUSY;
	if (IS_ERR(opened))
		return PTR_ERR(opened);

	ret = device_claim_and_bind(dev, mode, attachment);
	compat_disk_close(opened, mode);

	return ret;
}
