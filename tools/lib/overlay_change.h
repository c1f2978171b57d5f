/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done to a whole overlay while nobody else has it, and it has been verified. See qcow2.h
 * for what is returned. What ends in the middle, be it with the machine, can be done again.
 */
#ifndef RELOOP_OVERLAY_CHANGE_H
#define RELOOP_OVERLAY_CHANGE_H

#include "lib/image.h"
#include "lib/overlay.h"

/*
 * Copies all that is not the base's to the base, which is open for writing and is made as large as
 * the overlay first, if it is smaller. The overlay then has nothing, and notes the base as it is
 * by now. @written: how many bytes there are to copy, for who shows how far it is. @is_base: where
 * it fails, whether the base could not be written, and not the overlay.
 */
int overlay_commit(struct overlay *overlay, struct image *base, uint64_t written, bool *is_base);

/* Throws away all that is not the base's. To be run again where it was interrupted. */
int overlay_reset(struct overlay *overlay);

/*
 * Puts header.base and, if header.has_note, header.note into the file. -E2BIG: there is no room
 * for them.
 */
int overlay_write_header(struct overlay *overlay);

#endif
