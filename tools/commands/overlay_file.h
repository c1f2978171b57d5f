/* SPDX-License-Identifier: GPL-2.0-only */
/* An overlay and its base, for this process alone. What returns a status has reported failures. */
#ifndef RELOOP_OVERLAY_FILE_H
#define RELOOP_OVERLAY_FILE_H

#include "lib/image.h"
#include "lib/overlay.h"

struct overlay_file {
	const char *verb;	/* what has not been done if it fails: "committed" */
	struct image image;
	struct overlay overlay;
	struct overlay_usage usage;
};

/* Opens it to be changed: verified, not attached to a device and not used by another program. */
int overlay_file_open(struct overlay_file *file, const char *path, const char *verb);
void overlay_file_close(struct overlay_file *file);

/* Opens a base to be read, with nobody writing to it meanwhile; or to be written, exclusively. */
int overlay_open_base(struct image *base, const char *path, bool for_writing, const char *overlay,
		      const char *verb);

/* The same for a base that @found refers to, which was opened with O_PATH; @path is its name. */
int overlay_open_found_base(struct image *base, const char *path, int found, bool for_writing,
			    const char *overlay, const char *verb);

/* @err: why a base was not opened. */
int overlay_refuse_base(const char *overlay, const char *verb, const char *path, int err);

/* Inspects the base that @path leads to without opening it. Returns 0 or -errno. */
int overlay_look_at_base(const char *path, struct qcow2_note *now);

/* @err: an error of lib/overlay.h, lib/overlay_make.h or lib/image.h about @path. */
int overlay_refuse(const char *path, const char *verb, int err);

#endif
