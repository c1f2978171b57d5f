// SPDX-License-Identifier: GPL-2.0-only
/* What can be changed or queried while a device is attached. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/path.h>

#include "device/change.h"
#include "device/info.h"
#include "device/medium.h"

static int device_replace_file(struct reloop_device *dev, struct file *file)
{
	struct reloop_binding *old = dev->io.binding, *new;
	sector_t old_sectors, new_sectors;
	int ret;

	if (!reloop_binding_is_read_only(old))
		return -EINVAL;
	/* It would have to be the same overlay. */
	if (reloop_binding_second(old))
		return -EOPNOTSUPP;

	new = reloop_binding_create(file, false);
	if (IS_ERR(new))
		return PTR_ERR(new);

	new->offset = old->offset;
	new->size_limit = old->size_limit;
	new->block_size = old->block_size;
	new->flags |= old->flags;
	if (new->cache == RELOOP_CACHE_BUFFERED)
		new->cache = old->cache;
	new->ignore_flush = old->ignore_flush;
	memcpy(new->name, old->name, sizeof(new->name));

	ret = reloop_binding_sectors(old, &old_sectors);
	if (!ret)
		ret = reloop_binding_sectors(new, &new_sectors);
	if (!ret && old_sectors != new_sectors)
		ret = -EINVAL;
	if (ret) {
		reloop_binding_destroy(new);
		return ret;
	}
	return reloop_medium_rebind(dev, new);
}

/*
 * Announces that the device may have other data now. A file system that is
 * mounted on it is told, which may wait for its s_umount. So no lock is held
 * here except one that nobody takes while holding another.
 */
static void device_announce_replaced(struct reloop_device *dev, bool scan)
{
	struct device *ddev = disk_to_dev(dev->disk);

	mutex_lock(&dev->uevent_lock);
	dev_set_uevent_suppress(ddev, 1);
	reloop_medium_renew(dev);
	dev_set_uevent_suppress(ddev, 0);
	mutex_unlock(&dev->uevent_lock);

	/* Pages that somebody had mapped or was reading are still cached. */
	reloop_medium_forget_pages(dev);
	if (scan)
		reloop_medium_lock_and_scan(dev);
	kobject_uevent(&ddev->kobj, KOBJ_CHANGE);
}

int reloop_device_change_file(struct reloop_device *dev, unsigned int fd)
{
	struct file *file;
	bool scan = false;
	int ret;

	file = fget(fd);
	if (!file)
		return -EBADF;

	ret = reloop_device_lock_live(dev);
	if (ret)
		goto put_file;
	ret = device_replace_file(dev, file);
	if (!ret)
		scan = dev->io.binding->flags & LO_FLAGS_PARTSCAN;
	mutex_unlock(&dev->lock);

	if (!ret)
		device_announce_replaced(dev, scan);
put_file:
	fput(file);
	return ret;
}

/*
 * Returns the binding that @info asks for. Of the flags that a binding has,
 * only PARTSCAN can be set, and none can be cleared.
 */
static struct reloop_binding *
binding_from_info(const struct reloop_binding *old,
		  const struct loop_info64 *info)
{
	struct reloop_binding *new;
	int ret;

	ret = reloop_info_check(info);
	if (ret)
		return ERR_PTR(ret);
	/*
	 * The offset and size of an overlay are fixed; and a volatile write
	 * cache belongs to the device as it was attached.
	 */
	if (reloop_binding_second(old) &&
	    (info->lo_offset != old->offset ||
	     info->lo_sizelimit != old->size_limit))
		return ERR_PTR(-EOPNOTSUPP);

	new = reloop_binding_copy(old);
	if (!new)
		return ERR_PTR(-ENOMEM);

	reloop_binding_set_info(new, info);
	new->flags |= info->lo_flags & LO_FLAGS_PARTSCAN;

	return new;
}

/* Returns 1 if the device was moved and its new size must be announced. */
static int device_set_info(struct reloop_device *dev,
			   const struct loop_info64 *info)
{
	struct reloop_binding *old = dev->io.binding, *new;
	sector_t sectors = get_capacity(dev->disk);
	bool moved;
	int ret = 0;

	new = binding_from_info(old, info);
	if (IS_ERR(new))
		return PTR_ERR(new);

	moved = new->offset != old->offset ||
		new->size_limit != old->size_limit;
	if (moved)
		ret = reloop_binding_sectors(new, &sectors);
	if (ret) {
		reloop_binding_destroy(new);
		return ret;
	}

	ret = moved ? reloop_medium_move(dev, new, sectors) :
		      reloop_medium_rebind(dev, new);
	if (ret)
		return ret;

	dev->autoclear = info->lo_flags & LO_FLAGS_AUTOCLEAR;
	return moved;
}

/*
 * Moving a device writes back and drops its cached pages, and waits for reads.
 * That may take long and must not keep others from detaching the device, so
 * most of it is done before, without the lock.
 */
static int device_clean_pages(struct reloop_device *dev)
{
	int ret = reloop_medium_settle(dev);

	if (ret)
		return ret;
	sync_blockdev(dev->disk->part0);
	reloop_medium_forget_pages(dev);

	return 0;
}

