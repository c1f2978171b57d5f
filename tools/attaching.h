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

/* Their rows. */
extern const struct option_row attach_option_rows[];

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

/*
 * @path: what to name when it fails. Undone by attaching_end(), with which what has an owner is
 * detached.
 */
int attaching_begin(struct attaching *attaching, uint32_t flags, const char *path);
void attaching_end(struct attaching *attaching);

/* What fails leaves nothing behind. */
int attaching_attach(const struct attaching *attaching, const char *path,
		     struct attachment *attachment);

/* As if attaching_attach() had failed. */
void attaching_undo(const struct attaching *attaching, const struct attachment *attachment);

#endif
