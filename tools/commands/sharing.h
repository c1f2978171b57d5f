/* SPDX-License-Identifier: GPL-2.0-only */
/* Partitions of one image are mounted from one device, as lines of fstab may ask at once. */
#ifndef RELOOP_SHARING_H
#define RELOOP_SHARING_H

#include "lib/dev.h"

/*
 * From here to the close of what it returns, an open file or -1, no other mount of this command
 * looks for a device: what it does not find, it attaches.
 */
int sharing_lock(void);

/*
 * A device that another mount has attached to @image, in the way that attach_options say; or -1.
 * It stays attached as long as what is returned is open.
 */
int sharing_open(const char *prefix, const char *image, struct dev *dev);

#endif
