/* SPDX-License-Identifier: GPL-2.0-only */
/* Walks a path as the kernel does, but stops at each symbolic link, so that it can be judged. */
#ifndef RELOOP_WALK_H
#define RELOOP_WALK_H

#include <limits.h>
#include <stdbool.h>

/* What is open here was opened with O_PATH; -1 if nothing is. */
struct walk {
	int fd;				/* the directory where the walk is */
	int link;			/* the link at which it has stopped */
	int file;			/* what it has led to, if that is no directory */
	char name[NAME_MAX + 1];	/* the component that it is at */
	char *rest;			/* the path that remains */
	int links;
};

#define WALK_AT_LINK 1

/* Begins in the root directory, or in the working directory. Returns 0 or -errno. */
int walk_begin(struct walk *walk, const char *path);

/* Goes on along @path from the directory where the walk has ended, or in which the file lies. */
int walk_go_on(struct walk *walk, const char *path);

/* Is there nothing left to walk? */
bool walk_has_ended(const struct walk *walk);

/* Walks one component of the path. Returns 0, WALK_AT_LINK or -errno. */
int walk_step(struct walk *walk);

/* Follows the link at which it has stopped. */
int walk_follow(struct walk *walk);

/* Takes one of the open files over from the walk. */
int walk_take(int *fd);

/* Closes what is open, after a failure of the others as well. */
void walk_end(struct walk *walk);

#endif
