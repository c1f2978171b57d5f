// SPDX-License-Identifier: GPL-2.0-only
#include "lib/follow.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/image.h"
#include "lib/walk.h"

struct way {
	struct walk walk;
	bool is_of_others;	/* it has led through a directory where others can change names */
};

static bool is_other(const struct stat *st)
{
	return st->st_uid && st->st_uid != geteuid();
}

/* In a directory such as /tmp, each has only his own names to change. */
static bool is_for_others(const struct stat *directory)
{
	return is_other(directory) ||
	       ((directory->st_mode & 022) && !(directory->st_mode & S_ISVTX));
}

/*
 * What others can do to a name is to move it, and what they have made themselves. Neither leads to
 * another file system, but for a link.
 */
static int step(struct way *way)
{
	struct walk *walk = &way->walk;
	struct stat st;
	int err;

	if (fstat(walk->fd, &st))
		return -errno;
	way->is_of_others |= is_for_others(&st);
	err = walk_step(walk);
	if (err != WALK_AT_LINK)
		return err;
	if (fstat(walk->link, &st))
		return -errno;
	return way->is_of_others || is_other(&st) ? -EXDEV : walk_follow(walk);
}

static int go(struct way *way)
{
	int err = 0;

	while (!err && !walk_has_ended(&way->walk))
		err = step(way);
	return err ? err : way->walk.file < 0 ? -EMEDIUMTYPE : 0;
}

/* By a link that is gone, another file may have been opened than the walk ends at. */
static int go_to_overlay(struct way *way, const char *path, const struct stat *opened)
{
	struct stat st;
	int err = walk_begin(&way->walk, path);

	if (!err)
		err = go(way);
	if (!err && fstat(way->walk.file, &st))
		err = -errno;
	return !err && !image_is_same(&st, opened) ? -ESTALE : err;
}

int follow_base(const char *overlay, const struct stat *opened, const char *name)
{
	struct way way = { 0 };
	int err = go_to_overlay(&way, overlay, opened);

	if (!err)
		err = walk_go_on(&way.walk, name);
	if (!err)
		err = go(&way);
	if (!err)
		err = walk_take(&way.walk.file);
	walk_end(&way.walk);
	return err;
}
