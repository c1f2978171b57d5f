// SPDX-License-Identifier: GPL-2.0-only
#include "explain.h"

#include <errno.h>
#include <string.h>

static const struct explanation module_errors[] = {
	{ -ENOPKG, "the reloop module is not loaded; load it with: modprobe reloop" },
	{ -ENODATA, "/sys is not mounted; mount it: mount -t sysfs none /sys" },
	{ -ENOMEM, "out of memory; free some and try again" },
	{ 0 }
};

static const struct explanation attached_errors[] = {
	{ -EACCES, "no permission; needs root: use sudo" },
	{ -EPERM, "no permission; needs root: use sudo" },
	{ -ENOENT, "there is no such file or device; see: reloop list" },
	{ -ENXIO, "it is not attached; see: reloop list" },
	{ -ESTALE, "this node in /dev leads to another device; remove it, or give the image" },
	{ -EMLINK, "it is attached to several devices; give one of them, see: reloop list" },
	{ 0 }
};

static const struct explanation control_errors[] = {
	{ -EACCES, "no permission; needs root: use sudo" },
	{ -EPERM, "no permission; needs root: use sudo" },
	{ -ENOENT, "the module is loaded but its node is missing; "
		   "mount a devtmpfs on /dev, or give the container this node" },
	{ -ENODEV, "the node leads to no driver; "
		   "load the module again with: modprobe -r reloop; modprobe reloop" },
	{ -ENXIO, "the node leads to no driver; "
		  "load the module again with: modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

const char *explain(const struct explanation *table, int err)
{
	for (; table->words; table++)
		if (table->error == err)
			return table->words;
	return NULL;
}

static const char *explain_or_name(const struct explanation *table, int err)
{
	const char *words = explain(table, err);

	return words ? words : strerror(-err);
}

const char *explain_module(int err)
{
	return explain_or_name(module_errors, err);
}

const char *explain_attached(int err)
{
	return explain_or_name(attached_errors, err);
}

const char *explain_control(int err)
{
	return explain_or_name(control_errors, err);
}