static int device_prepare_move(struct reloop_device *dev,
			       const struct loop_info64 *info)
{
	const struct reloop_binding *binding;
	bool moves;
	int ret;

	ret = reloop_device_lock_live(dev);
	if (ret)
		return ret;
	binding = dev->io.binding;
	moves = info->lo_offset != binding->offset ||
		info->lo_sizelimit != binding->size_limit;
	mutex_unlock(&dev->lock);

	return moves ? device_clean_pages(dev) : 0;
}

int reloop_device_set_status(struct reloop_device *dev,
			     const struct loop_info64 *info)
{
	sector_t before, now;
	bool scan;
	int ret;

	ret = device_prepare_move(dev, info);
	if (ret)
		return ret;

	ret = reloop_device_lock_live(dev);
	if (ret)
		return ret;

	scan = (info->lo_flags & LO_FLAGS_PARTSCAN) &&
	       !(dev->io.binding->flags & LO_FLAGS_PARTSCAN);
	before = get_capacity(dev->disk);
	ret = device_set_info(dev, info);
	now = get_capacity(dev->disk);
	scan = scan && ret >= 0;
	if (scan)
		reloop_medium_allow_scan(dev);
	mutex_unlock(&dev->lock);

	if (ret > 0) {
		reloop_medium_forget_pages(dev);
		reloop_medium_announce_size(dev, before, now);
	}
	if (scan)
		reloop_medium_lock_and_scan(dev);

	return min(ret, 0);
}

int reloop_device_get_status(struct reloop_device *dev,
			     struct loop_info64 *info)
{
	const struct reloop_binding *binding;
	struct kstat stat;
	struct path path;
	int ret;

	ret = reloop_device_lock_live(dev);
	if (ret)
		return ret;

	binding = dev->io.binding;
	memset(info, 0, sizeof(*info));
	info->lo_number = dev->index;
	info->lo_offset = binding->offset;
	info->lo_sizelimit = binding->size_limit;
	info->lo_flags = binding->flags |
			 (dev->autoclear ? LO_FLAGS_AUTOCLEAR : 0);
	memcpy(info->lo_file_name, binding->name, sizeof(binding->name));
	path = binding->file->f_path;
	path_get(&path);
	mutex_unlock(&dev->lock);

	/* Without the lock: a network file system may take long. */
	ret = vfs_getattr(&path, &stat, STATX_INO, AT_STATX_SYNC_AS_STAT);
	path_put(&path);
	if (ret)
		return ret;

	info->lo_device = huge_encode_dev(stat.dev);
	info->lo_inode = stat.ino;
	info->lo_rdevice = huge_encode_dev(stat.rdev);

	return 0;
}

int reloop_device_update_size(struct reloop_device *dev)
{
	sector_t before, now;
	int ret;

	ret = reloop_device_lock_live(dev);
	if (ret)
		return ret;

	before = get_capacity(dev->disk);
	ret = reloop_binding_second(dev->io.binding) ? -EOPNOTSUPP :
	      reloop_binding_sectors(dev->io.binding, &now);
	if (!ret)
		set_capacity(dev->disk, now);
	mutex_unlock(&dev->lock);

	if (!ret)
		reloop_medium_announce_size(dev, before, now);
	return ret;
}

static int device_change_cache(struct reloop_device *dev,
			       enum reloop_cache cache)
{
	struct reloop_binding *old = dev->io.binding, *new;

	if (!reloop_binding_can_cache(old, cache))
		return -EINVAL;
	if (cache == old->cache)
		return 0;

	new = reloop_binding_copy(old);
	if (!new)
		return -ENOMEM;

	new->cache = cache;
	return reloop_medium_rebind(dev, new);
}

int reloop_device_set_cache(struct reloop_device *dev, enum reloop_cache cache)
{
	int ret;

	ret = reloop_device_lock_live(dev);
	if (ret)
		return ret;
	ret = device_change_cache(dev, cache);
	mutex_unlock(&dev->lock);

	return ret;
}

static int device_change_block_size(struct reloop_device *dev,
				    unsigned long size)
{
	struct reloop_binding *old = dev->io.binding, *new;
	int ret;

	/* 0 lets reloop_binding_prepare() choose, as in LOOP_CONFIGURE. */
	ret = size ? blk_validate_block_size(size) : 0;
	if (ret)
		return ret;
	if (size == old->block_size)
		return 0;

	new = reloop_binding_copy(old);
	if (!new)
		return -ENOMEM;

	new->block_size = size;
	return reloop_medium_move(dev, new, get_capacity(dev->disk));
}

int reloop_device_set_block_size(struct reloop_device *dev, blk_mode_t mode,
				 unsigned long size)
{
	int ret;

	/* Nothing is done to a device that another opener has exclusively. */
	ret = reloop_device_claim(dev, mode);
	if (ret)
		return ret;
	reloop_device_unclaim(dev, mode);
	ret = device_clean_pages(dev);
	if (ret)
		return ret;

	ret = reloop_device_claim(dev, mode);
	if (ret)
		return ret;

	ret = reloop_device_lock_live(dev);
	if (!ret) {
		ret = device_change_block_size(dev, size);
		mutex_unlock(&dev->lock);
	}
	reloop_device_unclaim(dev, mode);
	if (!ret)
		reloop_medium_forget_pages(dev);

	return ret;
}
