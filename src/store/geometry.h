/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arithmetic of sizes and alignments. Pure C, built into both the module
 * and the unit tests.
 */
#ifndef RELOOP_GEOMETRY_H
#define RELOOP_GEOMETRY_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/**
 * reloop_geometry_sectors() - the size of a loop device
 * @file_size: size of the backing file in bytes
 * @offset: where in the file the device begins, in bytes
 * @size_limit: upper limit of the device's size in bytes, 0 for none
 *
 * With an offset past the end of the file the device has no sectors. That is no
 * error, since the file may grow. Any context.
 *
 * Return: the size in sectors of 512 bytes. Bytes after the last whole sector
 * cannot be accessed.
 */
__u64 reloop_geometry_sectors(__u64 file_size, __u64 offset, __u64 size_limit);

/**
 * reloop_geometry_can_direct() - whether every request can be direct I/O
 * @dio_align: alignment of offsets and lengths that the backing file needs for
 *             direct I/O, in bytes, a power of two; 0 if it cannot do direct
 *             I/O
 * @block_size: the device's logical block size in bytes
 * @offset: where in the file the device begins, in bytes
 *
 * Any context.
 */
bool reloop_geometry_can_direct(unsigned int dio_align,
				unsigned int block_size, __u64 offset);

#endif /* RELOOP_GEOMETRY_H */
