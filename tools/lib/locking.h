/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of locks of bytes of a file, those of fcntl(2), on which file system. */
#ifndef RELOOP_LOCKING_H
#define RELOOP_LOCKING_H

enum locking {
	LOCKING_SOUND,		/* they prevent no read or write, and end with the open file */
	LOCKING_MAY_STAY,	/* the same, but one may outlast the close; flock(2) does not */
	LOCKING_HARMS,		/* they keep this program from writing these bytes */
};

/* @type: f_type of fstatfs(2) */
enum locking locking_on(long type);

/* For the file system that @fd is on; if that is not known, they may stay. */
enum locking locking_of(int fd);

#endif
