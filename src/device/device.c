// SPDX-License-Identifier: GPL-2.0-only
/* One loop device: its life, and what its ioctls do. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/path.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "device/attachment.h"
#include "device/chain.h"
#include "device/device.h"
#include "device/info.h"
#include "device/ioctl.h"
#include "device/limits.h"
#include "device/origin.h"
#include "device/owner.h"
#include "device/sysfs.h"
#include "device/trace.h"

/* The state. */

static int device_check(struct reloop_device *dev, enum reloop_event event)
{
	int next;

	lockdep_assert_held(&dev->lock);
	next = reloop_state_next(dev->state, event);

	return next < 0 ? next : 0;
}

/* The only writer of the state. */
static int device_advance(struct reloop_device *dev, enum reloop_event event)
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

/* Lock the device for a caller who needs a backing file to be attached. */
static int device_lock_live(struct reloop_device *dev)
{
	int ret;

	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;

	ret = device_check(dev, RELOOP_USE);
	if (ret)
		mutex_unlock(&dev->lock);

	return ret;
}

/*
 * Keep the device from being opened exclusively, by a mount say, while it
 * changes under whoever did. A caller with an exclusive open is that one.
 * Waits for other claims, so it comes before any lock.
 */
static int device_claim(struct reloop_device *dev, blk_mode_t mode)
{
	if (mode & BLK_OPEN_EXCL)
		return 0;

	return bd_prepare_to_claim(dev->disk->part0, dev, NULL);
}

static void device_unclaim(struct reloop_device *dev, blk_mode_t mode)
{
	if (!(mode & BLK_OPEN_EXCL))
		bd_abort_claiming(dev->disk->part0, dev);
}

/* The binding. */

/*
 * Whether requests can be in flight that go to a file, when @binding is to
 * be swapped in. Not so at an attach, when there is no file yet; nor at a
 * detach by the last close, which has waited for all I/O and keeps others
 * from opening the device. Who submits nevertheless sees no binding and gets
 * an error.
 */
static bool device_may_be_busy(struct reloop_device *dev,
			       const struct reloop_binding *binding)
{
	return dev->io.binding && (binding || disk_openers(dev->disk) > 0);
}

/*
 * Let requests go to @binding, which may be NULL, and destroy the old one.
 * The size goes with it: no request may see one and not the other. Where it
 * fails nothing has changed and @binding is still the caller's.
 */
static int device_swap(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors)
{
	struct request_queue *q = dev->disk->queue;
	/* To freeze a queue takes an RCU grace period, so not without need. */
	bool freeze = device_may_be_busy(dev, binding);
	struct reloop_binding *old;
	unsigned int memflags = 0;
	struct queue_limits lim;
	int ret;

	if (binding && reloop_binding_has_direct(binding)) {
		ret = reloop_io_make_finisher(&dev->io, dev->disk->disk_name);
		if (ret)
			return ret;
	}

	lim = queue_limits_start_update(q);
	reloop_limits_set(&lim, binding);

	if (freeze)
		memflags = blk_mq_freeze_queue(q);
	ret = reloop_chain_swap(dev, binding, &lim, &old);
	if (!ret)
		set_capacity(dev->disk, sectors);
	if (freeze)
		blk_mq_unfreeze_queue(q, memflags);

	if (!ret)
		reloop_binding_destroy(old);

	return ret;
}

/* Prepare @binding and swap it in; it is used up in any case. */
static int device_rebind(struct reloop_device *dev,
			 struct reloop_binding *binding, sector_t sectors)
{
	int ret;

	ret = reloop_binding_prepare(binding);
	if (!ret)
		ret = device_swap(dev, binding, sectors);
	if (ret)
		reloop_binding_destroy(binding);

	return ret;
}

/* The same size, used in another way. */
static int device_rebind_sized(struct reloop_device *dev,
			       struct reloop_binding *binding)
{
	return device_rebind(dev, binding, get_capacity(dev->disk));
}

/* What the page cache of the device holds was read with another geometry. */
static void device_drop_cache(struct reloop_device *dev)
{
	sync_blockdev(dev->disk->part0);
	invalidate_bdev(dev->disk->part0);
}

/*
 * Tell of a size that was set. With no lock held but that which keeps it from
 * being suppressed: who suppresses uevents may be waiting for a file system.
 */
