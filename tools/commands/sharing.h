/* SPDX-License-Identifier: GPL-2.0-only */
/* Mounts of partitions of one image share a device, as lines of fstab may ask for at once. */
#ifndef RELOOP_SHARING_H
#define RELOOP_SHARING_H

#include "lib/dev.h"

/*
 * Waits until no other mount of @image is under way, but not forever. The next one waits until what
 * this returns is closed; -errno: there is nothing to wait for.
 */
int sharing_lock(const char *prefix, const char *image);

/*
 * A device of @image that is mounted in this namespace, goes with its last mount, and is otherwise
 * as a new one would be, by attach_options; if it @only_reads, one that can be written will do. It
 * stays attached as long as what is returned is open; or -ENXIO: there is none.
 */
int sharing_open(const char *prefix, const char *image, bool only_reads, struct dev *dev);

/*
 * Is a device in the way that is mounted no more, and goes when somebody who merely has it open, as
 * udev may, closes it? Waits until it has gone, or is mounted again, and returns true; false: there
 * is none, or the @deadline has passed.
 */
bool sharing_wait(const char *image, bool only_reads, uint64_t deadline);

#endif
