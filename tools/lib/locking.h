/* SPDX-License-Identifier: GPL-2.0-only */
/* On which file systems bytes of a file can be locked: fcntl(2), preventing no read or write. */
#ifndef RELOOP_LOCKING_H
#define RELOOP_LOCKING_H

#include <stdbool.h>

/* @type: f_type of fstatfs(2) */
bool locking_has(long type);

/* For the file system that @fd is on. If it is not known, that is assumed. */
bool locking_is_for(int fd);

/*
 * May such a lock stay when the file is closed? A FUSE server that has locks of its own is told of
 * a close as that of another owner. flock(2) ends with it there. If it is not known, that is
 * assumed.
 */
bool locking_may_stay(int fd);

#endif
