// SPDX-License-Identifier: GPL-2.0-only
#include "lib/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void identity_of(const struct stat *st, uint64_t size, struct qcow2_note *note)
{
	*note = (struct qcow2_note) { .state = RELOOP_QCOW2_CLEAN, .base_size = size };
	if (!S_ISREG(st->st_mode))
		return;
	note->base_mtime = st->st_mtim.tv_sec;
	note->base_mtime_nsec = st->st_mtim.tv_nsec;
	note->base_inode = st->st_ino;
}

bool identity_fits_moved(const struct qcow2_note *note, const struct qcow2_note *now)
{
	return note->base_size == now->base_size && note->base_mtime == now->base_mtime &&
	       note->base_mtime_nsec == now->base_mtime_nsec;
}

bool identity_fits(const struct qcow2_note *note, const struct qcow2_note *now)
{
	return identity_fits_moved(note, now) && note->base_inode == now->base_inode;
}

static int directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 - path : 0;
}

/* NULL: @path is no symbolic link, or leads to nothing. */
static char *target_of(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
}

/* The directory is that of the file itself, not of a link to it. */
char *identity_path(const char *overlay, const char *name)
{
	char *path, *target = *name == '/' ? NULL : target_of(overlay);
	const char *file = target ? target : overlay;

	if (asprintf(&path, "%.*s%s", *name == '/' ? 0 : directory_length(file), file, name) < 0)
		path = NULL;
	free(target);
	return path;
}

static bool leads_to(const char *overlay, const char *name, const struct stat *st)
{
	char *path = identity_path(overlay, name);
	struct stat now;
	bool is_same = path && !stat(path, &now) && now.st_dev == st->st_dev &&
		       now.st_ino == st->st_ino;

	free(path);
	return is_same;
}

/* QEMU takes a name with a colon before its first slash for one with a protocol. */
static bool is_protocol(const char *name)
{
	return name[strcspn(name, ":/")] == ':';
}

int identity_name(const char *overlay, const char *path, const struct stat *st,
		  char name[QCOW2_NAME_MAX + 1])
{
	const char *short_name = path + directory_length(path), *found = path;
	char absolute[PATH_MAX];
	int length;

	if (!leads_to(overlay, path, st))
		found = leads_to(overlay, short_name, st) ? short_name : realpath(path, absolute);
	if (!found)
		return -errno;
	length = snprintf(name, QCOW2_NAME_MAX + 1, "%s%s", is_protocol(found) ? "./" : "", found);
	return length > QCOW2_NAME_MAX ? -ENAMETOOLONG : 0;
}
