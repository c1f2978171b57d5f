// SPDX-License-Identifier: GPL-2.0-only
#include "commands/sharing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "commands/nospace.h"
#include "lib/bind.h"
#include "lib/deadline.h"
#include "lib/find.h"
#include "lib/mounts.h"
#include "lib/progress.h"
#include "lib/wait.h"

/* As long as a mount may take that waits for udev at boot, and replays a journal. */
#define LOCK_WAIT_MS 60000

/* One of its own is always made anew. */
static bool is_possible(void)
{
	return attach_options.create == CREATE_NOT &&
	       attach_options.overlay_kind <= OVERLAY_FILE;
}

/*
 * If two images have the same by chance, one of them waits in vain; so do overlays of one base, but
 * one overlay may have many names, and may have yet to be made.
 */
static off_t place_of(const struct stat *image)
{
	uint64_t place = S_ISBLK(image->st_mode) ? image->st_rdev :
			 image->st_ino ^ (uint64_t)image->st_dev << 32;

	return place & INT64_MAX;
}

/* Locks a byte of the control node: nobody can who may not attach. */
int sharing_lock(const char *prefix, const char *image)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };
	uint64_t deadline = deadline_ms(LOCK_WAIT_MS);
	struct stat st;
	int fd;

	if (!is_possible())
		return -ENXIO;
	if (stat(image, &st))
		return -errno;
	fd = bind_open_control(prefix);
	if (fd < 0)
		return fd;
	lock.l_start = place_of(&st);
	progress_begin("%s: waiting until another has mounted it", image);
	while (fcntl(fd, F_OFD_SETLK, &lock) && (errno == EAGAIN || errno == EACCES) &&
	       wait_more(deadline))
		;
	progress_end();
	return fd;
}

static bool has_image(const struct dev *dev, const struct stat *image)
{
	const struct attach_options *options = &attach_options;
	struct stat overlay;

	if (options->overlay_kind == OVERLAY_NONE)
		return dev_is_backed_by(dev, image);
	return !stat(options->overlay_file, &overlay) && dev_is_backed_by(dev, &overlay) &&
	       dev_has_base(dev, image);
}

static bool is_word(const char *wanted, const char *if_none, const char *is)
{
	return !strcmp(wanted ? wanted : if_none, is);
}

/*
 * What the kernel chooses, or lowers to what is possible, is not compared: the sector size and the
 * use of the page cache, unless they were given; direct I/O; whether an overlay is read-only.
 */
static bool is_as_new(const struct dev *dev, const char *prefix, bool only_reads)
{
	const struct attach_options *options = &attach_options;
	bool is_overlay = options->overlay_kind == OVERLAY_FILE;
	const char *format = is_overlay ? "overlay" : options->is_volatile ? "volatile" : "raw";
	uint64_t sector = options->sector_bytes;
	uint32_t nospace;
	struct dev number;

	return dev->autoclear && !dev->owner && dev->partscan && !strcmp(dev->format, format) &&
	       (only_reads || dev->read_only == options->read_only ||
		(dev->read_only && is_overlay)) &&
	       options->offset == dev->offset && options->size_limit == dev->size_limit &&
	       (sector == SECTOR_DEFAULT || sector == SECTOR_AUTO || sector == dev->sector_size) &&
	       options->is_private == dev->is_private && is_word(options->label, "", dev->label) &&
	       is_word(options->flush, "honour", dev->flush) &&
	       is_word(options->cache, dev->cache, dev->cache) &&
	       nospace_parse(dev->nospace, &nospace) && nospace == options->nospace_seconds &&
	       (!options->device ||
		(dev_parse(prefix, options->device, &number) && number.number == dev->number));
}

/* It may have been unmounted before it is open, and somebody else may still keep it attached. */
static int open_mounted(const struct dev *dev)
{
	struct mounted mounted;
	int fd = mounts_find(dev, &mounted) ? dev_open(dev, O_RDONLY) : -ENXIO;

	if (fd < 0 || mounts_find(dev, &mounted))
		return fd;
	close(fd);
	return -ENXIO;
}

/* It may be another attachment by the time that the rest of it is read. */
static bool is_shareable(struct dev *dev, const char *prefix, const struct stat *image,
			 bool only_reads)
{
	return has_image(dev, image) && !dev_read(dev) && has_image(dev, image) &&
	       is_as_new(dev, prefix, only_reads);
}

/* One that cannot be opened, by a node in this /dev, cannot be shared either. */
int sharing_open(const char *prefix, const char *image, bool only_reads, struct dev *dev)
{
	int fd = -ENXIO;
	struct stat st;
	struct dev *devs;
	size_t count;

	if (!is_possible() || stat(image, &st) || dev_list(prefix, dev_identity(), &devs, &count))
		return -ENXIO;
	for (size_t i = 0; i < count && fd < 0; i++) {
		*dev = devs[i];
		if (is_shareable(dev, prefix, &st, only_reads))
			fd = open_mounted(dev);
	}
	free(devs);
	return fd < 0 ? -ENXIO : fd;
}

/* @allowed: what others may do with the file. */
static bool is_used(const char *path, enum dev_use allowed, struct dev *dev)
{
	struct stat st;

	return !stat(path, &st) && dev_find_user(&st, dev) > (int)allowed;
}

static bool find_user(const char *image, bool only_reads, struct dev *dev)
{
	const struct attach_options *options = &attach_options;
	bool writes = !options->read_only && !only_reads && !options->overlay;

	return is_used(image, writes ? DEV_USE_NONE : DEV_USE_BASE, dev) ||
	       (options->overlay_kind == OVERLAY_FILE &&
		is_used(options->overlay_file, DEV_USE_NONE, dev));
}

bool sharing_wait(const char *image, bool only_reads, uint64_t deadline)
{
	bool is_there, may_wait;
	struct dev dev, now;

	if (!find_user(image, only_reads, &dev) || dev_read(&dev) || !dev.autoclear || dev.owner ||
	    dev.claimed)
		return false;
	now = dev;
	progress_begin("%s: in use; waiting", dev.path);
	do {
		may_wait = wait_more(deadline);
		is_there = !dev_read_members(&now, DEV_MEMBER(claimed)) &&
			   now.sequence == dev.sequence && !now.claimed;
	} while (may_wait && is_there);
	progress_end();
	return !is_there;
}
