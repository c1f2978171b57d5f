// SPDX-License-Identifier: GPL-2.0-only
/* The control node: its ioctls, and what goes when it is closed. */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/module.h>
#include <linux/poll.h>

#include "control/index.h"
#include "control/node.h"
#include "control/place.h"
#include "control/message.h"
#include "device/detach.h"
#include "device/faults.h"
#include "device/owner.h"
#include "device/powercut.h"

static int node_attach(struct file *file, void __user *arg)
{
	struct reloop_attach request;
	struct reloop_device *dev;
	bool made = false;
	int ret;

	ret = reloop_message_read_attach(&request, arg);
	if (ret)
		return ret;

	/* As with a device: opening the node for reading gives no more. */
	dev = reloop_place_attach(&request, file->f_mode & FMODE_WRITE,
				  file->private_data, &made);
	if (IS_ERR(dev)) {
		reloop_message_answer_reason(&request, arg);
		return PTR_ERR(dev);
	}
	ret = reloop_message_answer_attach(&request, arg);
	if (ret)
		reloop_device_abandon(dev, request.diskseq, made);
	reloop_device_put(dev);

	return ret;
}

static int node_detach(struct file *control, const void __user *arg)
{
	struct reloop_detach request;
	struct reloop_device *dev;
	int ret;

	/* The caller need not have opened the device, so check the node. */
	if (!(control->f_mode & FMODE_WRITE))
		return -EBADF;

	ret = reloop_message_read_detach(&request, arg);
	if (ret)
		return ret;

	dev = reloop_index_get(request.number);
	if (!dev)
		return -ENODEV;

	ret = reloop_device_detach_and_wait(dev, request.diskseq,
					    request.timeout_ms);
	reloop_device_put(dev);

	return ret;
}

/* Whether the caller may lose data that others take for written. */
static int node_may_lose_data(const struct file *control)
{
	if (!(control->f_mode & FMODE_WRITE))
		return -EBADF;

	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static int node_fault(struct file *control, const void __user *arg)
{
	struct reloop_fault request;
	struct reloop_device *dev;
	int ret;

	ret = node_may_lose_data(control);
	if (!ret)
		ret = reloop_message_read_fault(&request, arg);
	if (ret)
		return ret;

	dev = reloop_index_get(request.number);
	if (!dev)
		return -ENODEV;

	ret = reloop_device_fault(dev, &request);
	reloop_device_put(dev);

	return ret;
}

static int node_powercut(struct file *control, void __user *arg)
{
	struct reloop_powercut request;
	struct reloop_device *dev;
	int ret;

	ret = node_may_lose_data(control);
	if (!ret)
		ret = reloop_message_read_powercut(&request, arg);
	if (ret)
		return ret;

	dev = reloop_index_get(request.number);
	if (!dev)
		return -ENODEV;

	ret = reloop_device_powercut(dev, &request);
	reloop_device_put(dev);

	return ret ?: reloop_message_answer_powercut(&request, arg);
}

static long node_ioctl(struct file *file, unsigned int cmd,
		       unsigned long arg)
{
	/* The node exists a moment before the block major does. */
	if (!reloop_index_has_begun())
		return -EAGAIN;

	switch (cmd) {
	case LOOP_CTL_ADD:
		return reloop_index_add(arg);
	case LOOP_CTL_REMOVE:
		return reloop_index_remove(arg);
	case LOOP_CTL_GET_FREE:
		return reloop_index_get_free();
	case RELOOP_CTL_ATTACH:
		return node_attach(file, (void __user *)arg);
	case RELOOP_CTL_DETACH:
		return node_detach(file, (void __user *)arg);
	case RELOOP_CTL_FAULT:
		return node_fault(file, (void __user *)arg);
	case RELOOP_CTL_POWERCUT:
		return node_powercut(file, (void __user *)arg);
	default:
		return -ENOSYS;
	}
}

#ifdef CONFIG_COMPAT
/* The structs are the same for all programs, but pointers are not. */
static long node_compat_ioctl(struct file *file, unsigned int cmd,
			      unsigned long arg)
{
	if (cmd == RELOOP_CTL_ATTACH || cmd == RELOOP_CTL_DETACH ||
	    cmd == RELOOP_CTL_FAULT || cmd == RELOOP_CTL_POWERCUT)
		arg = (unsigned long)compat_ptr(arg);

	return node_ioctl(file, cmd, arg);
}
#endif

static int node_open(struct inode *inode, struct file *file)
{
	struct reloop_owner *owner;

	owner = reloop_owner_create();
	if (!owner)
		return -ENOMEM;
	file->private_data = owner;

	return nonseekable_open(inode, file);
}

/* Gives up all that the file owns. No ioctl is under way to add to it. */
static int node_release(struct inode *inode, struct file *file)
{
	struct reloop_owner *owner = file->private_data;

	reloop_device_disown_all(owner);
	reloop_owner_destroy(owner);

	return 0;
}

/* Always ready, like a file without ->poll. */
static __poll_t node_poll(struct file *file, poll_table *wait)
{
	return DEFAULT_POLLMASK |
	       reloop_owner_poll(file->private_data, file, wait);
}

const struct file_operations reloop_node_fops = {
	.owner		= THIS_MODULE,
	.open		= node_open,
	.release	= node_release,
	.poll		= node_poll,
	.unlocked_ioctl	= node_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= node_compat_ioctl,
#endif
	.llseek		= noop_llseek,
};
