/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detaching: a device lets go of its medium at once, at the last close of the
 * device, or at that of its owner. All functions here may sleep. They take
 * open_mutex and the device's lock, unless they say that the caller holds them.
 */
#ifndef RELOOP_DETACH_H
#define RELOOP_DETACH_H

#include "device/device.h"

struct reloop_owner;

/**
 * reloop_device_detach() - LOOP_CLR_FD
 * @dev: the device
 *
 * Takes effect when the last opener closes the device, as in the kernel's own
 * driver since 6.11. On older kernels the sole opener of a device detaches it
 * at once, as there. It is told if the last flush of an overlay or a volatile
 * write cache fails; the device is detached all the same.
 *
 * Return: 0; -EIO, -ENOSPC or -EDQUOT of that flush; -ENXIO if nothing is
 * attached; -EINTR if a fatal signal comes first.
 */
int reloop_device_detach(struct reloop_device *dev);

/**
 * reloop_device_detach_and_wait() - detach one medium and wait
 * @dev: a device the caller keeps alive
 * @diskseq: sequence number of the medium
 * @timeout_ms: how long to wait, in milliseconds: 0 not at all, negative for
 *              ever
 *
 * If this succeeds, the device is detached. Its last reference to the file is
 * dropped at the return to user space, by the caller or by another one that
 * waits for the same. The same holds if this returns the error of a last flush,
 * of an overlay or a volatile write cache: then the flush has failed, and what
 * was written since the previous one is lost.
 *
 * Return: 0; -EIO, -ENOSPC or -EDQUOT of the last flush; -ESTALE if @diskseq is
 * not in the device (any more); -ENXIO if nothing is; -ETIMEDOUT, or -EINTR if
 * a signal comes first, after which the last close detaches it; -EPERM;
 * -ENOMEM.
 */
int reloop_device_detach_and_wait(struct reloop_device *dev, u64 diskseq,
				  int timeout_ms);

/**
 * reloop_device_settle() - do what is due when nobody has the device open
 * @dev: the device; the caller holds open_mutex and its lock
 *
 * Detaches the medium if the last close is to do that, and has a transient
 * device removed. May sleep.
 */
void reloop_device_settle(struct reloop_device *dev);

/**
 * reloop_device_disown_all() - detach all devices of an owner that goes
 * @owner: an owner that gets none any more; owns nothing afterwards
 *
 * Detaches those that nobody has open at once, the others at their last close.
 * All at the same time: one whose last flush or whose locks take long, since
 * its file is on a server that does not answer, holds up no other. Cannot be
 * interrupted. If nobody else has the files open, they are closed when the
 * caller returns to user space; what that closes in turn, such as a device
 * below, may go some time later. If threads cannot be made, as there is no
 * memory or a fatal signal is pending, the devices take turns.
 */
void reloop_device_disown_all(struct reloop_owner *owner);

/**
 * reloop_device_abandon() - detach a device that its caller will not learn of
 * @dev: a device the caller keeps alive
 * @diskseq: what was attached; if it is no longer there, nothing happens
 * @made: whether the device was made for it and must be removed with it
 *
 * Detaches as reloop_device_disown() does. When this returns, a device that
 * must be removed is gone; or somebody has it open, and the last close removes
 * it.
 */
void reloop_device_abandon(struct reloop_device *dev, u64 diskseq, bool made);

#endif /* RELOOP_DETACH_H */
