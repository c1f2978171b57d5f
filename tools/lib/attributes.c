// SPDX-License-Identifier: GPL-2.0-only
#include "lib/attributes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define PLACE_MAX (DEV_NAME_MAX + 64)

static void own_place(const struct dev *dev, const char *attribute, char path[PLACE_MAX])
{
	snprintf(path, PLACE_MAX, "/sys/block/%s/reloop/%s", dev->name, attribute);
}

/* If an attribute is missing, the module does not have it, unless the device has gone. */
static int of_attachment(const struct dev *dev, int err)
{
	int gone = dev->sequence ? dev_check_same(dev) : 0;

	return gone ? gone : err;
}

int dev_read_own(const struct dev *dev, const char *attribute, char text[SYSFS_TEXT_MAX])
{
	char path[PLACE_MAX];

	own_place(dev, attribute, path);
	return of_attachment(dev, sysfs_read_text(path, text, SYSFS_TEXT_MAX));
}

/* The attribute belongs to the device, whatever is attached to it. */
int dev_write_own(const struct dev *dev, const char *attribute, const char *text)
{
	char path[PLACE_MAX];
	int fd, err;

	own_place(dev, attribute, path);
	fd = sysfs_open(path);
	err = of_attachment(dev, fd < 0 ? fd : 0);
	if (!err)
		err = sysfs_write(fd, text);
	if (fd >= 0)
		close(fd);
	return err;
}

int dev_count_writes(const struct dev *dev, uint64_t *count)
{
	uint64_t writes, discards;
	char path[PLACE_MAX], text[SYSFS_TEXT_MAX];
	int err;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", dev->name);
	err = sysfs_read_text(path, text, sizeof(text));
	if (err)
		return err;
	if (sscanf(text, "%*u %*u %*u %*u %" SCNu64 " %*u %*u %*u %*u %*u %*u %" SCNu64, &writes,
		   &discards) != 2)
		return -EINVAL;
	*count = writes + discards;
	return 0;
}
