// SPDX-License-Identifier: GPL-2.0-only
#include "lib/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int sysfs_read_text_at(int dir, const char *path, char *text, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, size - 1);
	if (length < 0)
		length = -errno;
	close(fd);
	if (length < 0)
		return length;

	/* A file's name may end in a newline of its own: remove only one. */
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return 0;
}

bool sysfs_is_missing(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -ENXIO;
}

unsigned int sysfs_count_lines(const char *text)
{
	unsigned int count = 0;

	for (const char *line = *text ? text : NULL; line; line = strchr(line + 1, '\n'))
		count++;
	return count;
}

int sysfs_read_number_at(int dir, const char *path, uint64_t *number)
{
	char text[32], *end;
	int err = sysfs_read_text_at(dir, path, text, sizeof(text));

	if (err)
		return err;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno || end == text || *end ? -EINVAL : 0;
}

int sysfs_read_device_at(int dir, const char *path, dev_t *number)
{
	unsigned int major_number, minor_number;
	char text[SYSFS_WORD_MAX];
	int err = sysfs_read_text_at(dir, path, text, sizeof(text));

	if (err)
		return err;
	if (sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
		return -EINVAL;
	*number = makedev(major_number, minor_number);
	return 0;
}

int sysfs_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int sysfs_write(int fd, const char *text)
{
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}
