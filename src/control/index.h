/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The index: which devices there are, and which number is whose. A device that
 * is returned has a reference for the caller, who gives it to
 * reloop_device_put().
 */
#ifndef RELOOP_INDEX_H
#define RELOOP_INDEX_H

#include <linux/types.h>

struct reloop_device;
struct reloop_io_params;

/**
 * reloop_index_init() - an index that is empty
 * @part_shift: log2 of the minors of one device
 * @io: of the data path of each device; copied
 *
 * Nothing is asked of it before reloop_index_begin(). May sleep. Undone by
 * reloop_index_exit().
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_index_init(unsigned int part_shift,
		      const struct reloop_io_params *io);

/**
 * reloop_index_begin() - from here on devices can be made
 * @name: prefix of the disk names; stays as long as the index
 * @major: block major
 *
 * Any context.
 */
void reloop_index_begin(const char *name, int major);

/**
 * reloop_index_has_just_had() - whether a device was removed within a second
 * @number: its
 *
 * Of the last 32 that were, at least. Process context.
 */
bool reloop_index_has_just_had(unsigned int number);

/**
 * reloop_index_has_begun() - whether devices can be made
 *
 * Any context. Nothing else is asked by who may come before that.
 */
bool reloop_index_has_begun(void);

/**
 * reloop_index_exit() - delete all devices
 *
 * None is attached or open, and nobody comes any more. May sleep.
 */
void reloop_index_exit(void);

/**
 * reloop_index_create() - make a device
 * @number: which, or less than 0 for the first that is not taken
 * @transient: whether it is made for one attachment, and reserved for it
 *
 * May sleep; the disk's uevent is out when this returns.
 *
 * Return: the device, or ERR_PTR: -EEXIST when there is one, or one is being
 * made or removed; -EINVAL when no device can have the number; -ENOSPC when all
 * are taken; -ENOMEM.
 */
struct reloop_device *reloop_index_create(int number, bool transient);

/**
 * reloop_index_add() - LOOP_CTL_ADD
 * @number: as reloop_index_create()
 *
 * May sleep.
 *
 * Return: the number, or the errors of reloop_index_create().
 */
int reloop_index_add(int number);

/**
 * reloop_index_remove() - LOOP_CTL_REMOVE
 * @number: which
 *
 * May sleep; takes the device's lock.
 *
 * Return: 0; -EINVAL for less than 0; -ENODEV when there is none; the errors of
 * reloop_device_retire().
 */
int reloop_index_remove(int number);

/**
 * reloop_index_get_free() - LOOP_CTL_GET_FREE
 *
 * Who comes second to a device found here is refused and asks again. May sleep.
 *
 * Return: the number of a device that is free, made where there was none, or the
 * errors of reloop_index_create().
 */
int reloop_index_get_free(void);

/**
 * reloop_index_get() - find a device
 * @number: its number
 *
 * Any context that is no interrupt.
 *
 * Return: the device or NULL.
 */
struct reloop_device *reloop_index_get(unsigned int number);

/**
 * reloop_index_has() - whether a device still has its number
 * @number: the number
 * @dev: the device; may be gone
 *
 * Any context.
 */
bool reloop_index_has(unsigned int number, const struct reloop_device *dev);

/**
 * reloop_index_reserve_free() - reserve a free device
 * @next: the number to begin with; goes behind the device that is found
 *
 * Any context that is no interrupt.
 *
 * Return: the first that is free, for reloop_device_unreserve(), or NULL.
 */
struct reloop_device *reloop_index_reserve_free(unsigned long *next);

#endif /* RELOOP_INDEX_H */
