/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The structs of <linux/loop.h> and the arithmetic of sizes and alignments.
 * Pure C: built into the module and into the unit tests.
 */
#ifndef RELOOP_INFO_H
#define RELOOP_INFO_H

#include <linux/loop.h>
#include <linux/types.h>

/**
 * reloop_info_check() - refuse what a loop device cannot be told
 * @info: the status a caller wants to set
 *
 * The rules are those of the kernel's own driver. Any context.
 *
 * Return: 0, -EINVAL when encryption is asked for or the key size is out of
 * range, -EOVERFLOW when the offset or the size limit does not fit a signed
 * 64-bit number.
 */
int reloop_info_check(const struct loop_info64 *info);

/**
 * reloop_info_from_old() - widen the status struct of LOOP_SET_STATUS
 * @old: what the caller passed
 * @info: receives the same; the size limit, which @old lacks, becomes 0
 *
 * Encryption fields are ignored, as the kernel's own driver ignores them in
 * this call. Any context.
 */
void reloop_info_from_old(const struct loop_info *old, struct loop_info64 *info);

/**
 * reloop_info_to_old() - narrow a status for LOOP_GET_STATUS
 * @info: the status of the device
 * @old: receives it
 *
 * Any context.
 *
 * Return: 0, or -EOVERFLOW when the offset or a device or inode number does
 * not fit the narrower field.
 */
int reloop_info_to_old(const struct loop_info64 *info, struct loop_info *old);

/**
 * reloop_info_sectors() - the size of a loop device
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
__u64 reloop_info_sectors(__u64 file_size, __u64 offset, __u64 size_limit);

/**
 * reloop_info_can_direct() - whether every request can be direct I/O
 * @dio_align: what the backing file wants offsets and lengths to be a
 *             multiple of, in bytes, a power of two; 0 when it cannot do
 *             direct I/O
 * @block_size: the device's logical block size in bytes
 * @offset: where in the file the device begins, in bytes
 *
 * Any context.
 */
bool reloop_info_can_direct(unsigned int dio_align, unsigned int block_size,
			    __u64 offset);

#endif /* RELOOP_INFO_H */
