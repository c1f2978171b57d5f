/* SPDX-License-Identifier: GPL-2.0-only */
/* From an image to a mounted file system; every failure is reported. */
#ifndef RELOOP_MOUNTING_H
#define RELOOP_MOUNTING_H

#include "commands/attaching.h"
#include "commands/mount.h"
#include "commands/part.h"

struct mounting {
	const char *image;
	struct part part;
	struct mount mount;	/* directory, options, type and the rest */
	/* Called after the mount; if it fails, all is undone. NULL: there is nothing to do. */
	int (*announce)(const struct attachment *attachment);
};

/*
 * Attaches as attach_options say, and mounts. After that nobody owns the device, and it goes with
 * its last mount. A failure leaves nothing behind: STATUS_USAGE if it is not clear what to mount,
 * after telling what there is; a status of attaching; or STATUS_FAILED.
 */
int mounting_do(struct mounting *mounting);

#endif