static void device_announce_size(struct reloop_device *dev, sector_t before,
				 sector_t now)
{
	char *envp[2] = { NULL };

	/* As set_capacity_and_notify() does. */
	if (before != now && before && now)
		envp[0] = "RESIZE=1";
	if (before != now)
		pr_info_ratelimited("%s: size changed from %llu to %llu sectors\n",
				    dev->disk->disk_name, before, now);
	mutex_lock(&dev->uevent_lock);
	kobject_uevent_env(&disk_to_dev(dev->disk)->kobj, KOBJ_CHANGE, envp);
	mutex_unlock(&dev->uevent_lock);
}

/* Partitions. */

static void device_allow_scan(struct reloop_device *dev)
{
	clear_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
}

static void device_forbid_scan(struct reloop_device *dev)
{
	/* Disks with partition minors of their own are always scanned. */
	if (dev->disk->minors == 1)
		set_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
}

/* Bring the partitions in line with the disk; needs open_mutex. */
static void device_scan(struct reloop_device *dev)
{
	int ret = bdev_disk_changed(dev->disk, false);

	if (ret)
		pr_warn("%s: partition scan failed: %d\n",
			dev->disk->disk_name, ret);
}

static void device_lock_and_scan(struct reloop_device *dev)
{
	mutex_lock(&dev->disk->open_mutex);
	device_scan(dev);
	mutex_unlock(&dev->disk->open_mutex);
}

/*
 * A new medium: a new disk sequence number, an empty page cache, and nothing
 * left of what BLKROSET said of another. The block layer notes that partitions
 * are to be scanned at the next open; they are scanned here instead, once,
 * before anybody can look.
 */
static void device_change_media(struct reloop_device *dev)
{
	disk_force_media_change(dev->disk);
	compat_bdev_forget_ro(dev->disk->part0);
	clear_bit(GD_NEED_PART_SCAN, &dev->disk->state);
}

/* Attach. */

/* The attributes of the origin are there while the device has it. */
static int device_set_origin(struct reloop_device *dev,
			     struct reloop_origin *origin)
{
	int ret;

	ret = reloop_origin_publish(origin);
	if (!ret)
		dev->origin = origin;

	return ret;
}

static struct reloop_origin *device_take_origin(struct reloop_device *dev)
{
	struct reloop_origin *origin = dev->origin;

	dev->origin = NULL;
	reloop_origin_withdraw(origin);

	return origin;
}

/* Everything of an attach that can fail, undone where it does. */
static int device_start(struct reloop_device *dev,
			const struct reloop_attachment *attachment)
{
	int ret;

	ret = device_set_origin(dev, attachment->origin);
	if (ret)
		return ret;

	ret = reloop_io_start(&dev->io, dev->disk->disk_name);
	if (ret)
		goto take_origin;

	ret = reloop_sysfs_add(dev->disk);
	if (ret)
		goto stop_io;

	/* The medium has its size when it is announced. */
	ret = device_swap(dev, attachment->binding, 0);
	if (ret)
		goto remove_sysfs;

	return 0;

remove_sysfs:
	reloop_sysfs_remove(dev->disk);
stop_io:
	reloop_io_stop(&dev->io);
take_origin:
	device_take_origin(dev);
	return ret;
}

/* The medium is in: one uevent, when everything it announces is there. */
static void device_announce(struct reloop_device *dev, sector_t sectors,
			    bool read_only)
{
	struct device *ddev = disk_to_dev(dev->disk);

	dev_set_uevent_suppress(ddev, 1);
	device_change_media(dev);
	set_disk_ro(dev->disk, read_only);
	set_capacity(dev->disk, sectors);
	dev_set_uevent_suppress(ddev, 0);
	kobject_uevent(&ddev->kobj, KOBJ_CHANGE);
}

static void device_warn(const struct reloop_device *dev)
{
	if (dev->io.binding->ignore_flush)
		pr_warn("%s: flushes are ignored, as asked for: if the machine crashes, the file may be damaged\n",
			dev->disk->disk_name);
}

/* With everything ready, make it the device's. */
static int device_bind(struct reloop_device *dev,
		       struct reloop_attachment *attachment)
{
	struct reloop_binding *binding = attachment->binding;
	int ret;

