// SPDX-License-Identifier: GPL-2.0-only
/* Detaching: a device lets go of its medium. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>

#include "device/detach.h"
#include "device/faults.h"
#include "device/medium.h"
#include "device/origin.h"
#include "device/owner.h"
#include "device/sysfs_attached.h"
#include "io/faults.h"
#include "io/parked.h"
#include "store/kept.h"

/* Nobody will make space for it, so what waits for space soon fails. */
static void device_give_up_space(struct reloop_device *dev)
{
	reloop_parked_give_up(&dev->io);
}

/*
 * Until the image has everything that its store holds back, the device is shown
 * as attached, so that nobody reads the image too early.
 */
static void device_flush_last(struct reloop_device *dev,
			      struct reloop_kept *kept)
{
	reloop_medium_wait(dev);
	/* Programs that probe disks skip one of size 0, and need not wait. */
	set_capacity(dev->disk, 0);
	/* For requests that were let in between, with the old size. */
	reloop_medium_wait(dev);
	reloop_kept_flush(kept, !dev->io.binding->ignore_flush,
			  dev->io.wb_told);
}

/*
 * Takes the medium out of a DRAINING device. Needs open_mutex and the lock.
 * Only the opener that closes or detaches the device is left, so no partition
 * is open, and no request that anybody waits for is in flight. Returns the
 * result of reloop_kept_lost().
 */
static int device_drain(struct reloop_device *dev)
{
	struct gendisk *disk = dev->disk;
	struct reloop_kept kept;
	int ret, lost;

	reloop_kept_get(&kept, dev->io.binding);
	reloop_device_hold_up_nothing(dev, 0);
	device_give_up_space(dev);
	if (reloop_kept_has_flush(&kept))
		device_flush_last(dev, &kept);
	ret = reloop_medium_swap(dev, NULL, 0, NULL);
	/* Limits of a device without a backing file are never refused. */
	WARN_ON_ONCE(ret);
	reloop_io_stop(&dev->io);
	/* Before anybody is told that the device is detached. */
	reloop_kept_close(&kept);
	lost = reloop_kept_lost(&kept);
	reloop_kept_put(&kept);
	WRITE_ONCE(dev->io.submit, dev->io.params->submit);
	/* Also drops pages that somebody has mapped, or even written to. */
	truncate_inode_pages(compat_bdev_mapping(disk->part0), 0);
	invalidate_disk(disk);
	reloop_sysfs_remove_attached(dev);
	reloop_origin_destroy(reloop_medium_take_origin(dev));
	kobject_uevent(&disk_to_dev(disk)->kobj, KOBJ_CHANGE);

	reloop_medium_renew(dev);
	reloop_medium_scan(dev);
	reloop_medium_forbid_scan(dev);

	dev->autoclear = false;
	reloop_device_advance(dev, RELOOP_DRAINED);
	/* Tells the owner: what was the device's, its label as well, is free. */
	reloop_owner_remove(dev);
	/* Pairs with smp_load_acquire() in device_is_detached(). */
	smp_store_release(&dev->detached, dev->detached + 1);
	wake_up_all(&dev->waiters);
	/* Safe: whoever is closing the device still holds the module. */
	module_put(THIS_MODULE);

	return lost;
}

/* Usually a close comes first, which writes back the page cache. */
static int device_detach_now(struct reloop_device *dev)
{
	sync_blockdev(dev->disk->part0);
	reloop_device_advance(dev, RELOOP_DETACH);

	return device_drain(dev);
}

/* For a caller that has the device open. Needs open_mutex and the lock. */
static int device_detach_open(struct reloop_device *dev)
{
	struct gendisk *disk = dev->disk;
	bool sole;

	/* An open partition counts once, however often it is open. */
	sole = disk_openers(disk) == 1 && !disk->open_partitions;
	/* Before the close, which waits for all writes. */
	if (sole)
		device_give_up_space(dev);
	if (sole && COMPAT_DETACH_AT_ONCE)
		return device_detach_now(dev);

	/* sysfs shows this until the last close. */
	dev->autoclear = true;
	if (sole)
		reloop_device_advance(dev, RELOOP_DETACH);

	return 0;
}

