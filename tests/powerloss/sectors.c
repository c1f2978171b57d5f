// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sectors of a device, or of a file, that are written and zeroed in rounds, at the end of each of
 * which all of them are made durable.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "powercut.h"

#define MAX_SECTORS	(16 << 11)
#define OPS		24
#define ZERO		-1

static unsigned int sectors;

/* What round @round puts into a sector; round 0 is what was there at first. */
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
	static bool used[MAX_SECTORS];
	uint64_t random = mix(seed ^ ((uint64_t)round << 32));
	unsigned int i = 0;

	memset(used, false, sizeof(used));
	while (i < OPS) {
		struct op op;

		random = mix(random + 1);
		op.length = 1 + (random >> 8) % (1 << (random % 9));
		/* Half of them close together, so that they share pieces. */
		op.sector = (random >> 24) % (random & (1 << 20) ? sectors - 512 : 1024);
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

static bool is_device(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		die("stat");
	return S_ISBLK(status.st_mode);
}

static void discard(int fd, uint64_t at, uint64_t length)
{
	uint64_t range[2] = { at, length };

	if (is_device(fd) ? ioctl(fd, BLKDISCARD, range) :
	    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, length))
		die("discard");
}

static void do_op(int fd, const struct op *op, uint64_t seed, int round)
{
	static unsigned char buffer[512 * SECTOR] __attribute__((aligned(4096)));
	uint64_t at = (uint64_t)op->sector * SECTOR, length = (uint64_t)op->length * SECTOR;
	unsigned int s;

	if (op->discard) {
		discard(fd, at, length);
		return;
	}
	for (s = 0; s < op->length; s++)
		fill((uint64_t *)(buffer + s * SECTOR), seed, round, op->sector + s);
	if (pwrite(fd, buffer, length, at) != (ssize_t)length)
		die("write");
}

static void measure(int fd)
{
	sectors = lseek(fd, 0, SEEK_END) / SECTOR;
	if (sectors < 2048 || sectors > MAX_SECTORS) {
		fprintf(stderr, "%u sectors are too few or too many\n", sectors);
		die("size");
	}
}

/* A device is written past its page cache, a file through that of its file system. */
int sectors_open(const char *name)
{
	int fd = open_or_die(name, O_RDWR);

	measure(fd);
	if (is_device(fd) && fcntl(fd, F_SETFL, O_DIRECT))
		die(name);
	return fd;
}

void sectors_write(int fd, uint64_t seed, int round)
{
	struct op ops[OPS];
	unsigned int i;

	plan(ops, seed, round);
	for (i = 0; i < OPS; i++)
		do_op(fd, &ops[i], seed, round);
	if (fsync(fd))
		die("fsync");
}

int sectors_make(const char *name, uint64_t seed, unsigned int mib)
{
	int fd = open_or_die(name, O_WRONLY | O_CREAT | O_TRUNC);
	uint64_t words[SECTOR / sizeof(uint64_t)];
	unsigned int s;

	for (s = 0; s < mib << 11; s++) {
		fill(words, seed, 0, s);
		if (write(fd, words, SECTOR) != SECTOR)
			die(name);
	}
	return close(fd) ? 2 : 0;
}

int sectors_check(const char *name, uint64_t seed, int round)
{
	static int before[MAX_SECTORS], after[MAX_SECTORS];
	unsigned char got[SECTOR], old[SECTOR], new[SECTOR];
	int fd = open_or_die(name, O_RDONLY), i, bad = 0;
	unsigned int s;

	measure(fd);
	lseek(fd, 0, SEEK_SET);
	for (i = 1; i <= round; i++)
		apply(before, seed, i);
	memcpy(after, before, sizeof(after));
	apply(after, seed, round + 1);
	for (s = 0; s < sectors; s++) {
		if (read(fd, got, SECTOR) != SECTOR)
			die(name);
		fill((uint64_t *)old, seed, before[s], s);
		fill((uint64_t *)new, seed, after[s], s);
		if (!memcmp(got, old, SECTOR) || !memcmp(got, new, SECTOR))
			continue;
		if (!bad++)
			fprintf(stderr, "sector %u is neither of round %d nor of round %d, "
				"but %02x%02x%02x%02x...\n", s, before[s], after[s],
				got[0], got[1], got[2], got[3]);
	}
	close(fd);
	if (bad)
		fprintf(stderr, "%d sectors are wrong after round %d\n", bad, round);
	return !!bad;
}
