/* SPDX-License-Identifier: GPL-2.0-only */
/* Mounts of partitions of one image share a device, as lines of fstab may ask for at once. */
#ifndef RELOOP_SHARING_H
#define RELOOP_SHARING_H

#include "lib/dev.h"

/* Until it has mounted it, others know by the name of this process what a device is for. */
void sharing_begin(void);

/*
 * A device that another mount has attached to @image, in the way that attach_options say; as long
 * as that is not done yet, it is waited for. It stays attached as long as what is returned is open;
 * or -ENXIO: there is none, or as dev_open().
 */
int sharing_open(const char *prefix, const char *image, struct dev *dev);

/* Is there one? */
bool sharing_is_possible(const char *prefix, const char *image);

/* Or one that was attached before @dev? Of those who have read-only ones at once, one keeps his. */
bool sharing_has_older(const char *prefix, const char *image, const struct dev *dev);

#endif
