/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be changed, and asked, of a device that is attached: a verb for each
 * ioctl of <linux/loop.h>. All of them may sleep, take the device's lock, and
 * return -EINTR when a fatal signal came first. A verb that fails has changed
 * nothing.
 */
#ifndef RELOOP_CHANGE_H
#define RELOOP_CHANGE_H

#include <linux/loop.h>

#include "device/device.h"

/**
 * reloop_device_change_file() - LOOP_CHANGE_FD
 * @dev: the device
 * @fd: file descriptor of the new backing file
 *
 * Return: 0; -ENXIO when nothing is attached; -EBADF as
 * reloop_device_attach(); -EINVAL when the device is not read-only, the
 * sizes differ or the file is of the wrong kind; -ENOMEM; what the file system
 * answers when asked for the size.
 */
int reloop_device_change_file(struct reloop_device *dev, unsigned int fd);

/**
 * reloop_device_set_status() - LOOP_SET_STATUS and LOOP_SET_STATUS64
 * @dev: the device
 * @info: offset, size limit, name; of the flags, AUTOCLEAR is set or
 *        cleared, PARTSCAN can be set, all others are left
 *
 * Return: 0; -ENXIO when nothing is attached; the errors of
 * reloop_info_check(); -ENOMEM; what the file system answers when asked for the
 * size.
 */
int reloop_device_set_status(struct reloop_device *dev,
			     const struct loop_info64 *info);

/**
 * reloop_device_get_status() - LOOP_GET_STATUS and LOOP_GET_STATUS64
 * @dev: the device
 * @info: receives the status
 *
 * Return: 0; -ENXIO when nothing is attached; what the file system answers.
 */
int reloop_device_get_status(struct reloop_device *dev,
			     struct loop_info64 *info);

/**
 * reloop_device_update_size() - LOOP_SET_CAPACITY
 * @dev: the device
 *
 * Return: 0; -ENXIO when nothing is attached; what the file system answers.
 */
int reloop_device_update_size(struct reloop_device *dev);

/**
 * reloop_device_set_cache() - LOOP_SET_DIRECT_IO and the attribute cache
 * @dev: the device
 * @cache: how data goes through the page cache of the backing file
 *
 * Return: 0; -ENXIO when nothing is attached; -EINVAL when the backing file,
 * its offset or the block size forbid it; -ENOMEM.
 */
int reloop_device_set_cache(struct reloop_device *dev, enum reloop_cache cache);

/**
 * reloop_device_set_block_size() - LOOP_SET_BLOCK_SIZE
 * @dev: the device
 * @mode: how the caller opened the device
 * @size: the new logical block size in bytes, 0 for the default
 *
 * Direct I/O is turned off where the size forbids it.
 *
 * Return: 0; -ENXIO when nothing is attached; -EBUSY when somebody else has
 * the device open exclusively; -EINVAL for a size this kernel cannot have;
 * -ENOMEM.
 */
int reloop_device_set_block_size(struct reloop_device *dev, blk_mode_t mode,
				 unsigned long size);

#endif /* RELOOP_CHANGE_H */
