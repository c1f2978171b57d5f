/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions about files that may never be answered, for example because the server has gone. A
 * child asks; if no answer comes, the child is abandoned with its question.
 */
#ifndef RELOOP_ASK_H
#define RELOOP_ASK_H

#include <sys/stat.h>

/*
 * Gets st_dev, st_ino, st_mode and st_rdev of @path; @flags are those of statx(2). Waits at least a
 * moment and at most @patience_ms, and subtracts the time from it. The child has no files open but
 * its own, so its /proc/self is not the caller's. Returns 0, -errno, or -ETIMEDOUT: no answer.
 */
int ask_stat(const char *path, int flags, struct stat *st, int *patience_ms);

/* The same, plus st_size and st_mtim, which a server may have to collect first. */
int ask_content(const char *path, struct stat *st, int *patience_ms);

/*
 * The same, plus st_size as the server knows it, whatever is cached of the file: as the kernel asks
 * when it has to know the size. Not st_mtim, for which what is in the page cache is written back.
 */
int ask_server(const char *path, struct stat *st, int *patience_ms);

/* Like ask_stat(), for a file that the caller has open: what the kernel knows without asking. */
int ask_own(int fd, struct stat *st);

#endif
