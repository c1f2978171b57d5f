/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a device or its partitions are mounted in this mount namespace. */
#ifndef RELOOP_MOUNTS_H
#define RELOOP_MOUNTS_H

#include <limits.h>

#include "lib/dev.h"

/*
 * The one of @devs whose file system is visible at @point, an absolute path without links. NULL:
 * none of them, or nothing is mounted there.
 */
const struct dev *mounts_device_at(const char *point, const struct dev *devs, size_t count);

/*
 * The mounts of a btrfs have numbers of their own, and as their source one of perhaps several
 * devices: is @dev in the file system that the block device @source is in? Not if that is 0.
 */
bool mounts_are_in_btrfs(const struct dev *dev, dev_t source);

/*
 * Is that at @directory, by whatever name, of @image or an overlay of it? @dev: which has it;
 * @source: the node, as who has mounted it has called it.
 */
bool mounts_image_at(const char *directory, const char *prefix, const char *image, struct dev *dev,
		     char source[PATH_MAX]);

/* Where it was mounted last; false: nowhere. */
bool mounts_last_of(const struct dev *dev, char point[PATH_MAX]);

#endif
