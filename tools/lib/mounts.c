// SPDX-License-Identifier: GPL-2.0-only
#include "lib/mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/find.h"
#include "lib/tables.h"

#define TABLE "/proc/self/mountinfo"

/* Some file systems have a number of their own, and only the name of the source tells. */
static bool is_of(const struct mount *mount, const struct dev *dev)
{
	struct stat st;

	if (dev_has(dev, mount->number))
		return true;
	return !strncmp(mount->source, "/dev/", strlen("/dev/")) && !stat(mount->source, &st) &&
	       S_ISBLK(st.st_mode) && dev_has(dev, st.st_rdev);
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
