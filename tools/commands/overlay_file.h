/* SPDX-License-Identifier: GPL-2.0-only */
/* An overlay, and its base, that nobody else has. What returns a status has reported a failure. */
#ifndef RELOOP_OVERLAY_FILE_H
#define RELOOP_OVERLAY_FILE_H

#include "lib/image.h"
#include "lib/overlay.h"

struct overlay_file {
	const char *verb;	/* what is not done, if it is not: "committed" */
	struct image image;
	struct overlay overlay;
	struct overlay_usage usage;
};

/* To change it: verified, attached to no device and used by no other program. */
int overlay_file_open(struct overlay_file *file, const char *path, const char *verb);
void overlay_file_close(struct overlay_file *file);

/* A base to be read, of which nobody writes to it meanwhile; or to be written, by us alone. */
int overlay_open_base(struct image *base, const char *path, bool for_writing, const char *overlay,
		      const char *verb);

/* What the base @path leads to, without opening it. 0 or -errno. */
int overlay_look_at_base(const char *path, struct qcow2_note *now);

/* @err: as of lib/overlay.h, lib/overlay_make.h or lib/image.h, about @path. */
int overlay_refuse(const char *path, const char *verb, int err);

#endif
