/* SPDX-License-Identifier: GPL-2.0-only */
/* Single attributes of a device that has been read. Functions return -errno and print nothing. */
#ifndef RELOOP_ATTRIBUTES_H
#define RELOOP_ATTRIBUTES_H

#include "lib/dev.h"

/*
 * Read and write an attribute that only this driver has. -ENXIO: what was attached to @dev when it
 * was read no longer is; -ENOENT: the module has no such attribute.
 */
int dev_read_own(const struct dev *dev, const char *attribute, char text[SYSFS_TEXT_MAX]);
int dev_write_own(const struct dev *dev, const char *attribute, const char *text);

/* How many writes and discards the device has done, whatever was attached to it. */
int dev_count_writes(const struct dev *dev, uint64_t *count);

#endif
