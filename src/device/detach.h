/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device lets go of its medium: at once, by the last close or its owner's.
 * These may sleep, and take open_mutex and the device's lock where they do not
 * say that the caller has them.
 */
#ifndef RELOOP_DETACH_H
#define RELOOP_DETACH_H

#include "device/device.h"

/**
 * reloop_device_detach() - LOOP_CLR_FD
 * @dev: the device
 *
 * Takes effect when the last opener closes the device; since 6.11 the kernel's
 * own driver does it so. On older kernels the sole opener of a device
 * detaches it at once, as there, and is told if the last flush failed of an
 * overlay or a volatile write cache: then it is detached all the same.
 *
 * Return: 0; -EIO, -ENOSPC or -EDQUOT of that flush; -ENXIO when nothing is
 * attached; -EINTR when a fatal signal came first.
 */
int reloop_device_detach(struct reloop_device *dev);

/**
 * reloop_device_detach_and_wait() - detach one medium and wait
 * @dev: a device the caller keeps alive
 * @diskseq: which medium
 * @timeout_ms: how long to wait: 0 not at all, less than 0 without end
 *
 * When it succeeds, the device is detached, and the last of its references to
 * the file is one that the caller drops at the return to user space, or another
 * caller who waits for the same. The same if the answer is one of the last flush,
 * of an overlay or a volatile write cache: it failed, and what was written since
 * the one before is lost.
 *
 * Return: 0; -EIO, -ENOSPC or -EDQUOT of the last flush; -ESTALE when @diskseq
 * is not in the device (any more); -ENXIO when nothing is; -ETIMEDOUT, or -EINTR
 * when a signal came first, after which the last close detaches it; -EPERM;
 * -ENOMEM.
 */
int reloop_device_detach_and_wait(struct reloop_device *dev, u64 diskseq,
				  int timeout_ms);

/**
 * reloop_device_settle() - what is due when nobody has the device open
 * @dev: the device; open_mutex and its lock are held
 *
 * Detaches what is to go with the last close, and has a device removed that was
 * made for it. May sleep.
 */
void reloop_device_settle(struct reloop_device *dev);

/**
 * reloop_device_disown() - the owner is gone
 * @dev: a device the caller keeps alive
 * @owner: the owner; nothing happens if the device is not its own any more
 * @medium: what it had when it was, of reloop_owner_get_first()
 *
 * Detached at once if nobody has it open, else by the last close. Not to be
 * interrupted.
 */
void reloop_device_disown(struct reloop_device *dev,
			  const struct reloop_owner *owner,
			  unsigned int medium);

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

#endif /* RELOOP_DETACH_H */
