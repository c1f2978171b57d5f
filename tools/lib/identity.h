/* SPDX-License-Identifier: GPL-2.0-only */
/* Which file is the base of an overlay, and whether it is unchanged. */
#ifndef RELOOP_IDENTITY_H
#define RELOOP_IDENTITY_H

#include <sys/stat.h>

#include "lib/qcow2.h"

/*
 * What a note records of the base that @st describes and that is @size bytes large. For a block
 * device that is only the size: its node does not show that it was written to.
 */
void identity_of(const struct stat *st, uint64_t size, struct qcow2_note *note);

/* Is the base as noted? Moved: the same, wherever it lies now. */
bool identity_fits(const struct qcow2_note *note, const struct qcow2_note *now);
bool identity_fits_moved(const struct qcow2_note *note, const struct qcow2_note *now);

/*
 * The name for the base @path, which @st describes, in the header of the overlay @overlay: one that
 * leads to the base from the overlay's directory, or else an absolute one. -ENAMETOOLONG.
 */
int identity_name(const char *overlay, const char *path, const struct stat *st,
		  char name[QCOW2_NAME_MAX + 1]);

/*
 * The reverse: the path that @name in the header of @overlay leads to. The caller frees it. NULL:
 * there is no memory.
 */
char *identity_path(const char *overlay, const char *name);

#endif
