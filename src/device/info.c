// SPDX-License-Identifier: GPL-2.0-only
/* loop_info and loop_info64, and what a label is. */
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

/* LABEL-partN is the link to a partition. */
static bool label_is_partition(const char *label)
{
	const char *end = strrchr(label, '-');

	if (!end || strncmp(end, "-part", 5))
		return false;

	end += 5;
	return *end && !end[strspn(end, "0123456789")];
}

bool reloop_info_label_ok(const char *label)
{
	size_t len = strnlen(label, RELOOP_LABEL_SIZE), i;

	if (len == RELOOP_LABEL_SIZE)
		return false;
	for (i = 0; i < len; i++)
		if (label[i] < ' ' || label[i] > '~' || label[i] == '/')
			return false;

	return strcmp(label, ".") && strcmp(label, "..") &&
	       !label_is_partition(label);
}
