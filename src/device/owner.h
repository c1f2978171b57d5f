/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Owners: open files of the control node, and the devices that stay attached
 * only as long as these are open.
 */
#ifndef RELOOP_OWNER_H
#define RELOOP_OWNER_H

#include <linux/list.h>
#include <linux/poll.h>
#include <linux/wait.h>

struct reloop_device;

/**
 * struct reloop_owner - an open file of the control node
 * @devices: the attached devices that it owns, linked by their member "owned"
 * @bereft: woken when the last of them has gone
 * @has_owned: whether there ever was one
 * @has_left: whether the file is being closed
 *
 * A device is on the list from its attach until its detach or until its owner
 * goes, so the list needs no references. It is changed under the device's lock
 * and a lock of all lists, so either is enough to read it.
 */
struct reloop_owner {
	struct list_head devices;
	wait_queue_head_t bereft;
	bool has_owned;
	bool has_left;
};

/**
 * reloop_owner_create() - create an owner, for a file that is being opened
 *
 * May sleep.
 *
 * Return: the owner, or NULL if there is no memory.
 */
struct reloop_owner *reloop_owner_create(void);

/**
 * reloop_owner_destroy() - undo reloop_owner_create()
 * @owner: owns nothing, and cannot get anything any more
 */
void reloop_owner_destroy(struct reloop_owner *owner);

/**
 * reloop_owner_leave() - give up all devices
 * @owner: an owner that gets none any more
 *
 * Has reloop_device_disown() called for each, all at the same time, and waits
 * until it owns none. Sleeps.
 */
void reloop_owner_leave(struct reloop_owner *owner);

/**
 * reloop_owner_has_left() - whether the owner of a device is giving it up
 * @dev: any device the caller keeps alive
 * @medium: if so, receives the device's medium, from reloop_faults_medium()
 *
 * Any process context. Unless the caller holds the device's lock, the device
 * may belong to nobody by the time this returns.
 */
bool reloop_owner_has_left(const struct reloop_device *dev,
			   unsigned int *medium);

/**
 * reloop_owner_add() - give an owner a device that was attached for it
 * @owner: the owner, or NULL for none
 * @dev: the device; the caller holds its lock
 */
void reloop_owner_add(struct reloop_owner *owner, struct reloop_device *dev);

/**
 * reloop_owner_remove() - let a device belong to nobody
 * @dev: the device, owned or not; the caller holds its lock
 */
void reloop_owner_remove(struct reloop_device *dev);

/**
 * reloop_owner_poll() - whether everything that it owned is gone
 * @owner: the owner
 * @file: the open file that it belongs to
 * @wait: from the caller of poll()
 *
 * Return: EPOLLHUP if it has owned devices and no longer owns any; otherwise 0.
 */
__poll_t reloop_owner_poll(struct reloop_owner *owner, struct file *file,
			   poll_table *wait);

#endif /* RELOOP_OWNER_H */
