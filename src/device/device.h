/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loop device itself: its state, its references, who has reserved it. The
 * lock order is here, as all verbs of a device keep it.
 */
#ifndef RELOOP_DEVICE_H
#define RELOOP_DEVICE_H

#include <linux/blkdev.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "device/state.h"
#include "io/io.h"

/*
 * Lock order, outermost first:
 *
 *	disk->open_mutex	the block layer's: held around open and release.
 *				Attach and detach hold it too, so that nobody
 *				opens the device before its partitions are
 *				there, nor while they go.
 *	dev->lock		the state, autoclear, and who may change the
 *				binding
 *	the queue's limits	queue_limits_start_update()
 *	the frozen queue	blk_mq_freeze_queue()
 *	chain_lock		chain.c
 *
 * Under dev->lock, and with nothing taken under them: the locks of origin.c
 * and owner.c. The locks that are not about a device's state are in
 * docs/design.md.
 *
 * Files are released with fput(), which defers the release to the return to
 * user space and so takes no lock here.
 */

struct reloop_origin;
struct reloop_owner;

/**
 * struct reloop_use - a file of an attached device, among those of all devices
 * @node: where chain.c finds it; all of this is changed under its lock
 * @inode: the file's, which the device's binding keeps
 * @dev: the device
 * @is_base: the base of an overlay; else what is attached itself
 */
struct reloop_use {
	struct hlist_node node;
	const struct inode *inode;
	struct reloop_device *dev;
	bool is_base;
};

/**
 * struct reloop_device - a loop device
 * @lock: guards @state, @autoclear and changes of @io.binding
 * @state: written by reloop_device_advance() alone; read without the lock to
 *         look for a free device and to show it
 * @autoclear: detach at the last close
 * @transient: made for one attachment: to be removed when it is detached and
 *             nobody has it open; written under @lock
 * @uevent_lock: keeps uevents that are not sent under @lock from those that are
 *               suppressed without it; taken with no other lock held
 * @told_nospace: whether it was told last that writes wait for space; only
 *                looked at where that is told
 * @opening: held for reading by who opens the disk by its number, waited for
 *           by who is to give the number back
 * @reserved: an attach through the control node is trying it
 * @origin: of what is attached, else NULL; changed under @lock, and only when
 *          there are no attributes of sysfs that show it
 * @owner: whom it belongs to, or NULL, see owner.h
 * @owned: among the owner's devices
 * @detached: how often it has been detached; changed under @lock
 * @waiters: who waits for @detached to change
 * @reap: the work of removing a transient device; owns a reference
 * @reaper: where that is done
 * @uses: its files while it is attached: what is attached, and a base
 * @index: N of loopN
 * @disk: the disk; the device is freed with its last reference
 * @io: the data path and, published in it, the binding
 */
struct reloop_device {
	struct mutex lock;	/* see the lock order above */
	enum reloop_state state;
	bool autoclear;
	bool transient;
	struct mutex uevent_lock; /* see above */
	bool told_nospace;
	struct rw_semaphore opening;
	atomic_t reserved;
	struct reloop_origin *origin;
	struct reloop_owner *owner;
	struct list_head owned;
	unsigned int detached;
	wait_queue_head_t waiters;
	struct work_struct reap;
	struct workqueue_struct *reaper;
	struct reloop_use uses[2];
	unsigned int index;
	struct gendisk *disk;
	struct reloop_io io;
};

/**
 * reloop_device_check() - whether an event is allowed now
 * @dev: the device; its lock is held
 * @event: what is about to happen
 *
 * Return: 0 or the errno that refuses it, see reloop_state_next().
 */
int reloop_device_check(struct reloop_device *dev, enum reloop_event event);

/**
 * reloop_device_advance() - move the device to its next state
 * @dev: the device; its lock is held
 * @event: what has happened
 *
 * The only writer of the state.
 *
 * Return: 0 or the errno that refuses it, and then nothing has changed.
 */
int reloop_device_advance(struct reloop_device *dev, enum reloop_event event);

/**
 * reloop_device_lock_live() - lock a device that has a backing file
 * @dev: a device the caller keeps alive
 *
 * Return: 0 with the lock held; -ENXIO when nothing is attached; -EINTR when a
 * fatal signal came first.
 */