	ret = device_check(dev, RELOOP_CONFIGURE);
	if (!ret)
		ret = device_start(dev, attachment);
	if (ret)
		return ret;

	attachment->binding = NULL;
	attachment->origin = NULL;

	/* Kept while attached; safe, since the caller has the device open. */
	__module_get(THIS_MODULE);
	dev->autoclear = attachment->autoclear;
	reloop_owner_add(attachment->owner, dev);
	attachment->made = dev->transient;
	/* Whoever attaches without an owner wants the device to stay. */
	if (!attachment->owner)
		WRITE_ONCE(dev->transient, false);
	device_advance(dev, RELOOP_CONFIGURE);
	if (binding->flags & LO_FLAGS_PARTSCAN)
		device_allow_scan(dev);
	device_announce(dev, attachment->sectors,
			reloop_binding_is_read_only(binding));
	device_warn(dev);

	attachment->flags = binding->flags;
	attachment->block_size = binding->block_size;
	attachment->diskseq = dev->disk->diskseq;
	return 0;
}

/*
 * Under open_mutex, so that nobody opens the device before it is all there.
 * Only the scan calls a file system from here: the file may be on a server
 * that does not answer.
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
		device_scan(dev);
	mutex_unlock(&dev->disk->open_mutex);

	return ret;
}

/* A device that is taken is the first thing to say, whatever else is wrong. */
static int device_check_unbound(struct reloop_device *dev)
{
	int ret;

	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;
	ret = device_check(dev, RELOOP_CONFIGURE);
	mutex_unlock(&dev->lock);

	return ret;
}

static int device_attach_file(struct reloop_device *dev, struct file *file,
			      blk_mode_t mode,
			      const struct loop_config *config)
{
	struct reloop_attachment attachment;
	int ret;

	ret = device_check_unbound(dev);
	if (ret)
		return ret;

	ret = reloop_attachment_init(&attachment, file, mode & BLK_OPEN_WRITE,
				     config, "");
	if (ret)
		return ret;

	ret = device_bind_and_scan(dev, &attachment);
	reloop_attachment_exit(&attachment);

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

	ret = device_claim(dev, mode);
	if (!ret) {
		ret = device_attach_file(dev, file, mode, config);
		device_unclaim(dev, mode);
	}
	fput(file);

	return ret;
}

static int device_claim_and_bind(struct reloop_device *dev, blk_mode_t mode,
				 struct reloop_attachment *attachment)
{
	int ret;

	ret = device_claim(dev, mode);
	if (ret)
		return ret;

	ret = device_bind_and_scan(dev, attachment);
	device_unclaim(dev, mode);

	return ret;
}

/*
 * Open the disk as a program does, by its number. If the disk is gone by then,
 * that would have another one made; so who removes it keeps the number until
 * nobody is here any more. May return ERR_PTR(-ENXIO): it is being removed.
 */
static void *device_open_disk(struct reloop_device *dev, blk_mode_t mode)
{
	void *opened = ERR_PTR(-ENXIO);

	down_read(&dev->opening);
	if (READ_ONCE(dev->state) != RELOOP_DYING)
		opened = compat_disk_open(dev->disk, mode);
	up_read(&dev->opening);

	return opened;
}

int reloop_device_attach_prepared(struct reloop_device *dev, blk_mode_t mode,
				  struct reloop_attachment *attachment)
{
	void *opened;
	int ret;

	opened = device_open_disk(dev, mode);
	if (opened == ERR_PTR(-ENXIO))
		return -EBUSY;
	if (IS_ERR(opened))
		return PTR_ERR(opened);

	ret = device_claim_and_bind(dev, mode, attachment);
	compat_disk_close(opened, mode);

	return ret;
}

/* Detach. */

/*
 * Take the medium out of a DRAINING device. Needs open_mutex and the lock.
 * Nobody but the closing or detaching opener is left, so no partition is
 * open, and no request is in flight that anybody waits for.
 */
