/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's locks of an image: what a program does with it and what it does not share with others is
 * each a byte of the file, locked for reading; whether others' needs go together with that is
 * asked. They belong to the open file, so those of an attached image live as long as the
 * attachment: the kernel keeps that file. Where such locks keep anybody from writing the bytes, all
 * that follows takes and finds none. Returns -errno and prints nothing.
 */
#ifndef RELOOP_LOCKS_H
#define RELOOP_LOCKS_H

#include <stdbool.h>

/* What can be done with an image; the number of the bit is that of the byte. */
enum {
	LOCKS_READ = 1 << 0,
	LOCKS_WRITE = 1 << 1,
	LOCKS_RESIZE = 1 << 3,
};

/*
 * Of somebody who does @used and does not share @unshared. -EUSERS: another program's locks do not
 * allow it. A file system without such locks is no failure.
 */
int locks_take(int fd, unsigned int used, unsigned int unshared);

/* Nobody else writes to it, nor reads it. */
int locks_take_alone(int fd);

/* Read, while nobody writes to it; many can. */
int locks_take_base(int fd);

/*
 * Of a raw image, which several devices may share. Read-only goes together with whoever lets others
 * write, or does not write himself; what writes without sharing is a machine that runs.
 */
int locks_take_raw(int fd, bool read_only);

/* Does another program have it open, and not share it? Takes nothing. */
bool locks_are_held(int fd);

#endif
