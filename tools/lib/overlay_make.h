/* SPDX-License-Identifier: GPL-2.0-only */
/* Making overlays. Functions return -errno and print nothing. */
#ifndef RELOOP_OVERLAY_MAKE_H
#define RELOOP_OVERLAY_MAKE_H

#include "lib/image.h"

/*
 * Makes the file @path an overlay of @size bytes over the open @base, and opens it like
 * image_open(). @size 0: as large as the base, rounded down to a multiple of 512. @durably: also
 * waits until it is on the disk or the server, since that may fail as well; otherwise the first
 * flush does. Its data takes no space yet. -EEXIST: the name is taken; -ERANGE: the size is not
 * possible; -ENAMETOOLONG: the base's name does not fit into the header.
 */
int overlay_make(struct image *overlay, const char *path, const struct image *base, uint64_t size,
		 bool durably);

/* The same without a name; see nameless_open(). */
int overlay_make_nameless(struct image *overlay, const char **directory, const struct image *base);

/* Makes the file @path share all blocks of the open @base. -EOPNOTSUPP: its file system cannot. */
int overlay_make_clone(struct image *clone, const char *path, const struct image *base);

#endif