static void device_drain(struct reloop_device *dev)
{
	struct gendisk *disk = dev->disk;
	int ret;

	reloop_owner_remove(dev);
	ret = device_swap(dev, NULL, 0);
	/* Limits of a device without a backing file are never refused. */
	WARN_ON_ONCE(ret);
	reloop_io_stop(&dev->io);
	WRITE_ONCE(dev->io.submit, dev->io.params->submit);
	invalidate_disk(disk);
	reloop_sysfs_remove(disk);
	reloop_origin_destroy(device_take_origin(dev));
	kobject_uevent(&disk_to_dev(disk)->kobj, KOBJ_CHANGE);

	device_change_media(dev);
	device_scan(dev);
	device_forbid_scan(dev);

	dev->autoclear = false;
	device_advance(dev, RELOOP_DRAINED);
	WRITE_ONCE(dev->detached, dev->detached + 1);
	wake_up_all(&dev->waiters);
	/* Safe: whoever is closing the device still holds the module. */
	module_put(THIS_MODULE);
}

/* The close that usually comes first has not written back the page cache. */
static void device_detach_now(struct reloop_device *dev)
{
	sync_blockdev(dev->disk->part0);
	device_advance(dev, RELOOP_DETACH);
	device_drain(dev);
}

/* By somebody who has the device open. Needs open_mutex and the lock. */
static void device_detach_open(struct reloop_device *dev)
{
	struct gendisk *disk = dev->disk;
	bool sole;

	/* A partition counts as one opener of the disk, however often open. */
	sole = disk_openers(disk) == 1 && !disk->open_partitions;
	if (sole && COMPAT_DETACH_AT_ONCE) {
		device_detach_now(dev);
		return;
	}

	/* Shown in sysfs until the last close. */
	dev->autoclear = true;
	if (sole)
		device_advance(dev, RELOOP_DETACH);
}

/* Detach the medium @diskseq, or whichever there is if that is 0. */
static int device_detach(struct reloop_device *dev, u64 diskseq)
{
	struct gendisk *disk = dev->disk;
	int ret;

	ret = mutex_lock_killable(&disk->open_mutex);
	if (ret)
		return ret;
	ret = device_lock_live(dev);
	if (ret)
		goto unlock_disk;

	if (diskseq && disk->diskseq != diskseq)
		ret = -ESTALE;
	else
		device_detach_open(dev);
	mutex_unlock(&dev->lock);

unlock_disk:
	mutex_unlock(&disk->open_mutex);
	return ret;
}

int reloop_device_detach(struct reloop_device *dev)
{
	return device_detach(dev, 0);
}

/* Detach as a program does that opens the device for it. */
static int device_open_and_detach(struct reloop_device *dev, u64 diskseq)
{
	void *opened;
	int ret;

	opened = device_open_disk(dev, BLK_OPEN_READ);
	if (IS_ERR(opened))
		return PTR_ERR(opened);

	ret = device_detach(dev, diskseq);
	compat_disk_close(opened, BLK_OPEN_READ);

	return ret;
}

/*
 * Look for the medium @diskseq. The file is kept, so that the last reference
 * of this module to it is the caller's: who detaches the device may be
 * somebody else, whose reference is gone some time after the state tells.
 */
static int device_get_medium(struct reloop_device *dev, u64 diskseq,
			     unsigned int *detached, struct file **file)
{
	int ret = 0;

	/* Killable only: after any other signal the device is detached still. */
	if (mutex_lock_killable(&dev->lock))
		return -EINTR;

	if (dev->disk->diskseq != diskseq)
		ret = -ESTALE;
	else if (dev->state != RELOOP_DRAINING)
		ret = device_check(dev, RELOOP_USE);
	if (!ret) {
		*detached = dev->detached;
		*file = get_file(dev->io.binding->file);
	}
	mutex_unlock(&dev->lock);

	return ret;
}

static int device_wait_detached(struct reloop_device *dev,
				unsigned int detached, int timeout_ms)
{
	long left = timeout_ms < 0 ? MAX_SCHEDULE_TIMEOUT :
				     msecs_to_jiffies(timeout_ms);

	left = wait_event_interruptible_timeout(dev->waiters,
						READ_ONCE(dev->detached) !=
						detached, left);
	if (left < 0)
		return -EINTR;

	return left ? 0 : -ETIMEDOUT;
}

