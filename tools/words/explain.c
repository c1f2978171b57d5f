// SPDX-License-Identifier: GPL-2.0-only
#include "words/explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Errors that any file may give, whatever was to be done with it. */
static const struct explanation common_errors[] = {
	{ -EACCES, NEEDS_ROOT },
	{ -EPERM, NEEDS_ROOT },
	{ FOR_ROOT(-EACCES), NOT_EVEN_ROOT },
	{ FOR_ROOT(-EPERM), NOT_EVEN_ROOT },
	{ -EINTR, "a signal came; try again" },
	{ -ENOMEM, "out of memory; free some and try again" },
	{ -ETIMEDOUT, "its server does not answer; try again when it does" },
	{ -ESTALE, "its server does not know it any more; mount its file system anew" },
	{ -ENOTCONN, "the server of its file system has gone; mount that anew" },
	{ -EIO, "its disk or its server fails; the reason may be in: dmesg" },
	{ -ENOSPC, "there is no space left for it; free some" },
	{ -EDQUOT, "the quota of its owner is used up; free some space, or have it raised" },
	{ -EFBIG, "its file system, or ulimit -f, does not let a file become so large; "
		  "give less, or raise that" },
	{ -EOVERFLOW, "a size or an offset is too large for the kernel; give less" },
	{ -EROFS, "its file system is read-only; make it writable" },
	{ -ETXTBSY, "it is in use as swap or as a running program; stop that first" },
	{ -ENOTTY, "its driver does not know what it was asked for; load the module that came "
		   "with this command: modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

static const struct explanation module_errors[] = {
	{ -ENOPKG, "the reloop module is not loaded; load it with: modprobe reloop" },
	{ -ENODATA, "/sys is not mounted; mount it: mount -t sysfs none /sys" },
	{ 0 }
};

static const struct explanation attached_errors[] = {
	{ -ENOENT, "there is no such file or device; see: reloop list" },
	{ -ENXIO, "it is not attached; see: reloop list" },
	{ -ESTALE, "this node in /dev leads to another device; remove it, or give the image" },
	{ -ENOTUNIQ, "it is the name of a file here, and of a device with which that has nothing "
		     "to do; for the device give its path, for the file ./ and its name, "
		     "see: reloop list" },
	{ -ETIMEDOUT, "the server that it lies on does not answer; give the path of the device, "
		      "see: reloop list" },
	{ -EMLINK, "it is attached to several devices; give one of them, see: reloop list" },
	{ 0 }
};

static const struct explanation control_errors[] = {
	{ -ENOENT, "the module is loaded but its node is missing; "
		   "mount a devtmpfs on /dev, or give the container this node" },
	{ -EWOULDBLOCK, LOCKED_CONTROL },
	{ -ESTALE, "the node leads to another driver, or to none; remove it, and mount a devtmpfs "
		   "on /dev, or give the container the right one" },
	{ -ENODEV, "the node leads to no driver; "
		   "load the module again with: modprobe -r reloop; modprobe reloop" },
	{ -ENXIO, "the node leads to no driver; "
		  "load the module again with: modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

static const char *find(const struct explanation *table, int error)
{
	for (; table->words; table++)
		if (table->error == error)
			return table->words;
	return NULL;
}

static const char *find_for_user(const struct explanation *table, int err)
{
	const char *words = geteuid() ? NULL : find(table, FOR_ROOT(err));

	return words ? words : find(table, err);
}

const char *explain(const struct explanation *table, int err)
{
	const char *words = find_for_user(table, err);

	if (!words)
		words = find_for_user(common_errors, err);
	return words ? words : strerror(-err);
}

const char *explain_module(int err)
{
	return explain(module_errors, err);
}

const char *explain_attached(int err)
{
	return explain(attached_errors, err);
}

const char *explain_open(const struct dev *dev, int err)
{
	static char words[256];
	dev_t number;

	if (err != -ENOENT || dev_node_number(dev, 0, &number))
		return explain_attached(err);
	snprintf(words, sizeof(words), "its node is missing in /dev, or leads to another device; "
		 "make it anew: rm -f %s; mknod %s b %u %u", dev->path, dev->path, major(number),
		 minor(number));
	return words;
}

const char *explain_control(int err)
{
	return explain(control_errors, err);
}
