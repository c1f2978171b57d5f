/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_SYSFS_H
#define RELOOP_SYSFS_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The largest text an attribute can hold, with its terminating zero. */
#define SYSFS_TEXT_MAX 4096
/* Enough for a single word. */
#define SYSFS_WORD_MAX 16

/*
 * The attribute's text without its last newline; or its number; or its device number, written as
 * MAJOR:MINOR. @dir: what @path is relative to, as openat(2) takes it: most of what it takes to
 * read an attribute is the way there from the root. Return 0 or -errno.
 */
int sysfs_read_text_at(int dir, const char *path, char *text, size_t size);
int sysfs_read_number_at(int dir, const char *path, uint64_t *number);
int sysfs_read_device_at(int dir, const char *path, dev_t *number);

static inline int sysfs_read_text(const char *path, char *text, size_t size)
{
	return sysfs_read_text_at(AT_FDCWD, path, text, size);
}

static inline int sysfs_read_number(const char *path, uint64_t *number)
{
	return sysfs_read_number_at(AT_FDCWD, path, number);
}

static inline int sysfs_read_device(const char *path, dev_t *number)
{
	return sysfs_read_device_at(AT_FDCWD, path, number);
}

/* Does the error say that the object sysfs describes is gone? Any other error does not tell. */
bool sysfs_is_missing(int err);

/* How many lines a text read like that has. */
unsigned int sysfs_count_lines(const char *text);

/* Open an attribute for writing: a file descriptor or -errno; and write it: 0 or -errno. */
int sysfs_open(const char *path);
int sysfs_write(int fd, const char *text);

#endif
