// SPDX-License-Identifier: GPL-2.0-only
#include "check.h"

#include <linux/magic.h>

#include "lib/locking.h"

static const struct {
	const char *name;
	long type;
	bool has;
} cases[] = {
	{ "ext4", EXT4_SUPER_MAGIC, true },
	{ "tmpfs", TMPFS_MAGIC, true },
	{ "NFS", NFS_SUPER_MAGIC, true },
	{ "9p", V9FS_MAGIC, true },
	{ "SMB", SMB2_SUPER_MAGIC, false },
	{ "SMB 1", CIFS_SUPER_MAGIC, false },
	{ "SMB, from a long of 32 bits", (int)SMB2_SUPER_MAGIC, false },
	{ "SMB 1, from a long of 32 bits", (int)CIFS_SUPER_MAGIC, false },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(locking_has(cases[i].type) == cases[i].has, "locks on %s", cases[i].name);
	return check_end();
}
