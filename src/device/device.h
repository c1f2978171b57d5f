/* SPDX-License-Identifier: GPL-2.0-only */
/* One loop device: created, attached, changed, detached, removed. */
#ifndef RELOOP_DEVICE_H
#define RELOOP_DEVICE_H

#include <linux/blkdev.h>
#include <linux/loop.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "io/io.h"
#include "device/state.h"

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

struct reloop_attachment;
struct reloop_origin;
struct reloop_owner;

/**
 * struct reloop_device - a loop device
 * @lock: guards @state, @autoclear and changes of @io.binding
 * @state: written by device_advance() alone; read without the lock to look
 *         for a free device and to show it
 * @autoclear: detach at the last close
 * @transient: made for one attachment: to be removed when it is detached and
 *             nobody has it open; written under @lock
 * @uevent_lock: keeps uevents that are not sent under @lock from those that are
 *               suppressed without it; taken with no other lock held
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
	struct rw_semaphore opening;
	atomic_t reserved;
	struct reloop_origin *origin;
	struct reloop_owner *owner;
	struct list_head owned;
	unsigned int detached;
	wait_queue_head_t waiters;
	struct work_struct reap;
	struct workqueue_struct *reaper;
	unsigned int index;
	struct gendisk *disk;
	struct reloop_io io;
};

/**
 * struct reloop_disk_params - what all disks have in common
 * @major: block major
 * @name: prefix of the disk names
 * @part_shift: log2 of the minors of one disk; 0 for no partition minors of
 *              its own, and no partition scan unless a device asks for it
 * @io: of the data path
 * @reap: removes a transient device, of which it is the work, and drops a
 *        reference
 * @reaper: where @reap runs
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
 * @transient: whether it is made for one attachment; then it is reserved, as
 *             by reloop_device_reserve()
 *
 * May sleep; the disk's uevent is out when this returns. The caller owns the
 * device and gives it to reloop_device_destroy().
 *
 * Return: the device or ERR_PTR, -ENOMEM in the main.
 */
struct reloop_device *
reloop_device_create(unsigned int index,
		     const struct reloop_disk_params *params, bool transient);

/**
 * reloop_device_retire() - claim an unused device for its removal
 * @dev: a device the caller keeps alive
 * @transient: only if it is still transient, and not reserved
 *
 * May sleep; takes the device's lock.
 *
 * Return: 0, after which nobody else can attach, open or retire it; -EBUSY
 * when it is attached, open or not transient, -ENODEV when it is being removed, -EINTR when
 * a fatal signal came first.
 */
int reloop_device_retire(struct reloop_device *dev, bool transient);

/**
 * reloop_device_reap() - have a transient device removed
 * @dev: a device the caller keeps alive
 *
 * If it is unused by then; if not, the last close has it removed. Nothing
 * happens to a device that is not transient. The removal is the work
 * @dev->reap.
 */
void reloop_device_reap(struct reloop_device *dev);

/**
 * reloop_device_destroy() - delete the disk
 * @dev: retired, or any device when the module is unloaded
 *
 * The memory stays until the last reference to the disk is gone; the
 * caller's goes with reloop_device_put(). May sleep.
 */
void reloop_device_destroy(struct reloop_device *dev);

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

/*
 * The device's verbs for the ioctls of the control node. They open the device
 * as a program does, so ask what an open asks: of the device cgroup, -EPERM.
 * They may sleep and take the device's lock.
 */

/**
 * reloop_device_attach_prepared() - attach what has been put together
 * @dev: a device the caller keeps alive
 * @mode: how the device is to be opened
 * @attachment: initialised; the device's if this succeeds, else unchanged
 *
 * When it returns, the partitions of a device with LO_FLAGS_PARTSCAN are
 * there, and nobody could open the device before they were.
 *
 * Return: 0; -EBUSY when the device is attached, being removed, or open
 * exclusively; -EEXIST when the label is taken; -EBADF or -EINVAL when the
 * file leads back to the device or to one that is not attached; -EPERM;
 * -EINTR; -ENOMEM.
 */
int reloop_device_attach_prepared(struct reloop_device *dev, blk_mode_t mode,
				  struct reloop_attachment *attachment);

/**
 * reloop_device_detach_and_wait() - detach one medium and wait
 * @dev: a device the caller keeps alive
 * @diskseq: which medium
 * @timeout_ms: how long to wait: 0 not at all, less than 0 without end
 *
 * When it succeeds, the device is detached, and the last of its references to
 * the file is one that the caller drops at the return to user space.
 *
 * Return: 0; -ESTALE when @diskseq is not in the device (any more); -ENXIO
 * when nothing is; -ETIMEDOUT, or -EINTR when a signal came first, after
 * which the last close detaches it; -EPERM; -ENOMEM.
 */
int reloop_device_detach_and_wait(struct reloop_device *dev, u64 diskseq,
				  int timeout_ms);

