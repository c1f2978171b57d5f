/* SPDX-License-Identifier: GPL-2.0-only */
/* The ioctls of a loop device, as defined by <linux/loop.h>. */
#ifndef RELOOP_IOCTL_H
#define RELOOP_IOCTL_H

#include <linux/blkdev.h>

/**
 * reloop_ioctl() - ->ioctl of the disk
 * @bdev: the device or one of its partitions
 * @mode: how it was opened
 * @cmd: LOOP_SET_FD to LOOP_CONFIGURE
 * @arg: pointer or number, as defined by <linux/loop.h>
 *
 * LOOP_SET_STATUS, LOOP_SET_STATUS64, LOOP_SET_CAPACITY, LOOP_SET_DIRECT_IO and
 * LOOP_SET_BLOCK_SIZE require the device to be open for writing or
 * CAP_SYS_ADMIN, as in the kernel's own driver.
 *
 * Return: 0; -EPERM; -EFAULT for memory that cannot be read or written; -EINVAL
 * for an unknown @cmd; otherwise the errors of attach.h, detach.h and change.h.
 */
int reloop_ioctl(struct block_device *bdev, blk_mode_t mode, unsigned int cmd,
		 unsigned long arg);

/**
 * reloop_compat_ioctl() - ->compat_ioctl of the disk, for 32-bit programs
 * @bdev: as in reloop_ioctl()
 * @mode: as in reloop_ioctl()
 * @cmd: as in reloop_ioctl()
 * @arg: as in reloop_ioctl()
 *
 * Return: as reloop_ioctl(), but -ENOIOCTLCMD for an unknown @cmd.
 */
int reloop_compat_ioctl(struct block_device *bdev, blk_mode_t mode,
			unsigned int cmd, unsigned long arg);

#endif /* RELOOP_IOCTL_H */
