/* SPDX-License-Identifier: GPL-2.0-only */
/* The file to be attached, opened without side effects. Returns -errno and prints nothing. */
#ifndef RELOOP_IMAGE_H
#define RELOOP_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct image {
	const char *path;
	int fd;
	int lock_fd;
	struct stat st;
	uint64_t size;
	bool is_made;	/* by these functions: locked from the start, or nameless */
};

/* Are both of the same file? */
bool image_is_same(const struct stat *one, const struct stat *other);

/*
 * Opens @path, also for writing unless @read_only, and finds its size. A fifo, a socket or a device
 * that acts when it is opened is not even touched.
 * -EMEDIUMTYPE: neither a file nor a block device; image->st tells what it is;
 * -EROFS: cannot be written, but could be attached read-only.
 */
int image_open(struct image *image, const char *path, bool read_only);

/* The same for what @fd refers to, which was opened with O_PATH; @path is its name. */
int image_open_found(struct image *image, const char *path, int fd, bool read_only);

/*
 * Keeps other runs of this command from attaching the same file between the check that nobody has
 * it and the attach, and from making, changing or removing it: locks_take_turn(). If a program that
 * may be one which can only read the file has kept it locked, this goes on without the lock.
 * Inspects the file again.
 * -EWOULDBLOCK: somebody has kept it locked for writing; -EINTR: a held signal came;
 * -ESTALE: it has lost its last name meanwhile: whoever made it has removed it again.
 */
int image_lock(struct image *image, bool read_only);
void image_unlock(struct image *image);

/* Reads the file's size and modification time again, for a file that was locked only now. */
int image_look_again(struct image *image, bool read_only);

/*
 * Makes the empty file @path, locked before anybody can attach it: whoever opens it by its name
 * waits until it is ready, or gone. -EEXIST: the name is taken.
 */
int image_make(struct image *image, const char *path, mode_t mode);

/*
 * Makes the file @path of @size zeros, which take no space unless @preallocate, and opens it like
 * image_open(). -EEXIST: the name is taken; -EINTR: a held signal came.
 */
int image_create(struct image *image, const char *path, uint64_t size, bool preallocate,
		 bool read_only);

/*
 * Removes the name of a file that was made, unless another file has that name by now. The file must
 * still be open, here or in the kernel, or another file might have its inode number; and still
 * locked since it was made, or another run that has opened it by that name might attach it.
 */
void image_unlink(const char *path, const struct stat *st);

/*
 * Makes the name of a new file durable, which some file systems do not do with the file. A
 * directory that may not be read is left alone.
 */
int image_sync_name(const char *path);

void image_close(struct image *image);

#endif
