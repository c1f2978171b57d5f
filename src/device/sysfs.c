// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of a device, attached or not: the directory reloop/. */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <uapi/reloop.h>

#include "device/chain.h"
#include "device/change.h"
#include "device/sysfs.h"
#include "io/faults.h"
#include "io/parked.h"

static ssize_t state_show(struct device *ddev, struct device_attribute *attr,
			  char *buf)
{
	const struct reloop_device *dev = dev_to_disk(ddev)->private_data;

	return sysfs_emit(buf, "%s\n",
			  reloop_state_name(READ_ONCE(dev->state)));
}

static DEVICE_ATTR_RO(state);

static ssize_t submit_show(struct device *ddev, struct device_attribute *attr,
			   char *buf)
{
	const struct reloop_device *dev = dev_to_disk(ddev)->private_data;

	return sysfs_emit(buf, "%s\n",
			  reloop_submit_names[READ_ONCE(dev->io.submit)]);
}

static ssize_t submit_store(struct device *ddev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	int choice = sysfs_match_string(reloop_submit_names, buf);

	if (choice < 0)
		return choice;

	WRITE_ONCE(dev->io.submit, choice);
	return count;
}

static DEVICE_ATTR_RW(submit);

static ssize_t cache_show(struct device *ddev, struct device_attribute *attr,
			  char *buf)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	const struct reloop_binding *binding;
	const char *name = "none";

	binding = reloop_chain_lock(dev);
	if (binding)
		name = reloop_cache_names[binding->cache];
	reloop_chain_unlock();

	return sysfs_emit(buf, "%s\n", name);
}

static ssize_t cache_store(struct device *ddev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	int choice = sysfs_match_string(reloop_cache_names, buf);
	int ret;

	if (choice < 0)
		return choice;

	ret = reloop_device_set_cache(dev, choice);
	return ret ?: count;
}

static DEVICE_ATTR_RW(cache);

/*
 * Takes no lock whose holder may be waiting for a write, since this attribute
 * is how to end that.
 */
static ssize_t nospace_show(struct device *ddev, struct device_attribute *attr,
			    char *buf)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	unsigned int seconds;

	if (reloop_parked_get(&dev->io, &seconds))
		return sysfs_emit(buf, "none\n");
	if (!seconds)
		return sysfs_emit(buf, "error\n");
	if (seconds == RELOOP_NOSPACE_WAIT)
		return sysfs_emit(buf, "wait\n");

	return sysfs_emit(buf, "wait:%u\n", seconds);
}

static int nospace_parse(const char *buf, unsigned int *seconds)
{
	if (sysfs_streq(buf, "error")) {
		*seconds = 0;
		return 0;
	}
	if (sysfs_streq(buf, "wait")) {
		*seconds = RELOOP_NOSPACE_WAIT;
		return 0;
	}
	if (!str_has_prefix(buf, "wait:") ||
	    kstrtouint(buf + strlen("wait:"), 10, seconds) ||
	    !*seconds || *seconds == RELOOP_NOSPACE_WAIT)
		return -EINVAL;

	return 0;
}

static ssize_t nospace_store(struct device *ddev,
			     struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	unsigned int seconds;
	int ret;

	if (sysfs_streq(buf, "retry"))
		return reloop_parked_retry(&dev->io) ?: count;

	ret = nospace_parse(buf, &seconds);
	if (!ret)
		ret = reloop_parked_set(&dev->io, seconds);
	return ret ?: count;
}

static DEVICE_ATTR_RW(nospace);

static ssize_t waiting_show(struct device *ddev, struct device_attribute *attr,
			    char *buf)
{
	const struct reloop_device *dev = dev_to_disk(ddev)->private_data;

	return sysfs_emit(buf, "%u\n", reloop_parked_writes(&dev->io));
}

static DEVICE_ATTR_RO(waiting);

/* Does not take the device's lock, as above. */
static ssize_t faults_show(struct device *ddev, struct device_attribute *attr,
			   char *buf)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;

	return reloop_faults_show(&dev->io, buf);
}

static DEVICE_ATTR_RO(faults);

static ssize_t openers_show(struct device *ddev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", disk_openers(dev_to_disk(ddev)));
}

static DEVICE_ATTR_RO(openers);

/* A claim of a partition is also one of the disk. */
static ssize_t claimed_show(struct device *ddev, struct device_attribute *attr,
			    char *buf)
{
	const struct gendisk *disk = dev_to_disk(ddev);

	return sysfs_emit(buf, "%d\n", !!READ_ONCE(disk->part0->bd_holder));
}

static DEVICE_ATTR_RO(claimed);

static struct attribute *reloop_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_submit.attr,
	&dev_attr_cache.attr,
	&dev_attr_nospace.attr,
	&dev_attr_waiting.attr,
	&dev_attr_faults.attr,
	&dev_attr_openers.attr,
	&dev_attr_claimed.attr,
	NULL
};

static const struct attribute_group reloop_group = {
	.name	= "reloop",
	.attrs	= reloop_attrs,
};

const struct attribute_group *reloop_sysfs_groups[] = {
	&reloop_group,
	NULL
};
