// SPDX-License-Identifier: GPL-2.0-only
#include "commands/mount_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/signals.h"
#include "lib/walk.h"

#define OPEN_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

struct mounted {
	const dev_t *devices;
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

/* Would the kernel follow the link? In /tmp it does not follow those of other users. */
static bool may_follow(const struct walk *walk)
{
	int fd = open_restricted(walk->fd, walk->name, RESOLVE_BENEATH);

	if (fd >= 0)
		close(fd);
	return fd != -EACCES;
}

/* A link may lead into one of the mounts, and from there along links that must not be followed. */
static int step(struct walk *walk)
{
	int err = walk_step(walk);

	if (err != WALK_AT_LINK)
		return err;
	return may_follow(walk) ? walk_follow(walk) : -EACCES;
}

/* Returns 1, 0, or why that is not known. */
static int is_in(const struct mounted *mounted, const struct walk *walk)
{
	struct stat st;

	if (fstat(walk->fd, &st))
		return -errno;
	for (int i = 0; i < mounted->count; i++)
		if (st.st_dev == mounted->devices[i])
			return 1;
	return 0;
}

/* A ".." comes from the caller or from links of the host: the mounts have no say in it. */
static bool is_at_dots(const char *rest)
{
	size_t length = strcspn(rest, "/");

	return !strncmp(rest, "..", length) && length <= 2;
}

/* Returns what is open then, or -errno. */
static int walk_to_end(struct walk *walk, const struct mounted *mounted, bool *is_inside)
{
	const char *rest;
	int err = 0;

	while (!err && !walk_has_ended(walk)) {
		rest = walk->rest + strspn(walk->rest, "/");
		err = is_at_dots(rest) ? 0 : is_in(mounted, walk);
		if (err > 0) {
			*is_inside = true;
			return open_restricted(walk->fd, rest, RESOLVE_IN_ROOT |
					       RESOLVE_NO_MAGICLINKS);
		}
		if (!err)
			err = step(walk);
	}
	if (err)
		return err;
	return walk->file >= 0 ? -ENOTDIR : walk_take(&walk->fd);
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

int mount_path_open(const char *name, const dev_t *devices, int count, bool *is_inside)
{
	const struct mounted mounted = { .devices = devices, .count = count };
	char *path = make_absolute(name);
	struct walk walk;
	int fd;

	*is_inside = false;
	if (!path)
		return -errno;
	fd = walk_begin(&walk, path);
	if (!fd)
		fd = walk_to_end(&walk, &mounted, is_inside);
	walk_end(&walk);
	free(path);
	return fd;
}
