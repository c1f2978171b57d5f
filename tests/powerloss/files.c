// SPDX-License-Identifier: GPL-2.0-only
/*
 * A directory that is changed in rounds, as programs do that must not lose anything: in each round
 *
 *	sectors		a file of a fixed size, is written in places and made durable
 *	journal		a record is appended to it, and made durable
 *	new-ROUND	appears, with the directory made durable; that of some rounds ago goes
 *	current		is replaced by rename() of what was made durable under another name
 *
 * After a cut all that was acknowledged is there, and of the round that was under way any part.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "powercut.h"

#define RECORD	700
#define KEPT	3
#define MIB	2

/* What is told apart in what a file is filled from. */
enum content { JOURNAL = 1, NEW, CURRENT };

static size_t length_of(enum content content, uint64_t seed, int round)
{
	if (content == JOURNAL)
		return RECORD;
	return 1 + mix(seed ^ mix(round * 8 + content)) % 65536;
}

/* The @round'th content, in a buffer that the next call uses again. */
static const char *content_of(enum content content, uint64_t seed, int round, size_t *length)
{
	static uint64_t words[8193];
	unsigned int i;

	*length = length_of(content, seed, round);
	for (i = 0; i <= *length / sizeof(*words); i++)
		words[i] = mix(mix(seed * 1000003 + round * 8 + content) + i);
	return (const char *)words;
}

static void sync_or_die(int fd, const char *what)
{
	if (fsync(fd) || close(fd))
		die(what);
}

static void put(const char *name, int flags, enum content content, uint64_t seed, int round)
{
	size_t length;
	const char *bytes = content_of(content, seed, round, &length);
	int fd = open_or_die(name, O_WRONLY | O_CREAT | flags);

	if (write(fd, bytes, length) != (ssize_t)length)
		die(name);
	sync_or_die(fd, name);
}

static const char *new_name(int round)
{
	static char name[32];

	snprintf(name, sizeof(name), "new-%d", round);
	return name;
}

static void sync_directory(void)
{
	sync_or_die(open_or_die(".", O_RDONLY | O_DIRECTORY), "the directory");
}

static void do_round(int file, uint64_t seed, int round)
{
	sectors_write(file, seed, round);
	put("journal", O_APPEND, JOURNAL, seed, round);
	put(new_name(round), O_EXCL, NEW, seed, round);
	put("next", O_TRUNC, CURRENT, seed, round);
	if (rename("next", "current"))
		die("rename");
	if (round > KEPT && unlink(new_name(round - KEPT)))
		die("unlink");
	sync_directory();
}

static void enter(const char *dir)
{
	if (chdir(dir))
		die(dir);
}

int files_make(const char *dir, uint64_t seed)
{
	enter(dir);
	return sectors_make("sectors", seed, MIB);
}

int files_write(const char *dir, uint64_t seed, int rounds, const char *command)
{
	int round, file;

	enter(dir);
	file = sectors_open("sectors");
	for (round = 1; round <= rounds; round++) {
		do_round(file, seed, round);
		run_or_die(command, round);
	}
	return close(file) ? 2 : 0;
}

/* Whether @bytes from @at of @name are there and have that content. */
static bool has_at(const char *name, off_t at, const char *bytes, size_t length)
{
	static char got[65536 + 1];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	bool has;

	if (fd < 0)
		return false;
	has = pread(fd, got, length, at) == (ssize_t)length && !memcmp(got, bytes, length);
	close(fd);
	return has;
}

static bool has(const char *name, off_t at, enum content content, uint64_t seed, int round)
{
	size_t length;
	const char *bytes = content_of(content, seed, round, &length);

	return has_at(name, at, bytes, length);
}

static int say_missing(const char *what, int of, int round)
{
	fprintf(stderr, "%s of round %d is lost after round %d\n", what, of, round);
	return 1;
}

static int check_journal(uint64_t seed, int round)
{
	int i;

	for (i = 1; i <= round; i++)
		if (!has("journal", (off_t)(i - 1) * RECORD, JOURNAL, seed, i))
			return say_missing("the record", i, round);
	return 0;
}

/* The oldest may be gone already, since the next round removes it. */
static int check_new(uint64_t seed, int round)
{
	int i;

	for (i = 1; i <= round; i++) {
		bool is_there = !access(new_name(i), F_OK);

		if (i <= round - KEPT && is_there)
			return say_missing("the removal", i + KEPT, round);
		if (i <= round - KEPT || (i == round - KEPT + 1 && !is_there))
			continue;
		if (!has(new_name(i), 0, NEW, seed, i))
			return say_missing("the new file", i, round);
	}
	return 0;
}

static int check_current(uint64_t seed, int round)
{
	if (!round || has("current", 0, CURRENT, seed, round) ||
	    has("current", 0, CURRENT, seed, round + 1))
		return 0;
	return say_missing("what was renamed", round, round);
}

int files_check(const char *dir, uint64_t seed, int round)
{
	enter(dir);
	return check_journal(seed, round) || check_new(seed, round) ||
	       check_current(seed, round) || sectors_check("sectors", seed, round);
}
