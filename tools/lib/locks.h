/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's locks of an image: each thing that a program does with it, and each that it does not
 * share, is a byte of the file, which the program locks for reading; then it checks for conflicting
 * locks of others. They belong to the open file, so those of an attached image live as long as the
 * attachment: the kernel keeps that file open. Where such locks would keep others from writing
 * those bytes, these functions take none and find none. They return -errno and print nothing.
 * -EUSERS: another program's locks are in the way.
 */
#ifndef RELOOP_LOCKS_H
#define RELOOP_LOCKS_H

#include <stdbool.h>

/* Nobody else may write or read it. */
int locks_take_alone(int fd);

/* For reading, by any number of programs, while nobody writes. */
int locks_take_base(int fd);

/*
 * For a raw image, which several devices may share. Read-only access is compatible with programs
 * that let others write or do not write; one that writes without sharing is a running machine.
 */
int locks_take_raw(int fd, bool read_only);

/* To make it shorter or longer, which those who write it expect only if they have done so. */
int locks_take_size(int fd);

/* Does another program have it open without sharing it? Takes no lock. */
bool locks_are_held(int fd);

/*
 * One more byte is for programs that are about to make, attach or change the file, which do so in
 * turn; it is locked for writing, or for reading if @read_only. Whoever may read the file can lock
 * it for reading, so nobody has to wait long for that. Where such a lock may stay when the file is
 * closed, it is flock(2) instead; where there is none, or a server takes flock(2) for a lock of
 * every byte, which @other, the same file opened once more, would see, this succeeds. -EAGAIN: it
 * is the turn of somebody else.
 */
int locks_take_turn(int fd, int other, bool read_only);

/* After -EAGAIN: do programs have it locked for reading, and none for writing? */
bool locks_is_turn_of_readers(int fd);

#endif
