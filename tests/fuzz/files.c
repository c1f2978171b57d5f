// SPDX-License-Identifier: GPL-2.0-only
/* Files of all sorts, and tables of those that are open. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"

#define RAW_FILES	5
#define SLOTS		6

static const uint64_t sizes[] = {
	16 * MIB, 16 * MIB, 4 * MIB, 4 * MIB + 1234, 64 * GIB, TIB + 512, MIB, 4096, 513, 512, 1, 0,
};

/* Tables: one thread may close what the other is calling with. */

static atomic_int open_fds[TABLES][SLOTS];

/* Never one of the program's own first three. */
static int not_open(struct worker *worker)
{
	static const int numbers[] = { -1, 999, INT_MAX, INT_MIN, AT_FDCWD };

	return PICK(worker, numbers);
}

int table_fd(struct worker *worker, enum table table)
{
	int fd;

	if (one_in(worker, 60))
		return not_open(worker);
	if (one_in(worker, 30))
		table = below(worker, TABLES);
	fd = open_fds[table][below(worker, SLOTS)];
	/* As good as what is not open at all, and not as dull. */
	return fd >= 0 ? fd : open_fds[FILES][below(worker, SLOTS)];
}

void table_put(struct worker *worker, enum table table, int fd)
{
	int old;

	if (fd < 0)
		return;
	old = atomic_exchange(&open_fds[table][below(worker, SLOTS)], fd);
	if (old >= 0)
		close(old);
}

void table_close_one(struct worker *worker)
{
	int fd = atomic_exchange(&open_fds[below(worker, TABLES)][below(worker, SLOTS)], -1);

	if (fd >= 0)
		close(fd);
}

/* Nothing, or what a careless root leaves to a process without privileges. */
void table_begin(void)
{
	static const char *const devices[] = { "/dev/loop0", "/dev/loop1", "/dev/loop2" };
	unsigned int table, i;

	for (table = 0; table < TABLES; table++)
		for (i = 0; i < SLOTS; i++)
			open_fds[table][i] = -1;
	if (!settings.given)
		return;
	for (i = 0; i < SLOTS; i++) {
		open_fds[DEVICES][i] = open(devices[i % ARRAY_COUNT(devices)], O_RDONLY);
		open_fds[CONTROLS][i] = open("/dev/loop-control", i % 2 ? O_RDWR : O_RDONLY);
		if (open_fds[DEVICES][i] < 0 || open_fds[CONTROLS][i] < 0)
			give_up("nothing to give: %s", strerror(errno));
	}
}

/* Raw images. */

/* The file, if it could be given that size. */
static int sized(int fd, uint64_t bytes)
{
	if (fd >= 0 && ftruncate(fd, bytes)) {
		close(fd);
		return -1;
	}
	return fd;
}

const char *draw_dir(struct worker *worker)
{
	return settings.dirs[below(worker, settings.dir_count)];
}

void raw_path(char *path, const char *dir, unsigned int number)
{
	snprintf(path, PATH_BYTES, "%s/raw-%u", dir, number);
}

/* One of 1 MiB. */
static bool has_partition(int fd)
{
	static const unsigned char table[] = {
		0, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0,
	};

	return pwrite(fd, table, sizeof(table), 446) == sizeof(table) &&
	       pwrite(fd, "\x55\xaa", 2, 510) == 2;
}

static int create_raw(const char *dir, unsigned int number)
{
	char path[PATH_BYTES];
	int fd;

	raw_path(path, dir, number);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && number % 2 && !has_partition(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

void files_build(void)
{
	unsigned int dir, i;
	int fd;

	for (dir = 0; dir < settings.dir_count; dir++)
		for (i = 0; i < RAW_FILES; i++) {
			fd = create_raw(settings.dirs[dir], i);
			if (fd < 0 || ftruncate(fd, sizes[i]))
				give_up("%s: %s", settings.dirs[dir], strerror(errno));
			if (settings.as_nobody && fchown(fd, NOBODY, NOBODY))
				give_up("chown: %s", strerror(errno));
			close(fd);
		}
}

int open_raw(struct worker *worker, int mode)
{
	char path[PATH_BYTES];

	raw_path(path, draw_dir(worker), below(worker, RAW_FILES));
	return open(path, mode | O_CLOEXEC);
}

/* The second file of a volatile cache: not so large that its bitmaps take all memory. */
int open_side(struct worker *worker)
{
	char path[PATH_BYTES];

	snprintf(path, PATH_BYTES, "%s/side", draw_dir(worker));
	return sized(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600),
		     one_in(worker, 8) ? 64 * GIB : 16 * MIB);
}

/* All sorts of files. */

static int open_at_dir(struct worker *worker, int flags)
{
	return open(draw_dir(worker), flags | O_CLOEXEC, 0600);
}

static int open_deleted(struct worker *worker)
{
	char path[PATH_BYTES];
	int fd;

	snprintf(path, PATH_BYTES, "%s/gone-%u", draw_dir(worker), worker->number);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	unlink(path);
	return sized(fd, 4 * MIB);
}

static int open_memory(struct worker *worker)
{
	static const int seals[] = {
		0, 0, F_SEAL_WRITE, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE | F_SEAL_SHRINK,
	};
	int fd = sized(memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING), 4 * MIB);

	if (fd >= 0)
		fcntl(fd, F_ADD_SEALS, PICK(worker, seals));
	return fd;
}

