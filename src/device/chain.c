// SPDX-License-Identifier: GPL-2.0-only
/* Publishes bindings, walks their chains, finds who uses a file. */
#include <linux/hashtable.h>
#include <linux/mutex.h>

#include "device/chain.h"
#include "device/device.h"
#include "io/durable.h"
#include "store/run.h"

/*
 * Guards every device's binding against tasks that do not hold the device's
 * lock. It is taken with a queue frozen, and no lock of this module is taken
 * under it: nothing there may allocate memory, do I/O or wait for a request.
 */
static DEFINE_MUTEX(chain_lock);

/*
 * The files of all published bindings, by inode; guarded by chain_lock. The
 * entries are part of the devices, so nothing is allocated. They go with the
 * binding, which keeps the inode alive.
 */
static DEFINE_HASHTABLE(chain_uses, 10);

/*
 * The nesting depth allowed for second files, such as the bases of overlays,
 * that are on loop devices; and the number of files looked at in all. If each
 * device has two files below it, each level adds ways down.
 */
#define CHAIN_BASES_MAX	8
#define CHAIN_FILES_MAX	1024

/* The loop device that @file is on, even through overlayfs, or NULL. */
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
 * Goes down the files, and from each also down its second file. The devices on
 * the way stay alive, because the bindings' files keep them or a file system on
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

static void chain_add_use(struct reloop_device *dev, struct reloop_use *use,
			  const struct inode *inode, bool is_base)
{
	use->inode = inode;
	use->dev = dev;
	use->is_base = is_base;
	hash_add(chain_uses, &use->node, (unsigned long)inode);
}

/*
 * A file on overlayfs is known by its own inode and by that of its layer. The
 * latter changes if the file, open here only for reading, is copied up.
 */
static void chain_add_file(struct reloop_device *dev, struct reloop_use *uses,
			   const struct file *file, bool is_base)
{
	const struct inode *below = reloop_run_inode(file);

	chain_add_use(dev, &uses[0], below, is_base);
	if (file_inode(file) != below)
		chain_add_use(dev, &uses[1], file_inode(file), is_base);
}

/* The files that the device uses are now those of @binding. */
static void chain_set_uses(struct reloop_device *dev,
			   const struct reloop_binding *binding)
{
	struct file *base = binding ? reloop_binding_base(binding) : NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dev->uses); i++)
		hash_del(&dev->uses[i].node);
	if (binding)
		chain_add_file(dev, &dev->uses[0], binding->file, false);
	if (base)
		chain_add_file(dev, &dev->uses[2], base, true);
}

/* An overlay may have its clusters anywhere in its file. */
static u64 chain_end(const struct reloop_binding *binding)
{
	return binding->size_limit && !binding->overlay ?
	       (u64)binding->offset + binding->size_limit : U64_MAX;
}

static bool chain_overlaps(const struct reloop_binding *a,
			   const struct reloop_binding *b)
{
	return a->offset < chain_end(b) && b->offset < chain_end(a);
}

/*
 * Returns the reason why a device that uses a file keeps @binding from using it
 * too, as its base or as what is attached.
 */
static enum reloop_reason chain_conflict(const struct reloop_binding *binding,
					 bool as_base,
					 const struct reloop_use *use)
{
	const struct reloop_binding *other = use->dev->io.binding;
	bool reads = reloop_binding_is_read_only(binding);
	bool other_reads = use->is_base || reloop_binding_is_read_only(other);

	if (as_base)
		return other_reads ? RELOOP_REASON_NONE :
				     RELOOP_REASON_BASE_ATTACHED;
	if (reads && other_reads)
		return RELOOP_REASON_NONE;
	if (use->is_base)
		return RELOOP_REASON_IS_BASE;

	return chain_overlaps(binding, other) ? RELOOP_REASON_ATTACHED :
						RELOOP_REASON_NONE;
}

static void chain_find_user_of(const struct reloop_binding *binding,
			       const struct inode *inode, bool as_base,
			       struct reloop_user *user)
{
	enum reloop_reason reason;
	struct reloop_use *use;

	hash_for_each_possible(chain_uses, use, node, (unsigned long)inode) {
		if (use->inode != inode ||
		    (user->reason && use->dev->index > user->number))
			continue;
		reason = chain_conflict(binding, as_base, use);
		if (!reason)
			continue;
		user->reason = reason;
		user->number = use->dev->index;
	}
}

static void chain_find_user(const struct reloop_binding *binding,
			    const struct file *file, bool as_base,
			    struct reloop_user *user)
{
	const struct inode *below = reloop_run_inode(file);

	chain_find_user_of(binding, below, as_base, user);
	if (file_inode(file) != below)
		chain_find_user_of(binding, file_inode(file), as_base, user);
}

static int chain_find_any_user(const struct reloop_binding *binding,
			       const struct file *base,
			       struct reloop_user *user)
{
	chain_find_user(binding, binding->file, false, user);
	if (base && !user->reason)
		chain_find_user(binding, base, true, user);

	return user->reason ? -EBUSY : 0;
}

int reloop_chain_check_unshared(const struct reloop_binding *binding,
				const struct file *base,
				struct reloop_user *user)
{
	int ret;

	mutex_lock(&chain_lock);
	ret = chain_find_any_user(binding, base, user);
	mutex_unlock(&chain_lock);

	return ret;
}

int reloop_chain_swap(struct reloop_device *dev,
		      struct reloop_binding *binding,
		      struct queue_limits *lim, struct reloop_user *user,
		      struct reloop_binding **old)
{
	int files_left = CHAIN_FILES_MAX;
	int ret = 0;

	mutex_lock(&chain_lock);
	if (binding)
		ret = chain_check(dev, binding, CHAIN_BASES_MAX, &files_left);
	if (!ret && user)
		ret = chain_find_any_user(binding,
					  reloop_binding_base(binding), user);
	if (ret)
		queue_limits_cancel_update(dev->disk->queue);
	else
		ret = queue_limits_commit_update(dev->disk->queue, lim);
	if (!ret) {
		*old = dev->io.binding;
		chain_set_uses(dev, binding);
		if (binding && !(*old && (*old)->file == binding->file))
			reloop_durable_follow(&dev->io, binding->file);
		dev->io.is_nested = binding && chain_is_nested(binding);
		/* Pairs with smp_load_acquire() in io_may_take(). */
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
