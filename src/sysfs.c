// SPDX-License-Identifier: GPL-2.0-only
/* The directories loop/ and reloop/ in /sys/block/loopN/. */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "chain.h"
#include "device.h"
#include "sysfs.h"

/* loop/ */

/* An attribute and what it shows of a binding; dev is the device it is of. */
struct loop_attribute {
	struct device_attribute attr;
	ssize_t (*show)(const struct reloop_device *dev,
			const struct reloop_binding *binding, char *buf);
};

static ssize_t show_backing_file(const struct reloop_device *dev,
				 const struct reloop_binding *binding,
				 char *buf)
{
	char *path;
	size_t len;

	/* file_path() writes from the end; one byte is kept for a newline. */
	path = file_path(binding->file, buf, PAGE_SIZE - 1);
	if (IS_ERR(path))
		return PTR_ERR(path);

	len = strlen(path);
	memmove(buf, path, len);
	buf[len++] = '\n';
	buf[len] = '\0';

	return len;
}

static ssize_t show_offset(const struct reloop_device *dev,
			   const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%lld\n", binding->offset);
}

static ssize_t show_sizelimit(const struct reloop_device *dev,
			      const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%lld\n", binding->size_limit);
}

static ssize_t show_autoclear(const struct reloop_device *dev,
			      const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(dev->autoclear));
}

static ssize_t show_partscan(const struct reloop_device *dev,
			     const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", !!(binding->flags & LO_FLAGS_PARTSCAN));
}

static ssize_t show_dio(const struct reloop_device *dev,
			const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", reloop_binding_is_direct(binding));
}

/*
 * The directory appears just before the binding is published and goes just
 * after it was withdrawn: in between there is nothing to show.
 */
static ssize_t show_attribute(struct device *ddev,
			      struct device_attribute *attr, char *buf)
{
	struct loop_attribute *loop_attr =
		container_of(attr, struct loop_attribute, attr);
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	const struct reloop_binding *binding;
	ssize_t ret = -ENXIO;

	binding = reloop_chain_lock(dev);
	if (binding)
		ret = loop_attr->show(dev, binding, buf);
	reloop_chain_unlock();

	return ret;
}

#define LOOP_ATTRIBUTE(_name)						\
static struct loop_attribute attr_##_name = {				\
	.attr	= __ATTR(_name, 0444, show_attribute, NULL),		\
	.show	= show_##_name,						\
}

LOOP_ATTRIBUTE(backing_file);
LOOP_ATTRIBUTE(offset);
LOOP_ATTRIBUTE(sizelimit);
LOOP_ATTRIBUTE(autoclear);
LOOP_ATTRIBUTE(partscan);
LOOP_ATTRIBUTE(dio);

static struct attribute *loop_attrs[] = {
	&attr_backing_file.attr.attr,
	&attr_offset.attr.attr,
	&attr_sizelimit.attr.attr,
	&attr_autoclear.attr.attr,
	&attr_partscan.attr.attr,
	&attr_dio.attr.attr,
	NULL
};

static const struct attribute_group loop_group = {
	.name	= "loop",
	.attrs	= loop_attrs,
};

int reloop_sysfs_add(struct gendisk *disk)
{
	return sysfs_create_group(&disk_to_dev(disk)->kobj, &loop_group);
}

void reloop_sysfs_remove(struct gendisk *disk)
{
	sysfs_remove_group(&disk_to_dev(disk)->kobj, &loop_group);
}

/* reloop/ */

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

static struct attribute *reloop_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_submit.attr,
	&dev_attr_cache.attr,
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
