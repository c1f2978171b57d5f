/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is attached to whom, and who has which file. Loop devices may lie on loop
 * devices; the chains they form must end, and are walked by those who own none of
 * the devices.
 */
#ifndef RELOOP_CHAIN_H
#define RELOOP_CHAIN_H

#include <uapi/reloop.h>

#include "store/binding.h"

struct reloop_device;

/**
 * struct reloop_user - a device that has a file, and keeps another from it
 * @number: its number
 * @reason: what it has the file for; %RELOOP_REASON_NONE: there is no such device
 */
struct reloop_user {
	int number;
	enum reloop_reason reason;
};

/**
 * reloop_chain_check_unshared() - whether no device keeps another from its files
 * @binding: not published
 * @base: of what is to be an overlay, also before the binding has it; else NULL
 * @user: has %RELOOP_REASON_NONE; receives the device that does, of several that
 *	of the lowest number
 *
 * The answer may be out of date when it is read: reloop_chain_swap() has the last
 * word. Takes as long with one device as with thousands. May sleep.
 *
 * Return: 0 or -EBUSY.
 */
int reloop_chain_check_unshared(const struct reloop_binding *binding,
				const struct file *base,
				struct reloop_user *user);

/**
 * reloop_chain_swap() - publish a binding, if that closes no circle
 * @dev: the device; its lock is held by the caller, and no request is in
 *       flight that goes to a file: nothing is attached, or the last close
 *       is under way, or the queue is frozen
 * @binding: prepared, or NULL to publish that nothing is attached
 * @lim: limits of the queue that go with @binding, from
 *       queue_limits_start_update(); used up in any case
 * @user: NULL, or none may keep it from its files, as with
 *        reloop_chain_check_unshared()
 * @old: receives what was published before, now the caller's
 *
 * The only writer of a device's binding and of the limits that go with it.
 * Requests that a file cannot serve turn off single ones. May sleep.
 *
 * Circles through a file system that has no block device of its own, such as
 * overlayfs or btrfs, are not seen.
 *
 * Return: 0, -EBADF when @binding leads back to @dev, -EINVAL when it leads
 * to a loop device without a backing file or the kernel refuses @lim, -EBUSY
 * when there is a @user.
 */
int reloop_chain_swap(struct reloop_device *dev,
		      struct reloop_binding *binding,
		      struct queue_limits *lim, struct reloop_user *user,
		      struct reloop_binding **old);

/**
 * reloop_chain_lock() - look at a device's binding without owning the device
 * @dev: a device the caller keeps alive
 *
 * The binding stays published and alive until reloop_chain_unlock(). In
 * between neither allocate nor start I/O: a frozen queue may be waiting. May
 * sleep.
 *
 * Return: the binding, or NULL when nothing is attached.
 */
const struct reloop_binding *reloop_chain_lock(struct reloop_device *dev);

/**
 * reloop_chain_unlock() - the end of reloop_chain_lock()
 */
void reloop_chain_unlock(void);

#endif /* RELOOP_CHAIN_H */