int reloop_device_detach_and_wait(struct reloop_device *dev, u64 diskseq,
				  int timeout_ms)
{
	unsigned int detached;
	struct file *file;
	int ret;

	ret = device_get_medium(dev, diskseq, &detached, &file);
	if (ret)
		return ret;

	ret = device_open_and_detach(dev, diskseq);
	/* -ENXIO: somebody else was quicker. */
	if (!ret || ret == -ENXIO)
		ret = device_wait_detached(dev, detached, timeout_ms);
	fput(file);

	return ret;
}

/* Change. */

static int device_replace_file(struct reloop_device *dev, struct file *file)
{
	struct reloop_binding *old = dev->io.binding, *new;
	sector_t old_sectors, new_sectors;
	int ret;

	if (!reloop_binding_is_read_only(old))
		return -EINVAL;

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
	return device_rebind_sized(dev, new);
}

/*
 * Announce that other data may be below. A file system mounted on the device
 * is told, which may wait for its s_umount, so no lock of ours is held but
 * one that nobody takes who holds another.
 */
static void device_announce_replaced(struct reloop_device *dev, bool scan)
{
	struct device *ddev = disk_to_dev(dev->disk);

	mutex_lock(&dev->uevent_lock);
	dev_set_uevent_suppress(ddev, 1);
	device_change_media(dev);
	dev_set_uevent_suppress(ddev, 0);
	mutex_unlock(&dev->uevent_lock);

	if (scan)
		device_lock_and_scan(dev);
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

	ret = device_lock_live(dev);
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
 * The binding as @info wants it. Only PARTSCAN can be set of the flags that
 * a binding has, and none can be cleared.
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

	new = reloop_binding_copy(old);
	if (!new)
		return ERR_PTR(-ENOMEM);

	reloop_binding_set_info(new, info);
	new->flags |= info->lo_flags & LO_FLAGS_PARTSCAN;

	return new;
}

/* Returns 1 if the device was moved, and its new size is to be announced. */
static int device_change_info(struct reloop_device *dev,
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

	if (moved)
		device_drop_cache(dev);
	ret = device_rebind(dev, new, sectors);
	if (ret)
		return ret;

	dev->autoclear = info->lo_flags & LO_FLAGS_AUTOCLEAR;
	return moved;
}

int reloop_device_set_status(struct reloop_device *dev,
			     const struct loop_info64 *info)
{
	sector_t before, now;
	bool scan;
	int ret;

	ret = device_lock_live(dev);
	if (ret)
		return ret;

	scan = (info->lo_flags & LO_FLAGS_PARTSCAN) &&
	       !(dev->io.binding->flags & LO_FLAGS_PARTSCAN);
	before = get_capacity(dev->disk);
	ret = device_change_info(dev, info);
	now = get_capacity(dev->disk);
	scan = scan && ret >= 0;
	if (scan)
		device_allow_scan(dev);
	mutex_unlock(&dev->lock);

	if (ret > 0)
		device_announce_size(dev, before, now);
	if (scan)
		device_lock_and_scan(dev);

	return min(ret, 0);
}

int reloop_device_get_status(struct reloop_device *dev,
			     struct loop_info64 *info)
{
	const struct reloop_binding *binding;
	struct kstat stat;
	struct path path;
	int ret;

	ret = device_lock_live(dev);
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

	/* Without the lock: a network file system may take its time. */
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

	ret = device_lock_live(dev);
	if (ret)
		return ret;

	before = get_capacity(dev->disk);
	ret = reloop_binding_sectors(dev->io.binding, &now);
	if (!ret)
		set_capacity(dev->disk, now);
	mutex_unlock(&dev->lock);

	if (!ret)
		device_announce_size(dev, before, now);
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
	return device_rebind_sized(dev, new);
}

int reloop_device_set_cache(struct reloop_device *dev, enum reloop_cache cache)
{
	int ret;

	ret = device_lock_live(dev);
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
	device_drop_cache(dev);
	return device_rebind_sized(dev, new);
}

int reloop_device_set_block_size(struct reloop_device *dev, blk_mode_t mode,
				 unsigned long size)
{
	int ret;

	ret = device_claim(dev, mode);
	if (ret)
		return ret;

	ret = device_lock_live(dev);
	if (!ret) {
		ret = device_change_block_size(dev, size);
		mutex_unlock(&dev->lock);
	}
	device_unclaim(dev, mode);

	return ret;
}

