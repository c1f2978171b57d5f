/* SPDX-License-Identifier: GPL-2.0-only */
/* What the origin of an attachment adds to /sys/block/loopN/reloop/. */
#ifndef RELOOP_SYSFS_ORIGIN_H
#define RELOOP_SYSFS_ORIGIN_H

#include <linux/sysfs.h>

/*
 * To be merged into the directory "reloop" of a disk. The attributes, all
 * read-only for everybody: label, label_enc, private, attach_path, attach_time,
 * creator_pid, creator_comm and creator_cgroup.
 */
extern const struct attribute_group reloop_sysfs_origin_group;

#endif /* RELOOP_SYSFS_ORIGIN_H */
