/* SPDX-License-Identifier: GPL-2.0-only */
/* What was named on the command line: a device or an image. */
#ifndef RELOOP_OPERAND_H
#define RELOOP_OPERAND_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

/*
 * Looked up only once, since a look may take long. For a file on a server that does not answer,
 * only the name and the file system it leads to are known.
 */
struct operand {
	const char *text;
	bool is_dead;		/* there is no answer, and there will be none */
	int err;		/* -ETIMEDOUT: no answer; other errors are those of stat(2) */
	struct stat st;		/* st_dev, st_ino, st_mode and st_rdev, if err is 0 */
	char name[PATH_MAX];	/* if there is no answer: absolute, or empty if unknown */
	dev_t file_system;	/* the one that @name is on */
};

/* If there is no such file, @text means the node in /dev with that name. */
void operand_look(struct operand *operand, const char *text);

#endif
