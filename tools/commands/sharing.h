/* SPDX-License-Identifier: GPL-2.0-only */
/* Mounts of partitions of one image share a device, as lines of fstab may ask for at once. */
#ifndef RELOOP_SHARING_H
#define RELOOP_SHARING_H

#include "lib/dev.h"

/*
 * Returns an open file, or -1. Until it is closed, no other mount of this command looks for a
 * device; if none is found, the caller attaches one.
 */
int sharing_lock(void);

/*
 * Opens a device that another mount has attached to @image in the way that attach_options say; or
 * returns -1. The device stays attached as long as the returned file is open.
 */
int sharing_open(const char *prefix, const char *image, struct dev *dev);

#endif
