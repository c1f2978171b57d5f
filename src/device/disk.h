/* SPDX-License-Identifier: GPL-2.0-only */
/* The disk of a loop device: how a device is made and removed. */
#ifndef RELOOP_DISK_H
#define RELOOP_DISK_H

#include "device/device.h"

/**
 * struct reloop_disk_params - what all disks have in common
 * @major: block major
 * @name: prefix of the disk names
 * @part_shift: log2 of the minors of one disk; if 0, partitions have no minors
 *              of the disk's own, and are not scanned for unless a device asks
 *              for it
 * @io: parameters of the data path
 * @reap: removes a transient device, which contains the work, and drops a
 *        reference
 * @reaper: the workqueue for @reap
 */
struct reloop_disk_params {
	int major;
	const char *name;
	unsigned int part_shift;
	struct reloop_io_params io;
	work_func_t reap;
	struct workqueue_struct *reaper;
};

/**
 * reloop_device_create() - make a device and its disk
 * @index: N of loopN, reserved by the caller
 * @params: what all disks have in common
 * @transient: whether it is made for one attachment; then it is reserved, as by
 *             reloop_device_reserve()
 *
 * May sleep; the disk's uevent has been sent when this returns. The caller owns
 * the device, and must call reloop_device_destroy().
 *
 * Return: the device or ERR_PTR, usually -ENOMEM.
 */
struct reloop_device *
reloop_device_create(unsigned int index,
		     const struct reloop_disk_params *params, bool transient);

/**
 * reloop_device_retire() - claim an unused device for its removal
 * @dev: a device the caller keeps alive
 * @transient: only if it is still transient, and not reserved
 *
 * May sleep; takes open_mutex and the device's lock.
 *
 * Return: 0, after which nobody else can attach, open or retire it; -EBUSY if
 * it is attached, open or not transient; -ENODEV if it is being removed; -EINTR
 * if a fatal signal comes first.
 */
int reloop_device_retire(struct reloop_device *dev, bool transient);

/**
 * reloop_device_destroy() - delete the disk
 * @dev: retired, or any device when the module is unloaded
 *
 * The memory stays until the last reference to the disk is gone; the caller
 * drops its own with reloop_device_put(). May sleep.
 */
void reloop_device_destroy(struct reloop_device *dev);

#endif /* RELOOP_DISK_H */