static int open_pipe(struct worker *worker)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	table_put(worker, FILES, ends[1]);
	return ends[0];
}

static int open_path(const char *path, int mode)
{
	return open(path, mode | O_CLOEXEC | O_NONBLOCK);
}

static int open_special(struct worker *worker)
{
	switch (below(worker, 14)) {
	case 0:
		return open_at_dir(worker, O_RDONLY | O_DIRECTORY);
	case 1:
		return open_pipe(worker);
	case 2:
		return open_path("/dev/null", O_RDWR);
	case 3:
		return open_path("/dev/zero", O_RDWR);
	case 4:
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	case 5:
		return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	case 6:
		return epoll_create1(EPOLL_CLOEXEC);
	case 7:
		return open_path("/dev/loop-control", O_RDWR);
	case 8:
		return open_path("/proc/self/maps", O_RDONLY);
	case 9:
		return open_path("/sys/block/loop0/size", O_RDONLY);
	case 10:
		return open_raw(worker, O_PATH);
	case 11:
		return open_raw(worker, O_WRONLY);
	case 12:
		return open_at_dir(worker, O_TMPFILE | O_RDWR);
	default:
		return open_raw(worker, O_RDWR | O_APPEND);
	}
}

static int open_any(struct worker *worker)
{
	switch (below(worker, 16)) {
	case 0:
		return open_deleted(worker);
	case 1:
		return open_memory(worker);
	case 2:
		return open_raw(worker, O_RDONLY);
	case 3:
		return open_raw(worker, O_RDWR | O_DIRECT);
	case 4:
		return open_path(settings.disk, one_in(worker, 3) ? O_RDONLY : O_RDWR);
	case 5:
		return open_node(worker, O_RDWR);
	case 6:
		return open_overlay(worker);
	case 7:
		return open_base(worker);
	case 8:
	case 9:
		return open_special(worker);
	default:
		return open_raw(worker, O_RDWR);
	}
}

int op_open_file(struct worker *worker)
{
	int fd;

	say(worker, "open a file");
	fd = open_any(worker);
	if (fd < 0)
		return -errno;
	table_put(worker, FILES, fd);
	return 0;
}

int op_truncate(struct worker *worker)
{
	char path[PATH_BYTES];
	uint64_t bytes = PICK(worker, sizes);

	raw_path(path, draw_dir(worker), below(worker, RAW_FILES));
	say(worker, "truncate %s to %llu", path, (unsigned long long)bytes);
	return call(truncate(path, bytes));
}

/* And there is another one of that name. */
int op_unlink(struct worker *worker)
{
	unsigned int number = below(worker, RAW_FILES);
	const char *dir = draw_dir(worker);
	char path[PATH_BYTES];
	int fd, ret;

	raw_path(path, dir, number);
	say(worker, "make %s anew", path);
	unlink(path);
	fd = create_raw(dir, number);
	if (fd < 0)
		return -errno;
	ret = call(ftruncate(fd, PICK(worker, sizes)));
	close(fd);
	return ret;
}

/* Nodes. */

int open_node(struct worker *worker, int mode)
{
	char path[PATH_BYTES];
	int number = draw_number(worker);

	if (one_in(worker, 8))
		snprintf(path, PATH_BYTES, "%s/node-%u", settings.dirs[0], below(worker, 16));
	else if (one_in(worker, 8))
		snprintf(path, PATH_BYTES, "/dev/loop%dp%u", number, 1 + below(worker, 3));
	else
		snprintf(path, PATH_BYTES, "/dev/loop%d", number);
	say(worker, "open %s with %#x", path, mode);
	return open(path, mode | O_CLOEXEC);
}

int op_open_device(struct worker *worker)
{
	static const int modes[] = {
		O_RDWR, O_RDWR, O_RDWR, O_RDWR, O_RDWR | O_DIRECT, O_RDWR | O_DIRECT, O_RDONLY,
		O_WRONLY, O_RDWR | O_EXCL, O_RDONLY | O_EXCL, O_RDWR | O_NONBLOCK, O_ACCMODE,
		O_PATH, O_RDWR | O_DSYNC,
	};
	int mode = PICK(worker, modes);
	int fd = open_node(worker, mode);

	if (fd < 0)
		return -errno;
	table_put(worker, DEVICES, fd);
	/* Anybody can have that, which opens nothing. */
	return mode == O_PATH ? -EBADF : 0;
}

int op_open_control(struct worker *worker)
{
	int fd;

	say(worker, "open the control node");
	fd = open_path("/dev/loop-control", one_in(worker, 6) ? O_RDONLY : O_RDWR);
	if (fd < 0)
		return -errno;
	table_put(worker, CONTROLS, fd);
	return 0;
}

int op_close(struct worker *worker)
{
	say(worker, "close");
	table_close_one(worker);
	return 0;
}
