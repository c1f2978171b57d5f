// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power cuts, by a log of the writes that dm-log-writes keeps
 * (Documentation/admin-guide/device-mapper/log-writes.rst).
 *
 *	powercut base FILE SEED MIB		what is on the disk at first
 *	powercut write DEVICE SEED ROUNDS COMMAND
 *						writes and discards, makes them durable, and runs
 *						COMMAND with the number of the round
 *	powercut check DEVICE SEED ROUND	what was durable after ROUND is there; what came
 *						after it is there or not, sector by sector
 *	powercut files-base DIR SEED		the same for files in a directory
 *	powercut files-write DIR SEED ROUNDS COMMAND
 *	powercut files-check DIR SEED ROUND
 *	powercut list LOG			entries: number, what it is, name of a mark
 *	powercut replay LOG DISK FROM TO	does what the entries from FROM to before TO say
 *	powercut scatter LOG DISK FROM TO UNIT SEED
 *						as a cut does before TO: of what came after the
 *						flush before FROM some, in units of UNIT bytes
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "powercut.h"

void die(const char *what)
{
	perror(what);
	exit(2);
}

int open_or_die(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		die(name);
	return fd;
}

uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

void run_or_die(const char *command, int round)
{
	char line[256];

	snprintf(line, sizeof(line), "%s%d", command, round);
	if (system(line))
		exit(2);
}

static int write_rounds(const char *name, uint64_t seed, int rounds, const char *command)
{
	int fd = sectors_open(name), round;

	for (round = 1; round <= rounds; round++) {
		sectors_write(fd, seed, round);
		run_or_die(command, round);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 5 && !strcmp(verb, "base"))
		return sectors_make(argv[2], atoll(argv[3]), atoi(argv[4]));
	if (argc == 6 && !strcmp(verb, "write"))
		return write_rounds(argv[2], atoll(argv[3]), atoi(argv[4]), argv[5]);
	if (argc == 5 && !strcmp(verb, "check"))
		return sectors_check(argv[2], atoll(argv[3]), atoi(argv[4]));
	if (argc == 4 && !strcmp(verb, "files-base"))
		return files_make(argv[2], atoll(argv[3]));
	if (argc == 6 && !strcmp(verb, "files-write"))
		return files_write(argv[2], atoll(argv[3]), atoi(argv[4]), argv[5]);
	if (argc == 5 && !strcmp(verb, "files-check"))
		return files_check(argv[2], atoll(argv[3]), atoi(argv[4]));
	if (argc == 3 && !strcmp(verb, "list"))
		return log_list(argv[2]);
	if (argc == 6 && !strcmp(verb, "replay"))
		return log_replay(argv[2], argv[3], atoll(argv[4]), atoll(argv[5]));
	if (argc == 8 && !strcmp(verb, "scatter"))
		return log_scatter(argv[2], argv[3], atoll(argv[4]), atoll(argv[5]),
				   atoi(argv[6]), atoll(argv[7]));
	fputs("usage: powercut base|write|check|files-...|list|replay|scatter ...\n", stderr);
	return 2;
}
