/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks of files what may never be answered, as when they lie on a server that has gone: a child
 * asks, and is given up with its question when nothing comes.
 */
#ifndef RELOOP_ASK_H
#define RELOOP_ASK_H

#include <sys/stat.h>

/*
 * st_dev, st_ino, st_mode and st_rdev of @path; @flags are those of statx(2). Waits at least a
 * moment and at most @patience_ms, from which that is taken. The child has no files open but its
 * own, so /proc/self is not the caller's. Returns 0, -errno, or -ETIMEDOUT: no answer.
 */
int ask_stat(const char *path, int flags, struct stat *st, int *patience_ms);

/* The same, and st_size and st_mtim, which a server may have to collect first. */
int ask_content(const char *path, struct stat *st, int *patience_ms);

/* As ask_stat(), of a file that the caller has open: what the kernel knows without asking. */
int ask_own(int fd, struct stat *st);

#endif
