/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/block/loopN/loop/, there while a backing file is attached, and
 * /sys/block/loopN/reloop/, there as long as the disk.
 */
#ifndef RELOOP_SYSFS_H
#define RELOOP_SYSFS_H

#include <linux/blkdev.h>

/*
 * For device_add_disk(). The directory "reloop" tells a device of this driver
 * from others called loopN. Its attributes, readable for everybody: state, by
 * its name in state.c; submit, by its name in submit.c, which root may write
 * at any time (-EINVAL for another word); cache, by its name in binding.c or
 * "none", which root may write while a file is attached (errors of
 * reloop_device_set_cache()); openers, their number; claimed, 1 when one of
 * them is exclusive.
 */
extern const struct attribute_group *reloop_sysfs_groups[];

/**
 * reloop_sysfs_add() - add what shows an attachment
 * @disk: the disk of a loop device
 *
 * losetup and libmount take a device for attached when they find
 * loop/backing_file. The attributes, all read-only for everybody:
 * backing_file (path, with " (deleted)" after it where that is so), offset
 * and sizelimit (bytes), autoclear, partscan and dio (0 or 1). Others, as
 * readable, are added to the directory "reloop": label, attach_path,
 * attach_time, creator_pid and creator_comm from the origin, which must be
 * set; backing_dev, backing_inode, flush and owner. Reading them waits for no
 * I/O. May sleep.
 *
 * Return: 0 or a negative errno.
 */
int reloop_sysfs_add(struct gendisk *disk);

/**
 * reloop_sysfs_remove() - the end of reloop_sysfs_add()
 * @disk: the disk
 *
 * Waits for those who are reading an attribute.
 */
void reloop_sysfs_remove(struct gendisk *disk);

#endif /* RELOOP_SYSFS_H */
