// SPDX-License-Identifier: GPL-2.0-only
#include "commands/mount_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/signals.h"

/* The kernel's limit. */
#define LINKS_MAX 40

#define OPEN_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

struct walk {
	int fd;		/* where the walk is */
	char *rest;	/* the path that remains */
	int links;
	const dev_t *mounted;
	int count;
};

/* If anything on the system is renamed or mounted meanwhile, the kernel may ask to try again. */
static int open_restricted(int fd, const char *name, uint64_t resolve)
{
	struct open_how how = { .flags = OPEN_FLAGS, .resolve = resolve };
	int found;

	do {
		found = syscall(SYS_openat2, fd, name, &how, sizeof(how));
	} while (found < 0 && errno == EAGAIN && !signals_came());
	return found < 0 ? -errno : found;
}

static int enter(struct walk *walk, int fd)
{
	if (fd < 0)
		return fd;
	if (walk->fd >= 0)
		close(walk->fd);
	walk->fd = fd;
	return 0;
}

static int enter_root(struct walk *walk)
{
	int fd = open("/", OPEN_FLAGS);

	return enter(walk, fd < 0 ? -errno : fd);
}

/* Would the kernel follow the link? In /tmp it does not follow those of other users. */
static bool may_follow(const struct walk *walk, const char *name)
{
	int fd = open_restricted(walk->fd, name, RESOLVE_BENEATH);

	if (fd >= 0)
		close(fd);
	return fd != -EACCES;
}

/* It may lead into one of the mounts, and from there along links that must not be followed. */
static int follow(struct walk *walk, const char *name)
{
	char target[PATH_MAX], *rest;
	ssize_t length = readlinkat(walk->fd, name, target, sizeof(target) - 1);

	if (length < 0)
		return errno == EINVAL ? -ENOTDIR : -errno;
	if (!may_follow(walk, name))
		return -EACCES;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	target[length] = '\0';
	if (asprintf(&rest, "%s/%s", target, walk->rest) < 0)
		return -ENOMEM;
	free(walk->rest);
	walk->rest = rest;
	return *target == '/' ? enter_root(walk) : 0;
}

/* Walks one component of the path. */
static int step(struct walk *walk)
{
	size_t length = strcspn(walk->rest, "/");
	char name[NAME_MAX + 1];
	int fd;

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, walk->rest, length);
	name[length] = '\0';
	memmove(walk->rest, walk->rest + length, strlen(walk->rest + length) + 1);
	fd = openat(walk->fd, name, OPEN_FLAGS | O_NOFOLLOW);
	if (fd < 0 && errno == ENOTDIR)
		return follow(walk, name);
	return enter(walk, fd < 0 ? -errno : fd);
}

/* Returns 1, 0, or why that is not known. */
static int is_in_mounted(const struct walk *walk)
{
	struct stat st;

	if (fstat(walk->fd, &st))
		return -errno;
	for (int i = 0; i < walk->count; i++)
		if (st.st_dev == walk->mounted[i])
			return 1;
	return 0;
}

static void skip_slashes(struct walk *walk)
{
	size_t count = strspn(walk->rest, "/");

	memmove(walk->rest, walk->rest + count, strlen(walk->rest + count) + 1);
}

/* A ".." comes from the caller or from links of the host: the mounts have no say in it. */
static bool is_at_dots(const struct walk *walk)
{
	size_t length = strcspn(walk->rest, "/");

	return !strncmp(walk->rest, "..", length) && length <= 2;
}

static int walk_to_end(struct walk *walk, bool *is_inside)
{
	int err = enter_root(walk);

	*is_inside = false;
	for (skip_slashes(walk); *walk->rest && !err; skip_slashes(walk)) {
		err = is_at_dots(walk) ? 0 : is_in_mounted(walk);
		if (err > 0) {
			*is_inside = true;
			return enter(walk, open_restricted(walk->fd, walk->rest, RESOLVE_IN_ROOT |
							   RESOLVE_NO_MAGICLINKS));
		}
		if (!err)
			err = step(walk);
	}
	return err;
}

/* Uses the name of the working directory, since something may be mounted on that path by now. */
static char *make_absolute(const char *name)
{
	char *directory, *path;

	if (*name == '/')
		return strdup(name);
	directory = getcwd(NULL, 0);
	if (directory && asprintf(&path, "%s/%s", directory, name) < 0)
		path = NULL;
	if (!directory)
		return NULL;
	free(directory);
	return path;
}

int mount_path_open(const char *name, const dev_t *mounted, int count, bool *is_inside)
{
	struct walk walk = { .fd = -1, .mounted = mounted, .count = count };
	int err;

	*is_inside = false;
	walk.rest = make_absolute(name);
	err = walk.rest ? walk_to_end(&walk, is_inside) : -errno;
	free(walk.rest);
	if (!err)
		return walk.fd;
	if (walk.fd >= 0)
		close(walk.fd);
	return err;
}
