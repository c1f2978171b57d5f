// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of an attachment: loop/, and much of reloop/. */
#include <linux/device.h>
#include <linux/kdev_t.h>
#include <linux/limits.h>
#include <linux/sysfs.h>

#include "device/attribute.h"
#include "device/device.h"
#include "device/sysfs_attached.h"
#include "device/sysfs_origin.h"
#include "store/overlay.h"
#include "store/run.h"
#include "store/volatile.h"

/* Attributes of the binding: loop/, and some of reloop/. */

static ssize_t show_path(struct file *file, char *buf)
{
	char *path;
	size_t len;

	/*
	 * file_path() writes from the end; one byte is kept for a newline. On
	 * large pages nothing longer is shown: those who read it have no room.
	 */
	path = file_path(file, buf, PATH_MAX - 1);
	if (IS_ERR(path))
		return PTR_ERR(path);

	len = strlen(path);
	memmove(buf, path, len);
	buf[len++] = '\n';
	buf[len] = '\0';

	return len;
}

static ssize_t show_backing_file(const struct reloop_device *dev,
				 const struct reloop_binding *binding,
				 char *buf)
{
	return show_path(binding->file, buf);
}

static ssize_t show_backing_dev(const struct reloop_device *dev,
				const struct reloop_binding *binding,
				char *buf)
{
	return sysfs_emit(buf, "%u:%u\n", MAJOR(binding->dev),
			  MINOR(binding->dev));
}

static ssize_t show_backing_inode(const struct reloop_device *dev,
				  const struct reloop_binding *binding,
				  char *buf)
{
	return sysfs_emit(buf, "%llu\n", binding->inode);
}

/* Only a block device has this number; for a file it is 0. */
static ssize_t show_rdev(const struct file *file, char *buf)
{
	dev_t rdev = file->f_mapping->host->i_rdev;

	return sysfs_emit(buf, "%u:%u\n", MAJOR(rdev), MINOR(rdev));
}

static ssize_t show_backing_rdev(const struct reloop_device *dev,
				 const struct reloop_binding *binding,
				 char *buf)
{
	return show_rdev(binding->file, buf);
}

static ssize_t show_format(const struct reloop_device *dev,
			   const struct reloop_binding *binding, char *buf)
{
	const char *name = binding->overlay ? "overlay" : "raw";

	return sysfs_emit(buf, "%s\n", binding->vol ? "volatile" : name);
}

/* Attributes of a volatile write cache, empty if there is none. */

static ssize_t show_unflushed(const struct reloop_device *dev,
			      const struct reloop_binding *binding, char *buf)
{
	if (!binding->vol)
		return sysfs_emit(buf, "\n");

	return sysfs_emit(buf, "%llu\n",
			  reloop_volatile_unflushed(binding->vol));
}

static ssize_t show_powercut(const struct reloop_device *dev,
			     const struct reloop_binding *binding, char *buf)
{
	if (!binding->vol)
		return sysfs_emit(buf, "\n");

	return sysfs_emit(buf, "%d\n", reloop_volatile_is_cut(binding->vol));
}

/* Space that the file uses in its file system; 0 for a block device. */
static ssize_t show_allocated(const struct reloop_device *dev,
			      const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%lld\n",
			  inode_get_bytes(reloop_run_inode(binding->file)));
}

/* Attributes of the base of an overlay, empty if there is none. */

static ssize_t show_base(const struct reloop_device *dev,
			 const struct reloop_binding *binding, char *buf)
{
	struct file *base = reloop_binding_base(binding);

	return base ? show_path(base, buf) : sysfs_emit(buf, "\n");
}

static ssize_t show_base_dev(const struct reloop_device *dev,
			     const struct reloop_binding *binding, char *buf)
{
	const struct reloop_overlay *overlay = binding->overlay;

	if (!overlay)
		return sysfs_emit(buf, "\n");

	return sysfs_emit(buf, "%u:%u\n", MAJOR(overlay->base_dev),
			  MINOR(overlay->base_dev));
}

static ssize_t show_base_inode(const struct reloop_device *dev,
			       const struct reloop_binding *binding, char *buf)
{
	if (!binding->overlay)
		return sysfs_emit(buf, "\n");

	return sysfs_emit(buf, "%llu\n", binding->overlay->base_inode);
}

static ssize_t show_base_rdev(const struct reloop_device *dev,
			      const struct reloop_binding *binding, char *buf)
{
	struct file *base = reloop_binding_base(binding);

	return base ? show_rdev(base, buf) : sysfs_emit(buf, "\n");
}

static ssize_t show_deleted(const struct reloop_device *dev,
			    const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", reloop_binding_is_deleted(binding));
}

