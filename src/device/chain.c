// SPDX-License-Identifier: GPL-2.0-only
/* Who is attached to whom: publishing bindings and walking their chains. */
#include <linux/mutex.h>

#include "device/chain.h"
#include "device/device.h"
#include "io/transfer.h"
#include "store/run.h"

/*
 * Guards every device's binding against those who hold no device lock. Taken
 * with a queue frozen, and no lock of ours is taken under it: nothing there may
 * allocate, do I/O or wait for a request.
 */
static DEFINE_MUTEX(chain_lock);

/*
 * So many bases of overlays, and other second files, may be on loop devices, one on
 * the other, and so many files in all are looked at: where each device has two
 * files below there are more and more ways down.
 */
#define CHAIN_BASES_MAX	8
#define CHAIN_FILES_MAX	1024

/* The loop device that @file is on, also below overlayfs, or NULL. */
static struct reloop_device *chain_below_file(const struct file *file)
{
	struct block_device *bdev;

	if (!file)
		return NULL;
	bdev = reloop_run_inode_bdev(reloop_run_inode(file));

	return bdev ? reloop_device_of(bdev->bd_disk) : NULL;
}

static bool chain_is_nested(const struct reloop_binding *binding)
{
	return chain_below_file(binding->file) ||
	       chain_below_file(reloop_binding_second(binding));
}

/*
 * Down the files, and down the second ones beside them. The devices on the way stay
 * alive because the bindings' files have them open, or have a file system on
 * them open.
 */
static int chain_check(struct reloop_device *dev,
		       const struct reloop_binding *binding, int bases_left,
		       int *files_left)
{
	struct reloop_device *below;
	int ret;

	while (binding && (*files_left)--) {
		below = chain_below_file(reloop_binding_second(binding));
		if (below == dev)
			return -EBADF;
		if (below && !bases_left)
			return -EINVAL;
		ret = below ? chain_check(dev, below->io.binding,
					  bases_left - 1, files_left) : 0;
		if (ret)
			return ret;

		below = chain_below_file(binding->file);
		if (!below)
			return 0;
		if (below == dev)
			return -EBADF;
		binding = below->io.binding;
	}
	return -EINVAL;
}

int reloop_chain_swap(struct reloop_device *dev,
		      struct reloop_binding *binding,
		      struct queue_limits *lim, struct reloop_binding **old)
{
	int files_left = CHAIN_FILES_MAX;
	int ret = 0;

	mutex_lock(&chain_lock);
	if (binding)
		ret = chain_check(dev, binding, CHAIN_BASES_MAX, &files_left);
	if (ret)
		queue_limits_cancel_update(dev->disk->queue);
	else
		ret = queue_limits_commit_update(dev->disk->queue, lim);
	if (!ret) {
		*old = dev->io.binding;
		if (binding && !(*old && (*old)->file == binding->file))
			reloop_transfer_follow(&dev->io, binding->file);
		dev->io.is_nested = binding && chain_is_nested(binding);
		/* For io_may_take(): the binding is complete, and the above. */
		smp_store_release(&dev->io.binding, binding);
	}
	mutex_unlock(&chain_lock);

	return ret;
}

const struct reloop_binding *reloop_chain_lock(struct reloop_device *dev)
{
	mutex_lock(&chain_lock);
	return dev->io.binding;
}

void reloop_chain_unlock(void)
{
	mutex_unlock(&chain_lock);
}
