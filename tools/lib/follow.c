// SPDX-License-Identifier: GPL-2.0-only
#include "lib/follow.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/image.h"
#include "lib/walk.h"

#define SEVERAL ((uid_t)-1)

struct way {
	struct walk walk;
	uid_t other;	/* who else could have led it elsewhere: 0 is nobody else */
};

static bool is_other(const struct stat *st)
{
	return st->st_uid && st->st_uid != geteuid();
}

static bool is_shared(const struct stat *directory)
{
	return directory->st_mode & 022;
}

/*
 * In a directory such as /tmp, each has only his own names to change. What he can move there of
 * somebody else's is no directory and of the same file system, and so is not taken for the base.
 */
static uid_t other_in(const struct stat *directory)
{
	if (is_shared(directory) && (is_other(directory) || !(directory->st_mode & S_ISVTX)))
		return SEVERAL;
	return is_other(directory) ? directory->st_uid : 0;
}

static void pass(struct way *way, const struct stat *directory)
{
	uid_t other = other_in(directory);

	if (other && other != way->other)
		way->other = way->other ? SEVERAL : other;
}

static int step(struct way *way)
{
	struct walk *walk = &way->walk;
	struct stat directory, link;
	int err;

	if (fstat(walk->fd, &directory))
		return -errno;
	pass(way, &directory);
	err = walk_step(walk);
	if (err != WALK_AT_LINK)
		return err;
	if (fstat(walk->link, &link))
		return -errno;
	/* A link can be moved to where its owner has not made it. */
	return way->other || is_shared(&directory) || is_other(&link) ? -EXDEV : walk_follow(walk);
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

/*
 * An inode number says nothing across subvolumes and mounts, and those too can be given another
 * name. But nobody gains by leading to what he could have written to anyway.
 */
static int take(struct way *way)
{
	struct stat st;

	if (fstat(way->walk.file, &st))
		return -errno;
	return way->other && way->other != st.st_uid ? -EXDEV : walk_take(&way->walk.file);
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
		err = take(&way);
	walk_end(&way.walk);
	return err;
}
