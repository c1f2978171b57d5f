// SPDX-License-Identifier: GPL-2.0-only
#include "commands/refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "lib/find.h"
#include "words/explain.h"
#include "words/reason.h"

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
	{ -ESTALE, "another file has got its name meanwhile, or its server has forgotten it; "
		   "check that, and try again" },
	{ -EWOULDBLOCK, "another program has kept it locked for writing; wait until that ends, "
			"see: lslocks" },
	{ -EUSERS, "another program uses it, as its locks say, such as a virtual machine; "
		   "end that first" },
	{ -ENOMEDIUM, "there is no medium in the drive; insert one" },
	{ -ENXIO, "there is no device behind this node; check the name" },
	{ -EMFILE, "too many open files; raise the limit with: ulimit -n" },
	{ -EEXIST, "it is there already; leave --create out, or give another name" },
	{ -ENOSPC, "there is not enough space for it; free some, or leave --preallocate out" },
	{ -EFBIG, "its file system, or ulimit -f, does not let a file become so large; "
		  "give a smaller --create, or raise that" },
	{ -EOPNOTSUPP, "its file system cannot allocate space beforehand; "
		       "leave --preallocate out" },
	{ 0 }
};

/* What the kernel's answers to an attach mean. */
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
	{ -EWOULDBLOCK, "its node cannot be made: " LOCKED_CONTROL },
	{ -EEXIST, "there is something else of the name of its node; remove that" },
	{ 0 }
};

int refuse_node(const char *path, const char *node, int err)
{
	return not_attached_by(err, path, "%s: %s", node, explain(node_errors, err));
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
		return NO_DIRECTORY;
	if (!strncmp(path, "/dev/", strlen("/dev/")))
		return "there is no such device; check the name, see: lsblk";
	return "no such file; check the name, or make one with: --create 1G";
}

/* Finds what uses the file, even if it cannot be opened. */
static int find_user(const char *path, struct dev *dev)
{
	struct stat st;

	return stat(path, &st) ? DEV_USE_NONE : dev_find_user(&st, dev);
}

int refuse_image(const char *path, int err)
{
	const char *words = err == -ENOENT ? explain_missing(path) : explain(image_errors, err);
	struct dev dev;

	if (err == -ETXTBSY && find_user(path, &dev) == DEV_USE_BASE)
		return refuse_used(path, RELOOP_REASON_IS_BASE, &dev);
	return not_attached_by(err, path, "%s", words);
}

int refuse_used(const char *path, unsigned int reason, const struct dev *dev)
{
	switch (reason) {
	case RELOOP_REASON_IS_BASE:
		return not_attached_by(-EBUSY, path, "it is the base of what is attached to %s; "
				       "use --read-only, or an --overlay of its own", dev->path);
	case RELOOP_REASON_BASE_ATTACHED:
		return not_attached_by(-EBUSY, path, "it is attached to %s for writing; "
				       "end that with: reloop detach %s", dev->path, dev->path);
	default:
		return not_attached_by(-EBUSY, path, "it is attached to %s already; use that, "
				       "or end it with: reloop detach %s", dev->path, dev->path);
	}
}

int refuse_reason(const char *path, unsigned int reason)
{
	const char *words = reason_words(reason);

	return not_attached_by(reason_error(reason), path, "%s", words ? words :
			       "the kernel does not take it as an overlay; its reason is newer "
			       "than this command");
}

int refuse_type(const struct image *image)
{
	mode_t mode = image->st.st_mode;
	const char *what = S_ISDIR(mode) ? "directory" : S_ISFIFO(mode) ? "fifo" :
			   S_ISSOCK(mode) ? "socket" : "character device";

	return not_attached(image->path, "it is a %s; give an image file or a block device", what);
}

int refuse_bind(const char *path, uint64_t sector_bytes, int err)
{
	const struct attach_options *options = &attach_options;
	uint64_t page_size = sysconf(_SC_PAGESIZE);

	if (err == -EINVAL && sector_bytes > page_size)
		return not_attached(path, "sectors of %" PRIu64 " bytes are too large for "
				    "this kernel; use its page size: --sector-size %" PRIu64,
				    sector_bytes, page_size);
	if (err == -EBUSY && !options->device)
		return not_attached_by(err, path, "it is attached already; see: reloop list");
	if (err == -EBUSY)
		return not_attached_by(err, path, "%s: somebody else has just taken it; "
				       "leave --device out to get a free one", options->device);
	if (err == -EEXIST)
		return not_attached_by(err, path, "another device has the label '%s'; "
				       "give another, or see: reloop list", options->label);
	return not_attached_by(err, path, "%s", explain(bind_errors, err));
}

/* For a --device that cannot be used, or that is taken. */
int refuse_device(const char *path, const char *prefix, const struct dev *dev, int err)
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
				    "those are called /dev/%sN", device, prefix);
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
