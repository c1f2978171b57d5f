// SPDX-License-Identifier: GPL-2.0-only
#include "commands/detach_words.h"

#include <errno.h>
#include <stdio.h>

#include "words/explain.h"

static const struct explanation release_errors[] = {
	{ -ENXIO, "nothing is attached to it; see: reloop list" },
	{ -ENOMEDIUM, "it has been given another file meanwhile; see: reloop list" },
	{ -ENOENT, "there is no such file or device; see: reloop list" },
	{ -ESTALE, "this node in /dev leads to another device; remove it, or give the image" },
	{ -EBUSY, "in use, perhaps mounted in another namespace; find the user and end it" },
	{ -ENOSYS, "the loaded module is too old for this command; "
		   "load the one that came with it: modprobe -r reloop; modprobe reloop" },
	{ 0 }
};

int detach_report_err(const char *path, int err)
{
	return not_detached_by(err, path, "%s", explain(release_errors, err));
}

int detach_report_user(const struct dev *dev, const struct user *user)
{
	const char *name = user->name;

	switch (user->kind) {
	case USER_LOOP:
		return not_detached_by(-EBUSY, dev->path, "in use, %s is attached to it; "
				       "detach that first: reloop detach %s", name, name);
	case USER_OVERLAY:
		return not_detached_by(-EBUSY, dev->path, "in use, it is the base of %s; "
				       "detach that first: reloop detach %s", name, name);
	case USER_MOUNT:
		return not_detached_by(-EBUSY, dev->path, "in use, mounted on %s; "
				       "unmount it first: umount %s", name, name);
	case USER_SWAP:
		return not_detached_by(-EBUSY, dev->path, "in use as swap; "
				       "stop that first: swapoff %s", name);
	default:
		return not_detached_by(-EBUSY, dev->path, "in use by /dev/%s; remove that first, "
				       "with dmsetup or mdadm", name);
	}
}

void detach_describe(const struct user *user, char words[DETACH_WORDS_MAX])
{
	const char *format = user->kind == USER_NONE ? "" :
			     user->kind == USER_MOUNT ? ", mounted on %s" : " by %s";

	if (user->kind == USER_OPENER)
		snprintf(words, DETACH_WORDS_MAX, ", open in process %d, %s", user->process,
			 user->name);
	else if (user->kind == USER_MOUNT && user->process)
		snprintf(words, DETACH_WORDS_MAX,
			 ", mounted on %s in the mount namespace of process %d", user->name,
			 user->process);
	else
		snprintf(words, DETACH_WORDS_MAX, format, user->name);
}
