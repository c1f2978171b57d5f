/* SPDX-License-Identifier: GPL-2.0-only */
/* The ioctls of a loop device, as <linux/loop.h> has them. */
#ifndef RELOOP_IOCTL_H
#define RELOOP_IOCTL_H

#include <linux/blkdev.h>

/**
 * reloop_ioctl() - ->ioctl of the disk
 * @bdev: the device or one of its partitions
 * @mode: how it was opened
 * @cmd: LOOP_SET_FD to LOOP_CONFIGURE
 * @arg: pointer or number, as <linux/loop.h> says
 *
 * LOOP_SET_STATUS, LOOP_SET_STATUS64, LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO
 * and LOOP_SET_BLOCK_SIZE want the device open for writing or
 * CAP_SYS_ADMIN; that is what the kernel's own driver asks.
 *
 * Return: 0; -EPERM; -EFAULT for memory that cannot be read or written;
 * -EINVAL for an unknown @cmd; else the errors of the verb, see attach.h,
 * detach.h and change.h.
 */
int reloop_ioctl(struct block_device *bdev, blk_mode_t mode, unsigned int cmd,
		 unsigned long arg);

/**
 * reloop_compat_ioctl() - ->compat_ioctl of the disk, for 32-bit programs
 * @bdev: as reloop_ioctl()
 * @mode: as reloop_ioctl()
 * @cmd: as reloop_ioctl()
 * @arg: as reloop_ioctl()
 *
 * Return: as reloop_ioctl(), but -ENOIOCTLCMD for an unknown @cmd.
 */
int reloop_compat_ioctl(struct block_device *bdev, blk_mode_t mode,
			unsigned int cmd, unsigned long arg);

#endif /* RELOOP_IOCTL_H */