/*
 * Names of the file, and of the base of an overlay: a path tells only that one
 * of several has gone.
 */
static ssize_t show_names_of(const struct file *file, char *buf)
{
	return sysfs_emit(buf, "%u\n", file_inode(file)->i_nlink);
}

static ssize_t show_links(const struct reloop_device *dev,
			  const struct reloop_binding *binding, char *buf)
{
	return show_names_of(binding->file, buf);
}

static ssize_t show_base_links(const struct reloop_device *dev,
			       const struct reloop_binding *binding, char *buf)
{
	struct file *base = reloop_binding_base(binding);

	return base ? show_names_of(base, buf) : sysfs_emit(buf, "\n");
}

static ssize_t show_flush(const struct reloop_device *dev,
			  const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  binding->ignore_flush ? "ignore" : "honour");
}

static ssize_t show_owner(const struct reloop_device *dev,
			  const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", !!READ_ONCE(dev->owned));
}

/*
 * As queue/logical_block_size, which is read under a lock that is held while
 * the queue is frozen, so for as long as requests hang.
 */
static ssize_t show_logical_block_size(const struct reloop_device *dev,
				       const struct reloop_binding *binding,
				       char *buf)
{
	return sysfs_emit(buf, "%u\n", binding->block_size);
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

RELOOP_ATTRIBUTE(backing_file);
RELOOP_ATTRIBUTE(offset);
RELOOP_ATTRIBUTE(sizelimit);
RELOOP_ATTRIBUTE(autoclear);
RELOOP_ATTRIBUTE(partscan);
RELOOP_ATTRIBUTE(dio);
RELOOP_ATTRIBUTE(backing_dev);
RELOOP_ATTRIBUTE(backing_inode);
RELOOP_ATTRIBUTE(backing_rdev);
RELOOP_ATTRIBUTE(format);
RELOOP_ATTRIBUTE(unflushed);
RELOOP_ATTRIBUTE(powercut);
RELOOP_ATTRIBUTE(allocated);
RELOOP_ATTRIBUTE(base);
RELOOP_ATTRIBUTE(base_dev);
RELOOP_ATTRIBUTE(base_inode);
RELOOP_ATTRIBUTE(base_rdev);
RELOOP_ATTRIBUTE(deleted);
RELOOP_ATTRIBUTE(links);
RELOOP_ATTRIBUTE(base_links);
RELOOP_ATTRIBUTE(flush);
RELOOP_ATTRIBUTE(logical_block_size);
RELOOP_ATTRIBUTE(owner);

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

static struct attribute *attached_attrs[] = {
	&attr_backing_dev.attr.attr,
	&attr_backing_inode.attr.attr,
	&attr_backing_rdev.attr.attr,
	&attr_format.attr.attr,
	&attr_unflushed.attr.attr,
	&attr_powercut.attr.attr,
	&attr_allocated.attr.attr,
	&attr_base.attr.attr,
	&attr_base_dev.attr.attr,
	&attr_base_inode.attr.attr,
	&attr_base_rdev.attr.attr,
	&attr_deleted.attr.attr,
	&attr_links.attr.attr,
	&attr_base_links.attr.attr,
	&attr_flush.attr.attr,
	&attr_logical_block_size.attr.attr,
	&attr_owner.attr.attr,
	NULL
};

static const struct attribute_group attached_group = {
	.name	= "reloop",
	.attrs	= attached_attrs,
};

static int sysfs_merge_all(struct kobject *kobj)
{
	int ret;

	ret = sysfs_merge_group(kobj, &reloop_sysfs_origin_group);
	if (ret)
		return ret;

	ret = sysfs_merge_group(kobj, &attached_group);
	if (ret)
		sysfs_unmerge_group(kobj, &reloop_sysfs_origin_group);
	return ret;
}

static void sysfs_unmerge_all(struct kobject *kobj)
{
	sysfs_unmerge_group(kobj, &attached_group);
	sysfs_unmerge_group(kobj, &reloop_sysfs_origin_group);
}

int reloop_sysfs_add_attached(struct reloop_device *dev)
{
	struct kobject *kobj = &disk_to_dev(dev->disk)->kobj;
	int ret;

	ret = dev->has_attributes ? 0 : sysfs_merge_all(kobj);
	if (ret)
		return ret;

	ret = sysfs_create_group(kobj, &loop_group);
	if (ret && !dev->has_attributes)
		sysfs_unmerge_all(kobj);
	return ret;
}

void reloop_sysfs_remove_attached(struct reloop_device *dev)
{
	struct kobject *kobj = &disk_to_dev(dev->disk)->kobj;

	sysfs_remove_group(kobj, &loop_group);
	if (!dev->has_attributes)
		sysfs_unmerge_all(kobj);
}
