/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The medium of a device: which binding requests go to, what is announced of
 * it, its partitions.
 */
#ifndef RELOOP_MEDIUM_H
#define RELOOP_MEDIUM_H

#include "device/device.h"

struct reloop_user;

/**
 * reloop_medium_settle() - before what waits for requests, and may be waited for
 * @dev: the device; its lock is held, or not
 *
 * May sleep, for a second where something is delayed by a rule.
 *
 * Return: 0, or -EBUSY when writes wait for space, or requests hang or are delayed
 * by a rule.
 */
int reloop_medium_settle(struct reloop_device *dev);

/**
 * reloop_medium_swap() - let requests go to another binding
 * @dev: the device; its lock is held
 * @binding: prepared, or NULL
 * @sectors: the size that goes with it: no request sees one and not the other
 * @user: as of reloop_chain_swap()
 *
 * The old binding is destroyed. Where it fails nothing has changed and @binding
 * is still the caller's. May sleep; freezes the queue where requests may be in
 * flight.
 *
 * Return: 0; the errors of reloop_chain_swap(); -EBUSY when writes wait for
 * space or requests hang by a rule, but not without @binding; -ENOMEM.
 */
int reloop_medium_swap(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors,
		       struct reloop_user *user);

/**
 * reloop_medium_rebind() - prepare a binding and swap it in; the size stays
 * @dev: the device; its lock is held
 * @binding: used up in any case
 *
 * May sleep.
 *
 * Return: 0; the errors of reloop_binding_prepare() and reloop_medium_swap().
 */
int reloop_medium_rebind(struct reloop_device *dev,
			 struct reloop_binding *binding);

/**
 * reloop_medium_move() - the same for a binding of another geometry
 * @dev: the device; its lock is held
 * @binding: of another offset, size limit or block size; used up in any case
 * @sectors: the size that goes with it
 *
 * What was read with the old geometry leaves the page cache of the device, but for
 * what somebody is reading: reloop_medium_forget_pages(), before and after this
 * without the lock, is for that. Writes back what is dirty; may sleep.
 *
 * Return: as reloop_medium_rebind().
 */
int reloop_medium_move(struct reloop_device *dev,
		       struct reloop_binding *binding, sector_t sectors);

/**
 * reloop_medium_wait() - until all that was sent to the device has ended
 * @dev: the device; nothing of it is held up, nor waits for space for long; what
 *	 was sent by who has closed it since has ended
 *
 * May sleep.
 */
void reloop_medium_wait(struct reloop_device *dev);

/**
 * reloop_medium_forget_pages() - drop what the page cache of the device has
 * @dev: a device the caller keeps alive; no lock of it is held
 *
 * All that is clean, also what somebody has mapped or is reading at this moment,
 * unless something is held up by a rule or waits for space; but not what a file
 * system holds, nor the pages of a partition that is open, which has a cache of
 * its own. Waits for reads and for writing back; may sleep.
 */
void reloop_medium_forget_pages(struct reloop_device *dev);

/**
 * reloop_medium_renew() - other data is below
 * @dev: the device, with open_mutex held, or open
 *
 * A new disk sequence number, an empty page cache, nothing left of BLKROSET.
 * Tells a file system that is mounted on it, so no lock that one may want is
 * held. Uevents are the caller's business. May sleep.
 */
void reloop_medium_renew(struct reloop_device *dev);

/**
 * reloop_medium_announce_size() - tell of a size that was set
 * @dev: the device; no lock is held
 * @before: sectors it had
 * @now: sectors it has
 *
 * A uevent in any case, and a line in the log where they differ. May sleep.
 */
void reloop_medium_announce_size(struct reloop_device *dev, sector_t before,
				 sector_t now);

/**
 * reloop_medium_announce_nospace() - tell that writes wait for space, or that
 * none does any more
 * @work: io.parked.tell of a device
 *
 * A line in the log each time, and a uevent the first. What was over before this
 * ran is not told. May sleep; no lock is held.
 */
void reloop_medium_announce_nospace(struct work_struct *work);

/**
 * reloop_medium_set_origin() - who has attached it
 * @dev: the device; its lock is held, and no attribute shows its origin
 * @origin: the device's if this succeeds
 *
 * Return: 0, or -EEXIST when the label is taken.
 */
int reloop_medium_set_origin(struct reloop_device *dev,
			     struct reloop_origin *origin);

/**
 * reloop_medium_take_origin() - the end of reloop_medium_set_origin()
 * @dev: the device, as there
 *
 * Return: the origin, now the caller's.
 */
struct reloop_origin *reloop_medium_take_origin(struct reloop_device *dev);

/**
 * reloop_medium_allow_scan() - partitions are to be scanned for
 * @dev: the device; its lock is held
 */
void reloop_medium_allow_scan(struct reloop_device *dev);

/**
 * reloop_medium_forbid_scan() - not any more
 * @dev: the device; its lock is held, or it is not public yet
 *
 * Disks with partition minors of their own are always scanned.
 */
void reloop_medium_forbid_scan(struct reloop_device *dev);

/**
 * reloop_medium_scan() - bring the partitions in line with the disk
 * @dev: the device; open_mutex is held
 *
 * Reads the disk. May sleep.
 */
void reloop_medium_scan(struct reloop_device *dev);

/**
 * reloop_medium_lock_and_scan() - the same, and takes open_mutex for it
 * @dev: the device
 */
void reloop_medium_lock_and_scan(struct reloop_device *dev);

#endif /* RELOOP_MEDIUM_H */
