/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which device is attached to which, and which device uses which file. Loop
 * devices may lie on loop devices. The chains that they form must end, and are
 * walked by tasks that own none of the devices.
 */
#ifndef RELOOP_CHAIN_H
#define RELOOP_CHAIN_H

#include <uapi/reloop.h>

#include "store/binding.h"

struct reloop_device;

/**
 * struct reloop_user - a device that uses a file, and keeps another from it
 * @number: its number
 * @reason: what it uses the file for; %RELOOP_REASON_NONE if there is no such
 *          device
 */
struct reloop_user {
	int number;
	enum reloop_reason reason;
};

/**
 * reloop_chain_check_unshared() - check that no device keeps another from its
 *         files
 * @binding: not published
 * @base: the base of a future overlay, even if the binding does not have it
 *        yet; otherwise NULL
 * @user: has %RELOOP_REASON_NONE; receives the device that keeps it from a
 *        file, the one with the lowest number if there are several
 *
 * The answer may be out of date when the caller reads it: reloop_chain_swap()
 * has the last word. Takes as long with thousands of devices as with one. May
 * sleep.
 *
 * Return: 0 or -EBUSY.
 */
int reloop_chain_check_unshared(const struct reloop_binding *binding,
				const struct file *base,
				struct reloop_user *user);

/**
 * reloop_chain_swap() - publish a binding, unless that closes a circle
 * @dev: the device; the caller holds its lock, and no request that goes to a
 *       file is in flight: nothing is attached, or the last close is under way,
 *       or the queue is frozen
 * @binding: prepared, or NULL to publish that nothing is attached
 * @lim: queue limits that go with @binding, from queue_limits_start_update();
 *       used up in any case
 * @user: if not NULL, no device may keep this one from its files, as in
 *        reloop_chain_check_unshared()
 * @old: receives what was published before; the caller then owns it
 *
 * The only writer of a device's binding and of the limits that go with it,
 * except that requests that a file cannot serve turn off single limits. May
 * sleep.
 *
 * Circles through a file system that has no block device of its own, such as
 * overlayfs or btrfs, are not seen.
 *
 * Return: 0; -EBADF if @binding leads back to @dev; -EINVAL if it leads to a
 * loop device without a backing file or the kernel refuses @lim; -EBUSY if
 * there is a @user.
 */
int reloop_chain_swap(struct reloop_device *dev,
		      struct reloop_binding *binding,
		      struct queue_limits *lim, struct reloop_user *user,
		      struct reloop_binding **old);

/**
 * reloop_chain_lock() - look at a device's binding without owning the device
 * @dev: a device the caller keeps alive
 *
 * The binding stays published and alive until reloop_chain_unlock(). Until then
 * the caller must neither allocate memory nor start I/O, because a frozen queue
 * may be waiting. May sleep.
 *
 * Return: the binding, or NULL if nothing is attached.
 */
const struct reloop_binding *reloop_chain_lock(struct reloop_device *dev);

/**
 * reloop_chain_unlock() - undo reloop_chain_lock()
 */
void reloop_chain_unlock(void);

#endif /* RELOOP_CHAIN_H */
