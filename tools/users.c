// SPDX-License-Identifier: GPL-2.0-only
#include "users.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static bool find(struct user *user, enum user_kind kind, const char *name)
{
	user->kind = kind;
	snprintf(user->name, sizeof(user->name), "%s", name);
	return true;
}

static bool is_node_of(const struct dev *dev, const char *path)
{
	struct stat st;

	return path[0] == '/' && !stat(path, &st) && S_ISBLK(st.st_mode) &&
	       dev_has(dev, st.st_rdev);
}

static bool find_loop(const struct dev *dev, const struct dev *devs, size_t count,
		      struct user *user)
{
	struct dev now;

	for (size_t i = 0; i < count; i++) {
		if (!is_node_of(dev, devs[i].backing_file))
			continue;
		now = devs[i];
		if (!dev_read(&now) && is_node_of(dev, now.backing_file))
			return find(user, USER_LOOP, now.path);
	}
	return false;
}

/* /proc writes blanks in names as \040 and the like. */
static void unescape(char *name)
{
	char *to = name, octal[4] = "";

	for (; *name; name++) {
		if (name[0] == '\\' && strspn(name + 1, "01234567") >= 3) {
			memcpy(octal, name + 1, 3);
			*to++ = strtol(octal, NULL, 8);
			name += 3;
		} else {
			*to++ = *name;
		}
	}
	*to = '\0';
}

/* The fields of /proc/self/mountinfo up to the mount point, and those behind the lone "-". */
enum { MOUNT_ID, MOUNT_PARENT, MOUNT_NUMBER, MOUNT_ROOT, MOUNT_POINT, MOUNT_FIELDS };
enum { SOURCE_DASH, SOURCE_TYPE, SOURCE_NAME, SOURCE_FIELDS };

/* Cuts @line into words; false if there are not as many as @count. */
static bool split(char *line, char **words, int count)
{
	for (int i = 0; i < count; i++) {
		words[i] = strsep(&line, "\n ");
		if (!words[i])
			return false;
	}
	return true;
}

/* btrfs has a number of its own in mountinfo, so the source counts as well. */
static bool parse_mount(const struct dev *dev, char *line, char **mount_point)
{
	char *dash = strstr(line, " - "), *words[MOUNT_FIELDS], *source[SOURCE_FIELDS];
	unsigned int major_number, minor_number;

	if (!dash || !split(dash + 1, source, SOURCE_FIELDS) || !split(line, words, MOUNT_FIELDS))
		return false;
	if (sscanf(words[MOUNT_NUMBER], "%u:%u", &major_number, &minor_number) != 2)
		return false;
	unescape(source[SOURCE_NAME]);
	unescape(words[MOUNT_POINT]);
	*mount_point = words[MOUNT_POINT];
	return dev_has(dev, makedev(major_number, minor_number)) ||
	       is_node_of(dev, source[SOURCE_NAME]);
}

static bool parse_swap(const struct dev *dev, char *line, char **name)
{
	if (!split(line, name, 1))
		return false;
	unescape(*name);
	return is_node_of(dev, *name);
}

/* The name in the first line of @path that @parse takes for one about @dev. */
static bool find_line(const struct dev *dev, const char *path, enum user_kind kind,
		      bool (*parse)(const struct dev *dev, char *line, char **name),
		      struct user *user)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *name;
	bool is_found = false;
	size_t size = 0;

	if (!file)
		return false;
	while (!is_found && getline(&line, &size, file) > 0)
		if (parse(dev, line, &name))
			is_found = find(user, kind, name);
	free(line);
	fclose(file);
	return is_found;
}

static bool find_holder(const struct dev *dev, struct user *user)
{
	char disk[PATH_MAX], partitions[PATH_MAX];
	bool is_found = false;
	glob_t holders;

	snprintf(disk, sizeof(disk), "/sys/block/%s/holders/*", dev->name);
	snprintf(partitions, sizeof(partitions), "/sys/block/%s/%sp*/holders/*",
		 dev->name, dev->name);
	glob(disk, 0, NULL, &holders);
	glob(partitions, GLOB_APPEND, NULL, &holders);
	if (holders.gl_pathc)
		is_found = find(user, USER_HOLDER, strrchr(holders.gl_pathv[0], '/') + 1);
	globfree(&holders);
	return is_found;
}

void users_find(const struct dev *dev, const struct dev *devs, size_t count, struct user *user)
{
	user->kind = USER_NONE;
	if (find_loop(dev, devs, count, user))
		return;
	if (find_line(dev, "/proc/self/mountinfo", USER_MOUNT, parse_mount, user))
		return;
	if (find_line(dev, "/proc/swaps", USER_SWAP, parse_swap, user))
		return;
	find_holder(dev, user);
}
