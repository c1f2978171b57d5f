/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules by which requests of a device fail, for the medium it has. */
#ifndef RELOOP_DEVICE_FAULTS_H
#define RELOOP_DEVICE_FAULTS_H

#include "device/device.h"

/**
 * reloop_device_fault() - RELOOP_CTL_FAULT
 * @dev: a device the caller keeps alive
 * @fault: a rule to add, or a request to clear all rules; checked
 *
 * Logs what it does. May sleep, but waits for no request, and for nobody who
 * does: this is what ends such waiting.
 *
 * Return: 0; -ESTALE if @fault->diskseq is not in the device (any more); -ENXIO
 * if nothing is; -ENOSPC if there are %RELOOP_FAULTS_MAX rules; -ENOMEM.
 */
int reloop_device_fault(struct reloop_device *dev,
			const struct reloop_fault *fault);

/**
 * reloop_device_clear_faults() - clear all rules
 * @dev: a device the caller keeps alive
 * @diskseq: sequence number of the medium; if it is not in the device, nothing
 *           happens
 *
 * Does what reloop_device_fault() does to clear all rules, and logs it if there
 * have been any. May sleep likewise.
 */
void reloop_device_clear_faults(struct reloop_device *dev, u64 diskseq);

/**
 * reloop_device_hold_up_nothing() - hold up nothing, since a detach is to come
 * @dev: a device the caller keeps alive
 * @diskseq: sequence number of the medium to be detached, or 0 for any
 *
 * From now on no rule holds up a request. Must be called before taking any lock
 * whose holder may be waiting for a request. May sleep.
 */
void reloop_device_hold_up_nothing(struct reloop_device *dev, u64 diskseq);

#endif /* RELOOP_DEVICE_FAULTS_H */
