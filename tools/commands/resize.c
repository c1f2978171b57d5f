// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands/commands.h"
#include "lib/find.h"
#include "lib/image.h"
#include "lib/locks.h"
#include "lib/signals.h"
#include "lib/size.h"
#include "words/explain.h"
#include "words/report.h"

static bool may_shrink;

static const struct option_row resize_options[] = {
	{ "shrink", NULL, "allow less than now: what is behind it is lost",
	  .flag = &may_shrink },
	{ 0 }
};

#define not_resized(path, format, ...) \
	report_failure("%s: not resized: " format, path, ##__VA_ARGS__)
#define not_resized_by(err, path, format, ...) \
	report_error(err, "%s: not resized: " format, path, ##__VA_ARGS__)

static const struct explanation resize_errors[] = {
	{ -ENXIO, "it is not attached any more; see: reloop list" },
	{ -ENOSPC, "there is not enough space for the image; free some" },
	{ -EROFS, "the image cannot be written; make it writable, or leave SIZE out" },
	{ -EWOULDBLOCK, "another program has kept the image locked for writing; "
			"wait until that ends, see: lslocks" },
	{ -EUSERS, "another program uses the image, as its locks say, such as a virtual machine; "
		   "end that first" },
	{ -ETXTBSY, "the image is in use as swap or as a running program; stop that first" },
	{ 0 }
};

static int report_resize(const char *path, int err)
{
	return not_resized_by(err, path, "%s", explain(resize_errors, err));
}

/* Opens the image by its name, which must still lead to the attached file. */
static int open_image(const struct dev *dev, struct image *image)
{
	struct stat st;
	int err;

	/* Another file, which must not be opened, may have that name by now. */
	if (dev_ask_image(dev, &st) || !S_ISREG(st.st_mode))
		return -ESTALE;
	err = image_open(image, dev->backing_file, false);
	if (err)
		return err == -EMEDIUMTYPE || err == -ENOENT ? -ESTALE : err;
	if (S_ISREG(image->st.st_mode) && dev_is_backed_by(dev, &image->st))
		return 0;
	image_close(image);
	return -ESTALE;
}

/* The image is locked, so no other resize changes its size. */
static int cut_or_lengthen(const struct dev *dev, const struct image *image, uint64_t size)
{
	if (dev->offset + size > INT64_MAX)
		return -EFBIG;
	if (dev->offset + size < image->size && !may_shrink)
		return -ERANGE;
	return ftruncate(image->fd, dev->offset + size) ? -errno : 0;
}

/*
 * Signals are held from the point where the image changes. @image is locked as long as it is open,
 * so of several resizes at once, each sees what the previous one has made of it.
 */
static int resize_image(const char *path, const struct dev *dev, uint64_t size,
			struct image *image)
{
	int err;

	if (!strcmp(dev->format, "volatile"))
		return not_resized(path, "its write cache is volatile, and of this size; detach it, "
				   "and attach it without --volatile");
	if (!strcmp(dev->format, "overlay"))
		return not_resized(path, "it is an overlay, whose size does not change; "
				   "make another with: reloop overlay create --size");
	if (dev->size_limit)
		return not_resized(path, "it was attached with --size-limit; "
				   "attach it again without");
	err = open_image(dev, image);
	if (!err)
		err = image_lock(image, false);
	if (!err)
		err = locks_take_size(image->fd);
	if (err == -ESTALE)
		return not_resized(path, "its image is no file that can be reached by name; "
				   "change that, and leave SIZE out");
	if (err)
		return report_resize(path, err);
	signals_hold();
	err = cut_or_lengthen(dev, image, size);
	if (err == -ERANGE)
		return not_resized(path, "it has %" PRIu64 " bytes, and what is behind %" PRIu64
				   " would be lost; if it may be, use --shrink",
				   image->size - dev->offset, size);
	return err ? report_resize(path, err) : STATUS_OK;
}

static int resize_device(const char *path, int fd, uint64_t size)
{
	if (!ioctl(fd, LOOP_SET_CAPACITY, 0))
		return STATUS_OK;
	if (!size)
		return report_resize(path, -errno);
	return report_error(-errno, "%s: its image has been resized, but the device has not: %s; "
			    "when that is mended: reloop resize %s", path,
			    explain(resize_errors, -errno), path);
}

/* Resizes the image first; then the kernel takes the image's size. */
static int resize(const char *path, const struct dev *dev, uint64_t size)
{
	struct image image = { .fd = -1, .lock_fd = -1 };
	int fd, status = STATUS_OK;
	struct stat st;

	if (dev_ask_image(dev, &st) == -ETIMEDOUT)
		return not_resized_by(-ETIMEDOUT, path, "%s", NO_ANSWER);
	fd = dev_open(dev, O_RDONLY);
	if (fd < 0)
		return not_resized_by(fd, path, "%s", explain_open(dev, fd));
	if (size)
		status = resize_image(path, dev, size, &image);
	if (status == STATUS_OK)
		status = resize_device(path, fd, size);
	image_close(&image);
	signals_release();
	close(fd);
	return status;
}

static int parse(const char *text, uint64_t *size)
{
	int err = size_parse(text, size);

	if (err == -ERANGE)
		return report_usage("resize", "%s is too large; files end below 8 EiB", text);
	if (err || !*size)
		return report_usage("resize", "'%s' is not a size; write it like 4096, 1M or 2GiB",
				    text);
	return STATUS_OK;
}

static int run_resize(char **operands, int count)
{
	char prefix[DEV_PREFIX_MAX];
	uint64_t size = 0;
	struct dev dev;
	int err, status = STATUS_OK;

	if (!count || count > 2)
		return report_usage("resize", "give a device or an image, and perhaps a size");
	if (count == 2)
		status = parse(operands[1], &size);
	if (status != STATUS_OK)
		return status;
	err = dev_prefix(prefix);
	if (err)
		return not_resized_by(err, operands[0], "%s", explain_module(err));
	err = dev_find_attached(prefix, operands[0], &dev);
	if (err)
		return not_resized_by(err, operands[0], "%s", explain_attached(err));
	return resize(operands[0], &dev, size);
}

const struct command resize_command = {
	.name = "resize",
	.operands = "DEVICE|IMAGE [SIZE]",
	.summary = "Make a device and its image SIZE large; or as large as that is now.",
	.options = resize_options,
	.run = run_resize,
};
