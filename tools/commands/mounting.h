/* SPDX-License-Identifier: GPL-2.0-only */
/* From an image to a file system that is mounted, with every failure reported. */
#ifndef RELOOP_MOUNTING_H
#define RELOOP_MOUNTING_H

#include "commands/attaching.h"
#include "commands/mount.h"
#include "commands/part.h"

struct mounting {
	const char *image;
	struct part part;
	struct mount mount;	/* directory, options, type and how */
	/* Called when it is mounted; what fails is undone. NULL: there is nothing to do then. */
	int (*announce)(const struct attachment *attachment);
};

/*
 * Attaches as attach_options say, and mounts. Then the device is nobody's, and goes with its last
 * mount. What fails leaves nothing behind: STATUS_USAGE when it is not clear what to mount, and
 * told what there is; a status of attaching; or STATUS_FAILED.
 */
int mounting_do(struct mounting *mounting);

/* Is @option one of @options, which are as those of mount(8)? Of "ro" and "rw" the last counts. */
bool mounting_has_option(const char *options, const char *option);

#endif
