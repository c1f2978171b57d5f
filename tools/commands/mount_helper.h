/* SPDX-License-Identifier: GPL-2.0-only */
/* The program that mount(8) runs for the type "reloop", on the command line and in fstab(5). */
#ifndef RELOOP_MOUNT_HELPER_H
#define RELOOP_MOUNT_HELPER_H

#define MOUNT_HELPER "mount.reloop"

/* Returns an exit status of mount(8). */
int mount_helper(int argc, char **argv);

#endif
