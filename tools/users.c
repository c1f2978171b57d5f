// SPDX-License-Identifier: GPL-2.0-only
#include "users.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* Whom to tell of the users of which device. */
struct walk {
	const struct dev *dev;
	user_visit visit;
	void *data;
	pid_t process;
};

/* All the functions below return true when the visitor wants no more. */
static bool tell(const struct walk *walk, enum user_kind kind, const char *name)
{
	struct user user = { .kind = kind, .process = walk->process };

	snprintf(user.name, sizeof(user.name), "%s", name);
	return walk->visit(&user, walk->data);
}

static bool is_node_of(const struct dev *dev, const char *path)
{
	struct stat st;

	return path[0] == '/' && !stat(path, &st) && S_ISBLK(st.st_mode) &&
	       dev_has(dev, st.st_rdev);
}

static bool visit_loops(const struct walk *walk, const struct dev *devs, size_t count)
{
	struct dev now;

	for (size_t i = 0; i < count; i++) {
		if (!is_node_of(walk->dev, devs[i].backing_file))
			continue;
		now = devs[i];
		if (!dev_read(&now) && is_node_of(walk->dev, now.backing_file) &&
		    tell(walk, USER_LOOP, now.path))
			return true;
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

/* The name in each line of @path that @parse takes for one about the device. */
static bool visit_lines(const struct walk *walk, const char *path, enum user_kind kind,
			bool (*parse)(const struct dev *dev, char *line, char **name))
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *name;
	bool is_enough = false;
	size_t size = 0;

	if (!file)
		return false;
	while (!is_enough && getline(&line, &size, file) > 0)
		if (parse(walk->dev, line, &name))
			is_enough = tell(walk, kind, name);
	free(line);
	fclose(file);
	return is_enough;
}

static bool visit_holders(const struct walk *walk)
{
	const char *name = walk->dev->name;
	char disk[PATH_MAX], partitions[PATH_MAX];
	bool is_enough = false;
	glob_t holders;

	snprintf(disk, sizeof(disk), "/sys/block/%s/holders/*", name);
	snprintf(partitions, sizeof(partitions), "/sys/block/%s/%sp*/holders/*", name, name);
	glob(disk, 0, NULL, &holders);
	glob(partitions, GLOB_APPEND, NULL, &holders);
	for (size_t i = 0; i < holders.gl_pathc && !is_enough; i++)
		is_enough = tell(walk, USER_HOLDER, strrchr(holders.gl_pathv[i], '/') + 1);
	globfree(&holders);
	return is_enough;
}

/* What can be seen without other processes. */
static bool visit_here(const struct walk *walk, const struct dev *devs, size_t count)
{
	return visit_loops(walk, devs, count) ||
	       visit_lines(walk, "/proc/self/mountinfo", USER_MOUNT, parse_mount) ||
	       visit_lines(walk, "/proc/swaps", USER_SWAP, parse_swap) ||
	       visit_holders(walk);
}

/* --- other processes ------------------------------------------------------------------------ */

/* The mount namespaces that have been looked at. */
struct namespaces {
	ino_t *inodes;
	size_t count;
};

static bool is_new(struct namespaces *seen, ino_t inode)
{
	ino_t *grown;

	for (size_t i = 0; i < seen->count; i++)
		if (seen->inodes[i] == inode)
			return false;
	grown = reallocarray(seen->inodes, seen->count + 1, sizeof(*grown));
	if (!grown)
		return false;
	grown[seen->count++] = inode;
	seen->inodes = grown;
	return true;
}

static bool visit_mounts_of(const struct walk *walk, const char *process,
			    struct namespaces *seen)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", process);
	if (stat(path, &st) || !is_new(seen, st.st_ino))
		return false;
	snprintf(path, sizeof(path), "/proc/%s/mountinfo", process);
	return visit_lines(walk, path, USER_MOUNT, parse_mount);
}

static bool has_open(const struct dev *dev, const char *process)
{
	char pattern[64];
	bool is_found = false;
	struct stat st;
	glob_t files;

	snprintf(pattern, sizeof(pattern), "/proc/%s/fd/*", process);
	if (glob(pattern, GLOB_NOSORT, NULL, &files))
		return false;
	for (size_t i = 0; i < files.gl_pathc && !is_found; i++)
		is_found = !stat(files.gl_pathv[i], &st) && S_ISBLK(st.st_mode) &&
			   dev_has(dev, st.st_rdev);
	globfree(&files);
	return is_found;
}

static bool visit_opener(const struct walk *walk, const char *process)
{
	char path[64], name[64] = "?";

	if (!has_open(walk->dev, process))
		return false;
	snprintf(path, sizeof(path), "/proc/%s/comm", process);
	sysfs_read_text(path, name, sizeof(name));
	return tell(walk, USER_OPENER, name);
}

static bool visit_process(struct walk *walk, const char *process, struct namespaces *seen)
{
	walk->process = strtol(process, NULL, 10);
	return visit_mounts_of(walk, process, seen) || visit_opener(walk, process);
}

static void visit_others(struct walk *walk)
{
	struct namespaces seen = { 0 };
	bool is_enough = false;
	glob_t processes;
	struct stat st;

	if (!stat("/proc/self/ns/mnt", &st))
		is_new(&seen, st.st_ino);
	if (!glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &processes))
		for (size_t i = 0; i < processes.gl_pathc && !is_enough; i++)
			is_enough = visit_process(walk, processes.gl_pathv[i] + strlen("/proc/"),
						  &seen);
	globfree(&processes);
	free(seen.inodes);
}

void users_visit(const struct dev *dev, const struct dev *devs, size_t count, user_visit visit,
		 void *data)
{
	struct walk walk = { .dev = dev, .visit = visit, .data = data };

	if (!visit_here(&walk, devs, count))
		visit_others(&walk);
}

static bool keep_first(const struct user *user, void *data)
{
	*(struct user *)data = *user;
	return true;
}

void users_find(const struct dev *dev, const struct dev *devs, size_t count, struct user *user)
{
	struct walk walk = { .dev = dev, .visit = keep_first, .data = user };

	user->kind = USER_NONE;
	user->name[0] = '\0';
	visit_here(&walk, devs, count);
}