/* What the block layer calls. */

static int device_open(struct gendisk *disk, blk_mode_t mode)
{
	struct reloop_device *dev = disk->private_data;
	int ret;

	ret = mutex_lock_killable(&dev->lock);
	if (ret)
		return ret;
	ret = device_check(dev, RELOOP_OPEN);
	mutex_unlock(&dev->lock);

	return ret;
}

/* Whether the device was made for one attachment, which is not under way. */
static bool device_is_disposable(const struct reloop_device *dev)
{
	return dev->transient && !atomic_read(&dev->reserved);
}

void reloop_device_reap(struct reloop_device *dev)
{
	reloop_device_get(dev);
	if (!queue_work(dev->reaper, &dev->reap))
		reloop_device_put(dev);
}

/* Nobody has the device open. Needs open_mutex and the lock. */
static void device_settle(struct reloop_device *dev)
{
	if (dev->autoclear && dev->state == RELOOP_LIVE)
		device_advance(dev, RELOOP_DETACH);
	if (dev->state == RELOOP_DRAINING)
		device_drain(dev);
	if (device_is_disposable(dev) && dev->state == RELOOP_IDLE)
		reloop_device_reap(dev);
}

static void device_release(struct gendisk *disk)
{
	struct reloop_device *dev = disk->private_data;

	if (disk_openers(disk) > 0)
		return;

	mutex_lock(&dev->lock);
	device_settle(dev);
	mutex_unlock(&dev->lock);
}

/*
 * Detach now if nobody has the device open, else by the last close. Needs
 * open_mutex and the lock. The module stays while this runs: the caller has
 * the control node open.
 */
static void device_let_go(struct reloop_device *dev)
{
	dev->autoclear = true;
	if (!disk_openers(dev->disk))
		device_settle(dev);
}

void reloop_device_disown(struct reloop_device *dev,
			  const struct reloop_owner *owner)
{
	mutex_lock(&dev->disk->open_mutex);
	mutex_lock(&dev->lock);
	if (dev->owner == owner) {
		reloop_owner_remove(dev);
		device_let_go(dev);
	}
	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->disk->open_mutex);
}

void reloop_device_abandon(struct reloop_device *dev, u64 diskseq, bool made)
{
	mutex_lock(&dev->disk->open_mutex);
	mutex_lock(&dev->lock);
	if (dev->state == RELOOP_LIVE && dev->disk->diskseq == diskseq) {
		/* Whoever it was to stay for will never know of it. */
		if (made)
			WRITE_ONCE(dev->transient, true);
		device_let_go(dev);
	}
	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->disk->open_mutex);

	flush_work(&dev->reap);
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

/* Life. */

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
	ret = reloop_io_init(&dev->io, &params->io);
	if (ret)
		goto free_dev;

	dev->disk = device_alloc_disk(dev, params);
	if (IS_ERR(dev->disk)) {
		ret = PTR_ERR(dev->disk);
		goto exit_io;
	}
	device_forbid_scan(dev);

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

	/* An open counts from the end of its time under open_mutex. */
	ret = mutex_lock_killable(&dev->disk->open_mutex);
	if (ret)
		return ret;
	mutex_lock(&dev->lock);

	ret = device_check(dev, RELOOP_REMOVE);
	if (!ret && (disk_openers(dev->disk) > 0 ||
		     (transient && !device_is_disposable(dev))))
		ret = -EBUSY;
	if (!ret)
		device_advance(dev, RELOOP_REMOVE);

	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->disk->open_mutex);
	return ret;
}

void reloop_device_destroy(struct reloop_device *dev)
{
	del_gendisk(dev->disk);
	/* For those in device_open_disk(); who comes later sees the state. */
	down_write(&dev->opening);
	up_write(&dev->opening);
	reloop_io_exit(&dev->io);
}

void reloop_device_get(struct reloop_device *dev)
{
	get_device(disk_to_dev(dev->disk));
}

void reloop_device_put(struct reloop_device *dev)
{
	put_disk(dev->disk);
}

struct reloop_device *reloop_device_of(struct gendisk *disk)
{
	return disk->fops == &device_ops ? disk->private_data : NULL;
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

/* The lock is what keeps it from being reaped at the same time. */
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
