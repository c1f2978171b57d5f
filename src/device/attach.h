/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching: a backing file becomes the medium of a device. This is behind
 * LOOP_CONFIGURE and the control node. All functions here may sleep, take
 * open_mutex and the device's lock, and return -EINTR if a fatal signal comes
 * first. If one fails, nothing has changed.
 */
#ifndef RELOOP_ATTACH_H
#define RELOOP_ATTACH_H

#include <linux/loop.h>

#include "device/device.h"

struct reloop_attachment;

/**
 * reloop_device_attach() - LOOP_CONFIGURE and LOOP_SET_FD
 * @dev: the device
 * @mode: how the caller opened the device
 * @config: file descriptor, block size, offset, size limit, flags, name
 *
 * When this returns, a device with LO_FLAGS_PARTSCAN has its partitions, and
 * nobody could open the device before.
 *
 * Return: 0; -EBADF for a file descriptor that is bad, write-only or leads back
 * to the device; -EBUSY if the device is attached or somebody else has it open
 * exclusively; -EINVAL for a file that is neither regular nor a block device,
 * unknown flags, encryption, or a block size that this kernel does not support;
 * -EOVERFLOW for an offset or a size limit beyond a signed 64-bit number;
 * -ENOMEM; the error of the file system when asked for the file's attributes.
 */
int reloop_device_attach(struct reloop_device *dev, blk_mode_t mode,
			 const struct loop_config *config);

/**
 * reloop_device_attach_prepared() - attach what has been prepared
 * @dev: a device the caller keeps alive
 * @mode: how to open the device
 * @attachment: initialized; the device takes it over if this succeeds,
 *              otherwise it is unchanged
 *
 * When this returns, a device with LO_FLAGS_PARTSCAN has its partitions, and
 * nobody could open the device before.
 *
 * Return: 0; -EBUSY if the device is attached, being removed, or open
 * exclusively, or, with a @user, if another device keeps it from the file;
 * -EEXIST if the label is taken; -EBADF or -EINVAL if the file leads back to
 * the device or to one that is not attached; -EPERM; -EINTR; -ENOMEM.
 */
int reloop_device_attach_prepared(struct reloop_device *dev, blk_mode_t mode,
				  struct reloop_attachment *attachment);

#endif /* RELOOP_ATTACH_H */
