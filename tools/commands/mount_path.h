/* SPDX-License-Identifier: GPL-2.0-only */
/* What the name of a directory to mount on leads to after others have been mounted. */
#ifndef RELOOP_MOUNT_PATH_H
#define RELOOP_MOUNT_PATH_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Opens the directory @name with O_PATH, as the kernel would from the root directory; but as soon
 * as the path enters a file system of @mounted, the rest is looked up as after a chroot into it: no
 * link there leads out. Returns -errno; @is_inside receives whether it had entered one.
 */
int mount_path_open(const char *name, const dev_t *mounted, int count, bool *is_inside);

#endif
