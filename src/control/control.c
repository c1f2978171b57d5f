// SPDX-License-Identifier: GPL-2.0-only
/* The control node, the index of all devices and the names they go by. */
#include <linux/blkdev.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "device/attachment.h"
#include "control/control.h"
#include "device/attach.h"
#include "device/detach.h"
#include "device/disk.h"
#include "device/owner.h"
#include "control/request.h"
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

	if (number < 0) {
		ret = xa_alloc(&control_index, index, NULL,
			       XA_LIMIT(0, index_limit() - 1), GFP_KERNEL);
		return ret == -EBUSY ? -ENOSPC : ret;
	}
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

/*
 * The first free device from @next on, reserved, and with a reference; @next
 * goes behind it.
 */
static struct reloop_device *index_reserve_free(unsigned long *next)
{
	struct reloop_device *dev;
	unsigned long index;

	xa_lock(&control_index);
	xa_for_each_start(&control_index, index, dev, *next) {
		if (reloop_device_reserve(dev)) {
			reloop_device_get(dev);
			break;
		}
	}
	xa_unlock(&control_index);
	*next = index + 1;

	return dev;
}

/* Delete a retired device, and free its number only after that. */
static void index_delete(struct reloop_device *dev)
{
	reloop_device_destroy(dev);
	xa_erase(&control_index, dev->index);
	reloop_device_put(dev);
}

/* Remove a transient device, if it is unused. */
static void control_reap(struct work_struct *work)
{
	struct reloop_device *dev =
		container_of(work, struct reloop_device, reap);

	if (!reloop_device_retire(dev, true))
		index_delete(dev);
	reloop_device_put(dev);
}

/* What the control node does. */

/* Make a device; with a reference for the caller. */
static struct reloop_device *control_create(int number, bool transient)
{
	struct reloop_device *dev;
	u32 index;
	int ret;

	ret = index_reserve(number, &index);
	if (ret)
		return ERR_PTR(ret);

	dev = reloop_device_create(index, &disk_params, transient);
	if (IS_ERR(dev)) {
		xa_release(&control_index, index);
		return dev;
	}
	reloop_device_get(dev);
	/* The slot is reserved, so this allocates nothing. */
	xa_store(&control_index, index, dev, GFP_KERNEL);

	return dev;
}

