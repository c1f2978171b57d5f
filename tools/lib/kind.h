/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that hold a disk, but not as it is: formats of virtual machines, and what is compressed. */
#ifndef RELOOP_KIND_H
#define RELOOP_KIND_H

struct kind {
	unsigned int place;
	unsigned int length;
	const char *bytes;	/* by which it is known, there */
	const char *word;	/* for programs */
	const char *name;
	const char *program;	/* that makes a raw image of it: what comes before its name */
	const char *result;	/* and after that, where it is not said by the program */
};

/* By its first bytes, as they are rarely those of a disk. NULL: it can be one. */
const struct kind *kind_of_image(int fd);

#endif
