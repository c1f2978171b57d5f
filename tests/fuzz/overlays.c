// SPDX-License-Identifier: GPL-2.0-only
/* Overlays, and what is wrong with them: the test has made over and base; over-N are copies. */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "ops.h"

/* All tables lie in front of that, in clusters of 128 KiB. */
#define TABLES_BYTES	(640 * KIB)
#define CLUSTER		(128 * KIB)

static void path_of(char *path, const char *name)
{
	snprintf(path, PATH_BYTES, "%s/%s", settings.dirs[0], name);
}

static void overlay_path(char *path, unsigned int number)
{
	snprintf(path, PATH_BYTES, "%s/over-%u", settings.dirs[0], number);
}

static bool has_overlays(void)
{
	char path[PATH_BYTES];

	path_of(path, "over");
	return !access(path, F_OK);
}

static int copy(int from, int to)
{
	off_t size = lseek(from, 0, SEEK_END), offset = 0;

	/* Most of it is a hole. */
	while (offset >= 0 && offset < (off_t)TABLES_BYTES)
		if (sendfile(to, from, &offset, TABLES_BYTES - offset) <= 0)
			return -errno;
	return call(ftruncate(to, size));
}

static int mend(unsigned int number)
{
	char path[PATH_BYTES];
	int from, to, ret;

	path_of(path, "over");
	from = open(path, O_RDONLY | O_CLOEXEC);
	overlay_path(path, number);
	to = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ret = from < 0 || to < 0 ? -errno : copy(from, to);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return ret;
}

void overlays_build(void)
{
	unsigned int i;

	if (!has_overlays())
		return;
	for (i = 0; i < OVERLAYS; i++)
		if (mend(i))
			give_up("overlay %u: %s", i, strerror(errno));
}

int open_overlay(struct worker *worker)
{
	char path[PATH_BYTES];

	overlay_path(path, below(worker, OVERLAYS));
	return open(path, (one_in(worker, 6) ? O_RDONLY : O_RDWR) | O_CLOEXEC);
}

int open_base(struct worker *worker)
{
	char path[PATH_BYTES];

	path_of(path, "base");
	return open(path, (one_in(worker, 8) ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

int op_mend(struct worker *worker)
{
	unsigned int number = below(worker, OVERLAYS);

	if (!has_overlays())
		return -ENOENT;
	say(worker, "mend overlay %u", number);
	return mend(number);
}

/* What could be in a table: the place of a cluster, with or without a flag. */
static uint64_t draw_entry(struct worker *worker)
{
	uint64_t place = below(worker, 48) * CLUSTER;

	switch (below(worker, 6)) {
	case 0:
		return draw_border(worker);
	case 1:
		return place | 1ULL << 62;
	case 2:
		return place;
	case 3:
		return (place + 512 * below(worker, 256)) | 1ULL << 63;
	case 4:
		return draw(worker);
	default:
		return place | 1ULL << 63;
	}
}

static uint64_t draw_place_in_overlay(struct worker *worker)
{
	if (one_in(worker, 2))
		return below(worker, 40) * 4;
	/* The beginning of a table. */
	if (!one_in(worker, 4))
		return (1 + below(worker, 5)) * CLUSTER + below(worker, 16) * 8;
	return below(worker, TABLES_BYTES / 8) * 8;
}

/* Of an overlay that is attached, perhaps. */
int op_spoil(struct worker *worker)
{
	unsigned int number = below(worker, OVERLAYS);
	uint64_t at = draw_place_in_overlay(worker), word = draw_entry(worker);
	uint64_t big = htobe64(word);
	size_t length = one_in(worker, 2) ? 4 : 8;
	char path[PATH_BYTES];
	int fd, ret = 0;

	if (!has_overlays())
		return -ENOENT;
	overlay_path(path, number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	say(worker, "spoil overlay %u at %llu by %#llx", number, (unsigned long long)at,
	    (unsigned long long)word);
	if (pwrite(fd, (char *)&big + 8 - length, length, at) < 0)
		ret = -errno;
	if (one_in(worker, 16))
		ret = call(ftruncate(fd, draw_start(worker)));
	close(fd);
	return ret;
}
