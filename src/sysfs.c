// SPDX-License-Identifier: GPL-2.0-only
/* /sys/block/loopN/loop/, there while a backing file is attached. */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "chain.h"
#include "device.h"
#include "sysfs.h"

typedef ssize_t show_fn(const struct reloop_device *dev,
			const struct reloop_binding *binding, char *buf);

/*
 * The directory appears just before the binding is published and goes just
 * after it was withdrawn: in between there is nothing to show.
 */
static ssize_t show_binding(struct device *ddev, char *buf, show_fn *show)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	const struct reloop_binding *binding;
	ssize_t ret = -ENXIO;

	binding = reloop_chain_lock(dev);
	if (binding)
		ret = show(dev, binding, buf);
	reloop_chain_unlock();

	return ret;
}

static ssize_t backing_file(const struct reloop_device *dev,
			    const struct reloop_binding *binding, char *buf)
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

static ssize_t offset(const struct reloop_device *dev,
		      const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%lld\n", binding->offset);
}

static ssize_t sizelimit(const struct reloop_device *dev,
			 const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%lld\n", binding->size_limit);
}

static ssize_t autoclear(const struct reloop_device *dev,
			 const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(dev->autoclear));
}

static ssize_t partscan(const struct reloop_device *dev,
			const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", !!(binding->flags & LO_FLAGS_PARTSCAN));
}

static ssize_t dio(const struct reloop_device *dev,
		   const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", reloop_binding_is_direct(binding));
}

#define LOOP_ATTR(_name)						\
static ssize_t _name##_show(struct device *ddev,			\
			    struct device_attribute *attr, char *buf)	\
{									\
	return show_binding(ddev, buf, _name);				\
}									\
static DEVICE_ATTR_RO(_name)

LOOP_ATTR(backing_file);
LOOP_ATTR(offset);
LOOP_ATTR(sizelimit);
LOOP_ATTR(autoclear);
LOOP_ATTR(partscan);
LOOP_ATTR(dio);

static struct attribute *loop_attrs[] = {
	&dev_attr_backing_file.attr,
	&dev_attr_offset.attr,
	&dev_attr_sizelimit.attr,
	&dev_attr_autoclear.attr,
	&dev_attr_partscan.attr,
	&dev_attr_dio.attr,
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
