/* SPDX-License-Identifier: GPL-2.0-only */
/* A --mount of run: what is mounted for its command, in the mount namespace of that. */
#ifndef RELOOP_MOUNT_H
#define RELOOP_MOUNT_H

#include <sys/types.h>

#include "commands/attaching.h"

/* Taken apart; a number of 0 is the whole device. */
struct mount {
	char *directory;
	const char *options;
	unsigned int number;
	dev_t device;		/* that its files are on, when it is mounted */
};

#define not_run(path, format, ...) \
	report_failure("%s: not run: " format, path, ##__VA_ARGS__)

/* What returns a status has reported what is not STATUS_OK. */

int mount_parse(const char *text, struct mount *mount);

/* -errno; -ENOTDIR too if it is something else. */
int mount_check_directory(const struct mount *mount);

int mount_do(struct mount *mount, const struct attachment *attachment);

/* What has been written to it is on the device; or else it is told that it is not. */
int mount_sync(const struct mount *mount, const struct attachment *attachment);

#endif
