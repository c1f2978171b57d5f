// SPDX-License-Identifier: GPL-2.0-only
/* The power of a device is cut: its medium, and what is told of it. */
#include "device/chain.h"
#include "device/faults.h"
#include "device/powercut.h"
#include "io/parked.h"
#include "store/volatile.h"

static const char * const keep_names[] = {
	[RELOOP_KEEP_NONE]	= "none",
	[RELOOP_KEEP_ALL]	= "all",
	[RELOOP_KEEP_RANDOM]	= "random",
	[RELOOP_KEEP_PREFIX]	= "prefix",
};

/*
 * What @cut is about. Not under the device's lock, which somebody may hold who waits
 * for a request; with the binding comes the sequence number that it has.
 */
static int device_get_volatile(struct reloop_device *dev,
			       const struct reloop_powercut *cut,
			       struct reloop_volatile **vol,
			       unsigned int *block_size)
{
	const struct reloop_binding *binding;
	int ret = 0;

	binding = reloop_chain_lock(dev);
	if (READ_ONCE(dev->disk->diskseq) != cut->diskseq)
		ret = -ESTALE;
	else if (!binding)
		ret = -ENXIO;
	else if (!binding->vol)
		ret = -EOPNOTSUPP;
	if (!ret) {
		*vol = binding->vol;
		*block_size = binding->block_size;
		reloop_volatile_get(*vol);
	}
	reloop_chain_unlock();

	return ret;
}

static void device_tell(const struct reloop_device *dev,
			const struct reloop_powercut *cut, int ret)
{
	const char *name = dev->disk->disk_name;

	pr_warn("%s: power is cut, all I/O fails: keep=%s:%llu block=%u kept=%llu dropped=%llu\n",
		name, keep_names[cut->keep], cut->argument, cut->block_size,
		cut->kept, cut->dropped);
	if (ret)
		pr_err("%s: not all is kept that was to be: %d\n", name, ret);
}

int reloop_device_powercut(struct reloop_device *dev,
			   struct reloop_powercut *cut)
{
	struct reloop_volatile *vol;
	unsigned int block_size;
	int ret;

	ret = device_get_volatile(dev, cut, &vol, &block_size);
	if (ret)
		return ret;

	ret = reloop_volatile_cut(vol, cut, block_size);
	if (ret != -ENXIO && ret != -EALREADY) {
		/* What they hold up would not fail, nor what they drop. */
		reloop_device_clear_faults(dev, cut->diskseq);
		reloop_parked_retry(&dev->io);
		device_tell(dev, cut, ret);
	}
	reloop_volatile_put(vol);

	return ret;
}
