/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that hold a disk, but not as it is: virtual machine formats and compressed files. */
#ifndef RELOOP_KIND_H
#define RELOOP_KIND_H

struct kind {
	unsigned int place;
	unsigned int length;
	const char *bytes;	/* the signature at @place */
	const char *word;	/* name for programs */
	const char *name;
	const char *program;	/* makes a raw image: the part before the file's name */
	const char *result;	/* the part after it, if the program needs one */
};

/* Tells the kind by the first bytes, which are rarely those of a disk. NULL: it can be a disk. */
const struct kind *kind_of_image(int fd);

#endif
