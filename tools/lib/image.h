/* SPDX-License-Identifier: GPL-2.0-only */
/* The file to be attached, opened without side effects. Returns -errno, prints nothing. */
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
	bool is_made;	/* here: locked from the beginning, or without a name that leads to it */
};

/* Are they of one file? */
bool image_is_same(const struct stat *one, const struct stat *other);

/*
 * Opens @path, for writing too unless @read_only, and finds its size. A fifo, a device that
 * acts when it is opened, a socket: none of them is even touched.
 * -EMEDIUMTYPE: neither a file nor a block device, image->st tells what it is;
 * -EROFS: cannot be written, but could be attached read-only.
 */
int image_open(struct image *image, const char *path, bool read_only);

/*
 * Keeps other runs of this command, and whoever else honours flock(2), from attaching the same
 * file between our check that nobody has and our attach, and from making or removing it. Shared
 * when @read_only. What is known of the file is found out anew.
 * -EWOULDBLOCK: somebody has kept it locked for too long; -EINTR: a signal came that is held;
 * -ESTALE: it has lost its last name meanwhile, as what is removed again by whoever has made it.
 */
int image_lock(struct image *image, bool read_only);

/* Finds out anew how large the file is and when it was written, as of one locked only now. */
int image_look_again(struct image *image, bool read_only);

/*
 * Makes the empty file @path, which is locked before anybody can attach it: whoever opens it by its
 * name waits until it is ready, or gone. -EEXIST: there is something of that name.
 */
int image_make(struct image *image, const char *path, mode_t mode);

/*
 * Makes the file @path of @size zeros, which take no space unless @preallocate, and opens it as
 * image_open() does. -EEXIST: there is something of that name; -EINTR: a signal came that is held.
 */
int image_create(struct image *image, const char *path, uint64_t size, bool preallocate,
		 bool read_only);

/*
 * Takes its name from a file that was made, unless that is another file's by now. The file is
 * still open, by us or by the kernel, or another might have its inode number; and still locked as
 * it was made, or another run might attach it, which has opened it by that name.
 */
void image_unlink(const char *path, const struct stat *st);

void image_close(struct image *image);

#endif
