/* SPDX-License-Identifier: GPL-2.0-only */
/* Who keeps a device from being detached; for the words of an error message. */
#ifndef RELOOP_USERS_H
#define RELOOP_USERS_H

#include <limits.h>

#include "dev.h"

enum user_kind {
	USER_NONE,
	USER_LOOP,	/* name: a device that has this one as its image */
	USER_MOUNT,	/* name: the mount point */
	USER_HOLDER,	/* name: the device-mapper or md device */
	USER_SWAP,	/* name: the swap device */
};

struct user {
	enum user_kind kind;
	char name[PATH_MAX];
};

/* The first user found of @dev or its partitions. @devs: all that were attached a while ago. */
void users_find(const struct dev *dev, const struct dev *devs, size_t count, struct user *user);

#endif
