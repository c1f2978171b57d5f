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

/* Where the device was mounted last; false: nowhere. */
bool mounts_last_of(const struct dev *dev, char point[PATH_MAX]);

#endif
