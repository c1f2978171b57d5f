/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_NAMELESS_H
#define RELOOP_NAMELESS_H

/*
 * Makes a file without a name in the directory TMPDIR, or in /var/tmp, open for reading and
 * writing; or returns -errno. *directory receives the directory.
 */
int nameless_open(const char **directory);

#endif
