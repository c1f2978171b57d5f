// SPDX-License-Identifier: GPL-2.0-only
/* The control node, the index of all devices and the names they go by. */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/xarray.h>

#include "control.h"
#include "device.h"
#include <uapi/reloop.h>

/*
 * Being findable is being in the index. A number is reserved before its
 * device is made and given back after its disk is gone, so that two disks
 * never share a name. The index's own spinlock, which lookups hold until
 * they have a reference, keeps a device from being freed under them.
 */
static DEFINE_XARRAY_ALLOC(control_index);

/* Whether opening a node may make a device: not before all is set up. */
static DEFINE_MUTEX(probe_lock);
static bool probe_allowed;

static struct reloop_control_params control_params;
static struct reloop_disk_params disk_params;

/* The index. */

static unsigned int index_limit(void)
{
	return 1U << (MINORBITS - disk_params.part_shift);
}

static int index_reserve(int number, u32 *index)
{
	int ret;

	if (number < 0)
		return xa_alloc(&control_index, index, NULL,
				XA_LIMIT(0, index_limit() - 1), GFP_KERNEL);
	if (number >= index_limit())
		return -EINVAL;

	*index = number;
	ret = xa_insert(&control_index, number, NULL, GFP_KERNEL);
	return ret == -EBUSY ? -EEXIST : ret;
}

static struct reloop_device *index_get(unsigned int index)
{
	struct reloop_device *dev;

	xa_lock(&control_index);
	dev = xa_load(&control_index, index);
	if (dev)
		reloop_device_get(dev);
	xa_unlock(&control_index);

	return dev;
}

/* Delete a retired device, and free its number only after that. */
static void index_delete(struct reloop_device *dev)
{
	reloop_device_destroy(dev);
	xa_erase(&control_index, dev->index);
	reloop_device_put(dev);
}

/* What the control node does. */

static int control_add(int number)
{
	struct reloop_device *dev;
	u32 index;
	int ret;

	ret = index_reserve(number, &index);
	if (ret)
		return ret;

	dev = reloop_device_create(index, &disk_params);
	if (IS_ERR(dev)) {
		xa_release(&control_index, index);
		return PTR_ERR(dev);
	}
	/* The slot is reserved, so this allocates nothing. */
	xa_store(&control_index, index, dev, GFP_KERNEL);

	return index;
}

static int control_remove(int number)
{
	struct reloop_device *dev;
	int ret;

	if (number < 0)
		return -EINVAL;

	dev = index_get(number);
	if (!dev)
		return -ENODEV;

	ret = reloop_device_retire(dev);
	if (!ret)
		index_delete(dev);
	reloop_device_put(dev);

	return ret;
}

/* Who comes second to a device found here is refused and asks again. */
static int control_get_free(void)
{
	struct reloop_device *dev;
	unsigned long index;
	int found = -1;

	xa_lock(&control_index);
	xa_for_each(&control_index, index, dev) {
		if (reloop_device_is_free(dev)) {
			found = index;
			break;
		}
	}
	xa_unlock(&control_index);

	return found < 0 ? control_add(-1) : found;
}

static long control_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	/* The node is there a moment before the block major is. */
	if (!smp_load_acquire(&disk_params.major))
		return -EAGAIN;

	switch (cmd) {
	case LOOP_CTL_ADD:
		return control_add(arg);
	case LOOP_CTL_REMOVE:
		return control_remove(arg);
	case LOOP_CTL_GET_FREE:
		return control_get_free();
	default:
		return -ENOSYS;
	}
}

static const struct file_operations control_fops = {
	.owner		= THIS_MODULE,
	.open		= nonseekable_open,
	.unlocked_ioctl	= control_ioctl,
	.compat_ioctl	= control_ioctl,
	.llseek		= noop_llseek,
};

/*
 * A node without a device behind it was opened: make the device. Nothing
 * keeps the module from being unloaded meanwhile but probe_lock.
 */
static void control_probe(dev_t devt)
{
	unsigned int number = MINOR(devt) >> disk_params.part_shift;

	if (control_params.limit && number >= control_params.limit)
		return;

	mutex_lock(&probe_lock);
	if (probe_allowed)
		control_add(number);
	mutex_unlock(&probe_lock);
}

