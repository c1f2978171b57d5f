/* SPDX-License-Identifier: GPL-2.0-only */
/* The power of a device is cut. */
#ifndef RELOOP_DEVICE_POWERCUT_H
#define RELOOP_DEVICE_POWERCUT_H

#include "device/device.h"

/**
 * reloop_device_powercut() - RELOOP_CTL_POWERCUT
 * @dev: a device the caller keeps alive
 * @cut: checked; receives what was kept and what was dropped
 *
 * Clears the rules by which requests fail, and tells of all of it in the kernel
 * log. May sleep, and takes no lock that somebody may have who waits for a request.
 *
 * Return: 0; -ESTALE when @cut->diskseq is not in the device (any more); -ENXIO
 * when nothing is; -EOPNOTSUPP when its cache is not volatile; -EALREADY when its
 * power was cut before; -ENOSPC, -EDQUOT or -EIO of the file system, and then it is
 * cut as well.
 */
int reloop_device_powercut(struct reloop_device *dev,
			   struct reloop_powercut *cut);

#endif /* RELOOP_DEVICE_POWERCUT_H */
