/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A backing file becomes the medium of a device: the verbs of LOOP_CONFIGURE
 * and of the control node. They may sleep, take open_mutex and the device's
 * lock, and return -EINTR when a fatal signal came first. What fails has changed
 * nothing.
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
 * reloop_device_attach_prepared() - attach what has been put together
 * @dev: a device the caller keeps alive
 * @mode: how the device is to be opened
 * @attachment: initialised; the device's if this succeeds, else unchanged
 *
 * When it returns, the partitions of a device with LO_FLAGS_PARTSCAN are
 * there, and nobody could open the device before they were.
 *
 * Return: 0; -EBUSY when the device is attached, being removed, or open
 * exclusively, or, then with a @user, when another one keeps it from the file;
 * -EEXIST when the label is taken; -EBADF or -EINVAL when the
 * file leads back to the device or to one that is not attached; -EPERM;
 * -EINTR; -ENOMEM.
 */
int reloop_device_attach_prepared(struct reloop_device *dev, blk_mode_t mode,
				  struct reloop_attachment *attachment);

#endif /* RELOOP_ATTACH_H */
