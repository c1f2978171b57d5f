// SPDX-License-Identifier: GPL-2.0-only
#include "commands/overlay_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/ask.h"
#include "lib/find.h"
#include "lib/identity.h"
#include "lib/locks.h"
#include "words/explain.h"
#include "words/reason.h"
#include "words/report.h"

#define PATIENCE_MS 5000

static const struct explanation errors[] = {
	{ -ENOENT, "there is no such file; check the name" },
	{ -ENOTDIR, "a part of its path is not a directory; check the name" },
	{ -ELOOP, "too many symbolic links on the way; check the name" },
	{ -EACCES, NEEDS_ROOT },
	{ -EPERM, NEEDS_ROOT },
	{ FOR_ROOT(-EACCES), NOT_EVEN_ROOT },
	{ FOR_ROOT(-EPERM), NOT_EVEN_ROOT },
	{ -EROFS, "it cannot be written; make it writable" },
	{ -ETXTBSY, "it is in use: as the base of an overlay, as swap or as a running program; "
		    "end that first" },
	{ -EBUSY, "it is in use, mounted say; end that first" },
	{ -EEXIST, "it is there already; give another name" },
	{ -EWOULDBLOCK, "another program has kept it locked for writing; wait until that ends, "
			"see: lslocks" },
	{ -EUSERS, "another program uses it, as its locks say; end that first" },
	{ -EMEDIUMTYPE, "it is no file" },
	{ -ERANGE, "its size cannot be one; give a multiple of 512 bytes, of 16 TiB at most" },
	{ -ENAMETOOLONG, "the base's name is too long for it; make that shorter" },
	{ -E2BIG, "its header has no room for that; convert it, "
		  "see FOREIGN OVERLAYS in reloop(8)" },
	{ -ENOSPC, "there is not enough space; free some and try again" },
	{ -EOVERFLOW, "its base is smaller, and a block device does not grow; give another" },
	{ -EFBIG, "its file system, or ulimit -f, does not let a file become so large; "
		  "give a smaller --size, or raise that" },
	{ -ENODATA, "it has not noted what its base is like; if BASE is the one, say so: "
		    "reloop overlay rebase --force FILE BASE" },
	{ -ENOMEM, "out of memory; free some and try again" },
	{ 0 }
};

int overlay_refuse(const char *path, const char *verb, int err)
{
	const char *words = err > 0 ? reason_words(err) : explain(errors, err);

	return report_error(err > 0 ? reason_error(err) : err, "%s: not %s: %s", path, verb,
			    words ? words : strerror(err > 0 ? EINVAL : -err));
}

static int refuse_user(const char *path, const char *verb, enum dev_use use,
		       const struct dev *dev)
{
	if (use == DEV_USE_BASE)
		return report_error(-EBUSY, "%s: not %s: it is the base of %s on %s; "
				    "end that first: reloop detach %s", path, verb,
				    dev->backing_file, dev->path, dev->path);
	return report_error(-EBUSY, "%s: not %s: it is attached to %s; "
			    "end that first: reloop detach %s", path, verb, dev->path, dev->path);
}

/* It cannot be known whether a device has it. */
static int refuse_unknown(const char *path, const char *verb, int err)
{
	return report_error(err, "%s: not %s: %s", path, verb, explain_module(err));
}

int overlay_file_open(struct overlay_file *file, const char *path, const char *verb)
{
	int err, use = DEV_USE_NONE;
	struct dev dev;

	*file = (struct overlay_file) { .verb = verb };
	err = image_open(&file->image, path, false);
	if (err)
		return overlay_refuse(path, verb, err);
	err = image_lock(&file->image, false);
	if (!err)
		use = dev_find_user(&file->image.st, &dev);
	if (use) {
		image_close(&file->image);
		return use < 0 ? refuse_unknown(path, verb, use) :
		       refuse_user(path, verb, use, &dev);
	}
	if (!err)
		err = locks_take_alone(file->image.fd);
	if (!err)
		err = overlay_load(&file->overlay, file->image.fd);
	if (!err)
		err = overlay_verify(&file->overlay, &file->usage);
	if (!err)
		return STATUS_OK;
	image_close(&file->image);
	return overlay_refuse(path, verb, err);
}

void overlay_file_close(struct overlay_file *file)
{
	image_close(&file->image);
}

int overlay_refuse_base(const char *overlay, const char *verb, const char *path, int err)
{
	const char *words = explain(errors, err);

	return report_error(err, "%s: not %s: its base %s: %s", overlay, verb, path,
			    words ? words : strerror(-err));
}

/* O_EXCL fails if the device is mounted, for example. */
static int claim(struct image *base)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", base->fd);
	fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(base->fd);
	base->fd = fd;
	return 0;
}

static bool is_in_the_way(int use, bool for_writing)
{
	return use == DEV_USE_WRITES || (for_writing && use > DEV_USE_NONE);
}

static int open_found(struct image *base, const char *path, int found, bool for_writing)
{
	int err = image_open_found(base, path, found, !for_writing);

	if (!err && for_writing && S_ISBLK(base->st.st_mode))
		err = claim(base);
	if (!err)
		err = for_writing ? locks_take_alone(base->fd) : locks_take_base(base->fd);
	/* Up to here, somebody may have written to it, a commit for example. */
	return err ? err : image_look_again(base, !for_writing);
}

int overlay_open_found_base(struct image *base, const char *path, int found, bool for_writing,
			    const char *overlay, const char *verb)
{
	struct dev dev;
	struct stat st;
	int use, err;

	*base = (struct image) { .fd = -1, .lock_fd = -1 };
	/* The kernel may refuse to open a file that is in use, without saying by whom. */
	use = fstat(found, &st) ? DEV_USE_NONE : dev_find_user(&st, &dev);
	if (is_in_the_way(use, for_writing))
		return refuse_user(path, verb, use, &dev);
	err = open_found(base, path, found, for_writing);
	/* It may be attached since. */
	use = err ? DEV_USE_NONE : dev_find_user(&base->st, &dev);
	if (is_in_the_way(use, for_writing)) {
		image_close(base);
		return refuse_user(path, verb, use, &dev);
	}
	if (!err && use >= 0)
		return STATUS_OK;
	image_close(base);
	return use < 0 ? refuse_unknown(path, verb, use) :
	       overlay_refuse_base(overlay, verb, path, err);
}

int overlay_open_base(struct image *base, const char *path, bool for_writing, const char *overlay,
		      const char *verb)
{
	int status, found = open(path, O_PATH | O_CLOEXEC);

	if (found < 0)
		return overlay_refuse_base(overlay, verb, path, -errno);
	status = overlay_open_found_base(base, path, found, for_writing, overlay, verb);
	close(found);
	return status;
}

/* Reads the size of a block device from sysfs: a node that a header names is not opened. */
static int device_size(dev_t number, uint64_t *size)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/size", major(number), minor(number));
	err = sysfs_read_number(path, size);
	*size *= 512;
	return err;
}

int overlay_look_at_base(const char *path, struct qcow2_note *now)
{
	int err, patience_ms = PATIENCE_MS;
	uint64_t size = 0;
	struct stat st;

	/* Whoever wrote the header may have named a file that never answers. */
	err = ask_content(path, &st, &patience_ms);
	if (err)
		return err;
	if (S_ISBLK(st.st_mode))
		err = device_size(st.st_rdev, &size);
	else if (S_ISREG(st.st_mode))
		size = st.st_size;
	else
		err = -EMEDIUMTYPE;
	identity_of(&st, size, now);
	return err;
}
