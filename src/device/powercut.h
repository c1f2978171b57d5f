/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts the power of a device. */
#ifndef RELOOP_DEVICE_POWERCUT_H
#define RELOOP_DEVICE_POWERCUT_H

#include "device/device.h"

/**
 * reloop_device_powercut() - RELOOP_CTL_POWERCUT
 * @dev: a device the caller keeps alive
 * @cut: checked; receives how much was kept and how much was dropped
 *
 * Clears the rules by which requests fail, and logs all of this. May sleep;
 * takes no lock whose holder may be waiting for a request.
 *
 * Return: 0; -ESTALE if @cut->diskseq is not in the device (any more); -ENXIO
 * if nothing is; -EOPNOTSUPP if its cache is not volatile; -EALREADY if its
 * power was cut before; -ENOSPC, -EDQUOT or -EIO of the file system, in which
 * case the power is cut as well.
 */
int reloop_device_powercut(struct reloop_device *dev,
			   struct reloop_powercut *cut);

#endif /* RELOOP_DEVICE_POWERCUT_H */
