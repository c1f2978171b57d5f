/* SPDX-License-Identifier: GPL-2.0-only */
/* Which device is meant, by its name, its node or its image. Returns -errno, prints nothing. */
#ifndef RELOOP_FIND_H
#define RELOOP_FIND_H

#include "lib/dev.h"
#include "lib/operand.h"

/*
 * The device that the block device node @operand stands for, by number, so links and other nodes
 * do; or where there is no such file, by its name: /dev/loop33 whose node is lost, loop33 or 33.
 * -ENOTBLK: no block device; -EXDEV: another driver's; -EMEDIUMTYPE: a partition (of @dev);
 * -ESTALE: the name is that of another device or partition than the node leads to; -ENXIO: a node
 * without a device; or operand->err.
 */
int dev_find(const char *prefix, const struct operand *operand, struct dev *dev);

/*
 * The one device that @operand means: itself, as above; the one that it is the image of; or the
 * one that it is a partition of. -ENXIO: it is not attached; -ENOTUNIQ: the name is that of a
 * device, too, which is another one; -EMLINK: the image is attached to several; or operand->err.
 */
int dev_find_meant(const char *prefix, const struct operand *operand, struct dev *dev);

/* The same and its attachment. -ENXIO, too: nothing is attached to it. */
int dev_find_attached(const char *prefix, const char *text, struct dev *dev);

/*
 * For what no device is attached to: -ENOTUNIQ if a device has the same name, -ETIMEDOUT if that
 * is not known, because there is no answer, or -ENXIO.
 */
int dev_not_attached(const char *prefix, const struct operand *operand);

/* @dev has this image. Is it the name of another device as well, so that either may be meant? */
bool dev_is_ambiguous(const char *prefix, const struct operand *operand, const struct dev *dev);

/* The device that /dev/loop33, loop33 or 33 would be, were there one; false for all else. */
bool dev_parse(const char *prefix, const char *operand, struct dev *dev);

/* Does the block device @number belong to @dev: is it the disk or one of its partitions? */
bool dev_has(const struct dev *dev, dev_t number);

/* Is @dev attached to the very file @st describes? */
bool dev_is_backed_by(const struct dev *dev, const struct stat *st);

/* Is it the base of the overlay that is attached to @dev? */
bool dev_has_base(const struct dev *dev, const struct stat *st);

/* What a device does with a file; the more others must not do, the higher. */
enum dev_use { DEV_USE_NONE, DEV_USE_READS, DEV_USE_BASE, DEV_USE_WRITES };

/*
 * The enum dev_use of the device that does most of all with the file @st, or -errno: that cannot
 * be known. Without a module there is none.
 */
int dev_find_user(const struct stat *st, struct dev *dev);

/* The same of an operand: without an answer, is that the name of the file, on its file system? */
bool dev_has_image(const struct dev *dev, const struct operand *operand);

#endif
