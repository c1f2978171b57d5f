// SPDX-License-Identifier: GPL-2.0-only
#include "lib/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel's limit. */
#define LINKS_MAX 40

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int enter(struct walk *walk, const char *name, int flags)
{
	int fd = openat(walk->fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC | flags);

	if (fd < 0)
		return -errno;
	drop(&walk->fd);
	walk->fd = fd;
	return 0;
}

static int set_rest(struct walk *walk, const char *path, const char *rest)
{
	char *joined;

	if (asprintf(&joined, "%s%s", path, rest) < 0)
		return -ENOMEM;
	free(walk->rest);
	walk->rest = joined;
	return *path == '/' ? enter(walk, "/", 0) : 0;
}

int walk_begin(struct walk *walk, const char *path)
{
	int err = 0;

	*walk = (struct walk) { .fd = AT_FDCWD, .link = -1, .file = -1 };
	/* The server of the working directory may not answer. */
	if (*path != '/')
		err = enter(walk, ".", 0);
	return err ? err : walk_go_on(walk, path);
}

int walk_go_on(struct walk *walk, const char *path)
{
	drop(&walk->file);
	return *path ? set_rest(walk, path, "") : -ENOENT;
}

bool walk_has_ended(const struct walk *walk)
{
	return !walk->rest[strspn(walk->rest, "/")];
}

static int take_name(struct walk *walk)
{
	const char *name = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(name, "/");

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(walk->name, name, length);
	walk->name[length] = '\0';
	memmove(walk->rest, name + length, strlen(name + length) + 1);
	return 0;
}

/* It is no directory: so the walk stops at it, or ends with it. */
static int stop_at(struct walk *walk)
{
	int fd = openat(walk->fd, walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	walk->file = fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return *walk->rest ? -ENOTDIR : 0;
	walk->link = walk_take(&walk->file);
	return WALK_AT_LINK;
}

/* O_DIRECTORY also has the kernel mount what an automounter is to mount there. */
int walk_step(struct walk *walk)
{
	int err = take_name(walk);

	if (!err)
		err = enter(walk, walk->name, O_NOFOLLOW);
	return err == -ENOTDIR ? stop_at(walk) : err;
}

int walk_follow(struct walk *walk)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(walk->link, "", target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	drop(&walk->link);
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	target[length] = '\0';
	return set_rest(walk, target, walk->rest);
}

int walk_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

void walk_end(struct walk *walk)
{
	drop(&walk->fd);
	drop(&walk->link);
	drop(&walk->file);
	free(walk->rest);
	walk->rest = NULL;
}
