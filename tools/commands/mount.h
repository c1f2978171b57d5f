/* SPDX-License-Identifier: GPL-2.0-only */
/* What is mounted: by mount, or by --mount of run in the mount namespace of its command. */
#ifndef RELOOP_MOUNT_H
#define RELOOP_MOUNT_H

#include <sys/types.h>

#include "commands/attaching.h"
#include "lib/mounts.h"

/* mount(2) cuts off without a word what does not fit a page. */
#define MOUNT_OPTIONS_MAX 4000

/* Taken apart; a number of 0 is the whole device. */
struct mount {
	char *directory;
	const char *options;
	unsigned int number;
	const char *type;	/* of its file system; NULL: mount(8) finds it */
	const char *undone;	/* what it is not when it cannot be mounted, as in "not run" */
	bool is_private;	/* nobody else looks for it in a table of mounts */
	bool is_sloppy;		/* what the file system does not know of the options is no matter */
	/* When it is mounted: a name that leads to it, what was there, what its files are on. */
	char *path;
	uint64_t covered;
	dev_t device;
	/* If it is private, as the table of mounts has it; number 0: nothing is mounted. */
	struct file_system file_system;
};

#define not_run(path, format, ...) \
	report_failure("%s: not run: " format, path, ##__VA_ARGS__)

/* A function that returns a status has reported any failure. */

/* A mount for everybody, for a user of @command; the caller fills in the rest. */
int mount_prepare(struct mount *mount, const char *command, char *directory, const char *options);

/* A mount as one --mount of run describes it. */
int mount_parse(const char *text, struct mount *mount);

/* Returns -errno; -ENOTDIR also if it is something else. */
int mount_check_directory(const struct mount *mount);

/* One of several, after all before @index are mounted: nothing in these leads it elsewhere. */
int mount_do(struct mount *mounts, int index, const struct attachment *attachment);

/*
 * Unmounts it again: what mount(8) has mounted before it was killed, too, but nothing that others
 * have. 0: nothing of it is left; or -errno. What fails in mount_do() is undone.
 */
int mount_undo(const struct mount *mount, const struct attachment *attachment);

/* By @err of place_sync(), not all that was written to what is mounted on @directory is kept. */
void mount_report_lost(const char *path, const char *directory, int err);

/*
 * The end of a private one, wherever its file system is mounted by now: what has been written to it
 * is on the device, or else it is told that it is not. Then it is unmounted, if nobody uses it: a
 * FUSE server, for example, runs where the command does, and would otherwise be killed before its
 * mounts go. Of several, the last one ends first.
 */
int mount_end(const struct mount *mount, const struct attachment *attachment);

#endif
