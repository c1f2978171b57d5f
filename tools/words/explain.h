/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns -errno into words that say what went wrong and what to do. */
#ifndef RELOOP_EXPLAIN_H
#define RELOOP_EXPLAIN_H

#include "lib/dev.h"

/* @words may use the arguments of a format; a row without words ends the table. */
struct explanation {
	int error;
	const char *words;
};

/* The row of what root is told instead. */
#define FOR_ROOT(error) ((error) - 1000)

#define NEEDS_ROOT "no permission; needs root: use sudo"
#define NOT_EVEN_ROOT "no permission, not even for root; " \
		      "allow it where the container or a security module forbids it"

/* For a file that is to be made, or that the user may want to make there. */
#define NO_DIRECTORY "the directory it is in is missing; " \
		     "check the name, or make that first: mkdir -p"

#define NO_PROC "/proc is not mounted; mount it: mount -t proc none /proc"

/* For an image that cannot be changed because its server does not answer. */
#define NO_ANSWER "the server that its image lies on does not answer; try again when it does"

#define LOCKED_CONTROL "another program has kept the control node locked (flock); end that"

/* The words for @err from @table, else those that fit any file, else at least the error's name. */
const char *explain(const struct explanation *table, int err);

/* For dev_prefix() and dev_list(). */
const char *explain_module(int err);

/* For dev_find_attached(). */
const char *explain_attached(int err);

/* For dev_open() of an attached device. The next call overwrites the words. */
const char *explain_open(const struct dev *dev, int err);

/* For bind_open_control() and nodes_remove_stale(). */
const char *explain_control(int err);

#endif
