/* SPDX-License-Identifier: GPL-2.0-only */
/* From an image and options to an attached device, with every failure reported. */
#ifndef RELOOP_ATTACHING_H
#define RELOOP_ATTACHING_H

#include "dev.h"
#include "options.h"

#define CREATE_NOT UINT64_MAX

/* Where the options of all commands that attach go. */
extern struct attach_options {
	uint64_t offset;
	uint64_t size_limit;
	uint64_t create;
	const char *sector_size;
	const char *device;
	const char *label;
	const char *flush;
	const char *cache;
	bool read_only;
	bool partscan;
	bool direct_io;
	bool preallocate;
} attach_options;

#define ATTACH_OPTION_ROWS \
	{ "offset", "SIZE", "begin SIZE bytes into the image", 'o', \
	  .size = &attach_options.offset }, \
	{ "size-limit", "SIZE", "use at most SIZE bytes of the image", \
	  .size = &attach_options.size_limit }, \
	{ "read-only", NULL, "allow no writes", 'r', .flag = &attach_options.read_only }, \
	{ "sector-size", "SIZE", "a power of two from 512; 'auto': of its partition table", 'b', \
	  .text = &attach_options.sector_size }, \
	{ "partscan", NULL, "make block devices of its partitions", 'P', \
	  .flag = &attach_options.partscan }, \
	{ "direct-io", NULL, "bypass the page cache for the image", \
	  .flag = &attach_options.direct_io }, \
	{ "cache", "HOW", "auto, buffered, direct or dontcache", .text = &attach_options.cache }, \
	{ "flush", "HOW", "honour (default); ignore: a crash ruins the image", \
	  .text = &attach_options.flush }, \
	{ "label", "NAME", "a name that no other device has", .text = &attach_options.label }, \
	{ "device", "DEVICE", "use this device instead of the first free one", \
	  .text = &attach_options.device }, \
	{ "create", "SIZE", "make the image first, of SIZE zeros", \
	  .size = &attach_options.create }, \
	{ "preallocate", NULL, "with --create: take all its space now", \
	  .flag = &attach_options.preallocate }

/* What all attachments of one run of the command have in common. */
struct attaching {
	char prefix[DEV_PREFIX_MAX];
	uint32_t flags;			/* RELOOP_ATTACH_* beyond those of the options */
	int control;
	unsigned int *before;		/* the devices there were at the beginning */
	size_t count;
};

struct attachment {
	struct dev dev;
	const char *path;		/* of the image, as given */
	bool is_created;		/* the image */
	bool is_read_only;
};

/* All of these return a status, and have reported what is not STATUS_OK. */
int attaching_check_options(const char *command);

/* @path: what to name when it fails. Undone by attaching_end(), which detaches what has an owner. */
int attaching_begin(struct attaching *attaching, uint32_t flags, const char *path);
void attaching_end(struct attaching *attaching);

/* What fails leaves nothing behind. */
int attaching_attach(const struct attaching *attaching, const char *path,
		     struct attachment *attachment);

/* As if attaching_attach() had failed. */
void attaching_undo(const struct attaching *attaching, const struct attachment *attachment);

#endif
