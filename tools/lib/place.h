/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a mount is, by the directory that its mount point lies in. Whoever may rename what is above
 * that can have its path lead elsewhere, but not this. Unlike an open root of the mount, it keeps
 * nobody from unmounting it, but from unmounting what the directory is on: so it is not for long.
 * Functions return -errno; -ESTALE: the mount is no longer there.
 */
#ifndef RELOOP_PLACE_H
#define RELOOP_PLACE_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/dev.h"

/* Room for the path below, in /proc. */
#define PLACE_PATH_MAX (NAME_MAX + 32)

/* Its root is no directory, or one that this process may not open. */
#define PLACE_UNSYNCED 1

struct place {
	/* What it is a mount of: the one or the other. */
	const struct dev *dev;
	dev_t number;			/* of the file system */
	int directory;
	char path[PLACE_PATH_MAX];	/* of the mount point, for this process */
	const char *name;		/* the end of it */
	const char *point;		/* as given, and the caller's */
	uint64_t mount;
};

/*
 * In @place, what it is a mount of is known. @point: an absolute path without links; @mount: the
 * one that was visible there.
 */
int place_open(struct place *place, const char *point, uint64_t mount);

/*
 * Makes durable what was written to it. If the kernel has not yet told anybody what was lost, it
 * tells whoever opens it and asks. PLACE_UNSYNCED: nothing is done, and nothing known.
 */
int place_sync(const struct place *place);

int place_unmount(const struct place *place);

void place_close(struct place *place);

#endif
