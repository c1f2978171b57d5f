/* SPDX-License-Identifier: GPL-2.0-only */
/* Which locks of files a file system has that can be used here. */
#ifndef RELOOP_LOCKING_H
#define RELOOP_LOCKING_H

#include <stdbool.h>

enum locking {
	LOCKING_WHOLE,		/* flock(2), which is not in the way of those of bytes */
	LOCKING_BYTES,		/* those of fcntl(2), which keep nobody from reading or writing */
};

/* @type: f_type of fstatfs(2) */
bool locking_has(long type, enum locking kind);

/* Of what @fd is on. Where that is not known, it has both. */
bool locking_is_for(int fd, enum locking kind);

#endif
