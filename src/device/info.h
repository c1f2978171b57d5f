/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The structs of <linux/loop.h>. Pure C, built into both the module and the
 * unit tests.
 */
#ifndef RELOOP_INFO_H
#define RELOOP_INFO_H

#include <linux/errno.h>
#include <linux/loop.h>
#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

/**
 * reloop_info_check() - refuse a status that a loop device cannot have
 * @info: the status a caller wants to set
 *
 * The rules are those of the kernel's own driver. Any context.
 *
 * Return: 0; -EINVAL if encryption is asked for or the key size is out of
 * range; -EOVERFLOW if the offset or the size limit does not fit a signed
 * 64-bit number.
 */
int reloop_info_check(const struct loop_info64 *info);

/*
 * LOOP_SET_STATUS and LOOP_GET_STATUS use a struct loop_info. That of a 32-bit
 * program has the same members, but some are narrower. So these are macros.
 */
#define reloop_info_copy_numbers(_to, _from)					\
do {									\
	__auto_type target = (_to);					\
	__auto_type source = (_from);					\
									\
	memset(target, 0, sizeof(*target));				\
	target->lo_number = source->lo_number;				\
	target->lo_device = source->lo_device;				\
	target->lo_inode = source->lo_inode;				\
	target->lo_rdevice = source->lo_rdevice;			\
	target->lo_offset = source->lo_offset;				\
	target->lo_flags = source->lo_flags;				\
} while (0)

/**
 * reloop_info_from_old() - widen the status struct of LOOP_SET_STATUS
 * @_old: what the caller passed
 * @_info: struct loop_info64 that receives it; the size limit, which @_old
 *         lacks, becomes 0
 *
 * Encryption fields are ignored, as the kernel's own driver ignores them in
 * this call. Any context.
 */
#define reloop_info_from_old(_old, _info)				\
do {									\
	__auto_type from = (_old);					\
	struct loop_info64 *to = (_info);				\
									\
	reloop_info_copy_numbers(to, from);					\
	memcpy(to->lo_file_name, from->lo_name, LO_NAME_SIZE);		\
} while (0)

/**
 * reloop_info_to_old() - narrow a status for LOOP_GET_STATUS
 * @_info: struct loop_info64, the status of the device
 * @_old: receives it
 *
 * Any context.
 *
 * Return: 0, or -EOVERFLOW if the offset or a device or inode number does not
 * fit the narrower field.
 */
#define reloop_info_to_old(_info, _old)					\
({									\
	const struct loop_info64 *from = (_info);			\
	__auto_type to = (_old);					\
									\
	reloop_info_copy_numbers(to, from);					\
	memcpy(to->lo_name, from->lo_file_name, LO_NAME_SIZE);		\
									\
	to->lo_device != from->lo_device ||				\
	to->lo_inode != from->lo_inode ||				\
	to->lo_rdevice != from->lo_rdevice ||				\
	to->lo_offset < 0 ||						\
	(__u64)to->lo_offset != from->lo_offset ? -EOVERFLOW : 0;	\
})

#endif /* RELOOP_INFO_H */
