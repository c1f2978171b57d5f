/* SPDX-License-Identifier: GPL-2.0-only */
/* What can be known before the kernel is asked to attach. What fails has been reported. */
#ifndef RELOOP_CHECKS_H
#define RELOOP_CHECKS_H

#include "lib/image.h"
#include "lib/kind.h"

/* How many bytes of the image the device will have. */
uint64_t checks_used_length(const struct image *image);

/* The sector size to ask for; 0: the kernel's choice. @content: where the disk can be read. */
uint64_t checks_sector_size(const struct image *content);

/* What is to be warned of, once it is attached. */
struct checks_content {
	const struct kind *kind;	/* it is no disk as it is; or NULL */
	uint64_t gpt_sector;		/* its GPT is for sectors of that size; 0: no matter */
};

/* @content: where the disk can be read. */
void checks_look(const struct image *content, struct checks_content *found);

/*
 * What was read to look at the image leaves the page cache where requests go past that: as long as
 * the image has anything there, each direct write looks for what it would make stale.
 */
void checks_forget(const struct image *content);

/* @sector_bytes: what the device has. */
void checks_warn(const struct checks_content *found, const struct image *content,
		 uint32_t sector_bytes);

/* Does what the options say leave a sector at least? @wanted: its size, as above. */
int checks_range(const struct image *image, uint64_t wanted);

/*
 * Two writers, or a writer and a reader, of the same bytes end in a broken file system. The kernel
 * sees to that; this tells who has the image where something else has failed for that first.
 */
int checks_not_attached_yet(const struct image *image, const char *prefix);

/* The number that --device means, of a device that may not exist yet; or -1. */
int checks_device(const char *prefix, const char *path, int *number);

#endif