static void control_allow_probe(bool allow)
{
	mutex_lock(&probe_lock);
	probe_allowed = allow;
	mutex_unlock(&probe_lock);
}

/* Names. */

/**
 * struct names - a set of names
 * @disk: prefix of the disks, and the value of the parameter
 * @major: block major, 0 for any
 * @control: the control node
 */
struct names {
	const char *disk;
	int major;
	struct miscdevice control;
};

static struct names loop_names = {
	.disk		= RELOOP_NAMES_LOOP,
	.major		= LOOP_MAJOR,
	.control	= {
		.minor	= LOOP_CTRL_MINOR,
		.name	= RELOOP_NAMES_LOOP RELOOP_NAMES_CONTROL,
		.fops	= &control_fops,
	},
};

static struct names own_names = {
	.disk		= RELOOP_NAMES_OWN,
	.major		= 0,
	.control	= {
		.minor	= MISC_DYNAMIC_MINOR,
		.name	= RELOOP_NAMES_OWN RELOOP_NAMES_CONTROL,
		.fops	= &control_fops,
	},
};

static struct names *taken;

/*
 * The control node comes first: when the kernel's own driver has the names
 * it has the node too, and registering that fails without a word in the log,
 * which registering the block major would not.
 */
static int names_take(struct names *names)
{
	int major, ret;

	ret = misc_register(&names->control);
	if (ret)
		return ret;

	major = __register_blkdev(names->major, names->disk, control_probe);
	if (major < 0) {
		misc_deregister(&names->control);
		return major;
	}

	taken = names;
	disk_params.name = names->disk;
	/* A fixed major is answered with 0. Lets control_ioctl() begin. */
	smp_store_release(&disk_params.major, names->major ?: major);

	return 0;
}

static void names_release(void)
{
	unregister_blkdev(disk_params.major, taken->disk);
	misc_deregister(&taken->control);
	disk_params.major = 0;
}

static int names_choose(enum reloop_naming ask)
{
	int ret;

	if (ask != RELOOP_NAMING_OWN) {
		ret = names_take(&loop_names);
		if (!ret) {
			pr_info("took loop's names: /dev/loop-control, /dev/loopN (block major %d)\n",
				disk_params.major);
			return 0;
		}
		if (ret != -EBUSY)
			return ret;
		if (ask == RELOOP_NAMING_LOOP) {
			pr_err("not loaded: names=loop was asked for, but another driver has loop's names\n");
			return ret;
		}
	}

	ret = names_take(&own_names);
	if (ret)
		return ret;

	pr_info("took names of its own: /dev/reloop-control, /dev/reloopN (block major %d), because %s\n",
		disk_params.major, ask == RELOOP_NAMING_OWN ?
		"names=reloop was asked for" : "another driver has loop's");
	return 0;
}

const char *reloop_control_names(void)
{
	const struct names *names = READ_ONCE(taken);

	return names ? names->disk : NULL;
}

/* Start and stop. */

static void control_remove_all(void)
{
	struct reloop_device *dev;
	unsigned long index;

	xa_for_each(&control_index, index, dev)
		index_delete(dev);
	xa_destroy(&control_index);
}

int reloop_control_start(const struct reloop_control_params *params)
{
	unsigned int number;
	int ret;

	control_params = *params;
	disk_params.part_shift = params->part_shift;
	disk_params.io = params->io;

	ret = names_choose(params->names);
	if (ret)
		return ret;
	control_allow_probe(true);

	for (number = 0; number < params->count; number++) {
		ret = control_add(number);
		/* Somebody may have been quicker through the control node. */
		if (ret == -EEXIST)
			continue;
		/* The nodes may be in use by now: it is too late to fail. */
		if (ret < 0)
			pr_warn("device %u could not be made: error %d\n",
				number, ret);
	}
	return 0;
}

/*
 * The names are given back last: another driver may be waiting for them, and
 * would find disks that are still there.
 */
void reloop_control_stop(void)
{
	control_allow_probe(false);
	control_remove_all();
	names_release();
}
