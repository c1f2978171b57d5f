/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that are attached: an image, or an overlay and its base; opened, or made first. */
#ifndef RELOOP_SOURCE_H
#define RELOOP_SOURCE_H

#include "commands/checks.h"
#include "lib/image.h"

struct source {
	struct image image;	/* ->size is the disk's size */
	struct image base;	/* of an overlay */
	bool is_overlay;
	int side;		/* a file for data that is not flushed yet, or -1 */
	struct checks_content found;	/* what it looks like; empty if nobody has looked */
	const char *created;	/* the name of a file that was made, or NULL */
};

/* @path is the operand; the rest is in attach_options. Failures have been reported. */
int source_open(struct source *source, const char *path);

/* Where the disk's first bytes can be read, unless an overlay has been written to. */
const struct image *source_content(const struct source *source);

/* Takes the locks that other programs check; returns 0 or -errno. A base is locked already. */
int source_lock(const struct source *source);

/* Removes the file that was made. */
void source_unlink(const struct source *source);
void source_close(struct source *source);

#endif