static int control_add(int number)
{
	struct reloop_device *dev;
	int index;

	dev = control_create(number, false);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	index = dev->index;
	reloop_device_put(dev);

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

	ret = reloop_device_retire(dev, false);
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

/*
 * Attach to a reserved device. One that was made for this goes again where
 * that fails.
 */
static int control_try(struct reloop_device *dev, blk_mode_t mode,
		       struct reloop_attachment *attachment)
{
	int ret;

	ret = reloop_device_attach_prepared(dev, mode, attachment);
	reloop_device_unreserve(dev);
	/* Whoever has detached it since found it reserved, and left it. */
	if (READ_ONCE(dev->transient)) {
		reloop_device_reap(dev);
		if (ret)
			flush_work(&dev->reap);
	}
	return ret;
}

/*
 * Whoever asks for a free device gets another one than everybody else who
 * does; but who comes with a number may be quicker, and then it is the next
 * one's turn.
 */
static struct reloop_device *
control_attach_any(blk_mode_t mode, struct reloop_attachment *attachment)
{
	struct reloop_device *dev;
	unsigned long next = 0;
	int ret;

	do {
		dev = index_reserve_free(&next) ?: control_create(-1, true);
		if (IS_ERR(dev))
			return dev;
		ret = control_try(dev, mode, attachment);
		if (!ret)
			return dev;
		reloop_device_put(dev);
	} while (ret == -EBUSY && !signal_pending(current));

	return ERR_PTR(ret == -EBUSY ? -EINTR : ret);
}

/*
 * The device with that number, reserved, and with a reference. A device that
 * its last user has left is not in the way: either it can be had, or it is
 * being removed, and made anew when that is over.
 */
static struct reloop_device *control_reserve(int number)
{
	struct reloop_device *dev;
	bool gone;

	do {
		dev = index_get(number);
		if (!dev) {
			dev = control_create(number, true);
			/* It is just being made or removed. */
			return dev == ERR_PTR(-EEXIST) ? ERR_PTR(-EBUSY) : dev;
		}
		if (reloop_device_reserve_known(dev))
			return dev;
		flush_work(&dev->reap);
		gone = xa_load(&control_index, number) != dev;
		reloop_device_put(dev);
	} while (gone && !signal_pending(current));

	return ERR_PTR(gone ? -EINTR : -EBUSY);
}

static struct reloop_device *
control_attach_number(int number, blk_mode_t mode,
		      struct reloop_attachment *attachment)
{
	struct reloop_device *dev;
	int ret;

	dev = control_reserve(number);
	if (IS_ERR(dev))
		return dev;

	ret = control_try(dev, mode, attachment);
	if (ret) {
		reloop_device_put(dev);
		return ERR_PTR(ret);
	}
	return dev;
}

/* Put together what is asked for. */
static int control_prepare(const struct reloop_attach *request,
			   blk_mode_t mode, struct reloop_owner *owner,
			   struct reloop_attachment *attachment)
{
	struct loop_config config = {
		.block_size		= request->block_size,
		.info.lo_offset		= request->offset,
		.info.lo_sizelimit	= request->size_limit,
		.info.lo_flags		= request->flags &
					  LOOP_CONFIGURE_SETTABLE_FLAGS,
	};
	struct file *file;
	int ret;

	file = fget(request->fd);
	if (!file)
		return -EBADF;

	strscpy(config.info.lo_file_name, request->label,
		sizeof(config.info.lo_file_name));
	ret = reloop_attachment_init(attachment, file, mode & BLK_OPEN_WRITE,
				     &config, request->label);
	fput(file);
	if (ret)
		return ret;

	if (request->flags & RELOOP_ATTACH_OWNER)
		attachment->owner = owner;
	if (request->flags & RELOOP_ATTACH_FLUSH_IGNORE)
		attachment->binding->ignore_flush = true;

	return 0;
}

static void control_answer(struct reloop_attach *request,
			   const struct reloop_device *dev,
			   const struct reloop_attachment *attachment)
{
	request->flags &= ~LOOP_CONFIGURE_SETTABLE_FLAGS;
	request->flags |= attachment->flags;
	request->number = dev->index;
	request->block_size = attachment->block_size;
	request->capacity = attachment->sectors << SECTOR_SHIFT;
	request->diskseq = attachment->diskseq;
}

/* The device, with a reference. @made: whether it was made for this. */
static struct reloop_device *control_attach(struct file *file,
					    struct reloop_attach *request,
					    bool *made)
{
	struct reloop_attachment attachment;
	blk_mode_t mode = BLK_OPEN_READ;
	struct reloop_device *dev;
	int ret;

	/* As with a device: who opens the node for reading gets no more. */
	if (file->f_mode & FMODE_WRITE &&
	    !(request->flags & RELOOP_ATTACH_READ_ONLY))
		mode |= BLK_OPEN_WRITE;

	ret = control_prepare(request, mode, file->private_data, &attachment);
	if (ret)
		return ERR_PTR(ret);

	if (request->number < 0)
		dev = control_attach_any(mode, &attachment);
	else
		dev = control_attach_number(request->number, mode,
					    &attachment);
	if (!IS_ERR(dev)) {
		control_answer(request, dev, &attachment);
		*made = attachment.made;
	}
	reloop_attachment_exit(&attachment);

	return dev;
}

static int control_attach_user(struct file *file, void __user *arg)
{
	struct reloop_attach request;
	struct reloop_device *dev;
	bool made = false;
	int ret;

	ret = reloop_request_read_attach(&request, arg);
	if (ret)
		return ret;

	dev = control_attach(file, &request, &made);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	ret = reloop_request_answer_attach(&request, arg);
	if (ret)
		reloop_device_abandon(dev, request.diskseq, made);
	reloop_device_put(dev);

	return ret;
}

static int control_detach_user(struct file *control, const void __user *arg)
{
	struct reloop_detach request;
	struct reloop_device *dev;
	int ret;

	/* Nobody had to open the device for it, so this is asked instead. */
	if (!(control->f_mode & FMODE_WRITE))
		return -EBADF;

	ret = reloop_request_read_detach(&request, arg);
	if (ret)
		return ret;

	dev = index_get(request.number);
	if (!dev)
		return -ENODEV;

	ret = reloop_device_detach_and_wait(dev, request.diskseq,
					    request.timeout_ms);
	reloop_device_put(dev);

	return ret;
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
	case RELOOP_CTL_ATTACH:
		return control_attach_user(file, (void __user *)arg);
	case RELOOP_CTL_DETACH:
		return control_detach_user(file, (void __user *)arg);
	default:
		return -ENOSYS;
	}
}

#ifdef CONFIG_COMPAT
/* The structs are the same for all programs, pointers are not. */
static long control_compat_ioctl(struct file *file, unsigned int cmd,
				 unsigned long arg)
{
	if (cmd == RELOOP_CTL_ATTACH || cmd == RELOOP_CTL_DETACH)
		arg = (unsigned long)compat_ptr(arg);

	return control_ioctl(file, cmd, arg);
}
#endif

static int control_open(struct inode *inode, struct file *file)
{
	struct reloop_owner *owner;

	owner = reloop_owner_create();
	if (!owner)
		return -ENOMEM;
	file->private_data = owner;

	return nonseekable_open(inode, file);
}

/* Give up all that the file owns. No ioctl is under way to give it more. */
static int control_release(struct inode *inode, struct file *file)
{
	struct reloop_owner *owner = file->private_data;
	struct reloop_device *dev;

	/* Each round takes one off the list, whoever is quicker. */
	while ((dev = reloop_owner_get_first(owner))) {
		reloop_device_disown(dev, owner);
		reloop_device_put(dev);
	}
	reloop_owner_destroy(owner);

	return 0;
}

/* Ready at once, as what has no poll is. */
static __poll_t control_poll(struct file *file, poll_table *wait)
{
	return DEFAULT_POLLMASK |
	       reloop_owner_poll(file->private_data, file, wait);
}

static const struct file_operations control_fops = {
	.owner		= THIS_MODULE,
	.open		= control_open,
	.release	= control_release,
	.poll		= control_poll,
	.unlocked_ioctl	= control_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= control_compat_ioctl,
#endif
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
	disk_params.reap = control_reap;
	disk_params.reaper = alloc_workqueue("reloop-reaper", WQ_UNBOUND, 0);
	if (!disk_params.reaper)
		return -ENOMEM;

	ret = names_choose(params->names);
	if (ret) {
		destroy_workqueue(disk_params.reaper);
		return ret;
	}
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
	destroy_workqueue(disk_params.reaper);
	control_remove_all();
	names_release();
}
