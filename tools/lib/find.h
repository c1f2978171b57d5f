/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the device meant by a name, a node or an image. Returns -errno and prints nothing. */
#ifndef RELOOP_FIND_H
#define RELOOP_FIND_H

#include "lib/dev.h"
#include "lib/operand.h"

/*
 * The device that the block device node @operand leads to, by number, so links and other nodes
 * work; or, if there is no such file, the device of that name: /dev/loop33 whose node is lost,
 * loop33 or 33. -ENOTBLK: not a block device; -EXDEV: another driver's; -EMEDIUMTYPE: a partition
 * (of @dev); -ESTALE: the node leads to another device or partition than its name says; -ENXIO: a
 * node without a device; or operand->err.
 */
int dev_find(const char *prefix, const struct operand *operand, struct dev *dev);

/*
 * The one device that @operand means: the device itself, as above; the device whose image it is; or
 * the device whose partition it is. -ENXIO: it is not attached; -ENOTUNIQ: it is also the name of
 * another device; -EMLINK: the image is attached to several devices; or operand->err.
 */
int dev_find_meant(const char *prefix, const struct operand *operand, struct dev *dev);

/* The same, and reads the attachment. -ENXIO also if nothing is attached to the device. */
int dev_find_attached(const char *prefix, const char *text, struct dev *dev);

/*
 * The error for an operand that no device is attached to: -ENOTUNIQ if a device has the same name,
 * -ETIMEDOUT if there was no answer, so that it is not known, else -ENXIO.
 */
int dev_not_attached(const char *prefix, const struct operand *operand);

/* @operand is the image of @dev. Is it also another device's name, so that either may be meant? */
bool dev_is_ambiguous(const char *prefix, const struct operand *operand, const struct dev *dev);

/* The same for whichever of @devs has that image. */
bool dev_are_ambiguous(const char *prefix, const struct operand *operand, const struct dev *devs,
		       size_t count);

/* The device that /dev/loop33, loop33 or 33 names, even if there is none; false for others. */
bool dev_parse(const char *prefix, const char *operand, struct dev *dev);

/* Does the block device @number belong to @dev: is it the disk or one of its partitions? */
bool dev_has(const struct dev *dev, dev_t number);

/* Is @dev attached to the very file @st describes? */
bool dev_is_backed_by(const struct dev *dev, const struct stat *st);

/* Is that file the base of the overlay that is attached to @dev? */
bool dev_has_base(const struct dev *dev, const struct stat *st);

/* What a device does with a file; the higher, the less others may do with it. */
enum dev_use { DEV_USE_NONE, DEV_USE_READS, DEV_USE_BASE, DEV_USE_WRITES };

/*
 * Returns the highest enum dev_use that any device has of the file @st, and that device; or -errno
 * if that cannot be known. Without a module there is none.
 */
int dev_find_user(const struct stat *st, struct dev *dev);

/* The same for an operand: without an answer, does it have the file's name and file system? */
bool dev_has_image(const struct dev *dev, const struct operand *operand);

#endif
