/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of mounts and swap areas in /proc. */
#ifndef RELOOP_TABLES_H
#define RELOOP_TABLES_H

#include <stdbool.h>
#include <sys/types.h>

/* One line of a mountinfo. */
struct mount {
	dev_t number;		/* of the file system */
	char *point;
	char *type;
	char *source;		/* what somebody has called it */
};

/* These cut @line into pieces, which the result points to; false if it is no such line. */
bool tables_parse_mount(char *line, struct mount *mount);
bool tables_parse_swap(char *line, char **name);

/* The file system that the absolute @path lies on, which nobody is asked for; 0 if not known. */
dev_t tables_file_system_of(const char *path);

#endif
