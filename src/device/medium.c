// SPDX-License-Identifier: GPL-2.0-only
/*
 * The medium of a device, as attach, detach and change leave it: the binding
 * that requests go to, what is announced about it, and its partitions.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>

#include "device/chain.h"
#include "device/limits.h"
#include "device/medium.h"
#include "device/origin.h"
#include "io/faults.h"
#include "io/parked.h"

/*
 * Whether requests that go to a file can be in flight when @binding is swapped
 * in. At an attach they cannot, since there is no file yet; nor at a detach by
 * the last close, which has waited for all I/O and keeps others from opening
 * the device. Exceptions are a write that waits for space but that nobody waits
 * for, and such a request that a rule may have held up. Whoever submits
 * nevertheless sees no binding and gets an error.
 */
static bool medium_may_be_busy(struct reloop_device *dev,
			       const struct reloop_binding *binding)
{
	return dev->io.binding && (binding || disk_openers(dev->disk) > 0 ||
				   reloop_parked_writes(&dev->io) ||
				   reloop_faults_used(&dev->io));
}

/*
 * Writes that wait for space, and requests that hang by a rule, would keep a
 * queue from being frozen until there is space or the rule is cleared. So
 * nothing is changed then: otherwise data would be lost, or a task that holds
 * what others need would wait. But a detach has told them not to wait.
 */
static bool medium_is_stuck(struct reloop_device *dev)
{
	return reloop_parked_writes(&dev->io) ||
	       reloop_faults_hanging(&dev->io);
}

/*
 * Does what blk_mq_freeze_queue() does; but if requests are stuck, it returns
 * -EBUSY and the queue is not frozen. @ends says that all requests will end.
 */
static int medium_freeze(struct reloop_device *dev, bool ends,
			 unsigned int *memflags)
{
	struct request_queue *q = dev->disk->queue;

	*memflags = memalloc_noio_save();
	blk_freeze_queue_start(q);
	while (!blk_mq_freeze_queue_wait_timeout(q, HZ)) {
		/* A delay by a rule may be long as well. */
		if (!ends && (medium_is_stuck(dev) ||
			      reloop_faults_holding(&dev->io))) {
			blk_mq_unfreeze_queue(q, *memflags);
			return -EBUSY;
		}
	}
	return 0;
}

/*
 * Others freeze the queue while they hold a lock that tasks wait for without
 * limit, and pages are waited for without limit. So if rules may delay
 * something, the queue is frozen once as a test before that.
 */
int reloop_medium_settle(struct reloop_device *dev)
{
	unsigned int memflags;
	int ret;

	if (medium_is_stuck(dev))
		return -EBUSY;
	if (!reloop_faults_used(&dev->io))
		return 0;

	ret = medium_freeze(dev, false, &memflags);
	if (!ret)
		blk_mq_unfreeze_queue(dev->disk->queue, memflags);
	return ret;
}

/* The block layer looks at this only when it makes a disk or partition. */
static void medium_set_stable_writes(struct gendisk *disk, bool stable)
{
	struct block_device *part;
	unsigned long index;

	rcu_read_lock();
	xa_for_each(&disk->part_tbl, index, part)
		compat_bdev_set_stable_writes(part, stable);
	rcu_read_unlock();
}

/*
 * The block layer does this when a device is opened first, which was before the
 * attach. As long as its size is 0, nothing of it is cached.
 */
static void medium_set_unit(struct gendisk *disk, unsigned int block_size)
{
	compat_bdev_set_unit(disk->part0,
			     max_t(unsigned int, block_size, PAGE_SIZE));
}

int reloop_medium_swap(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors,
		       struct reloop_user *user)
{
	struct request_queue *q = dev->disk->queue;
	/* Freezing takes an RCU grace period, so avoid it if possible. */
	bool freeze = medium_may_be_busy(dev, binding);
	struct reloop_binding *old;
	unsigned int memflags = 0;
	struct queue_limits lim;
	int ret;

	ret = binding ? reloop_medium_settle(dev) : 0;
	if (!ret && binding && reloop_binding_has_direct(binding))
		ret = reloop_io_make_finisher(&dev->io, dev->disk->disk_name);
	if (ret)
		return ret;

	lim = queue_limits_start_update(q);
	/* The user's settings must not cost a new medium its flushes. */
	if (!dev->io.binding)
		compat_limits_forget_user(&lim);
	reloop_limits_set(&lim, binding);

	ret = freeze ? medium_freeze(dev, !binding, &memflags) : 0;
	if (ret) {
		queue_limits_cancel_update(q);
		return ret;
	}
	ret = reloop_chain_swap(dev, binding, &lim, user, &old);
	if (!ret) {
		if (!old)
			medium_set_unit(dev->disk, binding->block_size);
		set_capacity(dev->disk, sectors);
		medium_set_stable_writes(dev->disk,
					 lim.features & BLK_FEAT_STABLE_WRITES);
	}
	if (freeze)
		blk_mq_unfreeze_queue(q, memflags);

	if (!ret)
		reloop_binding_destroy(old);

	return ret;
}

