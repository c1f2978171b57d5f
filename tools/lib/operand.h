/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody has named on the command line: a device or an image. */
#ifndef RELOOP_OPERAND_H
#define RELOOP_OPERAND_H

#include <limits.h>
#include <sys/stat.h>

/*
 * Looked at once and not again, since a look may take long. Of what lies on a server that does not
 * answer, only the name is known and where it leads.
 */
struct operand {
	const char *text;
	int err;		/* -ETIMEDOUT: no answer; other errors are those of stat(2) */
	struct stat st;		/* st_dev, st_ino, st_mode and st_rdev of it, if there is no err */
	char name[PATH_MAX];	/* if there is no answer: absolute, or empty if not known */
	dev_t file_system;	/* that it is on, then */
};

/* Where there is no such file, it is the node in /dev with that name. */
void operand_look(struct operand *operand, const char *text);

#endif
