/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_SYSFS_H
#define RELOOP_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The largest text an attribute can hold, with its terminating zero. */
#define SYSFS_TEXT_MAX 4096
/* Enough for a single word. */
#define SYSFS_WORD_MAX 16

/* The attribute's text without its last newline. Returns 0 or -errno. */
int sysfs_read_text(const char *path, char *text, size_t size);

/* Does the error say that the object sysfs describes is gone? Any other error does not tell. */
bool sysfs_is_missing(int err);

/* How many lines a text read like that has. */
unsigned int sysfs_count_lines(const char *text);

/* The attribute's number. Returns 0 or -errno. */
int sysfs_read_number(const char *path, uint64_t *number);

/* The attribute's device number, written as MAJOR:MINOR. Returns 0 or -errno. */
int sysfs_read_device(const char *path, dev_t *number);

/* Open an attribute for writing: a file descriptor or -errno; and write it: 0 or -errno. */
int sysfs_open(const char *path);
int sysfs_write(int fd, const char *text);

#endif
