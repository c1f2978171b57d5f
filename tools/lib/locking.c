// SPDX-License-Identifier: GPL-2.0-only
#include "lib/locking.h"

#include <linux/magic.h>
#include <stdint.h>
#include <sys/vfs.h>

/*
 * On SMB a lock prevents even the program's own writes, since the kernel writes through another
 * open file than the locked one.
 */
bool locking_has(long type)
{
	return (uint32_t)type != SMB2_SUPER_MAGIC && (uint32_t)type != CIFS_SUPER_MAGIC;
}

bool locking_is_for(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) || locking_has(fs.f_type);
}

bool locking_may_stay(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) || (uint32_t)fs.f_type == FUSE_SUPER_MAGIC;
}
