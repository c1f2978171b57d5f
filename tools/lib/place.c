// SPDX-License-Identifier: GPL-2.0-only
#include "lib/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/mounts.h"
#include "lib/tables.h"

/* The root is a directory of its own. */
#define ROOT_NAME "."

/* The next mount gets the id of one that has gone. */
static bool has_mount(const struct place *place)
{
	struct file_system found;

	if (place->dev)
		return mounts_has(place->dev, place->mount, NULL);
	return mounts_file_system(place->mount, &found) && found.number == place->number;
}

/* statx(2) would tell, too, but not of a file system that has shut down. */
static bool is_of_mount(const struct place *place, int fd)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", fd);
	return tables_mount_of("self", name) == place->mount && has_mount(place);
}

/* With O_PATH, so nothing of it is asked. */
static int open_root(const struct place *place)
{
	int fd = openat(place->directory, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	if (is_of_mount(place, fd))
		return fd;
	close(fd);
	return -ESTALE;
}

static int check(const struct place *place)
{
	int fd = open_root(place);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int place_open(struct place *place, const char *point, uint64_t mount)
{
	const char *name = strrchr(point, '/');
	char directory[PATH_MAX];
	int err;

	place->directory = -1;
	place->mount = mount;
	place->point = point;
	if (!name)
		return -ESTALE;
	snprintf(directory, sizeof(directory), "%.*s", (int)(name + 1 - point), point);
	place->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place->directory < 0)
		return errno == ENOENT || errno == ENOTDIR ? -ESTALE : -errno;
	snprintf(place->path, sizeof(place->path), "/proc/self/fd/%d/%s", place->directory,
		 name[1] ? name + 1 : ROOT_NAME);
	place->name = strrchr(place->path, '/') + 1;
	err = check(place);
	if (err)
		place_close(place);
	return err;
}

int place_sync(const struct place *place)
{
	int root = open_root(place), fd, err = 0;
	char path[32];

	if (root < 0)
		return root;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", root);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOTDIR || errno == EACCES || errno == EPERM))
		err = PLACE_UNSYNCED;
	else if (fd < 0)
		err = -errno;
	else if (syncfs(fd) || (fsync(fd) && errno != EINVAL))
		err = -errno;
	if (fd >= 0)
		close(fd);
	close(root);
	return err;
}

int place_unmount(const struct place *place)
{
	int err = check(place);

	if (err)
		return err;
	/* The root of this process is in use; the kernel would make it read-only instead. */
	if (!strcmp(place->name, ROOT_NAME))
		return -EBUSY;
	if (umount2(place->path, UMOUNT_NOFOLLOW))
		return -errno;
	/*
	 * What was mounted over it just before that may have gone instead. Another mount may have
	 * its number by now, but elsewhere.
	 */
	return place->dev && mounts_has(place->dev, place->mount, place->point) ? -ESTALE : 0;
}

void place_close(struct place *place)
{
	if (place->directory >= 0)
		close(place->directory);
	place->directory = -1;
}
