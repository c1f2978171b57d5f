// SPDX-License-Identifier: GPL-2.0-only
/* loop_info and loop_info64; pure C. */
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
