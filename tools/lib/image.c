// SPDX-License-Identifier: GPL-2.0-only
#include "lib/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/deadline.h"
#include "lib/locks.h"
#include "lib/progress.h"
#include "lib/signals.h"
#include "lib/wait.h"

#define LOCK_WAIT_MS 5000
#define READER_WAIT_MS 1000
#define PIECE (64ULL << 20)

static bool is_attachable(const struct image *image)
{
	return S_ISREG(image->st.st_mode) || S_ISBLK(image->st.st_mode);
}

bool image_is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* O_NONBLOCK: if a fifo has taken the file's place, do not hang on it. */
static int open_file(const char *path, int mode)
{
	int fd = open(path, mode | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* Opens what @fd is once more. Without /proc it is opened by name, which may be another file's. */
static int reopen(const struct image *image, int fd, int mode)
{
	char link[64];
	struct stat st;
	int again;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	again = open_file(link, mode);
	if (again != -ENOENT)
		return again;
	again = open_file(image->path, mode);
	if (again < 0 || (!fstat(again, &st) && image_is_same(&st, &image->st)))
		return again;
	close(again);
	return -ESTALE;
}

static bool is_readable(const struct image *image, int fd)
{
	int again = reopen(image, fd, O_RDONLY);

	if (again < 0)
		return false;
	close(again);
	return true;
}

static bool is_write_protected(const struct image *image)
{
	int read_only = 0;

	return S_ISBLK(image->st.st_mode) && !ioctl(image->fd, BLKROGET, &read_only) && read_only;
}

static int inspect(struct image *image, bool read_only)
{
	if (fstat(image->fd, &image->st))
		return -errno;
	if (!is_attachable(image))
		return -EMEDIUMTYPE;
	if (!read_only && is_write_protected(image))
		return -EROFS;
	image->size = image->st.st_size;
	if (S_ISBLK(image->st.st_mode) && ioctl(image->fd, BLKGETSIZE64, &image->size))
		return -errno;
	/* The kernel keeps this open file: clear the flags that were only for this process. */
	if (fcntl(image->fd, F_SETFL, 0))
		return -errno;
	return 0;
}

static int open_found(struct image *image, int fd, bool read_only)
{
	if (fstat(fd, &image->st))
		return -errno;
	if (!is_attachable(image))
		return -EMEDIUMTYPE;
	image->fd = reopen(image, fd, read_only ? O_RDONLY : O_RDWR);
	if ((image->fd == -EACCES || image->fd == -EPERM) && !read_only && is_readable(image, fd))
		return -EROFS;
	return image->fd < 0 ? image->fd : inspect(image, read_only);
}

int image_open_found(struct image *image, const char *path, int fd, bool read_only)
{
	int err;

	*image = (struct image) { .path = path, .fd = -1, .lock_fd = -1 };
	err = open_found(image, fd, read_only);
	if (err)
		image_close(image);
	return err;
}

int image_open(struct image *image, const char *path, bool read_only)
{
	int err, fd = open(path, O_PATH | O_CLOEXEC);

	*image = (struct image) { .path = path, .fd = -1, .lock_fd = -1 };
	if (fd < 0)
		return -errno;
	err = image_open_found(image, path, fd, read_only);
	close(fd);
	return err;
}

/*
 * A lock belongs to an open file, and the kernel keeps image->fd's open as long as it is attached:
 * lock another one, which goes when this process does.
 */
static int take_lock(struct image *image, bool read_only)
{
	uint64_t deadline = deadline_ms(LOCK_WAIT_MS), for_readers = deadline_ms(READER_WAIT_MS);

	image->lock_fd = reopen(image, image->fd, read_only ? O_RDONLY : O_RDWR);
	if (image->lock_fd < 0)
		return image->lock_fd;
	while (locks_take_turn(image->lock_fd, image->fd, read_only)) {
		if (signals_came())
			return -EINTR;
		if (wait_more(for_readers))
			continue;
		/* Without the lock, the kernel still decides who has the file. */
		if (locks_is_turn_of_readers(image->lock_fd))
			return 0;
		if (!wait_more(deadline))
			return -EWOULDBLOCK;
	}
	return 0;
}

/* A file that never had a name, as that of a file descriptor, is still found by what was opened. */
static bool has_lost_name(const struct image *image)
{
	struct stat st;

	return !image->st.st_nlink && (stat(image->path, &st) || !image_is_same(&st, &image->st));
}

int image_look_again(struct image *image, bool read_only)
{
	return inspect(image, read_only);
}

/* udev uses locks of its own on block devices; do not interfere with these. */
int image_lock(struct image *image, bool read_only)
{
	int err;

	if (image->is_made || !S_ISREG(image->st.st_mode))
		return 0;
	err = take_lock(image, read_only);
	if (!err)
		err = inspect(image, read_only);
	return err ? err : has_lost_name(image) ? -ESTALE : 0;
}

void image_unlock(struct image *image)
{
	if (image->lock_fd >= 0)
		close(image->lock_fd);
	image->lock_fd = -1;
}

/* In pieces, to show progress. */
static int allocate(int fd, uint64_t size)
{
	uint64_t length;

	for (uint64_t done = 0; done < size; done += length) {
		progress_tick_percent(done * 100.0 / size);
		if (signals_came())
			return -EINTR;
		length = size - done < PIECE ? size - done : PIECE;
		/* If the process is stopped and continued, the call may have to be repeated. */
		while (fallocate(fd, 0, done, length))
			if (errno != EINTR)
				return -errno;
	}
	return 0;
}

static int fill(struct image *image, uint64_t size, bool preallocate, bool read_only)
{
	int fd, err = 0;

	if (ftruncate(image->fd, size))
		return -errno;
	if (preallocate)
		err = allocate(image->fd, size);
	if (err || !read_only)
		return err;
	fd = reopen(image, image->fd, O_RDONLY);
	if (fd < 0)
		return fd;
	close(image->fd);
	image->fd = fd;
	return inspect(image, read_only);
}

int image_make(struct image *image, const char *path, mode_t mode)
{
	int err, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, mode);

	*image = (struct image) { .path = path, .fd = fd, .lock_fd = -1, .is_made = true };
	if (fd < 0)
		return -errno;
	err = fstat(fd, &image->st) ? -errno : take_lock(image, false);
	if (!err)
		return 0;
	/* Whoever holds the lock has opened the file by its name, and may have written to it. */
	if (fstat(fd, &image->st) || !image->st.st_size)
		image_unlink(path, &image->st);
	image_close(image);
	return err;
}

int image_create(struct image *image, const char *path, uint64_t size, bool preallocate,
		 bool read_only)
{
	int err = image_make(image, path, 0666);

	if (err)
		return err;
	image->size = size;
	err = fill(image, size, preallocate, read_only);
	if (!err)
		return 0;
	image_unlink(path, &image->st);
	image_close(image);
	return err;
}

/* Opens the directory by name, once, so that it is the same one wherever the name leads later. */
static int open_directory_of(const char *path, int flags, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? strndup(path, slash + 1 - path) : strdup(".");
	int fd = directory ? open(directory, flags | O_DIRECTORY | O_CLOEXEC) : -1;

	free(directory);
	*name = slash ? slash + 1 : path;
	return fd;
}

void image_unlink(const char *path, const struct stat *st)
{
	const char *name;
	int directory = open_directory_of(path, O_PATH, &name);
	struct stat now;

	if (directory < 0)
		return;
	if (!fstatat(directory, name, &now, AT_SYMLINK_NOFOLLOW) && image_is_same(&now, st))
		unlinkat(directory, name, 0);
	close(directory);
}

int image_sync_name(const char *path)
{
	const char *name;
	int err, directory = open_directory_of(path, O_RDONLY, &name);

	if (directory < 0)
		return 0;
	err = fsync(directory) && errno != EINVAL ? -errno : 0;
	close(directory);
	return err;
}

void image_close(struct image *image)
{
	/* Its own locks first: whose turn comes next looks for those. */
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
	image_unlock(image);
}
