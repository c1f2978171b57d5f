/* SPDX-License-Identifier: GPL-2.0-only */
/* Which usable kinds of file locks a file system has. */
#ifndef RELOOP_LOCKING_H
#define RELOOP_LOCKING_H

#include <stdbool.h>

enum locking {
	LOCKING_WHOLE,		/* flock(2), which does not conflict with byte locks */
	LOCKING_BYTES,		/* fcntl(2) byte locks, which prevent no read or write */
};

/* @type: f_type of fstatfs(2) */
bool locking_has(long type, enum locking kind);

/* For the file system that @fd is on. If it is not known, both kinds are assumed. */
bool locking_is_for(int fd, enum locking kind);

#endif
