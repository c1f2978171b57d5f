/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Owners: open files of the control node, and the devices that stay attached
 * only as long as these are open.
 */
#ifndef RELOOP_OWNER_H
#define RELOOP_OWNER_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/wait.h>

struct reloop_device;

/**
 * struct reloop_owner - an open file of the control node
 * @devices: one struct reloop_owned for each device that it owns
 * @bereft: woken when the last of them has gone
 * @has_owned: whether there ever was one
 * @has_left: whether the file is being closed; from then on nothing is added to
 *            the list, and only the task that closes the file removes anything
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
 * struct reloop_owned - that a device belongs to an owner
 * @node: entry in the owner's list
 * @owner: the owner
 * @dev: the device; once the owner has left, with a reference
 * @medium: once the owner has left: the device's medium, from
 *          reloop_faults_medium()
 * @given_up: once the owner has left: when the device has been given up
 */
struct reloop_owned {
	struct list_head node;
	struct reloop_owner *owner;
	struct reloop_device *dev;
	unsigned int medium;
	struct completion given_up;
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
 * reloop_owned_create() - prepare to give an owner a device
 * @owner: the owner
 *
 * May sleep.
 *
 * Return: what reloop_owner_add() takes, or NULL if there is no memory.
 */
struct reloop_owned *reloop_owned_create(struct reloop_owner *owner);

/**
 * reloop_owned_destroy() - undo reloop_owned_create()
 * @owned: on no list, or NULL
 */
void reloop_owned_destroy(struct reloop_owned *owned);

/**
 * reloop_owner_add() - give an owner a device that was attached for it
 * @owned: from reloop_owned_create(); belongs to the device from now on
 * @dev: the device; the caller holds its lock
 */
void reloop_owner_add(struct reloop_owned *owned, struct reloop_device *dev);

/**
 * reloop_owner_remove() - let a device belong to nobody
 * @dev: the device, owned or not; the caller holds its lock
 */
void reloop_owner_remove(struct reloop_device *dev);

/**
 * reloop_owner_leave() - keep the list of devices as it is
 * @owner: an owner that gets no devices any more
 *
 * From now on the list belongs to the caller, who has to put the devices and to
 * destroy what is on it. A device may be detached nevertheless.
 */
void reloop_owner_leave(struct reloop_owner *owner);

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
