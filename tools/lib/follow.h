/* SPDX-License-Identifier: GPL-2.0-only */
/* Follows the name in the header of an overlay, as long as nobody else can say where it leads. */
#ifndef RELOOP_FOLLOW_H
#define RELOOP_FOLLOW_H

/*
 * Opens, with O_PATH, what @name in the header of the overlay @overlay leads to. Returns -errno, or
 * -EXDEV: on the way, that to the overlay included, is a link that somebody else than root and the
 * caller has made, or could have put in the place of another.
 */
int follow_base(const char *overlay, const char *name);

#endif
