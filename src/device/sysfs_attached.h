/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/block/loopN/loop/ and what is added to /sys/block/loopN/reloop/; both
 * exist while a backing file is attached.
 */
#ifndef RELOOP_SYSFS_ATTACHED_H
#define RELOOP_SYSFS_ATTACHED_H

#include <linux/blkdev.h>

/**
 * reloop_sysfs_add_attached() - add the attributes of an attachment
 * @disk: the disk of a loop device
 *
 * losetup and libmount consider a device attached if they find
 * loop/backing_file. The attributes, all read-only for everybody: backing_file
 * (path, followed by " (deleted)" if it is), offset and sizelimit (bytes),
 * autoclear, partscan and dio (0 or 1). Others, equally readable, are added to
 * the directory "reloop": those of the origin, which must be set, see
 * sysfs_origin.h; and backing_dev, backing_inode, backing_rdev, format,
 * unflushed, powercut, allocated, base, base_dev, base_inode, base_rdev,
 * deleted, links, base_links, flush and owner. Reading them waits for no I/O.
 * May sleep.
 *
 * Return: 0 or a negative errno.
 */
int reloop_sysfs_add_attached(struct gendisk *disk);

/**
 * reloop_sysfs_remove_attached() - undo reloop_sysfs_add_attached()
 * @disk: the disk
 *
 * Waits for tasks that are reading an attribute.
 */
void reloop_sysfs_remove_attached(struct gendisk *disk);

#endif /* RELOOP_SYSFS_ATTACHED_H */
