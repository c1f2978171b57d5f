/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a mount is, by the directory that its mount point lies in. Whoever may rename what is above
 * that can have its path lead elsewhere, but not this. Unlike an open root of the mount, it keeps
 * nobody from unmounting it. Functions return -errno; -ESTALE: the mount is no longer there.
 */
#ifndef RELOOP_PLACE_H
#define RELOOP_PLACE_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/dev.h"

/* Room for the path below, in /proc. */
#define PLACE_PATH_MAX (NAME_MAX + 32)

struct place {
	int directory;			/* below zero: it is not known where it is */
	char path[PLACE_PATH_MAX];	/* of the mount point, for this process */
	const char *name;		/* the end of it */
	uint64_t mount;
	const struct dev *dev;
	dev_t number;			/* of the file system, without @dev */
};

/*
 * @point: an absolute path without links; @mount: the one of @dev that was visible there. @dev is
 * NULL if the table of mounts may not tell that it is of a device, as with FUSE.
 * After a failure as well, @place tells which mount it is.
 */
int place_open(struct place *place, const struct dev *dev, const char *point, uint64_t mount);

/*
 * Makes durable what was written to it. If the kernel has not yet told anybody what was lost, it
 * tells whoever opens it and asks. For the mount of a single file there is nothing to do.
 */
int place_sync(const struct place *place);

int place_unmount(const struct place *place);

void place_close(struct place *place);

#endif
