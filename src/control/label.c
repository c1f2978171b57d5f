// SPDX-License-Identifier: GPL-2.0-only
/* What a valid label is; pure C. */
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#include "control/label.h"

/* LABEL-partN is the link to a partition. */
static bool label_is_partition(const char *label)
{
	const char *end = strrchr(label, '-');

	if (!end || strncmp(end, "-part", 5))
		return false;

	end += 5;
	return *end && !end[strspn(end, "0123456789")];
}

bool reloop_label_ok(const char *label)
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
