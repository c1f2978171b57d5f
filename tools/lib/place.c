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

/* statx(2) would tell, too, but not of a file system that has shut down. */
static int check(const struct place *place)
{
	int fd = openat(place->directory, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	uint64_t mount;
	char name[16];

	if (fd < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	snprintf(name, sizeof(name), "%d", fd);
	mount = tables_mount_of("self", name);
	close(fd);
	/* The next mount gets the id of one that has gone. */
	return mount == place->mount && mounts_has(place->dev, mount) ? 0 : -ESTALE;
}

int place_open(struct place *place, const struct dev *dev, const char *point, uint64_t mount)
{
	const char *name = strrchr(point, '/');
	char directory[PATH_MAX];
	int err;

	/* There is nothing above the root of this process; and it is in use. */
	if (!name || !name[1])
		return -EBUSY;
	snprintf(directory, sizeof(directory), "%.*s", (int)(name + 1 - point), point);
	place->dev = dev;
	place->mount = mount;
	place->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place->directory < 0)
		return errno == ENOENT || errno == ENOTDIR ? -ESTALE : -errno;
	snprintf(place->path, sizeof(place->path), "/proc/self/fd/%d/%s", place->directory,
		 name + 1);
	place->name = strrchr(place->path, '/') + 1;
	err = check(place);
	if (err)
		place_close(place);
	return err;
}

int place_stat(const struct place *place, struct stat *st)
{
	int err = check(place);

	if (err)
		return err;
	return fstatat(place->directory, place->name, st, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

int place_unmount(const struct place *place)
{
	int err = check(place);

	if (err)
		return err;
	return umount2(place->path, UMOUNT_NOFOLLOW) ? -errno : 0;
}

void place_close(struct place *place)
{
	close(place->directory);
}
