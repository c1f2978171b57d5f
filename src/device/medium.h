/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The medium of a device: the binding that requests go to, what is announced
 * about it, and its partitions.
 */
#ifndef RELOOP_MEDIUM_H
#define RELOOP_MEDIUM_H

#include "device/device.h"

struct reloop_user;

/**
 * reloop_medium_settle() - check that requests will end soon
 * @dev: the device; its lock may be held
 *
 * For callers that others may wait for in turn. May sleep, for a second if a
 * rule delays something.
 *
 * Return: 0, or -EBUSY if writes wait for space, or a rule delays requests or
 * makes them hang.
 */
int reloop_medium_settle(struct reloop_device *dev);

/**
 * reloop_medium_swap() - let requests go to another binding
 * @dev: the device; the caller holds its lock
 * @binding: prepared, or NULL
 * @sectors: the size that goes with it; every request sees both or neither
 * @user: as in reloop_chain_swap()
 *
 * Destroys the old binding. If this fails, nothing has changed and the caller
 * still owns @binding. May sleep; freezes the queue if requests may be in
 * flight.
 *
 * Return: 0; the errors of reloop_chain_swap(); -EBUSY if writes wait for space
 * or a rule makes requests hang, but not if @binding is NULL; -ENOMEM.
 */
int reloop_medium_swap(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors,
		       struct reloop_user *user);

/**
 * reloop_medium_rebind() - prepare a binding and swap it in; the size stays
 * @dev: the device; the caller holds its lock
 * @binding: used up in any case
 *
 * May sleep.
 *
 * Return: 0; the errors of reloop_binding_prepare() and reloop_medium_swap().
 */
int reloop_medium_rebind(struct reloop_device *dev,
			 struct reloop_binding *binding);

/**
 * reloop_medium_move() - swap in a binding of another geometry
 * @dev: the device; the caller holds its lock
 * @binding: has another offset, size limit or block size; used up in any case
 * @sectors: the size that goes with it
 *
 * Drops what the page cache of the device has read with the old geometry,
 * except what somebody is reading. That is why the caller must call
 * reloop_medium_forget_pages() before and after this, without the lock. Writes
 * back dirty pages; may sleep.
 *
 * Return: as reloop_medium_rebind().
 */
int reloop_medium_move(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors);

/**
 * reloop_medium_wait() - wait until all requests of the device have ended
 * @dev: the device; no request is held up or waits long for space, and those of
 *       tasks that have closed it since have ended
 *
 * May sleep.
 */
void reloop_medium_wait(struct reloop_device *dev);

/**
 * reloop_medium_forget_pages() - drop the page cache of the device
 * @dev: a device the caller keeps alive; the caller holds none of its locks
 *
 * Drops all clean pages, including those that somebody has mapped or is
 * reading, unless a rule holds something up or a write waits for space. Keeps
 * what a file system holds, and the pages of an open partition, which has a
 * cache of its own. Waits for reads and writeback; may sleep.
 */
void reloop_medium_forget_pages(struct reloop_device *dev);

/**
 * reloop_medium_renew() - the device has other data now
 * @dev: the device; the caller holds open_mutex or has it open
 *
 * Gives the disk a new sequence number, empties its page cache, and undoes
 * BLKROSET. Tells a file system that is mounted on it, so the caller holds no
 * lock that a file system may want. The caller takes care of uevents. May
 * sleep.
 */
void reloop_medium_renew(struct reloop_device *dev);

/**
 * reloop_medium_announce_size() - announce a size that was set
 * @dev: the device; the caller holds no lock
 * @before: the old size in sectors
 * @now: the new size in sectors
 *
 * Sends a uevent in any case, and logs a line if the sizes differ. May sleep.
 */
void reloop_medium_announce_size(struct reloop_device *dev, sector_t before,
				 sector_t now);

/**
 * reloop_medium_announce_nospace() - announce that writes wait for space, or
 *         that none does any more
 * @work: io.parked.tell of a device
 *
 * Logs a line in both cases, and sends a uevent in the first. A wait that is
 * over before this runs is not announced. May sleep; the caller holds no lock.
 */
void reloop_medium_announce_nospace(struct work_struct *work);

/**
 * reloop_medium_set_origin() - set who has attached the medium
 * @dev: the device, which has no binding; the caller holds its lock
 * @origin: the device owns it if this succeeds
 *
 * Return: 0, or -EEXIST if the label is taken.
 */
int reloop_medium_set_origin(struct reloop_device *dev,
			     struct reloop_origin *origin);

/**
 * reloop_medium_take_origin() - undo reloop_medium_set_origin()
 * @dev: the device, as in reloop_medium_set_origin()
 *
 * Return: the origin, which the caller then owns.
 */
struct reloop_origin *reloop_medium_take_origin(struct reloop_device *dev);

/**
 * reloop_medium_allow_scan() - allow partition scans
 * @dev: the device; the caller holds its lock
 */
void reloop_medium_allow_scan(struct reloop_device *dev);

/**
 * reloop_medium_forbid_scan() - forbid partition scans
 * @dev: the device; the caller holds its lock, or it is not public yet
 *
 * Disks with partition minors of their own are always scanned.
 */
void reloop_medium_forbid_scan(struct reloop_device *dev);

/**
 * reloop_medium_scan() - bring the partitions in line with the disk
 * @dev: the device; the caller holds open_mutex
 *
 * Reads the disk. May sleep.
 */
void reloop_medium_scan(struct reloop_device *dev);

/**
 * reloop_medium_lock_and_scan() - take open_mutex and call reloop_medium_scan()
 * @dev: the device
 */
void reloop_medium_lock_and_scan(struct reloop_device *dev);

#endif /* RELOOP_MEDIUM_H */
