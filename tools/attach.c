// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bind.h"
#include "commands.h"
#include "explain.h"
#include "image.h"
#include "report.h"

#define SECTOR_MIN 512U
#define SECTOR_DEFAULT UINT64_MAX	/* left to the kernel */

static uint64_t offset, size_limit, sector_size = SECTOR_DEFAULT;
static bool read_only, partscan, direct_io;
static const char *device;

static const struct option_row attach_options[] = {
	{ "offset", "SIZE", "begin SIZE bytes into the image", 'o', .size = &offset },
	{ "size-limit", "SIZE", "use at most SIZE bytes of the image", .size = &size_limit },
	{ "read-only", NULL, "allow no writes", 'r', .flag = &read_only },
	{ "sector-size", "SIZE", "sector size, a power of two from 512 (default: the kernel's)",
	  'b', .size = &sector_size },
	{ "partscan", NULL, "make block devices of its partitions", 'P', .flag = &partscan },
	{ "direct-io", NULL, "bypass the page cache for the image", .flag = &direct_io },
	{ "device", "DEVICE", "use this device instead of the first free one",
	  .text = &device },
	{ 0 }
};

#define not_attached(path, format, ...) \
	report_failure("%s: not attached: " format, path, ##__VA_ARGS__)

static const struct explanation image_errors[] = {
	{ -ENOENT, "no such file; check the name, or make one with: truncate -s 1G FILE" },
	{ -ENOTDIR, "a part of its path is not a directory; check the name" },
	{ -ELOOP, "too many symbolic links on the way; check the name" },
	{ -ENAMETOOLONG, "the name is too long; check it" },
	{ -EACCES, "no permission to open it; needs root: use sudo" },
	{ -EPERM, "opening it is not permitted; needs root: use sudo" },
	{ -EROFS, "it cannot be written; attach it with --read-only, or make it writable" },
	{ -ETXTBSY, "it is in use as swap or as a running program; stop that first, "
		    "or use --read-only" },
	{ -EWOULDBLOCK, "another program has kept a lock on it (flock); wait until that ends" },
	{ -ENOMEDIUM, "there is no medium in the drive; insert one" },
	{ -ENXIO, "there is no device behind this node; check the name" },
	{ -EMFILE, "too many open files; raise the limit with: ulimit -n" },
	{ 0 }
};

/* What the kernel's answer to one step means; said about the node that gave it. */
static const struct {
	enum bind_step step;
	int error;
	const char *words;
} bind_errors[] = {
	{ BIND_OPEN_CONTROL, -EACCES, "no permission; needs root: use sudo" },
	{ BIND_OPEN_CONTROL, -EPERM, "no permission; needs root: use sudo" },
	{ BIND_OPEN_CONTROL, -ENOENT, "the module is loaded but its node is missing; "
		"mount a devtmpfs on /dev, or give the container the host's /dev" },
	{ BIND_OPEN_CONTROL, -ENODEV, "the node leads to no driver; "
		"load the module again with: modprobe -r reloop; modprobe reloop" },
	{ BIND_GET_FREE, -ENOSPC, "all devices are in use; "
		"detach one, see: reloop list" },
	{ BIND_GET_FREE, -ENOMEM, "the kernel is out of memory; free some and try again" },
	{ BIND_ADD, -EINVAL, "the kernel has no device of this number; "
		"leave --device out to get a free one" },
	{ BIND_ADD, -ENOMEM, "the kernel is out of memory; free some and try again" },
	{ BIND_OPEN_DEVICE, -EACCES, "no permission; needs root: use sudo" },
	{ BIND_OPEN_DEVICE, -EPERM, "no permission; needs root: use sudo" },
	{ BIND_OPEN_DEVICE, -ENOENT, "the kernel has this device but its node is missing; "
		"mount a devtmpfs on /dev, or give the container the host's /dev" },
	{ BIND_OPEN_DEVICE, -ENXIO, "it has just gone; try again" },
	{ BIND_CONFIGURE, -EBUSY, "somebody else has just taken it; try again" },
	{ BIND_CONFIGURE, -EBADF, "the image is this device, or lies on it; "
		"give another image or device" },
	{ BIND_CONFIGURE, -ENOMEM, "the kernel is out of memory; free some and try again" },
	{ BIND_CONFIGURE, -EACCES, "no permission; needs root: use sudo" },
	{ BIND_CONFIGURE, -EPERM, "no permission; needs root: use sudo" },
	{ BIND_CONFIGURE, -EFBIG, "the image is too large for this kernel; use --size-limit" },
	{ BIND_CONFIGURE, -EINVAL, "the kernel cannot use this file as a disk; "
		"its reason may be in: dmesg" },
};

static int report_image(const char *path, int err)
{
	const char *words = explain(image_errors, err);

	return not_attached(path, "%s", words ? words : strerror(-err));
}

static int report_wrong_type(const struct image *image)
{
	mode_t mode = image->st.st_mode;
	const char *what = S_ISDIR(mode) ? "directory" : S_ISFIFO(mode) ? "fifo" :
			   S_ISSOCK(mode) ? "socket" : "character device";

	return not_attached(image->path, "it is a %s; give an image file or a block device", what);
}

static int report_bind(const struct image *image, const char *node, enum bind_step step, int err)
{
	long page_size = sysconf(_SC_PAGESIZE);

	if (step == BIND_CONFIGURE && err == -EINVAL && sector_size != SECTOR_DEFAULT &&
	    sector_size > (uint64_t)page_size)
		return not_attached(image->path, "sectors of %" PRIu64 " bytes are too large for "
				    "this kernel; use its page size: --sector-size %ld",
				    sector_size, page_size);
	if (step == BIND_CONFIGURE && err == -EINVAL && direct_io)
		return not_attached(image->path, "direct I/O is not possible on it; "
				    "leave --direct-io out");
	for (size_t i = 0; i < sizeof(bind_errors) / sizeof(bind_errors[0]); i++)
		if (bind_errors[i].step == step && bind_errors[i].error == err)
			return not_attached(image->path, "%s: %s", node, bind_errors[i].words);
	return not_attached(image->path, "%s: %s; the reason may be in: dmesg", node,
			    strerror(-err));
}

static int check_options(void)
{
	if (sector_size == SECTOR_DEFAULT)
		return STATUS_OK;
	if (sector_size < SECTOR_MIN || sector_size > UINT32_MAX ||
	    (sector_size & (sector_size - 1)))
		return report_usage("attach", "--sector-size: %" PRIu64 " cannot be one; "
				    "give a power of two from 512, such as 4096", sector_size);
	return STATUS_OK;
}

/* How many bytes of the image the device will have. */
static uint64_t used_length(const struct image *image)
{
	uint64_t length = image->size - offset;

	return size_limit && size_limit < length ? size_limit : length;
}

static int check_range(const struct image *image)
{
	uint64_t sector = sector_size == SECTOR_DEFAULT ? SECTOR_MIN : sector_size;

	if (!image->size)
		return not_attached(image->path, "%s", S_ISREG(image->st.st_mode) ?
				    "it is empty; give it a size first: truncate -s 1G FILE" :
				    "it is a block device of size 0; put something into it first");
	if (offset >= image->size)
		return not_attached(image->path, "offset %" PRIu64 " is past its end, it has %"
				    PRIu64 " bytes; give a smaller --offset", offset, image->size);
	if (used_length(image) >= sector)
		return STATUS_OK;
	if (used_length(image) == image->size)
		return not_attached(image->path, "it has %" PRIu64 " bytes, less than one sector of %"
				    PRIu64 "; make it larger: truncate -s 1G FILE",
				    image->size, sector);
	return not_attached(image->path, "--offset and --size-limit leave %" PRIu64
			    " bytes, less than one sector of %" PRIu64 "; change them",
			    used_length(image), sector);
}

static bool overlaps(const struct dev *dev)
{
	uint64_t end = size_limit ? offset + size_limit : UINT64_MAX;
	uint64_t dev_end = dev->size_limit ? dev->offset + dev->size_limit : UINT64_MAX;

	return offset < dev_end && dev->offset < end;
}

/* Two writers, or a writer and a reader, of the same bytes end in a broken file system. */
static int check_not_attached_yet(const struct image *image, const char *prefix)
{
	int status = STATUS_OK;
	struct dev *devs;
	size_t count;
	int err = dev_list(prefix, dev_read_backing_file, &devs, &count);

	if (err)
		return not_attached(image->path, "%s", explain_module(err));
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (dev_is_backed_by(&devs[i], &image->st) && !dev_read(&devs[i]) &&
		    overlaps(&devs[i]) && !(read_only && devs[i].read_only))
			status = not_attached(image->path, "it is attached to %s already; use that, "
					      "or end it with: reloop detach %s",
					      devs[i].path, devs[i].path);
	}
	free(devs);
	return status;
}

