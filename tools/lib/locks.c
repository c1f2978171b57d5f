// SPDX-License-Identifier: GPL-2.0-only
#include "lib/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/locking.h"

/* What can be done with an image; the bit number is the byte's number. */
enum {
	READS = 1 << 0,
	WRITES = 1 << 1,
	RESIZES = 1 << 3,
};

#define USED_PLACE 100
#define UNSHARED_PLACE 200
#define BITS 4

/* QEMU has no bits for it. */
#define TURN_PLACE 300

/* Nobody locks it alone. */
#define FREE_PLACE 301

static struct flock lock_of(int type, off_t place)
{
	return (struct flock) {
		.l_type = type, .l_whence = SEEK_SET, .l_start = place, .l_len = 1,
	};
}

static int lock(int fd, off_t place)
{
	struct flock lock = lock_of(F_RDLCK, place);

	return fcntl(fd, F_OFD_SETLK, &lock) ? -errno : 0;
}

/* If that cannot be known, it is not locked. */
static bool is_locked(int fd, off_t place)
{
	struct flock lock = lock_of(F_WRLCK, place);

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

/* Calls @do_it for the byte of each bit until it fails. */
static int for_each(int fd, unsigned int bits, off_t place, int (*do_it)(int fd, off_t place))
{
	int err = 0;

	for (int bit = 0; bit < BITS && !err; bit++)
		if (bits & 1U << bit)
			err = do_it(fd, place + bit);
	return err;
}

static int check(int fd, off_t place)
{
	return is_locked(fd, place) ? -EUSERS : 0;
}

static int find_conflict(int fd, unsigned int used, unsigned int unshared)
{
	int err = for_each(fd, used, UNSHARED_PLACE, check);

	return err ? err : for_each(fd, unshared, USED_PLACE, check);
}

/*
 * For a user that does @used and does not share @unshared. Locks first and checks then, so of two
 * programs that begin at once at least one sees the other. On failure the locks do not last: the
 * caller closes the file. A file system without such locks is no failure.
 */
static int take(int fd, unsigned int used, unsigned int unshared)
{
	int err;

	if (locking_of(fd) == LOCKING_HARMS)
		return 0;
	err = for_each(fd, used, USED_PLACE, lock);
	if (!err)
		err = for_each(fd, unshared, UNSHARED_PLACE, lock);
	if (err)
		return err == -EAGAIN || err == -EACCES ? -EUSERS : 0;
	return find_conflict(fd, used, unshared);
}

int locks_take_alone(int fd)
{
	return take(fd, READS | WRITES | RESIZES, WRITES | RESIZES);
}

int locks_take_base(int fd)
{
	return take(fd, READS, WRITES);
}

static bool has_lone_writer(int fd)
{
	return is_locked(fd, USED_PLACE + 1) && is_locked(fd, UNSHARED_PLACE + 1);
}

int locks_take_raw(int fd, bool read_only)
{
	if (!read_only)
		return take(fd, WRITES, 0);
	if (locking_of(fd) == LOCKING_HARMS)
		return 0;
	lock(fd, USED_PLACE);
	return has_lone_writer(fd) ? -EUSERS : 0;
}

int locks_take_size(int fd)
{
	/* The next one would take for another program's what has stayed. */
	if (locking_of(fd) == LOCKING_MAY_STAY)
		return find_conflict(fd, WRITES | RESIZES, RESIZES);
	return take(fd, WRITES | RESIZES, RESIZES);
}

bool locks_are_held(int fd)
{
	return locking_of(fd) != LOCKING_HARMS &&
	       (for_each(fd, WRITES | RESIZES, USED_PLACE, check) ||
		for_each(fd, WRITES | RESIZES, UNSHARED_PLACE, check));
}

/*
 * If the server keeps locks of files and of bytes as one, those of the bytes that follow would meet
 * this one. Any there, also QEMU's, is compatible with one for reading, so that tells which it is.
 */
static int take_file(int fd, int other, bool read_only)
{
	int err = flock(fd, LOCK_SH | LOCK_NB);

	if (err)
		return err;
	if (is_locked(other, FREE_PLACE))
		return flock(fd, LOCK_UN);
	if (read_only)
		return 0;
	/* Two programs that both kept theirs would wait for each other. */
	flock(fd, LOCK_UN);
	return flock(fd, LOCK_EX | LOCK_NB);
}

int locks_take_turn(int fd, int other, bool read_only)
{
	struct flock lock = lock_of(read_only ? F_RDLCK : F_WRLCK, TURN_PLACE);
	enum locking locking = locking_of(fd);
	int err;

	if (locking == LOCKING_HARMS)
		return 0;
	if (locking == LOCKING_MAY_STAY)
		err = take_file(fd, other, read_only);
	else
		err = fcntl(fd, F_OFD_SETLK, &lock);
	return err && (errno == EAGAIN || errno == EACCES || errno == EINTR) ? -EAGAIN : 0;
}

bool locks_is_turn_of_readers(int fd)
{
	struct flock lock = lock_of(F_WRLCK, TURN_PLACE);

	return locking_of(fd) == LOCKING_SOUND && !fcntl(fd, F_OFD_GETLK, &lock) &&
	       lock.l_type == F_RDLCK;
}
