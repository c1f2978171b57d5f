// SPDX-License-Identifier: GPL-2.0-only
/* Cuts the power of a device: of its medium, and logs it. */
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
 * Finds the cache that @cut is for. Does not take the device's lock, whose
 * holder may be waiting for a request: the sequence number tells whether the
 * binding is the right one.
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
		/* What the rules hold up or drop would not fail otherwise. */
		reloop_device_clear_faults(dev, cut->diskseq);
		reloop_parked_retry(&dev->io);
		device_tell(dev, cut, ret);
	}
	reloop_volatile_put(vol);

	return ret;
}