/**
 * reloop_device_disown() - the owner is gone
 * @dev: a device the caller keeps alive
 * @owner: the owner; nothing happens if the device is not its own any more
 *
 * Detached at once if nobody has it open, else by the last close. Not to be
 * interrupted.
 */
void reloop_device_disown(struct reloop_device *dev,
			  const struct reloop_owner *owner);

/**
 * reloop_device_abandon() - who attached will never know
 * @dev: a device the caller keeps alive
 * @diskseq: what was attached; nothing happens if it is not there any more
 * @made: whether the device was made for it and is to be removed with it
 *
 * Detached as by reloop_device_disown(). When this returns, a device to be
 * removed is gone, or somebody has it open, and the last close removes it.
 */
void reloop_device_abandon(struct reloop_device *dev, u64 diskseq, bool made);

/*
 * The device's verbs, one for each ioctl of <linux/loop.h>. All of them may
 * sleep, take the device's lock, and return -EINTR when a fatal signal came
 * first. The caller has the device open. A verb that fails has changed
 * nothing.
 */

/**
 * reloop_device_attach() - LOOP_CONFIGURE and LOOP_SET_FD
 * @dev: the device
 * @mode: how the caller opened the device
 * @config: file descriptor, block size, offset, size limit, flags, name
 *
 * When it returns, the partitions of a device with LO_FLAGS_PARTSCAN are
 * there, and nobody could open the device before they were.
 *
 * Return: 0; -EBADF for a bad or a write-only file descriptor or one that
 * leads back to the device; -EBUSY when the device is attached or somebody
 * else has it open exclusively; -EINVAL for a file that is neither regular
 * nor a block device, unknown flags, encryption, or a block size this kernel
 * cannot have; -EOVERFLOW for an offset or a size limit beyond a signed
 * 64-bit number; -ENOMEM; what the file system answers when asked for the
 * file's attributes.
 */
int reloop_device_attach(struct reloop_device *dev, blk_mode_t mode,
			 const struct loop_config *config);

/**
 * reloop_device_detach() - LOOP_CLR_FD
 * @dev: the device
 *
 * Takes effect when the last opener closes the device; since 6.11 the kernel's
 * own driver does it so. On older kernels the sole opener of a device
 * detaches it at once, as there.
 *
 * Return: 0, or -ENXIO when nothing is attached.
 */
int reloop_device_detach(struct reloop_device *dev);

/**
 * reloop_device_change_file() - LOOP_CHANGE_FD
 * @dev: the device
 * @fd: file descriptor of the new backing file
 *
 * Return: 0; -ENXIO when nothing is attached; -EBADF as
 * reloop_device_attach(); -EINVAL when the device is not read-only, the
 * sizes differ or the file is of the wrong kind; -ENOMEM.
 */
int reloop_device_change_file(struct reloop_device *dev, unsigned int fd);

/**
 * reloop_device_set_status() - LOOP_SET_STATUS and LOOP_SET_STATUS64
 * @dev: the device
 * @info: offset, size limit, name; of the flags, AUTOCLEAR is set or
 *        cleared, PARTSCAN can be set, all others are left
 *
 * Return: 0; -ENXIO when nothing is attached; the errors of
 * reloop_info_check(); -ENOMEM.
 */
int reloop_device_set_status(struct reloop_device *dev,
			     const struct loop_info64 *info);

/**
 * reloop_device_get_status() - LOOP_GET_STATUS and LOOP_GET_STATUS64
 * @dev: the device
 * @info: receives the status
 *
 * Return: 0; -ENXIO when nothing is attached; what the file system answers.
 */
int reloop_device_get_status(struct reloop_device *dev,
			     struct loop_info64 *info);

/**
 * reloop_device_update_size() - LOOP_SET_CAPACITY
 * @dev: the device
 *
 * Return: 0; -ENXIO when nothing is attached; what the file system answers.
 */
int reloop_device_update_size(struct reloop_device *dev);

/**
 * reloop_device_set_cache() - LOOP_SET_DIRECT_IO and the attribute cache
 * @dev: the device
 * @cache: how data goes through the page cache of the backing file
 *
 * Return: 0; -ENXIO when nothing is attached; -EINVAL when the backing file,
 * its offset or the block size forbid it; -ENOMEM.
 */
int reloop_device_set_cache(struct reloop_device *dev, enum reloop_cache cache);

/**
 * reloop_device_set_block_size() - LOOP_SET_BLOCK_SIZE
 * @dev: the device
 * @mode: how the caller opened the device
 * @size: the new logical block size in bytes, 0 for the default
 *
 * Direct I/O is turned off where the size forbids it.
 *
 * Return: 0; -ENXIO when nothing is attached; -EBUSY when somebody else has
 * the device open exclusively; -EINVAL for a size this kernel cannot have;
 * -ENOMEM.
 */
int reloop_device_set_block_size(struct reloop_device *dev, blk_mode_t mode,
				 unsigned long size);

#endif /* RELOOP_DEVICE_H */
