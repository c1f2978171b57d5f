/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_SYSFS_H
#define RELOOP_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The largest text one attribute can hold, with its end. */
#define SYSFS_TEXT_MAX 4096
/* Enough for a single word. */
#define SYSFS_WORD_MAX 16

/* The attribute's text without its last newline; 0 or -errno. */
int sysfs_read_text(const char *path, char *text, size_t size);

/* Does the error say that what sysfs tells of is gone? Any other says nothing of that. */
bool sysfs_is_missing(int err);

/* How many lines a text has that was read so. */
unsigned int sysfs_count_lines(const char *text);

/* The attribute's number; 0 or -errno. */
int sysfs_read_number(const char *path, uint64_t *number);

/* The device number that the attribute has as MAJOR:MINOR; 0 or -errno. */
int sysfs_read_device(const char *path, dev_t *number);

/* An attribute to be written, or -errno; and 0 or -errno. */
int sysfs_open(const char *path);
int sysfs_write(int fd, const char *text);

#endif
