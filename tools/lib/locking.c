// SPDX-License-Identifier: GPL-2.0-only
#include "lib/locking.h"

#include <linux/magic.h>
#include <stdint.h>
#include <sys/vfs.h>

/*
 * On SMB the kernel writes through another open file than the locked one. A FUSE server that has
 * locks of its own is told of a close as that of another owner.
 */
enum locking locking_on(long type)
{
	switch ((uint32_t)type) {
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
		return LOCKING_HARMS;
	case FUSE_SUPER_MAGIC:
		return LOCKING_MAY_STAY;
	default:
		return LOCKING_SOUND;
	}
}

enum locking locking_of(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) ? LOCKING_MAY_STAY : locking_on(fs.f_type);
}
