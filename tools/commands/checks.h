/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be checked before the kernel is asked to attach. Failures have been reported. */
#ifndef RELOOP_CHECKS_H
#define RELOOP_CHECKS_H

#include "lib/image.h"
#include "lib/kind.h"

/* How many bytes of the image the device will have. */
uint64_t checks_used_length(const struct image *image);

/* The sector size to ask for; 0: the kernel's choice. @content: where the disk can be read. */
uint64_t checks_sector_size(const struct image *content);

/* What to warn of once the image is attached. */
struct checks_content {
	const struct kind *kind;	/* the file is not a raw disk; or NULL */
	uint64_t gpt_sector;		/* the sector size of its GPT; 0: does not matter */
	bool was_cached;		/* before anybody looked */
};

/* @content: where the disk can be read. */
void checks_look(const struct image *content, struct checks_content *found);

/*
 * Drops what was read to inspect the image from the page cache, unless it was there before: as long
 * as any of the image is cached, each direct write looks for what it would make stale.
 */
void checks_forget(const struct image *content, const struct checks_content *found);

/* @sector_bytes: the device's sector size. */
void checks_warn(const struct checks_content *found, const struct image *content,
		 uint32_t sector_bytes);

/* Do the options leave at least one sector? @wanted: its size, as above. */
int checks_range(const struct image *image, uint64_t wanted);

/*
 * Two writers, or a writer and a reader, of the same bytes would break a file system. The kernel
 * prevents that; this tells who has the image if something else failed before that.
 */
int checks_not_attached_yet(const struct image *image, const char *prefix);

/* The number that --device means, possibly of a device that does not exist yet; or -1. */
int checks_device(const char *prefix, const char *path, int *number);

#endif
