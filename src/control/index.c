// SPDX-License-Identifier: GPL-2.0-only
/* The index: which devices exist, and which number belongs to which. */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "control/index.h"
#include "device/disk.h"

/*
 * A device can be found if it is in the index. Its number is reserved before it
 * is made and given back after its disk is gone, so two disks never share a
 * name. Lookups hold the index's own spinlock until they have a reference, so a
 * device is not freed under them.
 */
static DEFINE_XARRAY_ALLOC(devices);

static struct reloop_disk_params disk_params;

static unsigned int index_limit(void)
{
	return 1U << (MINORBITS - disk_params.part_shift);
}

static int index_reserve(int number, u32 *index)
{
	int ret;

	if (number < 0) {
		ret = xa_alloc(&devices, index, NULL,
			       XA_LIMIT(0, index_limit() - 1), GFP_KERNEL);
		return ret == -EBUSY ? -ENOSPC : ret;
	}
	if (number >= index_limit())
		return -EINVAL;

	*index = number;
	ret = xa_insert(&devices, number, NULL, GFP_KERNEL);
	return ret == -EBUSY ? -EEXIST : ret;
}

struct reloop_device *reloop_index_get(unsigned int number)
{
	struct reloop_device *dev;

	xa_lock(&devices);
	dev = xa_load(&devices, number);
	if (dev)
		reloop_device_get(dev);
	xa_unlock(&devices);

	return dev;
}

bool reloop_index_has(unsigned int number, const struct reloop_device *dev)
{
	return xa_load(&devices, number) == dev;
}

struct reloop_device *reloop_index_reserve_free(unsigned long *next)
{
	struct reloop_device *dev;
	unsigned long index;

	xa_lock(&devices);
	xa_for_each_start(&devices, index, dev, *next) {
		if (reloop_device_reserve(dev)) {
			reloop_device_get(dev);
			break;
		}
	}
	xa_unlock(&devices);
	*next = index + 1;

	return dev;
}

/* The devices that were removed last. */
#define REMOVED_MAX	64

static struct {
	unsigned int number;
	u64 when;	/* in jiffies */
} removed[REMOVED_MAX];
static unsigned int removed_next;
static DEFINE_SPINLOCK(removed_lock); /* guards both */

static void index_note_removed(unsigned int number)
{
	spin_lock(&removed_lock);
	removed[removed_next].number = number;
	removed[removed_next].when = get_jiffies_64();
	removed_next = (removed_next + 1) % REMOVED_MAX;
	spin_unlock(&removed_lock);
}

bool reloop_index_has_just_had(unsigned int number)
{
	bool has_had = false;
	unsigned int i;

	spin_lock(&removed_lock);
	for (i = 0; i < REMOVED_MAX; i++)
		if (removed[i].number == number && removed[i].when &&
		    time_before64(get_jiffies_64(), removed[i].when + HZ))
			has_had = true;
	spin_unlock(&removed_lock);

	return has_had;
}

/* Deletes a retired device, and only then frees its number. */
static void index_delete(struct reloop_device *dev)
{
	/* An open may check now, and make one once the number is free. */
	index_note_removed(dev->index);
	reloop_device_destroy(dev);
	index_note_removed(dev->index);
	xa_erase(&devices, dev->index);
	reloop_device_put(dev);
}

struct reloop_device *reloop_index_create(int number, bool transient)
{
	struct reloop_device *dev;
	u32 index;
	int ret;

	ret = index_reserve(number, &index);
	if (ret)
		return ERR_PTR(ret);

	dev = reloop_device_create(index, &disk_params, transient);
	if (IS_ERR(dev)) {
		xa_release(&devices, index);
		return dev;
	}
	reloop_device_get(dev);
	/* The slot is reserved, so this allocates nothing. */
	xa_store(&devices, index, dev, GFP_KERNEL);

	return dev;
}

int reloop_index_add(int number)
{
	struct reloop_device *dev;
	int index;

	dev = reloop_index_create(number, false);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	index = dev->index;
	reloop_device_put(dev);

	return index;
}

int reloop_index_remove(int number)
{
	struct reloop_device *dev;
	int ret;

	if (number < 0)
		return -EINVAL;

	dev = reloop_index_get(number);
	if (!dev)
		return -ENODEV;

	ret = reloop_device_retire(dev, false);
	if (!ret)
		index_delete(dev);
	reloop_device_put(dev);

	return ret;
}

int reloop_index_get_free(void)
{
	struct reloop_device *dev;
	unsigned long index;
	int found = -1;

	xa_lock(&devices);
	xa_for_each(&devices, index, dev) {
		if (reloop_device_is_free(dev)) {
			found = index;
			break;
		}
	}
	xa_unlock(&devices);

	return found < 0 ? reloop_index_add(-1) : found;
}

/* Removes a transient device if it is unused. */
static void index_reap(struct work_struct *work)
{
	struct reloop_device *dev =
		container_of(work, struct reloop_device, reap);

	if (!reloop_device_retire(dev, true))
		index_delete(dev);
	reloop_device_put(dev);
}

int reloop_index_init(unsigned int part_shift,
		      const struct reloop_io_params *io)
{
	disk_params.part_shift = part_shift;
	disk_params.io = *io;
	disk_params.reap = index_reap;
	disk_params.reaper = alloc_workqueue("reloop-reaper", WQ_UNBOUND, 0);

	return disk_params.reaper ? 0 : -ENOMEM;
}

void reloop_index_begin(const char *name, int major)
{
	disk_params.name = name;
	/* Pairs with smp_load_acquire() in reloop_index_has_begun(). */
	smp_store_release(&disk_params.major, major);
}

bool reloop_index_has_begun(void)
{
	/* Pairs with smp_store_release() in reloop_index_begin(). */
	return smp_load_acquire(&disk_params.major);
}

void reloop_index_exit(void)
{
	struct reloop_device *dev;
	unsigned long index;

	destroy_workqueue(disk_params.reaper);
	xa_for_each(&devices, index, dev)
		index_delete(dev);
	xa_destroy(&devices);
}
