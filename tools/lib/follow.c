// SPDX-License-Identifier: GPL-2.0-only
#include "lib/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/image.h"
#include "lib/walk.h"

/*
 * What a file system says, of owners too, counts for that file system only: whoever has given it
 * its content may have made it up.
 */
struct way {
	struct walk walk;
	bool has_others;	/* they could have led it elsewhere */
	bool is_shared;		/* others could have put files of their own there */
	uint64_t root;	/* the mount of the root directory, which may lead to all others */
	uint64_t home;	/* the mount that it must end on; 0: any */
	bool is_home;	/* it is there, and must not leave again */
	bool has_strayed;
};

/* Returns 0, -errno, or -EXDEV if nobody knows. */
static int mount_of(int fd, uint64_t *mount)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st))
		return -errno;
	*mount = st.stx_mnt_id;
	return st.stx_mask & STATX_MNT_ID ? 0 : -EXDEV;
}

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
 * somebody else's is no directory and of the same file system. What is his may be like any base
 * that has gone.
 */
static void pass(struct way *way, const struct stat *directory)
{
	way->is_shared |= is_shared(directory);
	way->has_others |= is_other(directory) ||
			   (is_shared(directory) && !(directory->st_mode & S_ISVTX));
}

/* @fd: where it is now. */
static int see_mount(struct way *way, int fd)
{
	uint64_t mount;
	int err = mount_of(fd, &mount);

	if (err)
		return err;
	way->has_strayed |= way->is_home && mount != way->home;
	way->is_home = mount == way->home;
	return 0;
}

static int follow(struct way *way)
{
	uint64_t mount;
	int err = mount_of(way->walk.link, &mount);

	if (err)
		return err;
	way->has_strayed |= way->home && mount != way->home && mount != way->root;
	if (!way->home && mount != way->root)
		way->home = mount;
	/* It may lead back by the root directory. */
	way->is_home = false;
	return walk_follow(&way->walk);
}

static int step(struct way *way)
{
	struct walk *walk = &way->walk;
	struct stat directory, link;
	int err;

	if (fstat(walk->fd, &directory))
		return -errno;
	pass(way, &directory);
	err = see_mount(way, walk->fd);
	if (err)
		return err;
	err = walk_step(walk);
	if (err != WALK_AT_LINK)
		return err;
	if (fstat(walk->link, &link))
		return -errno;
	/* A link can be moved to where its owner has not made it. */
	return way->has_others || is_shared(&directory) || is_other(&link) ? -EXDEV : follow(way);
}

static int go(struct way *way)
{
	int err = 0;

	while (!err && !walk_has_ended(&way->walk))
		err = step(way);
	if (err)
		return err;
	return way->walk.file < 0 ? -EMEDIUMTYPE : see_mount(way, way->walk.file);
}

static bool is_astray(const struct way *way)
{
	return way->home && (!way->is_home || way->has_strayed);
}

static int find_root(struct way *way)
{
	int err, fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	err = mount_of(fd, &way->root);
	close(fd);
	return err;
}

/* By a link that is gone, another file may have been opened than the walk ends at. */
static int go_to_overlay(struct way *way, const char *path, const struct stat *opened)
{
	struct stat st;
	int err = walk_begin(&way->walk, path);

	if (!err)
		err = find_root(way);
	if (!err)
		err = go(way);
	if (!err && fstat(way->walk.file, &st))
		err = -errno;
	if (err)
		return err;
	if (is_astray(way))
		return -EXDEV;
	/* From here on, it is the overlay that leads. */
	way->is_home = false;
	return image_is_same(&st, opened) ? mount_of(way->walk.file, &way->home) : -ESTALE;
}

/*
 * An inode number says nothing across subvolumes, and those too can be given another name; and it
 * is that of a new file once the base has gone, whose maker may read what is written to it. The
 * nodes of block devices are not where files are; they are for the caller to judge.
 */
static int take(struct way *way)
{
	struct stat st;

	if (fstat(way->walk.file, &st))
		return -errno;
	if (way->has_others || (way->is_shared && is_other(&st)) ||
	    (is_astray(way) && !S_ISBLK(st.st_mode)))
		return -EXDEV;
	return walk_take(&way->walk.file);
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
