// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads read, write, zero and discard random ranges of a device and compare it
 * with a file in memory that has the same done to it.
 *
 *	model DEVICE FILE SECONDS SEED THREADS
 *
 * FILE is as large as the device, has what should be on it, and is left that way.
 * No two operations at a time share a sector, but any number a piece of 4 KiB: what
 * is in one sector must not depend on what happens to the next.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECTOR	512
#define LARGEST	1048576

struct worker {
	pthread_t thread;
	uint64_t random;
	unsigned char *buffer;
	unsigned long count;
};

static const char *device;
static int direct, durable;
static unsigned char *model;
static uint64_t sectors;
static time_t end;

/* The sectors that somebody is busy with. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool *busy;

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", device, what, strerror(errno));
	exit(1);
}

static uint64_t next_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static uint64_t below(struct worker *w, uint64_t limit)
{
	return (next_random(w) >> 11) % limit;
}

/* Mostly a few sectors; now and then up to 1 MiB. */
static uint64_t pick_length(struct worker *w)
{
	uint64_t most = 1ULL << below(w, 12);

	return 1 + below(w, most);
}

/* Often where others are as well, or at the end. */
static uint64_t pick_sector(struct worker *w, uint64_t length)
{
	uint64_t room = sectors - length + 1;

	if (!below(w, 16))
		return room - 1;
	return below(w, below(w, 2) ? room : room / 64 + 1);
}

static bool take(uint64_t sector, uint64_t length)
{
	bool free;

	pthread_mutex_lock(&lock);
	free = !memchr(busy + sector, true, length);
	if (free)
		memset(busy + sector, true, length);
	pthread_mutex_unlock(&lock);

	return free;
}

static void give_back(uint64_t sector, uint64_t length)
{
	pthread_mutex_lock(&lock);
	memset(busy + sector, false, length);
	pthread_mutex_unlock(&lock);
}

static void compare(const unsigned char *got, uint64_t sector, uint64_t length)
{
	uint64_t i;

	for (i = 0; i < length; i++, got += SECTOR) {
		const unsigned char *wanted = model + (sector + i) * SECTOR;

		if (!memcmp(got, wanted, SECTOR))
			continue;
		fprintf(stderr, "%s: sector %llu of a read of %llu from %llu: "
			"%02x%02x%02x%02x, not %02x%02x%02x%02x\n", device,
			(unsigned long long)(sector + i), (unsigned long long)length,
			(unsigned long long)sector, got[0], got[1], got[2], got[3],
			wanted[0], wanted[1], wanted[2], wanted[3]);
		_exit(1);
	}
}

static void op_read(struct worker *w, uint64_t sector, uint64_t length)
{
	size_t size = length * SECTOR;

	memset(w->buffer, 0xee, size);
	if (pread(direct, w->buffer, size, sector * SECTOR) != (ssize_t)size)
		die("read");
	compare(w->buffer, sector, length);
}

static void op_write(struct worker *w, uint64_t sector, uint64_t length, int fd)
{
	size_t size = length * SECTOR, i;
	uint64_t *words = (uint64_t *)w->buffer;

	for (i = 0; i < size / sizeof(*words); i++)
		words[i] = next_random(w);
	if (pwrite(fd, w->buffer, size, sector * SECTOR) != (ssize_t)size)
		die("write");
	memcpy(model + sector * SECTOR, w->buffer, size);
}

static void op_zero(uint64_t sector, uint64_t length, unsigned long number)
{
	uint64_t range[2] = { sector * SECTOR, length * SECTOR };

	if (ioctl(direct, number, range))
		die(number == BLKDISCARD ? "discard" : "write zeroes");
	memset(model + range[0], 0, range[1]);
}

static void operate(struct worker *w, uint64_t sector, uint64_t length)
{
	switch (below(w, 16)) {
	case 0:
		op_zero(sector, length, BLKDISCARD);
		break;
	case 1:
		op_zero(sector, length, BLKZEROOUT);
		break;
	case 2:
		op_write(w, sector, length, durable);
		break;
	case 3 ... 8:
		op_write(w, sector, length, direct);
		break;
	default:
		op_read(w, sector, length);
	}
	if (!below(w, 200) && fsync(direct))
		die("flush");
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (time(NULL) < end) {
		uint64_t length = pick_length(w), sector;

		if (length > sectors)
			continue;
		sector = pick_sector(w, length);
		if (!take(sector, length))
			continue;
		operate(w, sector, length);
		give_back(sector, length);
		w->count++;
	}
	return NULL;
}

static void open_device(void)
{
	uint64_t size;

	direct = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	durable = open(device, O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC);
	if (direct < 0 || durable < 0 || ioctl(direct, BLKGETSIZE64, &size))
		die("open");
	sectors = size / SECTOR;
}

static void map_model(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat))
		die(name);
	if ((uint64_t)stat.st_size != sectors * SECTOR) {
		fprintf(stderr, "%s is not as large as %s\n", name, device);
		exit(1);
	}
	model = mmap(NULL, stat.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (model == MAP_FAILED)
		die(name);
}

static void start(struct worker *w, uint64_t seed)
{
	w->random = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	w->buffer = aligned_alloc(4096, LARGEST);
	if (!w->buffer || pthread_create(&w->thread, NULL, work, w)) {
		perror("a thread");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	unsigned long threads, i, count = 0;
	struct worker *workers;

	if (argc != 6) {
		fputs("usage: model DEVICE FILE SECONDS SEED THREADS\n", stderr);
		return 2;
	}
	device = argv[1];
	open_device();
	map_model(argv[2]);
	end = time(NULL) + atol(argv[3]);
	threads = atol(argv[5]);
	workers = calloc(threads, sizeof(*workers));
	busy = calloc(sectors, sizeof(*busy));
	for (i = 0; i < threads; i++)
		start(&workers[i], atol(argv[4]) * threads + i);
	for (i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		count += workers[i].count;
	}
	printf("%lu operations\n", count);
	return !count;
}
