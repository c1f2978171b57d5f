// SPDX-License-Identifier: GPL-2.0-only
#include "lib/locking.h"

#include <linux/magic.h>
#include <stdint.h>
#include <sys/vfs.h>

/*
 * The servers of these file systems have no flock, so the kernel turns it into a lock of all bytes,
 * which would conflict with this program's own byte locks (lib/locks.h). On SMB these prevent even
 * the program's own writes, since the kernel writes through another open file than the locked one.
 */
bool locking_has(long type, enum locking kind)
{
	switch ((uint32_t)type) {
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
		return false;
	case NFS_SUPER_MAGIC:
	case V9FS_MAGIC:
		return kind == LOCKING_BYTES;
	default:
		return true;
	}
}

bool locking_is_for(int fd, enum locking kind)
{
	struct statfs fs;

	return fstatfs(fd, &fs) || locking_has(fs.f_type, kind);
}
