// SPDX-License-Identifier: GPL-2.0-only
#include "lib/overlay_make.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/identity.h"
#include "lib/nameless.h"
#include "lib/signals.h"
#include "lib/overlay.h"

/* Large writes, but small enough that the data is still in the processor's cache when copied. */
#define BUFFER_SIZE (256U << 10)

struct filling {
	int fd;
	void *buffer;
};

/* Fills in @entry, number @n of what is written. */
typedef void (*fill_entry)(void *entry, uint64_t n, const struct reloop_qcow2_layout *layout);

static void fill_refcount(void *entry, uint64_t n, const struct reloop_qcow2_layout *layout)
{
	(void)n;
	(void)layout;
	*(__be16 *)entry = htobe16(1);
}

static void fill_block(void *entry, uint64_t n, const struct reloop_qcow2_layout *layout)
{
	*(__be64 *)entry = htobe64(layout->blocks_offset + (n << RELOOP_QCOW2_CLUSTER_BITS));
}

static void fill_l1(void *entry, uint64_t n, const struct reloop_qcow2_layout *layout)
{
	*(__be64 *)entry = htobe64((layout->l2_offset + (n << RELOOP_QCOW2_CLUSTER_BITS)) |
				   RELOOP_QCOW2_COPIED);
}

static void fill_l2(void *entry, uint64_t n, const struct reloop_qcow2_layout *layout)
{
	*(struct reloop_qcow2_l2_entry *)entry = (struct reloop_qcow2_l2_entry) {
		.place = htobe64((layout->data_offset + (n << RELOOP_QCOW2_CLUSTER_BITS)) |
				 RELOOP_QCOW2_COPIED),
	};
}

/*
 * Writes @count entries of @width bytes, starting at @place. It is inlined so that @fill is, too: a
 * call for each entry would take most of the time.
 */
__attribute__((always_inline))
static inline int write_entries(const struct filling *filling, uint64_t place, uint64_t count,
				size_t width, fill_entry fill,
				const struct reloop_qcow2_layout *layout)
{
	uint64_t room = BUFFER_SIZE / width, done, part;
	char *entry;
	int err = 0;

	for (done = 0; done < count && !err; done += part) {
		part = count - done < room ? count - done : room;
		entry = filling->buffer;
		for (uint64_t i = 0; i < part; i++, entry += width)
			fill(entry, done + i, layout);
		err = signals_came() ? -EINTR :
		      overlay_write(filling->fd, filling->buffer, part * width,
				    place + done * width);
	}
	return err;
}

/* Behind the last entry of a table is a hole, which nobody ever writes to. */
static int write_tables(const struct filling *filling, uint64_t size)
{
	struct reloop_qcow2_layout layout;
	int err;

	reloop_qcow2_lay_out(size, &layout);
	if (ftruncate(filling->fd, layout.file_size))
		return -errno;
	err = write_entries(filling, layout.refcount_offset, layout.refcount_blocks,
			    sizeof(__be64), fill_block, &layout);
	if (!err)
		err = write_entries(filling, layout.blocks_offset,
				    layout.file_size >> RELOOP_QCOW2_CLUSTER_BITS,
				    sizeof(__be16), fill_refcount, &layout);
	if (!err)
		err = write_entries(filling, layout.l1_offset, layout.l1_entries,
				    sizeof(__be64), fill_l1, &layout);
	return err ? err : write_entries(filling, layout.l2_offset, layout.clusters,
					 sizeof(struct reloop_qcow2_l2_entry), fill_l2, &layout);
}

static int wait_for_disk(int fd)
{
	int err = overlay_sync(fd);

	return !err && signals_came() ? -EINTR : err;
}

/* The header comes last: a file that is only half made is no overlay. */
static int fill(int fd, struct qcow2_header *header, bool durably)
{
	struct filling filling = { .fd = fd, .buffer = malloc(BUFFER_SIZE) };
	int err = filling.buffer ? qcow2_build(header) : -ENOMEM;

	if (!err)
		err = write_tables(&filling, header->size);
	if (!err && durably)
		err = wait_for_disk(fd);
	if (!err)
		err = overlay_write(fd, header->bytes, sizeof(header->bytes), 0);
	if (!err && durably)
		err = wait_for_disk(fd);
	free(filling.buffer);
	return err;
}

static int prepare(struct qcow2_header *header, const char *path, const struct image *base,
		   uint64_t size)
{
	uint64_t wanted = size ? size : base->size & ~511ULL;

	if (!wanted || wanted % 512 || wanted > RELOOP_QCOW2_SIZE_MAX)
		return -ERANGE;
	if (base->size % 512 && base->size < wanted)
		return RELOOP_REASON_BASE_SIZE;
	identity_of(&base->st, base->size, &header->note);
	header->size = wanted;
	return identity_name(path, base->path, &base->st, header->base);
}

static int make_file(struct image *image, const char *path, const struct image *base)
{
	mode_t mode = S_ISREG(base->st.st_mode) ? base->st.st_mode & 0666 : 0600;

	return image_make(image, path, mode | 0600);
}

/* @err: the result of what was done with the file. */
static int finish(struct image *image, int err)
{
	struct stat st = image->st;

	if (!err && fstat(image->fd, &image->st))
		err = -errno;
	image->size = image->st.st_size;
	if (!err)
		return 0;
	image_unlink(image->path, &st);
	image_close(image);
	return err;
}

int overlay_make(struct image *overlay, const char *path, const struct image *base, uint64_t size,
		 bool durably)
{
	struct qcow2_header header = { 0 };
	int err = prepare(&header, path, base, size);

	if (!err)
		err = make_file(overlay, path, base);
	if (err)
		return err;
	err = fill(overlay->fd, &header, durably);
	if (!err && durably)
		err = image_sync_name(path);
	return finish(overlay, err);
}

int overlay_make_nameless(struct image *overlay, const char **directory, const struct image *base)
{
	struct qcow2_header header = { 0 };
	/* It is in no directory from which a name could lead to the base. */
	int err = prepare(&header, "/", base, 0);

	*overlay = (struct image) { .fd = -1, .lock_fd = -1, .is_made = true };
	if (!err)
		overlay->fd = nameless_open(directory);
	if (overlay->fd < 0)
		return err ? err : overlay->fd;
	overlay->path = *directory;
	err = fill(overlay->fd, &header, false);
	if (!err && fstat(overlay->fd, &overlay->st))
		err = -errno;
	if (err)
		image_close(overlay);
	return err;
}

int overlay_make_clone(struct image *clone, const char *path, const struct image *base)
{
	int err = S_ISREG(base->st.st_mode) ? make_file(clone, path, base) : -EOPNOTSUPP;

	if (err)
		return err;
	if (ioctl(clone->fd, FICLONE, base->fd))
		err = errno == EXDEV || errno == EINVAL || errno == ENOTTY || errno == ENOSYS ?
		      -EOPNOTSUPP : -errno;
	return finish(clone, err);
}
