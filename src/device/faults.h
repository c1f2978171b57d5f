/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules by which requests of a device fail, as its medium has them. */
#ifndef RELOOP_DEVICE_FAULTS_H
#define RELOOP_DEVICE_FAULTS_H

#include "device/device.h"

/**
 * reloop_device_fault() - RELOOP_CTL_FAULT
 * @dev: a device the caller keeps alive
 * @fault: a rule to add, or what clears all rules; checked
 *
 * Tells of it in the kernel log. May sleep, but waits for no request and for nobody
 * who does: it is what ends their waiting.
 *
 * Return: 0; -ESTALE when @fault->diskseq is not in the device (any more); -ENXIO
 * when nothing is; -ENOSPC when there are %RELOOP_FAULTS_MAX rules; -ENOMEM.
 */
int reloop_device_fault(struct reloop_device *dev,
			const struct reloop_fault *fault);

/**
 * reloop_device_clear_faults() - no request is to fail by a rule any more
 * @dev: a device the caller keeps alive
 * @diskseq: of which medium; nothing happens if it is not in the device
 *
 * As what clears all rules, and told if there were any. May sleep, as there.
 */
void reloop_device_clear_faults(struct reloop_device *dev, u64 diskseq);

/**
 * reloop_device_hold_up_nothing() - the device is to be detached
 * @dev: a device the caller keeps alive
 * @diskseq: which medium is to go, or 0 for whichever there is
 *
 * No rule keeps a request any more. Before any lock is taken that somebody may have
 * who waits for one. May sleep.
 */
void reloop_device_hold_up_nothing(struct reloop_device *dev, u64 diskseq);

#endif /* RELOOP_DEVICE_FAULTS_H */
