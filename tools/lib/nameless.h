/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_NAMELESS_H
#define RELOOP_NAMELESS_H

/*
 * A new file without a name, in the directory TMPDIR or in /var/tmp, for reading and writing; or
 * -errno. *directory: receives which it was.
 */
int nameless_open(const char **directory);

#endif
