/* SPDX-License-Identifier: GPL-2.0-only */
/* Which file is the base of an overlay, and whether it still is what it was. */
#ifndef RELOOP_IDENTITY_H
#define RELOOP_IDENTITY_H

#include <sys/stat.h>

#include "lib/qcow2.h"

/*
 * What a note has of the base that @st describes, which is @size large. Of a block device that is
 * the size alone: its node tells nothing of what is written to it.
 */
void identity_of(const struct stat *st, uint64_t size, struct qcow2_note *note);

/* Is it as noted? Moved: wherever it lies by now. */
bool identity_fits(const struct qcow2_note *note, const struct qcow2_note *now);
bool identity_fits_moved(const struct qcow2_note *note, const struct qcow2_note *now);

/*
 * The name of the base @path, which @st describes, for the header of the overlay @overlay: one that
 * leads there from the overlay's directory, or else an absolute one. -ENAMETOOLONG.
 */
int identity_name(const char *overlay, const char *path, const struct stat *st,
		  char name[QCOW2_NAME_MAX + 1]);

/*
 * The other way round: what @name in the header of @overlay leads to; to be freed. NULL: there is
 * no memory.
 */
char *identity_path(const char *overlay, const char *name);

#endif