/* Detaches the medium @diskseq, or any medium if that is 0. */
static int device_detach(struct reloop_device *dev, u64 diskseq)
{
	struct gendisk *disk = dev->disk;
	int ret;

	reloop_device_hold_up_nothing(dev, diskseq);
	ret = mutex_lock_killable(&disk->open_mutex);
	if (ret)
		return ret;
	ret = reloop_device_lock_live(dev);
	if (ret)
		goto unlock_disk;

	if (diskseq && disk->diskseq != diskseq)
		ret = -ESTALE;
	else
		ret = device_detach_open(dev);
	mutex_unlock(&dev->lock);

unlock_disk:
	mutex_unlock(&disk->open_mutex);
	return ret;
}

int reloop_device_detach(struct reloop_device *dev)
{
	return device_detach(dev, 0);
}

/* Detaches the way a program does that opens the device for it. */
static int device_open_and_detach(struct reloop_device *dev, u64 diskseq)
{
	void *opened;
	int ret;

	opened = reloop_device_open_disk(dev, BLK_OPEN_READ);
	if (IS_ERR(opened))
		return PTR_ERR(opened);

	ret = device_detach(dev, diskseq);
	compat_disk_close(opened, BLK_OPEN_READ);

	return ret;
}

/*
 * Looks for the medium @diskseq, and keeps of it what lets the caller drop this
 * module's last reference to the file: somebody else may detach the device, and
 * drop that reference some time after the state says so.
 */
static int device_get_medium(struct reloop_device *dev, u64 diskseq,
			     unsigned int *detached, struct reloop_kept *kept)
{
	int ret = 0;

	/* Fatal signals only: after any other, the device is still detached. */
	if (mutex_lock_killable(&dev->lock))
		return -EINTR;

	if (dev->disk->diskseq != diskseq)
		ret = -ESTALE;
	else if (dev->state != RELOOP_DRAINING)
		ret = reloop_device_check(dev, RELOOP_USE);
	if (!ret) {
		*detached = dev->detached;
		reloop_kept_get(kept, dev->io.binding);
	}
	mutex_unlock(&dev->lock);

	return ret;
}

static bool device_is_detached(const struct reloop_device *dev,
			       unsigned int detached)
{
	/* Pairs with smp_store_release() in device_drain(): a loss is known. */
	return smp_load_acquire(&dev->detached) != detached;
}

static int device_wait_detached(struct reloop_device *dev,
				unsigned int detached, int timeout_ms)
{
	long left = timeout_ms < 0 ? MAX_SCHEDULE_TIMEOUT :
				     msecs_to_jiffies(timeout_ms);

	left = wait_event_interruptible_timeout(dev->waiters,
						device_is_detached(dev, detached),
						left);
	if (left < 0)
		return -EINTR;

	return left ? 0 : -ETIMEDOUT;
}

int reloop_device_detach_and_wait(struct reloop_device *dev, u64 diskseq,
				  int timeout_ms)
{
	struct reloop_kept kept;
	unsigned int detached;
	int ret;

	/* No medium has 0, and below it would mean any medium. */
	if (!diskseq)
		return -ESTALE;
	reloop_device_hold_up_nothing(dev, diskseq);
	ret = device_get_medium(dev, diskseq, &detached, &kept);
	if (ret)
		return ret;

	ret = device_open_and_detach(dev, diskseq);
	/* -ENXIO: somebody else was quicker. */
	if (!ret || ret == -ENXIO)
		ret = device_wait_detached(dev, detached, timeout_ms);
	/* Even if the wait has failed: nobody can be told of it later. */
	if (device_is_detached(dev, detached) && reloop_kept_lost(&kept))
		ret = reloop_kept_lost(&kept);
	reloop_kept_put(&kept);

	return ret;
}

