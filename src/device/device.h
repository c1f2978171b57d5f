/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loop device itself: its state, its references, and who has reserved it. It
 * also states the lock order that all functions of a device keep.
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
 *				there, or while they go.
 *	dev->lock		the state, autoclear, and the right to change
 *				the binding
 *	the queue's limits	queue_limits_start_update()
 *	the frozen queue	blk_mq_freeze_queue()
 *	chain_lock		chain.c
 *
 * The locks of origin.c and owner.c are taken under dev->lock, with nothing
 * taken under them. Locks that are not about a device's state are described in
 * docs/design.md.
 *
 * Files are released with fput(), which defers the release to the return to
 * user space, so it takes no lock here.
 */

struct reloop_origin;
struct reloop_owned;

/**
 * struct reloop_use - a file of an attached device, among those of all devices
 * @node: where chain.c finds it; chain_lock guards changes of this struct
 * @inode: the file's inode, or that of its layer, which the device's binding
 *         keeps
 * @dev: the device
 * @is_base: the file is the base of an overlay, not what is attached itself
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
 * @state: written only by reloop_device_advance(); read without the lock to
 *         look for a free device and to show it
 * @autoclear: detach at the last close
 * @transient: made for one attachment, so it is removed once it is detached and
 *             nobody has it open; written under @lock
 * @uevent_lock: separates uevents that are not sent under @lock from those that
 *               are suppressed without it; taken with no other lock held
 * @told_nospace: the last message was that writes wait for space; used only by
 *                the work that sends these messages
 * @opening: held for reading by tasks that open the disk by its number; a task
 *           that is about to give the number back waits for them
 * @reserved: an attach through the control node is trying it
 * @origin: origin of the attachment, or NULL; changed under @lock, and only
 *          while there is no binding, with which attributes show it
 * @has_attributes: something has been attached since the disk was made, so the
 *                  attributes of attachments stay; changed under @lock
 * @owned: if it belongs to an owner: that, see owner.h; otherwise NULL
 * @detached: how often it has been detached; changed under @lock
 * @waiters: tasks that wait for @detached to change
 * @reap: work that removes a transient device; owns a reference
 * @reaper: the workqueue for @reap
 * @uses: its files while it is attached: what is attached, and a base, each by
 *        its inode and by that of its layer if it is on overlayfs
 * @index: N of loopN
 * @disk: the disk; the device is freed with its last reference
 * @io: the data path, including the published binding
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
	bool has_attributes;
	struct reloop_owned *owned;
	unsigned int detached;
	wait_queue_head_t waiters;
	struct work_struct reap;
	struct workqueue_struct *reaper;
	struct reloop_use uses[4];
	unsigned int index;
	struct gendisk *disk;
	struct reloop_io io;
};

/**
 * reloop_device_check() - whether an event is allowed now
 * @dev: the device; the caller holds its lock
 * @event: what is about to happen
 *
 * Return: 0 or the errno that refuses it, see reloop_state_next().
 */
int reloop_device_check(struct reloop_device *dev, enum reloop_event event);

/**
 * reloop_device_advance() - move the device to its next state
 * @dev: the device; the caller holds its lock
 * @event: what has happened
 *
 * The only writer of the state.
 *
 * Return: 0, or the errno that refuses the event; then nothing has changed.
 */
int reloop_device_advance(struct reloop_device *dev, enum reloop_event event);

/**
 * reloop_device_lock_live() - lock a device that has a backing file
 * @dev: a device the caller keeps alive
 *
 * Return: 0 with the lock held; -ENXIO if nothing is attached; -EINTR if a
 * fatal signal comes first.
 */
int reloop_device_lock_live(struct reloop_device *dev);

/**
 * reloop_device_claim() - keep others from opening the device exclusively
 * @dev: a device the caller has open
 * @mode: how the caller opened it; an exclusive opener keeps others out already
 *
 * Keeps the device from changing under a mount, for example. Waits for other
 * claims, so it comes before any lock. Undone by reloop_device_unclaim().
 *
 * Return: 0; -EBUSY if somebody else has it open exclusively.
 */
int reloop_device_claim(struct reloop_device *dev, blk_mode_t mode);

/**
 * reloop_device_unclaim() - undo reloop_device_claim()
 * @dev: the device
 * @mode: as in reloop_device_claim()
 */
void reloop_device_unclaim(struct reloop_device *dev, blk_mode_t mode);

/**
 * reloop_device_open_disk() - open the disk by its number, as a program does
 * @dev: a device the caller keeps alive
 * @mode: how to open it
 *
 * Asks the device cgroup, as any open does: hence -EPERM. May sleep; takes
 * open_mutex and the device's lock.
 *
 * Return: a handle for compat_disk_close(), or ERR_PTR: -ENXIO if the device is
 * being removed or detached; -EPERM; -EBUSY if somebody has forbidden others to
 * write to it; -EINTR if a fatal signal comes first; -ENOMEM.
 */
void *reloop_device_open_disk(struct reloop_device *dev, blk_mode_t mode);

/**
 * reloop_device_is_disposable() - whether to remove the device once it is
 *         unused
 * @dev: a device the caller keeps alive; the caller holds its lock
 *
 * Return: whether it was made for one attachment, and none is under way.
 */
bool reloop_device_is_disposable(const struct reloop_device *dev);

/**
 * reloop_device_reap() - have a transient device removed
 * @dev: a device the caller keeps alive
 *
 * A worker removes it if it is unused by then; otherwise the last close has it
 * removed. Nothing happens to a device that is not transient. Any context but
 * interrupts.
 */
void reloop_device_reap(struct reloop_device *dev);

/**
 * reloop_device_wait_reaped() - wait for the end of reloop_device_reap()'s work
 * @dev: a device the caller keeps alive
 *
 * May sleep. The caller holds no lock of the device.
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
 * reloop_device_put() - undo reloop_device_get()
 * @dev: the device; this may free it. May sleep.
 */
void reloop_device_put(struct reloop_device *dev);

/**
 * reloop_device_of() - the loop device of a disk
 * @disk: any disk
 *
 * Any context.
 *
 * Return: the device, or NULL if the disk does not belong to this driver.
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
 * reloop_device_reserve() - keep others from finding the device free
 * @dev: a device the caller keeps alive
 *
 * Takes no lock. Whoever does not look for a free device can still attach to
 * it.
 *
 * Return: whether it was free. Undone by reloop_device_unreserve().
 */
bool reloop_device_reserve(struct reloop_device *dev);

/**
 * reloop_device_reserve_known() - reserve a device that was asked for by number
 * @dev: a device the caller keeps alive
 *
 * Unlike reloop_device_reserve(), also takes a device that was made for another
 * attachment and only waits to be closed. May sleep; takes the device's lock.
 *
 * Return: whether nothing was attached and nobody else has reserved it.
 */
bool reloop_device_reserve_known(struct reloop_device *dev);

/**
 * reloop_device_unreserve() - undo reloop_device_reserve()
 * @dev: the device
 */
void reloop_device_unreserve(struct reloop_device *dev);

#endif /* RELOOP_DEVICE_H */
