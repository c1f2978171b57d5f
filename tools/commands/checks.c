// SPDX-License-Identifier: GPL-2.0-only
#include "commands/checks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands/attach_options.h"
#include "commands/refusal.h"
#include "lib/find.h"
#include "lib/sector.h"
#include "words/explain.h"

#define SECTOR_MIN 512U
#define NUMBER_MAX ((1U << 20) - 1)
/* More than is read, including read-ahead, to inspect an image. */
#define LOOKED_AT (1024 * 1024)

uint64_t checks_used_length(const struct image *image)
{
	uint64_t length = image->size - attach_options.offset;

	return attach_options.size_limit && attach_options.size_limit < length ?
	       attach_options.size_limit : length;
}

uint64_t checks_sector_size(const struct image *content)
{
	if (attach_options.sector_bytes == SECTOR_AUTO)
		return sector_size_of_image(content->fd, attach_options.offset);
	return attach_options.sector_bytes;
}

/* Whether the page cache has any of what will be looked at; if that cannot be known, it has not. */
static bool is_cached(const struct image *content)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned char has[LOOKED_AT / 4096] = { 0 };
	bool is_any = false;
	void *map;

	map = mmap(NULL, LOOKED_AT, PROT_READ, MAP_SHARED, content->fd,
		   attach_options.offset / page * page);
	if (map == MAP_FAILED)
		return false;
	mincore(map, LOOKED_AT, has);
	for (size_t i = 0; i < sizeof(has); i++)
		is_any |= has[i] & 1;
	munmap(map, LOOKED_AT);
	return is_any;
}

void checks_look(const struct image *content, struct checks_content *found)
{
	const struct attach_options *options = &attach_options;

	found->was_cached = is_cached(content);
	if (!options->format && !options->offset)
		found->kind = kind_of_image(content->fd);
	if (options->sector_bytes == SECTOR_DEFAULT &&
	    sector_is_protective(content->fd, options->offset))
		found->gpt_sector = sector_size_of_gpt(content->fd, options->offset);
}

void checks_forget(const struct image *content, const struct checks_content *found)
{
	if (!found->was_cached)
		posix_fadvise(content->fd, attach_options.offset, LOOKED_AT, POSIX_FADV_DONTNEED);
}

void checks_warn(const struct checks_content *found, const struct image *content,
		 uint32_t sector_bytes)
{
	const struct kind *kind = found->kind;

	if (kind)
		report_warning("%s: looks like %s, and is attached as it is; for the disk that is in "
			       "it: %s %s%s; if it is meant as it is: --format raw", content->path,
			       kind->name, kind->program, content->path, kind->result);
	if (found->gpt_sector && found->gpt_sector != sector_bytes)
		report_warning("%s: its partition table is for sectors of %" PRIu64 ", and the device "
			       "has %u: no partition is found; give --sector-size auto",
			       content->path, found->gpt_sector, sector_bytes);
}

int checks_range(const struct image *image, uint64_t wanted)
{
	uint64_t offset = attach_options.offset, sector = wanted ? wanted : SECTOR_MIN;

	if (!image->size)
		return not_attached(image->path, "%s", S_ISREG(image->st.st_mode) ?
				    "it is empty; give it a size first: truncate -s 1G FILE" :
				    "it is a block device of size 0; put something into it first");
	if (offset >= image->size)
		return not_attached(image->path, "offset %" PRIu64 " is past its end, it has %"
				    PRIu64 " bytes; give a smaller --offset", offset, image->size);
	if (checks_used_length(image) >= sector)
		return STATUS_OK;
	if (checks_used_length(image) == image->size)
		return not_attached(image->path, "it has %" PRIu64 " bytes, less than one sector of %"
				    PRIu64 "; make it larger: truncate -s 1G FILE",
				    image->size, sector);
	return not_attached(image->path, "--offset and --size-limit leave %" PRIu64
			    " bytes, less than one sector of %" PRIu64 "; change them",
			    checks_used_length(image), sector);
}

static bool overlaps(const struct dev *dev)
{
	const struct attach_options *options = &attach_options;
	uint64_t end = options->size_limit ? options->offset + options->size_limit : UINT64_MAX;
	uint64_t dev_end = dev->size_limit ? dev->offset + dev->size_limit : UINT64_MAX;

	return options->offset < dev_end && dev->offset < end;
}

int checks_not_attached_yet(const struct image *image, const char *prefix)
{
	int status = STATUS_OK;
	struct dev *devs;
	size_t count;
	int err = dev_list(prefix, dev_identity(), &devs, &count);

	if (err)
		return not_attached_by(err, image->path, "%s", explain_module(err));
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (dev_is_backed_by(&devs[i], &image->st) && dev_read(&devs[i]) != -ENXIO &&
		    overlaps(&devs[i]) && !(attach_options.read_only && devs[i].read_only))
			status = refuse_used(image->path, RELOOP_REASON_ATTACHED, &devs[i]);
		else if (!attach_options.read_only && dev_has_base(&devs[i], &image->st))
			status = refuse_used(image->path, RELOOP_REASON_IS_BASE, &devs[i]);
	}
	free(devs);
	return status;
}

/*
 * As with losetup, a device that does not exist yet is made. Its node may be missing, or exist
 * already; with --nodes it does not matter where the node leads.
 */
static bool is_meant_by_name(int err)
{
	return err == -ENOENT || err == -ENXIO || (err && attach_options.nodes);
}

int checks_device(const char *prefix, const char *path, int *number)
{
	const char *device = attach_options.device;
	struct operand operand;
	struct dev dev;
	int err;

	*number = -1;
	if (!device)
		return STATUS_OK;
	operand_look(&operand, device);
	err = dev_find(prefix, &operand, &dev);
	if (is_meant_by_name(err) && dev_parse(prefix, device, &dev))
		err = dev.number > NUMBER_MAX ? -ERANGE : 0;
	if (err)
		return refuse_device(path, prefix, &dev, err);
	*number = dev.number;
	return STATUS_OK;
}
