/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /sys/block/loopN/reloop/, which exists as long as the disk. An attachment
 * adds to it, see sysfs_attached.h.
 */
#ifndef RELOOP_SYSFS_H
#define RELOOP_SYSFS_H

#include <linux/sysfs.h>

/*
 * For device_add_disk(). The directory "reloop" distinguishes a device of this
 * driver from others called loopN. Its attributes, readable by everybody:
 * state, by its name in state.c; submit, by its name in submit.c, which root
 * can write at any time (-EINVAL for another word); cache, by its name in
 * binding.c or "none", which root can write while a file is attached (errors of
 * reloop_device_set_cache()); nospace, likewise; waiting, how many requests wait
 * for space; faults, the rules by which requests fail; openers, their number;
 * claimed, 1 if one of them is exclusive.
 */
extern const struct attribute_group *reloop_sysfs_groups[];

#endif /* RELOOP_SYSFS_H */
