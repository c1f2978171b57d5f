/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a device or its partitions are mounted in this mount namespace. */
#ifndef RELOOP_MOUNTS_H
#define RELOOP_MOUNTS_H

#include <limits.h>

#include "lib/dev.h"

/* Is there a table of mounts, in /proc? Without one, nothing here is found. */
bool mounts_are_known(void);

/* A mount, as it was seen. */
struct mounted {
	uint64_t id;
	dev_t number;		/* of its file system */
	char point[PATH_MAX];
	char cover[PATH_MAX];	/* where something is mounted that hides it; empty: it is visible */
};

/*
 * The one of @devs whose file system is visible at @point, an absolute path without links, and the
 * @id of that mount. NULL: none of them, or nothing is mounted there. Here and below, the table of
 * mounts tells what hides what, so no server is asked. @devs need no more than their names.
 */
const struct dev *mounts_device_at(const char *point, const struct dev *devs, size_t count,
				   uint64_t *id);

/*
 * The mounts of a btrfs have numbers of their own, and as their source one of perhaps several
 * devices: is @dev in the file system that the block device @source is in? Not if that is 0.
 */
bool mounts_are_in_btrfs(const struct dev *dev, dev_t source);

/*
 * Is that at @directory, by whatever name, of @image or an overlay of it? @dev: which has it, read
 * as far as dev_identity(); @source: the node, as who has mounted it has called it.
 */
bool mounts_image_at(const char *directory, const char *prefix, const char *image, struct dev *dev,
		     char source[PATH_MAX]);

/* Of what is visible the last in the table, or else any that is hidden; false: there is none. */
bool mounts_find(const struct dev *dev, struct mounted *mounted);

/* Is it mounted at @point, an absolute path without links, or with NULL anywhere? */
bool mounts_has(const struct dev *dev, uint64_t id, const char *point);

/*
 * What all mounts of a file system have in common. After its last unmount the number may soon be
 * that of another one, if it is not a device's.
 */
struct file_system {
	dev_t number;
	char type[32];		/* empty: any */
};

/* The one that is mounted there. */
bool mounts_file_system(uint64_t id, struct file_system *file_system);

/*
 * One of the mounts of this file system: with @index 0 the last in the table. -ESTALE: there are
 * no more; -ENOENT: there is no table of mounts.
 */
int mounts_find_again(const struct file_system *file_system, size_t index,
		      struct mounted *mounted);

#endif