int reloop_medium_rebind(struct reloop_device *dev,
			 struct reloop_binding *binding)
{
	int ret;

	ret = reloop_binding_prepare(binding);
	if (!ret)
		ret = reloop_medium_swap(dev, binding,
					 get_capacity(dev->disk), NULL);
	if (ret)
		reloop_binding_destroy(binding);

	return ret;
}

void reloop_medium_wait(struct reloop_device *dev)
{
	struct request_queue *q = dev->disk->queue;
	unsigned int memflags;

	if (!medium_may_be_busy(dev, NULL))
		return;
	memflags = blk_mq_freeze_queue(q);
	blk_mq_unfreeze_queue(q, memflags);
}

/* Drops clean pages that need no waiting, even if they are mapped. */
static void medium_drop_pages(struct reloop_device *dev)
{
	unmap_mapping_range(compat_bdev_mapping(dev->disk->part0), 0, 0, 0);
	invalidate_bdev(dev->disk->part0);
}

void reloop_medium_forget_pages(struct reloop_device *dev)
{
	medium_drop_pages(dev);
	/* Whoever has a page locked may be waiting for what is held up. */
	if (!reloop_faults_holding(&dev->io) && !reloop_parked_writes(&dev->io))
		invalidate_inode_pages2(compat_bdev_mapping(dev->disk->part0));
}

/*
 * The page cache of the device was read with the old geometry. With the lock
 * held, only pages that need no waiting are dropped.
 */
int reloop_medium_move(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors)
{
	int ret;

	ret = medium_is_stuck(dev) ? -EBUSY : reloop_binding_prepare(binding);
	if (!ret) {
		/* So that nobody dirties a page after it was written back. */
		unmap_mapping_range(compat_bdev_mapping(dev->disk->part0),
				    0, 0, 0);
		sync_blockdev(dev->disk->part0);
		medium_drop_pages(dev);
		ret = reloop_medium_swap(dev, binding, sectors, NULL);
	}
	if (ret)
		reloop_binding_destroy(binding);
	else
		medium_drop_pages(dev);

	return ret;
}

/*
 * The block layer notes that it must scan for partitions at the next open. This
 * driver scans instead, once, before anybody can look.
 */
void reloop_medium_renew(struct reloop_device *dev)
{
	disk_force_media_change(dev->disk);
	compat_bdev_forget_ro(dev->disk->part0);
	clear_bit(GD_NEED_PART_SCAN, &dev->disk->state);
}

/*
 * Holds only the lock that keeps the uevent from being suppressed: whoever
 * suppresses uevents may be waiting for a file system.
 */
void reloop_medium_announce_size(struct reloop_device *dev, sector_t before,
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

/*
 * Memory reclaim may be waiting for writes that wait for space, so nothing here
 * may wait for memory reclaim.
 */
void reloop_medium_announce_nospace(struct work_struct *work)
{
	struct reloop_device *dev = container_of(work, struct reloop_device,
						 io.parked.tell);
	char *envp[2] = { NULL };
	bool waits = reloop_parked_writes(&dev->io);
	unsigned int noio;

	if (waits == dev->told_nospace)
		return;
	dev->told_nospace = waits;
	if (!waits) {
		pr_info_ratelimited("%s: no write waits for space any more\n",
				    dev->disk->disk_name);
		return;
	}
	envp[0] = "NOSPACE=1";
	pr_warn_ratelimited("%s: no space is left for the file; writes wait for some\n",
			    dev->disk->disk_name);
	noio = memalloc_noio_save();
	mutex_lock(&dev->uevent_lock);
	kobject_uevent_env(&disk_to_dev(dev->disk)->kobj, KOBJ_CHANGE, envp);
	mutex_unlock(&dev->uevent_lock);
	memalloc_noio_restore(noio);
}

/* With the origin first, attributes find it whenever they find the binding. */
int reloop_medium_set_origin(struct reloop_device *dev,
			     struct reloop_origin *origin)
{
	int ret;

	ret = reloop_origin_publish(origin);
	if (!ret)
		dev->origin = origin;

	return ret;
}

struct reloop_origin *reloop_medium_take_origin(struct reloop_device *dev)
{
	struct reloop_origin *origin = dev->origin;

	dev->origin = NULL;
	reloop_origin_withdraw(origin);

	return origin;
}

/* Partitions. */

void reloop_medium_allow_scan(struct reloop_device *dev)
{
	clear_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
}

void reloop_medium_forbid_scan(struct reloop_device *dev)
{
	if (dev->disk->minors == 1)
		set_bit(GD_SUPPRESS_PART_SCAN, &dev->disk->state);
}

void reloop_medium_scan(struct reloop_device *dev)
{
	int ret = bdev_disk_changed(dev->disk, false);

	if (ret)
		pr_warn("%s: partition scan failed: %d\n",
			dev->disk->disk_name, ret);
}

void reloop_medium_lock_and_scan(struct reloop_device *dev)
{
	mutex_lock(&dev->disk->open_mutex);
	reloop_medium_scan(dev);
	mutex_unlock(&dev->disk->open_mutex);
}
