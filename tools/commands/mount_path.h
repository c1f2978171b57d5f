/* SPDX-License-Identifier: GPL-2.0-only */
/* What the name of a directory to mount on leads to, when others have been mounted before. */
#ifndef RELOOP_MOUNT_PATH_H
#define RELOOP_MOUNT_PATH_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Opens directory @name, with O_PATH, as the kernel would from the root directory; but from where
 * it enters a file system of @mounted, it is looked up as after a chroot to that: no link there
 * leads out. Returns -errno, and in @is_inside whether it had entered one.
 */
int mount_path_open(const char *name, const dev_t *mounted, int count, bool *is_inside);

#endif
