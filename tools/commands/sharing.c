// SPDX-License-Identifier: GPL-2.0-only
#include "commands/sharing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "lib/find.h"
#include "lib/progress.h"
#include "lib/wait.h"

/* As the device tells who has attached it. */
#define OWN_NAME "reloop-mount"

void sharing_begin(void)
{
	prctl(PR_SET_NAME, OWN_NAME);
}

static bool has_image(const struct dev *dev, const char *image)
{
	const struct attach_options *options = &attach_options;
	struct stat st, overlay;

	if (stat(image, &st))
		return false;
	if (options->overlay_kind == OVERLAY_NONE)
		return dev_is_backed_by(dev, &st) && !*dev->base;
	return options->overlay_kind == OVERLAY_FILE && !stat(options->overlay_file, &overlay) &&
	       dev_is_backed_by(dev, &overlay) && dev_has_base(dev, &st);
}

static bool is_same(const char *wanted, const char *is)
{
	return !wanted || !strcmp(wanted, is);
}

/* Is it as a new one would be, as far as the options say? */
static bool is_as_wanted(const struct dev *dev)
{
	const struct attach_options *options = &attach_options;
	uint64_t sector = options->sector_bytes;

	return options->create == CREATE_NOT && !options->device && !options->is_volatile &&
	       !options->nospace && options->read_only == dev->read_only &&
	       options->offset == dev->offset && options->size_limit == dev->size_limit &&
	       is_same(options->label, dev->label) && is_same(options->cache, dev->cache) &&
	       is_same(options->flush, dev->flush) &&
	       (sector == SECTOR_DEFAULT || sector == SECTOR_AUTO || sector == dev->sector_size) &&
	       (!options->direct_io || dev->direct_io) && strcmp(dev->format, "volatile");
}

/* Until it is mounted, it belongs to the process that mounts it. */
static bool is_being_mounted(const struct dev *dev)
{
	return dev->owner && !strcmp(dev->creator, OWN_NAME);
}

/* One that somebody keeps open while it is given up for another is no more to be had. */
static bool is_own(const struct dev *dev)
{
	return dev->owner && dev->creator_pid == (uint64_t)getpid();
}

static bool find(const char *prefix, const char *image, uint64_t before, struct dev *dev)
{
	bool is_found = false;
	struct dev *devs;
	size_t count;

	if (dev_list(prefix, DEV_ALL, &devs, &count))
		return false;
	for (size_t i = 0; i < count && !is_found; i++) {
		*dev = devs[i];
		is_found = dev->sequence < before && !is_own(dev) && has_image(dev, image) &&
			   is_as_wanted(dev) && dev->partscan &&
			   (dev->autoclear || is_being_mounted(dev));
	}
	free(devs);
	return is_found;
}

bool sharing_is_possible(const char *prefix, const char *image)
{
	struct dev dev;

	return find(prefix, image, UINT64_MAX, &dev);
}

bool sharing_has_older(const char *prefix, const char *image, const struct dev *dev)
{
	struct dev older;

	return find(prefix, image, dev->sequence, &older);
}

int sharing_open(const char *prefix, const char *image, struct dev *dev)
{
	while (find(prefix, image, UINT64_MAX, dev)) {
		if (!is_being_mounted(dev))
			return dev_open(dev, O_RDONLY);
		progress_begin("%s: waiting until another has mounted it", dev->path);
		while (is_being_mounted(dev) && wait_more(UINT64_MAX) && !dev_read(dev))
			;
		progress_end();
	}
	return -ENXIO;
}
