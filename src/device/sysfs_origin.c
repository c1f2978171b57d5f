// SPDX-License-Identifier: GPL-2.0-only
/* What sysfs shows of the origin of an attachment, in reloop/. */
#include <linux/device.h>
#include <linux/string_helpers.h>
#include <linux/sysfs.h>

#include "device/device.h"
#include "device/origin.h"
#include "device/sysfs_origin.h"

/* It exists as long as the attributes do, so there is no lock. */
static const struct reloop_origin *origin_of(struct device *ddev)
{
	const struct reloop_device *dev = dev_to_disk(ddev)->private_data;

	return dev->origin;
}

static ssize_t label_show(struct device *ddev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", origin_of(ddev)->label);
}

static DEVICE_ATTR_RO(label);

/* What can be in a label, but not in the name of a link made by udev. */
#define LABEL_ESCAPED " !\"$%&'()*,;<>?[\\]^`{|}~"

static ssize_t label_enc_show(struct device *ddev,
			      struct device_attribute *attr, char *buf)
{
	const char *label = origin_of(ddev)->label;
	int len;

	len = string_escape_mem(label, strlen(label), buf, PAGE_SIZE - 1,
				ESCAPE_HEX, LABEL_ESCAPED);
	buf[len++] = '\n';

	return len;
}

static DEVICE_ATTR_RO(label_enc);

static ssize_t private_show(struct device *ddev,
			    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", origin_of(ddev)->is_private);
}

static DEVICE_ATTR_RO(private);

static ssize_t attach_path_show(struct device *ddev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", reloop_origin_path(origin_of(ddev)));
}

static DEVICE_ATTR_RO(attach_path);

static ssize_t attach_time_show(struct device *ddev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lld\n", origin_of(ddev)->time);
}

static DEVICE_ATTR_RO(attach_time);

/* In the reader's PID namespace; 0 if the process is not in it. */
static ssize_t creator_pid_show(struct device *ddev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", pid_vnr(origin_of(ddev)->pid));
}

static DEVICE_ATTR_RO(creator_pid);

/* Programs name themselves, so a name may contain anything. */
static ssize_t creator_comm_show(struct device *ddev,
				 struct device_attribute *attr, char *buf)
{
	const char *comm = origin_of(ddev)->comm;

	return sysfs_emit(buf, "%*pE\n", (int)strlen(comm), comm);
}

static DEVICE_ATTR_RO(creator_comm);

static struct attribute *origin_attrs[] = {
	&dev_attr_label.attr,
	&dev_attr_label_enc.attr,
	&dev_attr_private.attr,
	&dev_attr_attach_path.attr,
	&dev_attr_attach_time.attr,
	&dev_attr_creator_pid.attr,
	&dev_attr_creator_comm.attr,
	NULL
};

const struct attribute_group reloop_sysfs_origin_group = {
	.name	= "reloop",
	.attrs	= origin_attrs,
};
