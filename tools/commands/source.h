/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that are attached: an image, or an overlay and its base; opened, or made first. */
#ifndef RELOOP_SOURCE_H
#define RELOOP_SOURCE_H

#include "commands/checks.h"
#include "lib/image.h"

struct source {
	struct image image;	/* ->size is that of the disk */
	struct image base;	/* of an overlay */
	bool is_overlay;
	int side;		/* a file for what is not flushed, or -1 */
	struct checks_content found;	/* what it looks like; nothing if nobody has looked */
	const char *created;	/* the name of a file that was made, or NULL */
};

/* @path is the operand; the rest is in attach_options. What fails has been reported. */
int source_open(struct source *source, const char *path);

/* Where the disk's first bytes can be read, as far as nobody has written to an overlay. */
const struct image *source_content(const struct source *source);

/* Takes the locks that other programs look at; 0 or -errno. Those of a base are taken before. */
int source_lock(const struct source *source);

/* Takes the file that was made away again. */
void source_unlink(const struct source *source);
void source_close(struct source *source);

#endif
