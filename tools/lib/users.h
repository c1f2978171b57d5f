/* SPDX-License-Identifier: GPL-2.0-only */
/* Who keeps a device from being detached. */
#ifndef RELOOP_USERS_H
#define RELOOP_USERS_H

#include <limits.h>
#include <sys/types.h>

#include "lib/dev.h"

enum user_kind {
	USER_NONE,
	USER_LOOP,	/* name: a device that has this one as its image */
	USER_OVERLAY,	/* name: a device that has this one as the base of its overlay */
	USER_MOUNT,	/* name: the mount point */
	USER_HOLDER,	/* name: the device-mapper or md device */
	USER_SWAP,	/* name: the swap device */
	USER_OPENER,	/* name: the program */
};

struct user {
	enum user_kind kind;
	char name[PATH_MAX];
	pid_t process;		/* OPENER: which; MOUNT: one in that namespace, 0 in ours */
};

/* Returns true to be called no more. */
typedef bool (*user_visit)(const struct user *user, void *data);

/*
 * Calls @visit for each user of @dev or its partitions, as far as the caller may see them: other
 * mount namespaces and open files are those of processes in /proc that are the caller's, or of
 * all for root. @devs: all that were attached a while ago. Returns how many open files, mounts and
 * swap areas may be users, too, and cannot be asked for: they lie on a server that does not answer,
 * or there is no process or file left to ask with.
 */
unsigned int users_visit(const struct dev *dev, const struct dev *devs, size_t count,
			 user_visit visit, void *data);

/* The first user that is no mere opener, in this mount namespace; for an error message. */
void users_find(const struct dev *dev, const struct dev *devs, size_t count, struct user *user);

/* Of those, the first that is a device of @devs: no other can use what nobody has claimed. */
void users_find_loop(const struct dev *dev, const struct dev *devs, size_t count,
		     struct user *user);

/* The first user of all that users_visit() tells of. */
void users_find_any(const struct dev *dev, const struct dev *devs, size_t count, struct user *user);

#endif
