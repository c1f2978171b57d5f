/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be changed or queried while a device is attached: a function for
 * each ioctl of <linux/loop.h>. All of them may sleep, take the device's lock,
 * and return -EINTR if a fatal signal comes first. If one fails, nothing has
 * changed.
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
 * Return: 0; -ENXIO if nothing is attached; -EBADF as in
 * reloop_device_attach(); -EINVAL if the device is not read-only, the sizes
 * differ or the file is of the wrong kind; -ENOMEM; the error of the file
 * system when asked for the size.
 */
int reloop_device_change_file(struct reloop_device *dev, unsigned int fd);

/**
 * reloop_device_set_status() - LOOP_SET_STATUS and LOOP_SET_STATUS64
 * @dev: the device
 * @info: offset, size limit, name; of the flags, AUTOCLEAR is set or cleared,
 *        PARTSCAN can only be set, and all others are ignored
 *
 * Return: 0; -ENXIO if nothing is attached; the errors of reloop_info_check();
 * -ENOMEM; the error of the file system when asked for the size.
 */
int reloop_device_set_status(struct reloop_device *dev,
			     const struct loop_info64 *info);

/**
 * reloop_device_get_status() - LOOP_GET_STATUS and LOOP_GET_STATUS64
 * @dev: the device
 * @info: receives the status
 *
 * Return: 0; -ENXIO if nothing is attached; the error of the file system.
 */
int reloop_device_get_status(struct reloop_device *dev,
			     struct loop_info64 *info);

/**
 * reloop_device_update_size() - LOOP_SET_CAPACITY
 * @dev: the device
 *
 * Return: 0; -ENXIO if nothing is attached; the error of the file system.
 */
int reloop_device_update_size(struct reloop_device *dev);

/**
 * reloop_device_set_cache() - LOOP_SET_DIRECT_IO and the attribute cache
 * @dev: the device
 * @cache: how data uses the page cache of the backing file
 *
 * Return: 0; -ENXIO if nothing is attached; -EINVAL if the backing file, the
 * offset or the block size forbids it; -ENOMEM.
 */
int reloop_device_set_cache(struct reloop_device *dev, enum reloop_cache cache);

/**
 * reloop_device_set_block_size() - LOOP_SET_BLOCK_SIZE
 * @dev: the device
 * @mode: how the caller opened the device
 * @size: the new logical block size in bytes, 0 for the default
 *
 * Turns direct I/O off if the size forbids it.
 *
 * Return: 0; -ENXIO if nothing is attached; -EBUSY if somebody else has the
 * device open exclusively; -EINVAL for a size that this kernel does not
 * support; -ENOMEM.
 */
int reloop_device_set_block_size(struct reloop_device *dev, blk_mode_t mode,
				 unsigned long size);

#endif /* RELOOP_CHANGE_H */
