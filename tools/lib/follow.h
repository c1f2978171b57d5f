/* SPDX-License-Identifier: GPL-2.0-only */
/* Follows the name in the header of an overlay, as long as nobody else can say where it leads. */
#ifndef RELOOP_FOLLOW_H
#define RELOOP_FOLLOW_H

#include <sys/stat.h>

/*
 * Opens, with O_PATH, what @name in the header of the overlay @overlay leads to. Returns -errno, or
 * -EXDEV: on the way, that to the overlay included, is a link that somebody else than root and the
 * caller has made, or could have put there; or a directory in which others can change names; or
 * one in which they can make names, such as /tmp, and what has been found belongs to one of them;
 * or the overlay or a link has led away from the mount that it is on, unless the link is on that of
 * the root directory, or what has been found is a block device;
 * -ESTALE: @overlay does not lead to the file that was @opened.
 */
int follow_base(const char *overlay, const struct stat *opened, const char *name);

#endif
