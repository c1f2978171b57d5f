// SPDX-License-Identifier: GPL-2.0-only
/* loop_info and loop_info64, and the arithmetic of sizes and alignments. */
#ifndef __KERNEL__
#include <stdbool.h>
#endif

#include "device/info.h"

#define OFFSET_MAX_BYTES	((__u64)~0ULL >> 1)

int reloop_info_check(const struct loop_info64 *info)
{
	if (info->lo_encrypt_key_size > LO_KEY_SIZE)
		return -EINVAL;
	if (info->lo_encrypt_type != LO_CRYPT_NONE)
		return -EINVAL;
	if (info->lo_offset > OFFSET_MAX_BYTES ||
	    info->lo_sizelimit > OFFSET_MAX_BYTES)
		return -EOVERFLOW;

	return 0;
}

__u64 reloop_info_sectors(__u64 file_size, __u64 offset, __u64 size_limit)
{
	__u64 bytes;

	if (offset >= file_size)
		return 0;

	bytes = file_size - offset;
	if (size_limit && size_limit < bytes)
		bytes = size_limit;

	return bytes >> 9;
}

bool reloop_info_can_direct(unsigned int dio_align, unsigned int block_size,
			    __u64 offset)
{
	return dio_align && block_size >= dio_align &&
	       !(offset & (dio_align - 1));
}
