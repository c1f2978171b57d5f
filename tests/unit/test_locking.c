// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <linux/magic.h>

#include "lib/locking.h"

static const struct {
	const char *name;
	long type;
	enum locking locking;
} cases[] = {
	{ "ext4", EXT4_SUPER_MAGIC, LOCKING_SOUND },
	{ "tmpfs", TMPFS_MAGIC, LOCKING_SOUND },
	{ "NFS", NFS_SUPER_MAGIC, LOCKING_SOUND },
	{ "9p", V9FS_MAGIC, LOCKING_SOUND },
	{ "FUSE", FUSE_SUPER_MAGIC, LOCKING_MAY_STAY },
	{ "SMB", SMB2_SUPER_MAGIC, LOCKING_HARMS },
	{ "SMB 1", CIFS_SUPER_MAGIC, LOCKING_HARMS },
	{ "SMB, from a long of 32 bits", (int)SMB2_SUPER_MAGIC, LOCKING_HARMS },
	{ "SMB 1, from a long of 32 bits", (int)CIFS_SUPER_MAGIC, LOCKING_HARMS },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(locking_on(cases[i].type) == cases[i].locking, "locks on %s",
		      cases[i].name);
	return check_end();
}
