// SPDX-License-Identifier: GPL-2.0-only
#include "lib/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "lib/sysfs.h"

/* The fields of mountinfo up to the mount point, and those behind the lone "-". */
enum { MOUNT_ID, MOUNT_PARENT, MOUNT_NUMBER, MOUNT_ROOT, MOUNT_POINT, MOUNT_FIELDS };
enum { SOURCE_DASH, SOURCE_TYPE, SOURCE_NAME, SOURCE_FIELDS };

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

/* Splits @line into words; false if there are fewer than @count. */
static bool split(char *line, char **words, int count)
{
	for (int i = 0; i < count; i++) {
		words[i] = strsep(&line, "\n ");
		if (!words[i])
			return false;
	}
	return true;
}

bool tables_parse_mount(char *line, struct mount *mount)
{
	char *dash = strstr(line, " - "), *words[MOUNT_FIELDS], *source[SOURCE_FIELDS];
	unsigned int major_number, minor_number;

	if (!dash || !split(dash + 1, source, SOURCE_FIELDS) || !split(line, words, MOUNT_FIELDS))
		return false;
	if (sscanf(words[MOUNT_NUMBER], "%u:%u", &major_number, &minor_number) != 2)
		return false;
	unescape(source[SOURCE_NAME]);
	unescape(words[MOUNT_POINT]);
	*mount = (struct mount) {
		.id = strtoull(words[MOUNT_ID], NULL, 10),
		.parent = strtoull(words[MOUNT_PARENT], NULL, 10),
		.number = makedev(major_number, minor_number),
		.point = words[MOUNT_POINT],
		.type = source[SOURCE_TYPE],
		.source = source[SOURCE_NAME],
	};
	return true;
}

/* The heading is not a path, and would be taken for one in the working directory. */
bool tables_parse_swap(char *line, char **name)
{
	if (*line != '/' || !split(line, name, 1))
		return false;
	unescape(*name);
	return true;
}

/* How many bytes of @path the mount point covers; 0 if @path lies elsewhere. */
static size_t covered_by(const char *path, const char *point)
{
	size_t length = strlen(point);

	if (strncmp(path, point, length))
		return 0;
	return length == 1 || !path[length] || path[length] == '/' ? length : 0;
}

/* The deepest mount counts, and of several on one point the last one. */
dev_t tables_file_system_of(const char *path)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	size_t size = 0, covered, most = 1;
	struct mount mount;
	char *line = NULL;
	dev_t number = 0;

	if (!file)
		return 0;
	while (getline(&line, &size, file) > 0) {
		if (!tables_parse_mount(line, &mount))
			continue;
		covered = covered_by(path, mount.point);
		if (covered < most)
			continue;
		most = covered;
		number = mount.number;
	}
	free(line);
	fclose(file);
	return number;
}

uint64_t tables_mount_of(const char *process, const char *fd)
{
	char path[64], text[256] = "", *id;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", process, fd);
	sysfs_read_text(path, text, sizeof(text));
	id = strstr(text, "mnt_id:");
	return id ? strtoull(id + strlen("mnt_id:"), NULL, 10) : 0;
}
