/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arithmetic of sizes and alignments. Pure C: built into the module and into
 * the unit tests.
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
 * An offset past the end of the file makes a device of no sectors, not an
 * error: the file may grow. Any context.
 *
 * Return: the size in sectors of 512 bytes; bytes after the last whole
 * sector are out of reach.
 */
__u64 reloop_geometry_sectors(__u64 file_size, __u64 offset, __u64 size_limit);

/**
 * reloop_geometry_can_direct() - whether every request can be direct I/O
 * @dio_align: what the backing file wants offsets and lengths to be a
 *             multiple of, in bytes, a power of two; 0 when it cannot do
 *             direct I/O
 * @block_size: the device's logical block size in bytes
 * @offset: where in the file the device begins, in bytes
 *
 * Any context.
 */
bool reloop_geometry_can_direct(unsigned int dio_align,
				unsigned int block_size, __u64 offset);

#endif /* RELOOP_GEOMETRY_H */
