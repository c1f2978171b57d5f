// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power cuts, by a log of the writes that dm-log-writes keeps
 * (Documentation/admin-guide/device-mapper/log-writes.rst).
 *
 *	powercut base FILE SEED			what is on the disk at first
 *	powercut write DEVICE SEED ROUNDS COMMAND
 *						writes and discards, makes them durable, and runs
 *						COMMAND with the number of the round
 *	powercut check DEVICE SEED ROUND	what was durable after ROUND is there; what came
 *						after it is there or not, sector by sector
 *	powercut list LOG			entries: number, what it is, name of a mark
 *	powercut replay LOG DISK FROM TO	does what the entries from FROM to before TO say
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECTOR	512
#define SECTORS	(16 << 11)
#define OPS	24
#define ZERO	-1

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int open_or_die(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		die(name);
	return fd;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* What round @round puts into a sector; round 0 is the base. */
static void fill(uint64_t *words, uint64_t seed, int round, uint64_t sector)
{
	unsigned int i;

	for (i = 0; i < SECTOR / sizeof(*words); i++)
		words[i] = round == ZERO ? 0 : mix(mix(seed * 1000003 + round) ^ (sector << 8) ^ i);
}

struct op {
	uint32_t sector, length;
	bool discard;
};

/* The operations of a round: no sector is in two of them. */
static void plan(struct op *ops, uint64_t seed, int round)
{
	static bool used[SECTORS];
	uint64_t random = mix(seed ^ ((uint64_t)round << 32));
	unsigned int i = 0;

	memset(used, false, sizeof(used));
	while (i < OPS) {
		struct op op;

		random = mix(random + 1);
		op.length = 1 + (random >> 8) % (1 << (random % 9));
		/* Half of them close together, so that they share pieces. */
		op.sector = (random >> 24) % (random & (1 << 20) ? SECTORS - 512 : 1024);
		op.discard = !((random >> 56) % 5);
		if (memchr(used + op.sector, true, op.length))
			continue;
		memset(used + op.sector, true, op.length);
		ops[i++] = op;
	}
}

static void apply(int *state, uint64_t seed, int round)
{
	struct op ops[OPS];
	unsigned int i, s;

	plan(ops, seed, round);
	for (i = 0; i < OPS; i++)
		for (s = 0; s < ops[i].length; s++)
			state[ops[i].sector + s] = ops[i].discard ? ZERO : round;
}

static void do_op(int fd, const struct op *op, uint64_t seed, int round)
{
	static unsigned char buffer[512 * SECTOR] __attribute__((aligned(4096)));
	uint64_t range[2] = { (uint64_t)op->sector * SECTOR, (uint64_t)op->length * SECTOR };
	unsigned int s;

	if (op->discard) {
		if (ioctl(fd, BLKDISCARD, range))
			die("discard");
		return;
	}
	for (s = 0; s < op->length; s++)
		fill((uint64_t *)(buffer + s * SECTOR), seed, round, op->sector + s);
	if (pwrite(fd, buffer, range[1], range[0]) != (ssize_t)range[1])
		die("write");
}

static int do_write(const char *name, uint64_t seed, int rounds, const char *command)
{
	int fd = open_or_die(name, O_RDWR | O_DIRECT), round;
	char line[256];
	unsigned int i;

	for (round = 1; round <= rounds; round++) {
		struct op ops[OPS];

		plan(ops, seed, round);
		for (i = 0; i < OPS; i++)
			do_op(fd, &ops[i], seed, round);
		if (fsync(fd))
			die("fsync");
		snprintf(line, sizeof(line), "%s%d", command, round);
		if (system(line))
			return 2;
	}
	return 0;
}

static int do_base(const char *name, uint64_t seed)
{
	int fd = open_or_die(name, O_WRONLY | O_CREAT | O_TRUNC), s;
	uint64_t words[SECTOR / sizeof(uint64_t)];

	for (s = 0; s < SECTORS; s++) {
		fill(words, seed, 0, s);
		if (write(fd, words, SECTOR) != SECTOR)
			die(name);
	}
	return 0;
}

static int do_check(const char *name, uint64_t seed, int round)
{
	static int before[SECTORS], after[SECTORS];
	unsigned char got[SECTOR], old[SECTOR], new[SECTOR];
	int fd = open_or_die(name, O_RDONLY), i, s, bad = 0;

	for (i = 1; i <= round; i++)
		apply(before, seed, i);
	memcpy(after, before, sizeof(after));
	apply(after, seed, round + 1);
	for (s = 0; s < SECTORS; s++) {
		if (read(fd, got, SECTOR) != SECTOR)
			die(name);
		fill((uint64_t *)old, seed, before[s], s);
		fill((uint64_t *)new, seed, after[s], s);
		if (!memcmp(got, old, SECTOR) || !memcmp(got, new, SECTOR))
			continue;
		if (!bad++)
			fprintf(stderr, "sector %d is neither of round %d nor of round %d, "
				"but %02x%02x%02x%02x...\n", s, before[s], after[s],
				got[0], got[1], got[2], got[3]);
	}
	if (bad)
		fprintf(stderr, "%d sectors are wrong after round %d\n", bad, round);
	return !!bad;
}

/*
 * The log: a sector that says how many entries there are; then entries, a sector each, and behind
 * it what was written.
 */
#define LOG_MAGIC	0x6a736677736872ULL
#define LOG_FLUSH	1
#define LOG_FUA		2
#define LOG_DISCARD	4
#define LOG_MARK	8

struct log_super {
	uint64_t magic, version, entries;
	uint32_t sector_size;
};

struct log_entry {
	uint64_t sector, sectors, flags, data_length;
};

static int log_open(const char *name, struct log_super *super)
{
	int fd = open_or_die(name, O_RDONLY);

	/* It was not written through the page cache, where udev may have left what was there. */
	if (ioctl(fd, BLKFLSBUF))
		die(name);
	if (pread(fd, super, sizeof(*super), 0) != sizeof(*super))
		die(name);
	if (le64toh(super->magic) != LOG_MAGIC || le32toh(super->sector_size) != SECTOR) {
		fprintf(stderr, "%s is no log of sectors of 512 bytes\n", name);
		exit(2);
	}
	super->entries = le64toh(super->entries);
	return fd;
}

/* Reads the entry at @at, and moves that to the next one; where its data is. */
static uint64_t log_next(int fd, struct log_entry *entry, char *name, uint64_t *at)
{
	unsigned char sector[SECTOR];
	uint64_t data = *at + SECTOR;

	if (pread(fd, sector, SECTOR, *at) != SECTOR)
		die("log");
	memcpy(entry, sector, sizeof(*entry));
	entry->sector = le64toh(entry->sector);
	entry->sectors = le64toh(entry->sectors);
	entry->flags = le64toh(entry->flags);
	entry->data_length = le64toh(entry->data_length);
	snprintf(name, SECTOR, "%.*s", entry->flags & LOG_MARK ? (int)entry->data_length : 0,
		 (char *)sector + sizeof(*entry));
	*at = data;
	if (!(entry->flags & (LOG_DISCARD | LOG_MARK)))
		*at += entry->sectors * SECTOR;
	return data;
}

static int do_list(const char *log)
{
	struct log_super super;
	struct log_entry entry;
	uint64_t at = SECTOR, i;
	char name[SECTOR];
	int fd = log_open(log, &super);

	for (i = 0; i < super.entries; i++) {
		log_next(fd, &entry, name, &at);
		printf("%llu %s%s\n", (unsigned long long)i, entry.flags & LOG_MARK ? "mark " :
		       entry.flags & (LOG_FLUSH | LOG_FUA) ? "flush" : "write", name);
	}
	return 0;
}

static void log_do(int log, int disk, const struct log_entry *entry, uint64_t data)
{
	uint64_t range[2] = { entry->sector * SECTOR, entry->sectors * SECTOR };
	char *buffer;

	if (entry->flags & LOG_MARK || !entry->sectors)
		return;
	if (entry->flags & LOG_DISCARD) {
		if (ioctl(disk, BLKZEROOUT, range))
			die("discard again");
		return;
	}
	buffer = malloc(range[1]);
	if (!buffer || pread(log, buffer, range[1], data) != (ssize_t)range[1] ||
	    pwrite(disk, buffer, range[1], range[0]) != (ssize_t)range[1])
		die("write again");
	free(buffer);
}

static int do_replay(const char *log, const char *name, uint64_t from, uint64_t to)
{
	struct log_super super;
	struct log_entry entry;
	uint64_t at = SECTOR, i, data;
	char mark[SECTOR];
	int fd = log_open(log, &super), disk = open_or_die(name, O_RDWR);

	for (i = 0; i < to && i < super.entries; i++) {
		data = log_next(fd, &entry, mark, &at);
		if (i >= from)
			log_do(fd, disk, &entry, data);
	}
	return fsync(disk) ? 2 : 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 4 && !strcmp(verb, "base"))
		return do_base(argv[2], atoll(argv[3]));
	if (argc == 6 && !strcmp(verb, "write"))
		return do_write(argv[2], atoll(argv[3]), atoi(argv[4]), argv[5]);
	if (argc == 5 && !strcmp(verb, "check"))
		return do_check(argv[2], atoll(argv[3]), atoi(argv[4]));
	if (argc == 3 && !strcmp(verb, "list"))
		return do_list(argv[2]);
	if (argc == 6 && !strcmp(verb, "replay"))
		return do_replay(argv[2], argv[3], atoll(argv[4]), atoll(argv[5]));
	fputs("usage: powercut base|write|check|list|replay ...\n", stderr);
	return 2;
}
