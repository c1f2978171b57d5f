/* SPDX-License-Identifier: GPL-2.0-only */
/* New overlays. Returns -errno and prints nothing. */
#ifndef RELOOP_OVERLAY_MAKE_H
#define RELOOP_OVERLAY_MAKE_H

#include "lib/image.h"

/*
 * Makes the file @path an overlay of @size bytes over the open @base, and opens it as image_open()
 * does. 0: as large as the base, down to a multiple of 512. Its data takes no space yet.
 * -EEXIST: there is something of that name; -ERANGE: the size cannot be one; -ENAMETOOLONG: the
 * base's name is too long for it.
 */
int overlay_make(struct image *overlay, const char *path, const struct image *base, uint64_t size);

/* The same without a name, as nameless_open() has it. */
int overlay_make_nameless(struct image *overlay, const char **directory, const struct image *base);

/* Makes the file @path share all blocks of the open @base. -EOPNOTSUPP: its file system cannot. */
int overlay_make_clone(struct image *clone, const char *path, const struct image *base);

#endif