static void fill_config(const struct image *image, struct loop_config *config)
{
	char *path = realpath(image->path, NULL);
	const char *name = path ? path : image->path;

	memset(config, 0, sizeof(*config));
	config->fd = image->fd;
	config->block_size = sector_size == SECTOR_DEFAULT ? 0 : sector_size;
	config->info.lo_offset = offset;
	config->info.lo_sizelimit = size_limit;
	config->info.lo_flags = (read_only ? LO_FLAGS_READ_ONLY : 0) |
				(partscan ? LO_FLAGS_PARTSCAN : 0) |
				(direct_io ? LO_FLAGS_DIRECT_IO : 0);
	memcpy(config->info.lo_file_name, name, strnlen(name, LO_NAME_SIZE - 1));
	free(path);
}

/* For --device: a device that cannot be meant, or is taken. */
static int report_device(const struct image *image, const char *prefix, const struct dev *dev,
			 int err)
{
	switch (err) {
	case -EBUSY:
		return not_attached(image->path, "%s is in use for %s; "
				    "leave --device out to get a free one", device,
				    dev->backing_file);
	case -EMEDIUMTYPE:
		return not_attached(image->path, "%s is a partition; give the whole device, %s",
				    device, dev->path);
	case -EXDEV:
	case -ENOTBLK:
		return not_attached(image->path, "%s is not a device of the reloop module; "
				    "those are called /dev/%sN", device, prefix);
	case -ENOENT:
	case -ENXIO:
		return not_attached(image->path, "there is no device %s; "
				    "leave --device out to get a free one", device);
	default:
		return report_bind(image, device, BIND_OPEN_DEVICE, err);
	}
}

