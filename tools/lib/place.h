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
#include <sys/stat.h>

#include "lib/dev.h"

/* Room for the path below, in /proc. */
#define PLACE_PATH_MAX (NAME_MAX + 32)

struct place {
	int directory;
	char path[PLACE_PATH_MAX];	/* of the mount point, for this process */
	const char *name;		/* the end of it */
	const struct dev *dev;
	uint64_t mount;
};

/* @point: an absolute path without links; @mount: the one of @dev that was visible there. */
int place_open(struct place *place, const struct dev *dev, const char *point, uint64_t mount);

/* Of the root of the mount. */
int place_stat(const struct place *place, struct stat *st);

int place_unmount(const struct place *place);

void place_close(struct place *place);

#endif
