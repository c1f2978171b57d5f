/* SPDX-License-Identifier: GPL-2.0-only */
/* Who keeps a device from being detached. */
#ifndef RELOOP_USERS_H
#define RELOOP_USERS_H

#include <limits.h>
#include <sys/types.h>

#include "lib/dev.h"

enum user_kind {
	USER_NONE,
	USER_LOOP,	/* name: a device whose image this one is */
	USER_OVERLAY,	/* name: a device whose overlay has this one as its base */
	USER_MOUNT,	/* name: the mount point */
	USER_HOLDER,	/* name: the device-mapper or md device */
	USER_SWAP,	/* name: the swap device */
	USER_OPENER,	/* name: the program */
};

struct user {
	enum user_kind kind;
	char name[PATH_MAX];
	pid_t process;		/* OPENER: which; MOUNT: one in that namespace, 0: this one */
};

/* Returns true to stop the visits. */
typedef bool (*user_visit)(const struct user *user, void *data);

/*
 * Calls @visit for each user of @dev or its partitions, as far as the caller may see them: other
 * mount namespaces and open files are found through the processes in /proc that belong to the
 * caller, or all of them for root. @devs: all devices that were attached a while ago. Returns how
 * many open files, mounts and swap areas may be users, too, but could not be queried: they are on a
 * server that does not answer, or there was no process or file left to ask with.
 */
unsigned int users_visit(const struct dev *dev, const struct dev *devs, size_t count,
			 user_visit visit, void *data);

/* The first user in this mount namespace that is no mere opener; for an error message. */
void users_find(const struct dev *dev, const struct dev *devs, size_t count, struct user *user);

/* The first of those that is a device of @devs: a device that is not claimed can have no other. */
void users_find_loop(const struct dev *dev, const struct dev *devs, size_t count,
		     struct user *user);

/* The first user of all that users_visit() finds. */
void users_find_any(const struct dev *dev, const struct dev *devs, size_t count, struct user *user);

#endif
