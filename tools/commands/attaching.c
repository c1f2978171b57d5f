// SPDX-License-Identifier: GPL-2.0-only
#include "commands/attaching.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bind.h"
#include "lib/deadline.h"
#include "lib/image.h"
#include "lib/nodes.h"
#include "lib/progress.h"
#include "lib/sector.h"
#include "lib/spawn.h"
#include "words/explain.h"
#include "words/report.h"

#define SECTOR_MIN 512U
#define NUMBER_MAX ((1U << 20) - 1)
#define DETACH_WAIT_MS 5000

#define not_attached(path, format, ...) \
	report_failure("%s: not attached: " format, path, ##__VA_ARGS__)
#define not_attached_by(err, path, format, ...) \
	report_error(err, "%s: not attached: " format, path, ##__VA_ARGS__)

static const struct explanation image_errors[] = {
	{ -ENOTDIR, "a part of its path is not a directory; check the name" },
	{ -ELOOP, "too many symbolic links on the way; check the name" },
	{ -ENAMETOOLONG, "the name is too long; check it" },
	{ -EACCES, "no permission to open it; needs root: use sudo" },
	{ FOR_ROOT(-EACCES), "not even root may open it, as on another user's FUSE mount; "
			     "copy it elsewhere" },
	{ -EPERM, "opening it is not permitted; needs root: use sudo" },
	{ FOR_ROOT(-EPERM), "opening it is not permitted, not even to root; see: lsattr" },
	{ -EROFS, "it cannot be written; attach it with --read-only, or make it writable" },
	{ -ETXTBSY, "it is in use as swap or as a running program; stop that first, "
		    "or use --read-only" },
	{ -ESTALE, "another file has got its name meanwhile; check that, and try again" },
	{ -EWOULDBLOCK, "another program has kept a lock on it (flock); wait until that ends" },
	{ -ENOMEDIUM, "there is no medium in the drive; insert one" },
	{ -ENXIO, "there is no device behind this node; check the name" },
	{ -EMFILE, "too many open files; raise the limit with: ulimit -n" },
	{ -EEXIST, "it is there already; leave --create out, or give another name" },
	{ -ENOSPC, "there is not enough space for it; free some, or leave --preallocate out" },
	{ -EFBIG, "its file system takes no file of this size; give a smaller --create" },
	{ -EOPNOTSUPP, "its file system cannot allocate space beforehand; "
		       "leave --preallocate out" },
	{ 0 }
};

/* What the kernel's answer to the attach means. */
static const struct explanation bind_errors[] = {
	{ -ENOSYS, "the loaded module is too old for this command; "
		   "load the one that came with it: modprobe -r reloop; modprobe reloop" },
	{ -E2BIG, "the loaded module is too old for these options; "
		  "load the one that came with this command: modprobe -r reloop; modprobe reloop" },
	{ -EBADF, "the image is this device, or lies on it; give another image or device" },
	{ -ENOMEM, "the kernel is out of memory; free some and try again" },
	{ -ENOSPC, "all devices are in use; detach one, see: reloop list" },
	{ -EACCES, NEEDS_ROOT },
	{ FOR_ROOT(-EACCES), NOT_EVEN_ROOT },
	{ -EPERM, "the device cgroup forbids it; allow the container this device" },
	{ -EFBIG, "the image is too large for this kernel; use --size-limit" },
	{ -EAGAIN, "the module is just being loaded; try again" },
	{ -EINTR, "a signal came; try again" },
	{ -EINVAL, "the kernel cannot use this file as a disk; its reason may be in: dmesg" },
	{ 0 }
};

static const struct explanation node_errors[] = {
	{ -ETIMEDOUT, "the kernel has it but its node is missing; make it with --nodes, "
		      "or mount a devtmpfs on /dev" },
	{ -EPERM, "its node cannot be made; give the container CAP_MKNOD and the devices" },
	{ -EACCES, "its node cannot be made; needs root: use sudo" },
	{ FOR_ROOT(-EACCES), "its node cannot be made, not even by root; mount a tmpfs on /dev" },
	{ -EROFS, "its node cannot be made, /dev is read-only; mount a tmpfs on it" },
	{ -EEXIST, "there is something else of the name of its node; remove that" },
	{ 0 }
};

static int report_node(const char *path, const char *node, int err)
{
	const char *words = explain(node_errors, err);

	return not_attached_by(err, path, "%s: %s", node, words ? words : strerror(-err));
}

static bool has_directory(const char *path)
{
	const char *name = strrchr(path, '/');
	char *directory = strndup(path, name ? name + 1 - path : 0);
	bool is_there = directory && (!*directory || !access(directory, F_OK));

	free(directory);
	return is_there;
}

static const char *explain_missing(const char *path)
{
	struct stat st;

	if (!lstat(path, &st))
		return "it is a symbolic link to nothing; check where it leads";
	if (!has_directory(path))
		return "the directory it is in is missing; "
		       "check the name, or make that first: mkdir -p";
	if (!strncmp(path, "/dev/", strlen("/dev/")))
		return "there is no such device; check the name, see: lsblk";
	return "no such file; check the name, or make one with: --create 1G";
}

static int report_image(const char *path, int err)
{
	const char *words = err == -ENOENT ? explain_missing(path) : explain(image_errors, err);

	return not_attached_by(err, path, "%s", words ? words : strerror(-err));
}

static int report_wrong_type(const struct image *image)
{
	mode_t mode = image->st.st_mode;
	const char *what = S_ISDIR(mode) ? "directory" : S_ISFIFO(mode) ? "fifo" :
			   S_ISSOCK(mode) ? "socket" : "character device";

	return not_attached(image->path, "it is a %s; give an image file or a block device", what);
}

static int report_bind(const char *path, int err)
{
	const struct attach_options *options = &attach_options;
	uint64_t page_size = sysconf(_SC_PAGESIZE);
	const char *words = explain(bind_errors, err);

	if (err == -EINVAL && options->sector_bytes > page_size)
		return not_attached(path, "sectors of %" PRIu64 " bytes are too large for "
				    "this kernel; use its page size: --sector-size %" PRIu64,
				    options->sector_bytes, page_size);
	if (err == -EBUSY)
		return not_attached_by(err, path, "%s: somebody else has just taken it; "
				       "leave --device out to get a free one", options->device);
	if (err == -EEXIST)
		return not_attached_by(err, path, "another device has the label '%s'; "
				       "give another, or see: reloop list", options->label);
	return not_attached_by(err, path, "%s", words ? words : strerror(-err));
}

/* --- what can be known without the kernel --------------------------------------------------- */

/* How many bytes of the image the device will have. */
static uint64_t used_length(const struct image *image)
{
	uint64_t length = image->size - attach_options.offset;

	return attach_options.size_limit && attach_options.size_limit < length ?
	       attach_options.size_limit : length;
}

/* The sector size to ask for. */
static uint64_t wanted_sector(const struct image *image)
{
	if (attach_options.sector_bytes == SECTOR_AUTO)
		return sector_size_of_image(image->fd, attach_options.offset);
	return attach_options.sector_bytes;
}

static int check_range(const struct image *image)
{
	uint64_t wanted = wanted_sector(image), sector = wanted ? wanted : SECTOR_MIN;
	uint64_t offset = attach_options.offset;

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
	const struct attach_options *options = &attach_options;
	uint64_t end = options->size_limit ? options->offset + options->size_limit : UINT64_MAX;
	uint64_t dev_end = dev->size_limit ? dev->offset + dev->size_limit : UINT64_MAX;

	return options->offset < dev_end && dev->offset < end;
}

/* Two writers, or a writer and a reader, of the same bytes end in a broken file system. */
static int check_not_attached_yet(const struct image *image, const char *prefix)
{
	int status = STATUS_OK;
	struct dev *devs;
	size_t count;
	int err = dev_list(prefix, dev_read_identity, &devs, &count);

	if (err)
		return not_attached_by(err, image->path, "%s", explain_module(err));
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (dev_is_backed_by(&devs[i], &image->st) && dev_read(&devs[i]) != -ENXIO &&
		    overlaps(&devs[i]) && !(attach_options.read_only && devs[i].read_only))
			status = not_attached_by(-EBUSY, image->path, "it is attached to %s already; use that, "
					      "or end it with: reloop detach %s",
					      devs[i].path, devs[i].path);
	}
	free(devs);
	return status;
}

/* For --device: a device that cannot be meant, or is taken. */
static int report_device(const char *path, const struct attaching *attaching,
			 const struct dev *dev, int err)
{
	const char *device = attach_options.device;

	switch (err) {
	case -EBUSY:
		return not_attached_by(err, path, "%s is in use for %s; "
				       "leave --device out to get a free one", device,
				       dev->backing_file);
	case -EMEDIUMTYPE:
		return not_attached(path, "%s is a partition; give the whole device, %s",
				    device, dev->path);
	case -EXDEV:
	case -ENOTBLK:
		return not_attached(path, "%s is not a device of the reloop module; "
				    "those are called /dev/%sN", device, attaching->prefix);
	case -ENOENT:
	case -ENXIO:
		return not_attached_by(err, path, "there is no device %s; "
				       "leave --device out to get a free one", device);
	case -ESTALE:
		return not_attached(path, "the node %s leads to another device; make it anew with "
				    "--nodes, or leave --device out", device);
	case -ETIMEDOUT:
		return not_attached_by(err, path, "%s: nobody answers for a file of this name; "
				       "give a path in /dev, or leave --device out", device);
	case -ERANGE:
		return not_attached(path, "%s: there is no device of this number; "
				    "leave --device out to get a free one", device);
	default:
		return not_attached_by(err, path, "%s: %s; check the name", device,
				       strerror(-err));
	}
}

/*
 * As with losetup, a device that does not exist yet is made. Its node may be missing, or be there
 * already; and with --nodes it does not matter where it leads.
 */
static bool is_meant_by_name(int err)
{
	return err == -ENOENT || err == -ENXIO || (err && attach_options.nodes);
}

static int find_wanted(const struct attaching *attaching, const char *path, int *number)
{
	const char *device = attach_options.device;
	struct operand operand;
	struct dev dev;
	int err;

	*number = -1;
	if (!device)
		return STATUS_OK;
	operand_look(&operand, device);
	err = dev_find(attaching->prefix, &operand, &dev);
	if (is_meant_by_name(err) && dev_parse(attaching->prefix, device, &dev))
		err = dev.number > NUMBER_MAX ? -ERANGE : 0;
	if (!err && dev_read(&dev) != -ENXIO)
		err = -EBUSY;
	if (err)
		return report_device(path, attaching, &dev, err);
	*number = dev.number;
	return STATUS_OK;
}

/* --- the attach ----------------------------------------------------------------------------- */

static void fill_request(const struct attaching *attaching, const struct image *image, int number,
			 struct reloop_attach *request)
{
	const struct attach_options *options = &attach_options;
	bool ignore_flush = options->flush && !strcmp(options->flush, "ignore");

	*request = (struct reloop_attach) {
		.flags = attaching->flags |
			 (options->read_only ? RELOOP_ATTACH_READ_ONLY : 0) |
			 (options->partscan ? RELOOP_ATTACH_PARTSCAN : 0) |
			 (options->direct_io ? RELOOP_ATTACH_DIRECT_IO : 0) |
			 (ignore_flush ? RELOOP_ATTACH_FLUSH_IGNORE : 0),
		.fd = image->fd,
		.number = number,
		.block_size = wanted_sector(image),
		.offset = options->offset,
		.size_limit = options->size_limit,
	};
	if (options->label)
		strcpy(request->label, options->label);
}

/* What the user did not quite get. */
static void warn(const struct image *image, const struct reloop_attach *answer)
{
	uint64_t rest = used_length(image) % answer->block_size;

	if (rest)
		report_warning("%s: the last %" PRIu64 " bytes are out of reach: "
			       "they do not fill a sector of %u", image->path, rest,
			       answer->block_size);
	if (attach_options.direct_io && !(answer->flags & RELOOP_ATTACH_DIRECT_IO))
		report_warning("%s: attached without direct I/O: its file system, its offset or "
			       "its sector size does not allow it", image->path);
}

/* Until udev is through with all that has happened. Where there is no udev, it is. */
static int wait_for_udev(const char *path, uint64_t deadline)
{
	char timeout[32], said[128];
	const char *const argv[] = { "udevadm", "settle", timeout, NULL };
	uint64_t now = deadline_ms(0), left = deadline > now ? deadline - now : 0;
	int status;

	progress_begin("waiting for udev");
	progress_show();
	snprintf(timeout, sizeof(timeout), "--timeout=%" PRIu64, (left + 999) / 1000);
	status = spawn(argv, said, sizeof(said));
	progress_end();
	if (!status || status == STATUS_NO_COMMAND)
		return STATUS_OK;
	return not_attached_by(-ETIMEDOUT, path, "udev is still busy; give it more --timeout");
}

/* A device without a node is of no use to anybody; who makes them may take a moment. */
static int provide_nodes(const struct attaching *attaching, const char *path,
			 const struct dev *dev)
{
	bool needs_all = attaching->needs_partitions || attach_options.wait;
	uint64_t deadline = deadline_ms(attach_options.wait_ms);
	char node[DEV_NODE_MAX];
	int err = 0;

	progress_begin("waiting for the nodes of %s", dev->path);
	dev_node(dev, 0, node);
	if (attach_options.nodes)
		err = nodes_make(attaching->control, dev, node);
	if (!err)
		err = needs_all ? nodes_wait_for_all(dev, deadline, node) :
				  nodes_wait_for(dev, 0, deadline);
	progress_end();
	if (err)
		return report_node(path, node, err);
	return attach_options.wait ? wait_for_udev(path, deadline) : STATUS_OK;
}

static int set_cache(const char *path, const struct dev *dev)
{
	const char *cache = attach_options.cache;
	int err = cache ? dev_write_own(dev, "cache", cache) : 0;

	switch (err) {
	case 0:
		return STATUS_OK;
	case -ENOENT:
		return not_attached_by(-ENOSYS, path, "the loaded module knows no --cache; "
				       "load a newer one, or leave it out");
	case -EINVAL:
	case -EOPNOTSUPP:
		return not_attached(path, "--cache=%s is not possible with this image and kernel; "
				    "give another, or leave it out", cache);
	default:
		return not_attached_by(err, path, "--cache=%s: %s; leave it out", cache,
				       strerror(-err));
	}
}

static bool was_there(const struct attaching *attaching, const struct dev *dev)
{
	for (size_t i = 0; i < attaching->count; i++)
		if (attaching->before[i] == dev->number)
			return true;
	return false;
}

/* By the control node: the device may have no other. */
static int detach_again(const struct attaching *attaching, const struct dev *dev)
{
	int err = bind_detach(attaching->control, dev, DETACH_WAIT_MS);
	bool is_ours = !was_there(attaching, dev);

	if (!err && is_ours && (attaching->flags & RELOOP_ATTACH_OWNER))
		bind_wait_removed(dev);
	else if (!err && is_ours)
		bind_remove(attaching->control, dev);
	if (err != -ETIMEDOUT && attach_options.nodes)
		nodes_remove_stale(attaching->control, dev, true);
	return err;
}

static int attach(const struct attaching *attaching, const struct image *image,
		  struct attachment *attachment)
{
	struct reloop_attach request;
	struct dev *dev = &attachment->dev;
	int number, status, err;

	status = check_not_attached_yet(image, attaching->prefix);
	if (status == STATUS_OK)
		status = find_wanted(attaching, image->path, &number);
	if (status != STATUS_OK)
		return status;

	fill_request(attaching, image, number, &request);
	err = bind_attach(attaching->control, &request);
	if (err)
		return report_bind(image->path, err);
	dev_name(dev, attaching->prefix, request.number);
	dev->sequence = request.diskseq;
	attachment->is_read_only = request.flags & RELOOP_ATTACH_READ_ONLY;

	status = provide_nodes(attaching, image->path, dev);
	if (status == STATUS_OK)
		status = set_cache(image->path, dev);
	if (status == STATUS_OK)
		warn(image, &request);
	else
		detach_again(attaching, dev);
	return status;
}

static int lock_and_attach(const struct attaching *attaching, struct image *image,
			   struct attachment *attachment)
{
	int status = check_range(image), err;

	if (status != STATUS_OK)
		return status;
	progress_begin("waiting for the lock of %s", image->path);
	err = image_lock(image, attach_options.read_only);
	progress_end();
	return err ? report_image(image->path, err) : attach(attaching, image, attachment);
}

static int open_or_create(struct image *image, const char *path, bool is_created)
{
	const struct attach_options *options = &attach_options;
	int err;

	if (!is_created)
		return image_open(image, path, options->read_only);
	progress_begin("allocating %s", path);
	err = image_create(image, path, options->create, options->preallocate, options->read_only);
	progress_end();
	return err;
}

int attaching_attach(const struct attaching *attaching, const char *path,
		     struct attachment *attachment)
{
	bool is_created = attach_options.create != CREATE_NOT;
	struct image image;
	int status, err = open_or_create(&image, path, is_created);

	if (err == -EMEDIUMTYPE)
		return report_wrong_type(&image);
	if (err)
		return report_image(path, err);
	*attachment = (struct attachment) {
		.path = path,
		.is_created = is_created,
		.image = image.st,
	};
	status = lock_and_attach(attaching, &image, attachment);
	if (status != STATUS_OK && is_created)
		image_unlink(path, &image.st);
	image_close(&image);
	return status;
}

int attaching_finish(const struct attaching *attaching, const struct attachment *attachment)
{
	return detach_again(attaching, &attachment->dev);
}

void attaching_undo(const struct attaching *attaching, const struct attachment *attachment)
{
	if (attachment->is_created)
		image_unlink(attachment->path, &attachment->image);
	detach_again(attaching, &attachment->dev);
}

int attaching_begin(struct attaching *attaching, uint32_t flags, const char *path)
{
	int err = dev_prefix(attaching->prefix);

	attaching->flags = flags;
	attaching->needs_partitions = false;
	if (!err)
		err = dev_numbers(attaching->prefix, &attaching->before, &attaching->count);
	if (err)
		return not_attached_by(err, path, "%s", explain_module(err));
	attaching->control = bind_open_control(attaching->prefix);
	if (attaching->control >= 0)
		return STATUS_OK;
	free(attaching->before);
	return not_attached_by(attaching->control, path, "/dev/%s" RELOOP_NAMES_CONTROL ": %s",
			       attaching->prefix, explain_control(attaching->control));
}

void attaching_end(struct attaching *attaching)
{
	close(attaching->control);
	free(attaching->before);
}