void reloop_device_settle(struct reloop_device *dev)
{
	if (dev->autoclear && dev->state == RELOOP_LIVE)
		reloop_device_advance(dev, RELOOP_DETACH);
	if (dev->state == RELOOP_DRAINING)
		device_drain(dev);
	if (reloop_device_is_disposable(dev) && dev->state == RELOOP_IDLE)
		reloop_device_reap(dev);
}

/*
 * Detaches now if nobody has the device open, otherwise at the last close.
 * Needs open_mutex and the lock. The module stays while this runs, because the
 * caller, or who waits for it, has the control node open.
 */
static void device_let_go(struct reloop_device *dev)
{
	WRITE_ONCE(dev->autoclear, true);
	if (!disk_openers(dev->disk))
		reloop_device_settle(dev);
}

/* In a kernel thread, fput() would leave it to somebody else, some time later. */
static void put_now(struct file *file)
{
	if (current->flags & PF_KTHREAD)
		__fput_sync(file);
	else
		fput(file);
}

/*
 * Gives up a device, unless it has been detached since, or even attached again.
 * If nobody else has its files open, they are closed by the end of this, or by
 * the return to user space.
 */
static void device_disown(struct reloop_owned *owned)
{
	struct file *file = NULL, *second = NULL;
	struct reloop_device *dev = owned->dev;

	/* Rules that somebody makes when it has no owner are for its users. */
	if (reloop_faults_used(&dev->io))
		reloop_faults_leave(&dev->io, owned->medium);
	mutex_lock(&dev->disk->open_mutex);
	mutex_lock(&dev->lock);
	if (dev->owned == owned) {
		file = get_file(dev->io.binding->file);
		second = reloop_binding_second(dev->io.binding);
		if (second)
			get_file(second);
		device_let_go(dev);
		/*
		 * Pairs with the locking of chain_lock between two reads of
		 * attributes: whoever finds no owner finds autoclear set, or
		 * nothing attached.
		 */
		smp_wmb();
		reloop_owner_remove(dev);
	}
	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->disk->open_mutex);

	if (second)
		put_now(second);
	if (file)
		put_now(file);
}

static int disown_thread(void *data)
{
	struct reloop_owned *owned = data;

	device_disown(owned);
	/* Nothing of this module runs after that. */
	kthread_complete_and_exit(&owned->given_up, 0);
}

/*
 * If there are several, each has a thread: a workqueue has a limit, which those
 * that hang could reach.
 */
static void disown_begin(struct reloop_owned *owned, bool is_only)
{
	init_completion(&owned->given_up);
	if (!is_only && !IS_ERR(kthread_run(disown_thread, owned,
					    "reloop_disown")))
		return;

	device_disown(owned);
	complete(&owned->given_up);
}

void reloop_device_disown_all(struct reloop_owner *owner)
{
	struct reloop_owned *owned, *next;

	reloop_owner_leave(owner);
	list_for_each_entry(owned, &owner->devices, node)
		disown_begin(owned, list_is_singular(&owner->devices));
	list_for_each_entry_safe(owned, next, &owner->devices, node) {
		wait_for_completion(&owned->given_up);
		reloop_device_put(owned->dev);
		reloop_owned_destroy(owned);
	}
}

void reloop_device_abandon(struct reloop_device *dev, u64 diskseq, bool made)
{
	reloop_device_hold_up_nothing(dev, diskseq);
	mutex_lock(&dev->disk->open_mutex);
	mutex_lock(&dev->lock);
	if (dev->state == RELOOP_LIVE && dev->disk->diskseq == diskseq) {
		/* The caller will never know of the device, so it goes. */
		if (made)
			WRITE_ONCE(dev->transient, true);
		device_let_go(dev);
	}
	mutex_unlock(&dev->lock);
	mutex_unlock(&dev->disk->open_mutex);

	reloop_device_wait_reaped(dev);
}
