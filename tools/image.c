// SPDX-License-Identifier: GPL-2.0-only
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"
#include "wait.h"

#define LOCK_WAIT_MS 5000
#define PIECE (64ULL << 20)

static bool is_attachable(const struct image *image)
{
	return S_ISREG(image->st.st_mode) || S_ISBLK(image->st.st_mode);
}

/* O_NONBLOCK: should a fifo have taken the file's place since stat(), do not hang on it. */
static int open_file(const char *path, int mode)
{
	int fd = open(path, mode | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static bool is_readable(const char *path)
{
	int fd = open_file(path, O_RDONLY);

	if (fd < 0)
		return false;
	close(fd);
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
	/* The kernel keeps this open file: leave it no flag that was only for us. */
	if (fcntl(image->fd, F_SETFL, 0))
		return -errno;
	return 0;
}

int image_open(struct image *image, const char *path, bool read_only)
{
	int err;

	image->path = path;
	image->fd = -1;
	image->lock_fd = -1;
	if (stat(path, &image->st))
		return -errno;
	if (!is_attachable(image))
		return -EMEDIUMTYPE;

	image->fd = open_file(path, read_only ? O_RDONLY : O_RDWR);
	if ((image->fd == -EACCES || image->fd == -EPERM) && !read_only && is_readable(path))
		return -EROFS;
	if (image->fd < 0)
		return image->fd;
	err = inspect(image, read_only);
	if (err)
		image_close(image);
	return err;
}

/*
 * A lock belongs to an open file, and the kernel keeps image->fd's open as long as it is
 * attached: lock another one, which goes when we do. udev has locks of its own on block
 * devices; stay out of these.
 */
int image_lock(struct image *image, bool read_only)
{
	uint64_t deadline = wait_deadline_ms(LOCK_WAIT_MS);
	int operation = (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB;

	if (!S_ISREG(image->st.st_mode))
		return 0;
	image->lock_fd = open_file(image->path, read_only ? O_RDONLY : O_RDWR);
	if (image->lock_fd < 0)
		return image->lock_fd;
	while (flock(image->lock_fd, operation)) {
		/* A file system without locks is no reason to refuse. */
		if (errno != EWOULDBLOCK && errno != EINTR)
			return 0;
		if (!wait_more(deadline))
			return -EWOULDBLOCK;
	}
	return 0;
}

/* Piece by piece, to tell how far it is. */
static int allocate(int fd, uint64_t size)
{
	uint64_t length;

	for (uint64_t done = 0; done < size; done += length) {
		progress_tick_percent(done * 100.0 / size);
		length = size - done < PIECE ? size - done : PIECE;
		if (fallocate(fd, 0, done, length))
			return -errno;
	}
	return 0;
}

int image_create(const char *path, uint64_t size, bool preallocate)
{
	int err = 0, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, size))
		err = -errno;
	else if (preallocate)
		err = allocate(fd, size);
	close(fd);
	if (err)
		unlink(path);
	return err;
}

void image_close(struct image *image)
{
	if (image->lock_fd >= 0)
		close(image->lock_fd);
	if (image->fd >= 0)
		close(image->fd);
	image->lock_fd = -1;
	image->fd = -1;
}
