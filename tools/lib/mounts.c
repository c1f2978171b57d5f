// SPDX-License-Identifier: GPL-2.0-only
#include "lib/mounts.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/find.h"
#include "lib/tables.h"

#define TABLE "/proc/self/mountinfo"

#define BTRFS "/sys/fs/btrfs/*"

/* Are @dev, or a partition of it, and the device @number parts of the file system in @directory? */
static bool is_btrfs_of_both(const char *directory, const struct dev *dev, dev_t number)
{
	bool has_dev = false, has_number = false;
	char path[PATH_MAX];
	glob_t parts;
	dev_t part;

	snprintf(path, sizeof(path), "%s/devices/*/dev", directory);
	if (glob(path, GLOB_NOSORT, NULL, &parts))
		return false;
	for (size_t i = 0; i < parts.gl_pathc; i++) {
		if (sysfs_read_device(parts.gl_pathv[i], &part))
			continue;
		has_dev |= dev_has(dev, part);
		has_number |= part == number;
	}
	globfree(&parts);
	return has_dev && has_number;
}

bool mounts_are_in_btrfs(const struct dev *dev, dev_t source)
{
	bool is_found = false;
	glob_t all;

	if (!source || glob(BTRFS, GLOB_NOSORT, NULL, &all))
		return false;
	for (size_t i = 0; i < all.gl_pathc && !is_found; i++)
		is_found = is_btrfs_of_both(all.gl_pathv[i], dev, source);
	globfree(&all);
	return is_found;
}

/* Anybody who mounts may call the source what he likes, so the number counts. */
static bool is_of(const struct mount *mount, const struct dev *dev)
{
	struct stat st;

	if (dev_has(dev, mount->number))
		return true;
	return !strcmp(mount->type, "btrfs") && !stat(mount->source, &st) &&
	       S_ISBLK(st.st_mode) && mounts_are_in_btrfs(dev, st.st_rdev);
}

static const struct dev *device_of(const struct mount *mount, const struct dev *devs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_of(mount, &devs[i]))
			return &devs[i];
	return NULL;
}

/* What was mounted last covers what was there before. */
static const struct dev *find_at(const char *point, const struct dev *devs, size_t count,
				 char source[PATH_MAX])
{
	FILE *file = fopen(TABLE, "re");
	const struct dev *found = NULL;
	struct mount mount;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	while (getline(&line, &size, file) > 0)
		if (tables_parse_mount(line, &mount) && !strcmp(mount.point, point)) {
			found = device_of(&mount, devs, count);
			snprintf(source, PATH_MAX, "%s", mount.source);
		}
	free(line);
	fclose(file);
	return found;
}

const struct dev *mounts_device_at(const char *point, const struct dev *devs, size_t count)
{
	char source[PATH_MAX];

	return find_at(point, devs, count, source);
}

static bool has_image(const struct dev *dev, const struct stat *image)
{
	return dev_is_backed_by(dev, image) || dev_has_base(dev, image);
}

bool mounts_image_at(const char *directory, const char *prefix, const char *image, struct dev *dev,
		     char source[PATH_MAX])
{
	char *point = realpath(directory, NULL);
	const struct dev *found = NULL;
	struct dev *devs;
	struct stat st;
	size_t count;

	if (point && !stat(image, &st) && !dev_list(prefix, DEV_ALL, &devs, &count)) {
		found = find_at(point, devs, count, source);
		if (found && !has_image(found, &st))
			found = NULL;
		if (found)
			*dev = *found;
		free(devs);
	}
	free(point);
	return found;
}

bool mounts_last_of(const struct dev *dev, char point[PATH_MAX])
{
	FILE *file = fopen(TABLE, "re");
	bool is_found = false;
	struct mount mount;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return false;
	while (getline(&line, &size, file) > 0) {
		if (!tables_parse_mount(line, &mount) || !is_of(&mount, dev))
			continue;
		is_found = true;
		snprintf(point, PATH_MAX, "%s", mount.point);
	}
	free(line);
	fclose(file);
	return is_found;
}
