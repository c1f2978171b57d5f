/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/block/loopN/loop/, which exists while a backing file is attached, and
 * what is added to /sys/block/loopN/reloop/.
 */
#ifndef RELOOP_SYSFS_ATTACHED_H
#define RELOOP_SYSFS_ATTACHED_H

struct reloop_device;

/**
 * reloop_sysfs_add_attached() - add the attributes of an attachment
 * @dev: the device; the caller holds its lock
 *
 * losetup and libmount consider a device attached if they find
 * loop/backing_file. The attributes, all read-only for everybody: backing_file
 * (path, followed by " (deleted)" if it is), offset and sizelimit (bytes),
 * autoclear, partscan and dio (0 or 1). Others, equally readable, are in the
 * directory "reloop": those of the origin, see sysfs_origin.h; and backing_dev,
 * backing_inode, backing_rdev, format, unflushed, powercut, allocated, base,
 * base_dev, base_inode, base_rdev, deleted, links, base_links, flush,
 * logical_block_size and owner. Making them is most of the work of an attach,
 * so once one has succeeded, which sets has_attributes, they stay until the disk
 * goes; whoever reads one while nothing is attached gets -ENXIO. Reading them
 * waits for no I/O. May sleep.
 *
 * Return: 0 or a negative errno.
 */
int reloop_sysfs_add_attached(struct reloop_device *dev);

/**
 * reloop_sysfs_remove_attached() - remove what does not stay
 * @dev: the device; the caller holds its lock
 *
 * Waits for tasks that are reading such an attribute.
 */
void reloop_sysfs_remove_attached(struct reloop_device *dev);

#endif /* RELOOP_SYSFS_ATTACHED_H */
