// SPDX-License-Identifier: GPL-2.0-only
#include "explain.h"

#include <errno.h>
#include <string.h>

static const struct explanation module_errors[] = {
	{ -ENOPKG, "the reloop module is not loaded; load it with: modprobe reloop" },
	{ -ENOSYS, "there is no sysfs to find the devices in; mount it with: "
		   "mount -t sysfs none /sys" },
	{ -ENOMEM, "out of memory; free some and try again" },
	{ 0 }
};

static const struct explanation control_errors[] = {
	{ -EACCES, "no permission; needs root: use sudo" },
	{ -EPERM, "no permission; needs root: use sudo" },
	{ -ENOENT, "the module is loaded but its node is missing; "
		   "mount a devtmpfs on /dev, or give the container the host's /dev" },
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

const char *explain_module(int err)
{
	const char *words = explain(module_errors, err);

	return words ? words : strerror(-err);
}

const char *explain_control(int err)
{
	const char *words = explain(control_errors, err);

	return words ? words : strerror(-err);
}
