// SPDX-License-Identifier: GPL-2.0-only
/* The arithmetic of sizes and alignments. */
#include "store/geometry.h"

__u64 reloop_geometry_sectors(__u64 file_size, __u64 offset, __u64 size_limit)
{
	__u64 bytes;

	if (offset >= file_size)
		return 0;

	bytes = file_size - offset;
	if (size_limit && size_limit < bytes)
		bytes = size_limit;

	return bytes >> 9;
}

bool reloop_geometry_can_direct(unsigned int dio_align,
				unsigned int block_size, __u64 offset)
{
	return dio_align && block_size >= dio_align &&
	       !(offset & (dio_align - 1));
}
