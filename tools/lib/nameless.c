// SPDX-License-Identifier: GPL-2.0-only
#include "lib/nameless.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEMPORARY_DIRECTORY "/var/tmp"

/* If the file system has no O_TMPFILE, the file has a name for a moment. */
static int open_in(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *path;

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? -errno : fd;
	if (asprintf(&path, "%s/reloop.XXXXXX", directory) < 0)
		return -ENOMEM;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(path);
	free(path);
	return fd;
}

int nameless_open(const char **directory)
{
	*directory = getenv("TMPDIR");
	if (!*directory || !**directory)
		*directory = TEMPORARY_DIRECTORY;
	return open_in(*directory);
}
