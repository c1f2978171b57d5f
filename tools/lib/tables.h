/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of mounts and swap areas in /proc. */
#ifndef RELOOP_TABLES_H
#define RELOOP_TABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One line of mountinfo. */
struct mount {
	uint64_t id;		/* STATX_MNT_ID */
	uint64_t parent;	/* what it is mounted on; that may be none that this process sees */
	dev_t number;		/* of the file system */
	char *point;
	char *type;
	char *source;		/* whatever the mounter called it */
};

/* Cut @line into pieces, which the result points to. Return false for any other line. */
bool tables_parse_mount(char *line, struct mount *mount);
bool tables_parse_swap(char *line, char **name);

/* The mount that the open file @fd of @process is on, found without asking it; 0 if not known. */
uint64_t tables_mount_of(const char *process, const char *fd);

/* The file system that the absolute @path is on, found without asking it; 0 if not known. */
dev_t tables_file_system_of(const char *path);

#endif
