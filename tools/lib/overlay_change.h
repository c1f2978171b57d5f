/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes to a whole overlay that has been verified and that nobody else has. qcow2.h has the
 * return values. A change that is interrupted, even by a crash of the machine, can be done again.
 */
#ifndef RELOOP_OVERLAY_CHANGE_H
#define RELOOP_OVERLAY_CHANGE_H

#include "lib/image.h"
#include "lib/overlay.h"

/*
 * Copies everything that is not the base's to the base, which is open for writing and first made as
 * large as the overlay if it is smaller. The overlay is then empty and notes the base as it is now.
 * @written: how many bytes there are to copy, for the progress display. @is_base: on failure,
 * whether it was the base, not the overlay, that could not be written.
 */
int overlay_commit(struct overlay *overlay, struct image *base, uint64_t written, bool *is_base);

/* Throws away everything that does not come from the base. If interrupted, it must be run again. */
int overlay_reset(struct overlay *overlay);

/*
 * Writes header.base and, if header.has_note, header.note to the file. -E2BIG: there is no room for
 * them.
 */
int overlay_write_header(struct overlay *overlay);

#endif
