// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of the origin of an attachment, in reloop/. */
#include <linux/string_helpers.h>
#include <linux/sysfs.h>

#include "device/attribute.h"
#include "device/chain.h"
#include "device/device.h"
#include "device/origin.h"
#include "device/sysfs_origin.h"

static ssize_t show_label(const struct reloop_device *dev,
			  const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%s\n", dev->origin->label);
}

RELOOP_ATTRIBUTE(label);

/* What can be in a label, but not in the name of a link made by udev. */
#define LABEL_ESCAPED " !\"$%&'()*,;<>?[\\]^`{|}~"

static ssize_t show_label_enc(const struct reloop_device *dev,
			      const struct reloop_binding *binding, char *buf)
{
	const char *label = dev->origin->label;
	int len;

	len = string_escape_mem(label, strlen(label), buf, PAGE_SIZE - 1,
				ESCAPE_HEX, LABEL_ESCAPED);
	buf[len++] = '\n';

	return len;
}

RELOOP_ATTRIBUTE(label_enc);

static ssize_t show_private(const struct reloop_device *dev,
			    const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", dev->origin->is_private);
}

RELOOP_ATTRIBUTE(private);

/* The reader's root directory may be on a server, so it is read unlocked. */
static ssize_t attach_path_show(struct device *ddev,
				struct device_attribute *attr, char *buf)
{
	struct reloop_device *dev = dev_to_disk(ddev)->private_data;
	const char *path = "";
	dev_t root_dev;
	u64 root_inode;
	ssize_t ret = -ENXIO;
	bool known;

	known = !reloop_origin_read_root(&root_dev, &root_inode);
	if (reloop_chain_lock(dev)) {
		if (known)
			path = reloop_origin_path(dev->origin, root_dev,
						  root_inode);
		ret = sysfs_emit(buf, "%s\n", path);
	}
	reloop_chain_unlock();

	return ret;
}

static DEVICE_ATTR_RO(attach_path);

static ssize_t show_attach_time(const struct reloop_device *dev,
				const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%lld\n", dev->origin->time);
}

RELOOP_ATTRIBUTE(attach_time);

/* In the reader's PID namespace; 0 if the process is not in it. */
static ssize_t show_creator_pid(const struct reloop_device *dev,
				const struct reloop_binding *binding, char *buf)
{
	return sysfs_emit(buf, "%d\n", pid_vnr(dev->origin->pid));
}

RELOOP_ATTRIBUTE(creator_pid);

/* Programs name themselves, so a name may contain anything. */
static ssize_t show_creator_comm(const struct reloop_device *dev,
				 const struct reloop_binding *binding, char *buf)
{
	const char *comm = dev->origin->comm;

	return sysfs_emit(buf, "%*pE\n", (int)strlen(comm), comm);
}

RELOOP_ATTRIBUTE(creator_comm);

static ssize_t show_creator_cgroup(const struct reloop_device *dev,
				   const struct reloop_binding *binding,
				   char *buf)
{
	return sysfs_emit(buf, "%llu\n", dev->origin->cgroup);
}

RELOOP_ATTRIBUTE(creator_cgroup);

static struct attribute *origin_attrs[] = {
	&attr_label.attr.attr,
	&attr_label_enc.attr.attr,
	&attr_private.attr.attr,
	&dev_attr_attach_path.attr,
	&attr_attach_time.attr.attr,
	&attr_creator_pid.attr.attr,
	&attr_creator_comm.attr.attr,
	&attr_creator_cgroup.attr.attr,
	NULL
};

const struct attribute_group reloop_sysfs_origin_group = {
	.name	= "reloop",
	.attrs	= origin_attrs,
};
