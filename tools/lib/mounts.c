// SPDX-License-Identifier: GPL-2.0-only
#include "lib/mounts.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* --- what hides what ------------------------------------------------------------------------ */

bool mounts_are_known(void)
{
	return !access(TABLE, F_OK);
}

/* All mounts of this mount namespace; the strings lie in @text. */
struct table {
	char *text;
	struct mount *mounts;
	size_t count;
};

static void parse_table(struct table *table)
{
	char *rest = table->text, *line;
	struct mount *grown;
	size_t room = 0;

	while ((line = strsep(&rest, "\n"))) {
		if (table->count == room) {
			room = room ? 2 * room : 64;
			grown = reallocarray(table->mounts, room, sizeof(*grown));
			if (!grown)
				return;
			table->mounts = grown;
		}
		if (tables_parse_mount(line, &table->mounts[table->count]))
			table->count++;
	}
}

static void read_table(struct table *table)
{
	FILE *file = fopen(TABLE, "re");
	size_t size = 0;

	*table = (struct table) { 0 };
	if (!file)
		return;
	if (getdelim(&table->text, &size, '\0', file) > 0)
		parse_table(table);
	fclose(file);
}

static void free_table(struct table *table)
{
	free(table->mounts);
	free(table->text);
}

static const struct mount *find_id(const struct table *table, uint64_t id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->mounts[i].id == id)
			return &table->mounts[i];
	return NULL;
}

/* Is it a directory on the way to @point? "/" is none: what is mounted on it hides nothing. */
static bool is_above(const char *directory, const char *point)
{
	size_t length = strlen(directory);

	return !strncmp(point, directory, length) && point[length] == '/';
}

static const struct mount *find_on(const struct table *table, const struct mount *mount)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct mount *other = &table->mounts[i];

		if (other != mount && other->parent == mount->id &&
		    !strcmp(other->point, mount->point))
			return other;
	}
	return NULL;
}

/* On a directory of its parent, which the path to it leads through. */
static const struct mount *find_above(const struct table *table, const struct mount *mount)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct mount *other = &table->mounts[i];

		if (other != mount && other->parent == mount->parent &&
		    is_above(other->point, mount->point))
			return other;
	}
	return NULL;
}

/*
 * What hides it, or NULL. The lines are in the order in which the mounts were made, not in that in
 * which they lie on each other, and what is hidden keeps its path. Its parent may be hidden, too,
 * though not by what is on the same point, which is @mount. In what is no table of the kernel's,
 * parents may run in a circle.
 */
static const struct mount *cover_of(const struct table *table, const struct mount *mount)
{
	const struct mount *cover = find_on(table, mount), *parent;

	for (size_t i = 0; !cover && mount && i < table->count; i++) {
		cover = find_above(table, mount);
		parent = find_id(table, mount->parent);
		mount = parent == mount ? NULL : parent;
	}
	return cover;
}

/* --- where a device is mounted -------------------------------------------------------------- */

static const struct dev *find_at(const char *point, const struct dev *devs, size_t count,
				 uint64_t *id, char source[PATH_MAX])
{
	const struct dev *found = NULL;
	struct table table;

	read_table(&table);
	for (size_t i = 0; i < table.count; i++) {
		const struct mount *mount = &table.mounts[i];

		if (strcmp(mount->point, point) || cover_of(&table, mount))
			continue;
		found = device_of(mount, devs, count);
		*id = mount->id;
		snprintf(source, PATH_MAX, "%s", mount->source);
	}
	free_table(&table);
	return found;
}

const struct dev *mounts_device_at(const char *point, const struct dev *devs, size_t count,
				   uint64_t *id)
{
	char source[PATH_MAX];

	return find_at(point, devs, count, id, source);
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
	uint64_t id;

	if (point && !stat(image, &st) && !dev_list(prefix, dev_identity(), &devs, &count)) {
		found = find_at(point, devs, count, &id, source);
		if (found && !has_image(found, &st))
			found = NULL;
		if (found)
			*dev = *found;
		free(devs);
	}
	free(point);
	return found;
}

static void fill(struct mounted *mounted, const struct mount *mount, const struct mount *cover)
{
	mounted->id = mount->id;
	mounted->number = mount->number;
	snprintf(mounted->point, PATH_MAX, "%s", mount->point);
	snprintf(mounted->cover, PATH_MAX, "%s", cover ? cover->point : "");
}

bool mounts_find(const struct dev *dev, struct mounted *mounted)
{
	const struct mount *found = NULL, *cover = NULL;
	struct table table;

	read_table(&table);
	for (size_t i = 0; i < table.count; i++) {
		const struct mount *mount = &table.mounts[i], *over;

		if (!is_of(mount, dev))
			continue;
		over = cover_of(&table, mount);
		if (found && !cover && over)
			continue;
		found = mount;
		cover = over;
	}
	if (found)
		fill(mounted, found, cover);
	free_table(&table);
	return found;
}

bool mounts_has(const struct dev *dev, uint64_t id, const char *point)
{
	struct table table;
	bool is_there = false;

	read_table(&table);
	for (size_t i = 0; i < table.count && !is_there; i++)
		is_there = table.mounts[i].id == id && is_of(&table.mounts[i], dev) &&
			   (!point || !strcmp(table.mounts[i].point, point));
	free_table(&table);
	return is_there;
}

bool mounts_file_system(uint64_t id, struct file_system *file_system)
{
	const struct mount *found;
	struct table table;

	read_table(&table);
	found = find_id(&table, id);
	if (found) {
		file_system->number = found->number;
		snprintf(file_system->type, sizeof(file_system->type), "%s", found->type);
	}
	free_table(&table);
	return found;
}

static bool is_in(const struct mount *mount, const struct file_system *file_system)
{
	return mount->number == file_system->number &&
	       (!*file_system->type || !strncmp(mount->type, file_system->type,
						sizeof(file_system->type) - 1));
}

int mounts_find_again(const struct file_system *file_system, size_t index,
		      struct mounted *mounted)
{
	const struct mount *found = NULL;
	struct table table;
	int err = -ESTALE;

	read_table(&table);
	if (!table.count)
		err = -ENOENT;
	for (size_t i = table.count; i-- > 0 && !found;)
		if (is_in(&table.mounts[i], file_system) && !index--)
			found = &table.mounts[i];
	if (found) {
		fill(mounted, found, cover_of(&table, found));
		err = 0;
	}
	free_table(&table);
	return err;
}
