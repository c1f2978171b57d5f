/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The index: which devices exist, and which number belongs to which. A device
 * that is returned carries a reference for the caller, who drops it with
 * reloop_device_put().
 */
#ifndef RELOOP_INDEX_H
#define RELOOP_INDEX_H

#include <linux/types.h>

struct reloop_device;
struct reloop_io_params;

/**
 * reloop_index_init() - initialize the index, empty
 * @part_shift: log2 of the minors of one device
 * @io: parameters of each device's data path; copied
 *
 * The index is not used before reloop_index_begin(). May sleep. Undone by
 * reloop_index_exit().
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_index_init(unsigned int part_shift,
		      const struct reloop_io_params *io);

/**
 * reloop_index_begin() - allow devices to be made
 * @name: prefix of the disk names; stays as long as the index
 * @major: block major
 *
 * Any context.
 */
void reloop_index_begin(const char *name, int major);

/**
 * reloop_index_has_just_had() - whether a device was removed within a second
 * @number: the device's number
 *
 * Knows at least the last 32 that were removed. Process context.
 */
bool reloop_index_has_just_had(unsigned int number);

/**
 * reloop_index_has_begun() - whether devices can be made
 *
 * Any context. A caller that may come before that asks nothing else.
 */
bool reloop_index_has_begun(void);

/**
 * reloop_index_exit() - delete all devices
 *
 * No device is attached or open, and nobody uses the index any more. May sleep.
 */
void reloop_index_exit(void);

/**
 * reloop_index_create() - make a device
 * @number: its number, or negative for the first that is not taken
 * @transient: whether it is made for one attachment, and reserved for that
 *
 * May sleep; the disk's uevent has been sent when this returns.
 *
 * Return: the device, or ERR_PTR: -EEXIST if it exists or is being made or
 * removed; -EINVAL if no device can have the number; -ENOSPC if all are taken;
 * -ENOMEM.
 */
struct reloop_device *reloop_index_create(int number, bool transient);

/**
 * reloop_index_add() - LOOP_CTL_ADD
 * @number: as in reloop_index_create()
 *
 * May sleep.
 *
 * Return: the number, or the errors of reloop_index_create().
 */
int reloop_index_add(int number);

/**
 * reloop_index_remove() - LOOP_CTL_REMOVE
 * @number: number of the device
 *
 * May sleep; takes the device's lock.
 *
 * Return: 0; -EINVAL for a negative number; -ENODEV if there is no such device;
 * the errors of reloop_device_retire().
 */
int reloop_index_remove(int number);

/**
 * reloop_index_get_free() - LOOP_CTL_GET_FREE
 *
 * If two callers find the same device, the second one to attach is refused and
 * asks again. May sleep.
 *
 * Return: the number of a free device, which is made if there is none, or the
 * errors of reloop_index_create().
 */
int reloop_index_get_free(void);

/**
 * reloop_index_get() - find a device
 * @number: its number
 *
 * Any context but interrupts.
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
 * @next: the number to begin with; moved past the device that is found
 *
 * Any context but interrupts.
 *
 * Return: the first free device, for reloop_device_unreserve(), or NULL.
 */
struct reloop_device *reloop_index_reserve_free(unsigned long *next);

#endif /* RELOOP_INDEX_H */