int reloop_device_lock_live(struct reloop_device *dev);

/**
 * reloop_device_claim() - keep others from opening the device exclusively
 * @dev: a device the caller has open
 * @mode: how; an exclusive opener is the one that others are kept out by
 *
 * So that it does not change under a mount, say. Waits for other claims, so it
 * comes before any lock. Undone by reloop_device_unclaim().
 *
 * Return: 0; -EBUSY when somebody else has it open exclusively.
 */
int reloop_device_claim(struct reloop_device *dev, blk_mode_t mode);

/**
 * reloop_device_unclaim() - the end of reloop_device_claim()
 * @dev: the device
 * @mode: as there
 */
void reloop_device_unclaim(struct reloop_device *dev, blk_mode_t mode);

/**
 * reloop_device_open_disk() - open the disk as a program does, by its number
 * @dev: a device the caller keeps alive
 * @mode: how
 *
 * Asks what an open asks: of the device cgroup, -EPERM. May sleep; takes
 * open_mutex and the device's lock.
 *
 * Return: for compat_disk_close(), or ERR_PTR: -ENXIO when it is being removed
 * or detached; -EPERM; -EBUSY where somebody has forbidden others to write to
 * it; -EINTR when a fatal signal came first; -ENOMEM.
 */
void *reloop_device_open_disk(struct reloop_device *dev, blk_mode_t mode);

/**
 * reloop_device_is_disposable() - whether it goes when nobody uses it
 * @dev: a device the caller keeps alive; its lock is held
 *
 * Return: whether it was made for one attachment, which is not under way.
 */
bool reloop_device_is_disposable(const struct reloop_device *dev);

/**
 * reloop_device_reap() - have a transient device removed
 * @dev: a device the caller keeps alive
 *
 * If it is unused by then; if not, the last close has it removed. Nothing
 * happens to a device that is not transient. Any context that is no interrupt.
 */
void reloop_device_reap(struct reloop_device *dev);

/**
 * reloop_device_wait_reaped() - wait for what was begun to remove it
 * @dev: a device the caller keeps alive
 *
 * May sleep; holds no lock of the device.
 */
void reloop_device_wait_reaped(struct reloop_device *dev);

/**
 * reloop_device_get() - keep a device alive
 * @dev: a device that is alive
 *
 * Any context. Undone by reloop_device_put().
 */
void reloop_device_get(struct reloop_device *dev);

/**
 * reloop_device_put() - the end of reloop_device_get()
 * @dev: the device; may be freed by this. May sleep.
 */
void reloop_device_put(struct reloop_device *dev);

/**
 * reloop_device_of() - the loop device of a disk
 * @disk: any disk
 *
 * Any context.
 *
 * Return: the device, or NULL when the disk is not one of ours.
 */
struct reloop_device *reloop_device_of(struct gendisk *disk);

/**
 * reloop_device_is_free() - whether a backing file could be attached
 * @dev: a device the caller keeps alive
 *
 * Takes no lock: the answer may be out of date when it is read. A device that
 * is about to be removed or reserved is not free.
 */
bool reloop_device_is_free(const struct reloop_device *dev);

/**
 * reloop_device_reserve() - keep others from being told that a device is free
 * @dev: a device the caller keeps alive
 *
 * Takes no lock. Who does not ask for a free device can still attach to it.
 *
 * Return: whether it was free. Undone by reloop_device_unreserve().
 */
bool reloop_device_reserve(struct reloop_device *dev);

/**
 * reloop_device_reserve_known() - the same for who comes with a number
 * @dev: a device the caller keeps alive
 *
 * Takes a device as well that was made for another attachment and only waits
 * for somebody to close it. May sleep; takes the device's lock.
 *
 * Return: whether nothing was attached and nobody else has reserved it.
 */
bool reloop_device_reserve_known(struct reloop_device *dev);

/**
 * reloop_device_unreserve() - the end of reloop_device_reserve()
 * @dev: the device
 */
void reloop_device_unreserve(struct reloop_device *dev);

#endif /* RELOOP_DEVICE_H */