/* As with losetup, a device that does not exist yet is made. */
static int bind_wanted(const struct image *image, const char *prefix,
		       const struct loop_config *config, struct dev *dev, int *fd)
{
	int err = dev_find(prefix, device, dev);
	bool is_new = err == -ENOENT && dev_parse(prefix, device, dev);
	enum bind_step step;

	if (!is_new && !err && !dev_read(dev))
		err = -EBUSY;
	if (!is_new && err)
		return report_device(image, prefix, dev, err);

	*fd = is_new ? bind_new(prefix, config, dev, &step) : bind_given(dev, config, &step);
	return *fd < 0 ? report_bind(image, device, step, *fd) : STATUS_OK;
}

static int bind_any(const struct image *image, const char *prefix,
		    const struct loop_config *config, struct dev *dev, int *fd)
{
	char control[DEV_PATH_MAX + 8];
	enum bind_step step;

	*fd = bind_free(prefix, config, dev, &step);
	if (*fd >= 0)
		return STATUS_OK;
	snprintf(control, sizeof(control), "/dev/%s" RELOOP_NAMES_CONTROL, prefix);
	return report_bind(image, step < BIND_OPEN_DEVICE ? control : dev->path, step, *fd);
}

/* What the user did not quite get. */
static void warn(const struct image *image, const struct dev *dev, int fd)
{
	unsigned int sector = SECTOR_MIN;
	struct loop_info64 info;
	int is_locked = 0;
	uint64_t rest;

	ioctl(fd, BLKSSZGET, &sector);
	rest = used_length(image) % sector;
	if (rest)
		report_warning("%s: the last %" PRIu64 " bytes are out of reach: "
			       "they do not fill a sector of %u", image->path, rest, sector);
	if (direct_io && !ioctl(fd, LOOP_GET_STATUS64, &info) &&
	    !(info.lo_flags & LO_FLAGS_DIRECT_IO))
		report_warning("%s: attached without direct I/O: its file system, its offset or "
			       "its sector size does not allow it", image->path);
	/* Outlives a detach: an earlier user of the device may have left it. */
	if (!read_only && !ioctl(fd, BLKROGET, &is_locked) && is_locked)
		report_warning("%s: %s was made read-only; allow writes with: blockdev --setrw %s",
			       image->path, dev->path, dev->path);
}

/* An attachment whose name nobody has learnt would stay for ever: take it back. */
static int announce(const struct image *image, struct dev *dev)
{
	int error;

	if (puts(dev->path) >= 0 && !fflush(stdout))
		return STATUS_OK;
	error = errno;
	if (!dev_read(dev))
		bind_release(dev);
	return not_attached(image->path, "cannot write the device's name to standard output: %s; "
			    "give it a place to go", strerror(error));
}

static int attach(const struct image *image, const char *prefix)
{
	int fd = -1, status = check_not_attached_yet(image, prefix);
	struct loop_config config;
	struct dev dev;

	if (status != STATUS_OK)
		return status;
	fill_config(image, &config);
	status = (device ? bind_wanted : bind_any)(image, prefix, &config, &dev, &fd);
	if (status != STATUS_OK)
		return status;
	warn(image, &dev, fd);
	close(fd);
	return announce(image, &dev);
}

static int lock_and_attach(struct image *image)
{
	char prefix[DEV_PREFIX_MAX];
	int err = dev_prefix(prefix);

	if (err)
		return not_attached(image->path, "%s", explain_module(err));
	err = image_lock(image, read_only);
	if (err)
		return report_image(image->path, err);
	return attach(image, prefix);
}

static int attach_path(const char *path)
{
	struct image image;
	int status, err = image_open(&image, path, read_only);

	if (err == -EMEDIUMTYPE)
		return report_wrong_type(&image);
	if (err)
		return report_image(path, err);
	status = check_range(&image);
	if (status == STATUS_OK)
		status = lock_and_attach(&image);
	image_close(&image);
	return status;
}

static int run_attach(char **operands, int count)
{
	int status = check_options();

	if (status != STATUS_OK)
		return status;
	if (count != 1)
		return report_usage("attach", count ? "'%s' is too much; give one image" :
				    "no image given; give one", count ? operands[1] : "");
	if (!*operands[0])
		return report_usage("attach", "the image's name is empty; give one");
	return attach_path(operands[0]);
}

const struct command attach_command = {
	.name = "attach",
	.operands = "IMAGE",
	.summary = "Attach an image file (or block device) to a device, and print the device.",
	.options = attach_options,
	.run = run_attach,
};
