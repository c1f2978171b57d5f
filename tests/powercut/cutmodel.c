// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads write, zero, discard, read and flush a device until its power is cut, and remember what
 * may be on the image afterwards.
 *
 *	cutmodel run DEVICE STATE SEED THREADS OPS WHEN COMMAND
 *		each thread does OPS operations; COMMAND cuts the power: WHEN is quiet, after
 *		that, or race, in the middle of it. What is known is left in STATE.
 *	cutmodel check IMAGE STATE WHAT
 *		none: nothing is there that was not flushed; all: everything is that was
 *		acknowledged; some: each sector is the one or the other; race: it is as flushed,
 *		or something that was written after that. Prints how many sectors are other than
 *		they would be with none.
 *
 * The device is zero at first. No two operations at a time share a sector, so each has one content
 * after the other, which are numbered; a sector that was not zeroed says which it has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SECTOR	512
#define LARGEST	(256 * 1024)

/* Of a sector: numbers of contents, 0 for what it has at first. */
struct sector {
	/* When the last flush began that succeeded: the sector has this, or a later one. */
	uint32_t low;
	uint32_t high;		/* when the last flush ended, well or not */
	uint32_t zero_high;	/* the last one until then that is zero */
	uint32_t latest;	/* acknowledged */
	uint32_t tried;
	uint32_t zero;		/* the last one that is zero, tried */
};

struct worker {
	pthread_t thread;
	uint64_t random;
	unsigned char *buffer;
	uint32_t *snapshot;
	unsigned long ops;
};

static const char *device;
static int direct;
static struct sector *sectors;
static bool *busy;
static uint64_t count;
static uint32_t last_number;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_cut;
static atomic_ulong done;

static void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", device, what, strerror(errno));
	_exit(1);
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static void fill(unsigned char *at, uint64_t sector, uint32_t number)
{
	uint64_t words[SECTOR / sizeof(uint64_t)];
	unsigned int i;

	words[0] = number;
	for (i = 1; i < SECTOR / sizeof(uint64_t); i++)
		words[i] = mix(((uint64_t)number << 32 | sector) + i * 0x9e3779b97f4a7c15ULL);
	memcpy(at, words, SECTOR);
}

/* Which content it is. Returns false for none that was ever written there. */
static bool identify(const unsigned char *at, uint64_t sector, uint32_t *number)
{
	unsigned char wanted[SECTOR] = { 0 };
	uint64_t first;

	memcpy(&first, at, sizeof(first));
	*number = first;
	if (first)
		fill(wanted, sector, *number);
	return !memcmp(at, wanted, SECTOR);
}

static uint64_t below(struct worker *w, uint64_t limit)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (w->random >> 11) % limit;
}

static bool take(uint64_t first, uint64_t length)
{
	bool is_free;

	pthread_mutex_lock(&lock);
	is_free = !memchr(busy + first, true, length);
	if (is_free)
		memset(busy + first, true, length);
	pthread_mutex_unlock(&lock);
	return is_free;
}

static void give_back(uint64_t first, uint64_t length)
{
	pthread_mutex_lock(&lock);
	memset(busy + first, false, length);
	pthread_mutex_unlock(&lock);
}

static uint32_t begin(uint64_t first, uint64_t length, bool is_zero)
{
	uint32_t number;
	uint64_t i;

	pthread_mutex_lock(&lock);
	number = ++last_number;
	for (i = first; i < first + length; i++) {
		sectors[i].tried = number;
		if (is_zero)
			sectors[i].zero = number;
	}
	pthread_mutex_unlock(&lock);
	return number;
}

static void acknowledge(uint64_t first, uint64_t length, uint32_t number)
{
	uint64_t i;

	pthread_mutex_lock(&lock);
	for (i = first; i < first + length; i++)
		sectors[i].latest = number;
	pthread_mutex_unlock(&lock);
}

/* Nothing fails before the power is cut. */
static bool went_well(long result, long wanted, const char *what)
{
	if (result == wanted)
		return true;
	if (errno != EIO || !is_cut)
		die(what);
	return false;
}

static bool op_write(struct worker *w, uint64_t first, uint64_t length)
{
	uint32_t number = begin(first, length, false);
	uint64_t i;

	for (i = 0; i < length; i++)
		fill(w->buffer + i * SECTOR, first + i, number);
	if (!went_well(pwrite(direct, w->buffer, length * SECTOR, first * SECTOR),
		       length * SECTOR, "write"))
		return false;
	acknowledge(first, length, number);
	return true;
}

static bool op_zero(uint64_t first, uint64_t length, unsigned long request)
{
	uint64_t range[2] = { first * SECTOR, length * SECTOR };
	uint32_t number = begin(first, length, true);

	if (!went_well(ioctl(direct, request, range), 0, "zero"))
		return false;
	acknowledge(first, length, number);
	return true;
}

static bool op_read(struct worker *w, uint64_t first, uint64_t length)
{
	uint32_t number, wanted;
	uint64_t i;

	if (!went_well(pread(direct, w->buffer, length * SECTOR, first * SECTOR),
		       length * SECTOR, "read"))
		return false;
	for (i = first; i < first + length; i++) {
		wanted = sectors[i].latest == sectors[i].zero ? 0 : sectors[i].latest;
		if (identify(w->buffer + (i - first) * SECTOR, i, &number) && number == wanted)
			continue;
		fprintf(stderr, "sector %llu was read as %u, not %u\n", (unsigned long long)i,
			number, wanted);
		_exit(1);
	}
	return true;
}

static bool op_flush(struct worker *w)
{
	bool is_well;
	uint64_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < count; i++)
		w->snapshot[i] = sectors[i].latest;
	pthread_mutex_unlock(&lock);
	is_well = went_well(fdatasync(direct), 0, "flush");
	pthread_mutex_lock(&lock);
	for (i = 0; i < count; i++) {
		if (is_well && w->snapshot[i] > sectors[i].low)
			sectors[i].low = w->snapshot[i];
		sectors[i].high = sectors[i].tried;
		sectors[i].zero_high = sectors[i].zero;
	}
	pthread_mutex_unlock(&lock);
	return is_well;
}

static bool operate(struct worker *w, uint64_t first, uint64_t length)
{
	switch (below(w, 16)) {
	case 0:
		return op_zero(first, length, BLKDISCARD);
	case 1:
		return op_zero(first, length, BLKZEROOUT);
	case 2 ... 9:
		return op_write(w, first, length);
	default:
		return op_read(w, first, length);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t first, length;
	bool is_well = true;

	while (is_well && w->ops) {
		length = 1 + below(w, 1ULL << below(w, 10));
		first = below(w, below(w, 2) ? count - length : 256);
		if (!take(first, length))
			continue;
		is_well = operate(w, first, length);
		give_back(first, length);
		if (is_well && !below(w, 40))
			is_well = op_flush(w);
		w->ops--;
		done++;
	}
	return NULL;
}

static void start(struct worker *w, uint64_t seed, unsigned long ops)
{
	w->random = mix(seed + 1) | 1;
	w->ops = ops;
	w->buffer = aligned_alloc(4096, 2 * LARGEST);
	w->snapshot = calloc(count, sizeof(*w->snapshot));
	if (!w->buffer || !w->snapshot || pthread_create(&w->thread, NULL, work, w))
		die("a thread");
}

static void cut(const char *command)
{
	is_cut = true;
	if (system(command)) {
		fprintf(stderr, "%s has failed\n", command);
		_exit(1);
	}
}

static int save(const char *name)
{
	FILE *file = fopen(name, "w");

	if (!file || fwrite(sectors, sizeof(*sectors), count, file) != count || fclose(file))
		die(name);
	return 0;
}

static int do_run(char **argv)
{
	unsigned long threads = atol(argv[3]), ops = atol(argv[4]), i;
	struct worker *workers = calloc(threads, sizeof(*workers));
	bool races = !strcmp(argv[5], "race");
	uint64_t size;

	device = argv[0];
	direct = open(device, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (direct < 0 || ioctl(direct, BLKGETSIZE64, &size))
		die("open");
	count = size / SECTOR;
	sectors = calloc(count, sizeof(*sectors));
	busy = calloc(count, sizeof(*busy));
	for (i = 0; i < threads; i++)
		start(&workers[i], atol(argv[2]) * threads + i, ops);
	while (races && done < threads * ops / 2)
		usleep(1000);
	if (races)
		cut(argv[6]);
	for (i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	if (!races)
		cut(argv[6]);
	printf("%lu operations\n", (unsigned long)done);
	return save(argv[1]);
}

/* Of what is flushed, or has been so in passing. */
static bool is_flushed(const struct sector *s, uint32_t number)
{
	return number ? number >= s->low && number <= s->high : s->zero_high >= s->low;
}

static bool is_latest(const struct sector *s, uint32_t number)
{
	return number == (s->latest == s->zero ? 0 : s->latest);
}

static bool is_right(const struct sector *s, uint32_t number, const char *what)
{
	if (!strcmp(what, "none"))
		return is_flushed(s, number);
	if (!strcmp(what, "all"))
		return is_latest(s, number);
	if (!strcmp(what, "some"))
		return is_flushed(s, number) || is_latest(s, number);
	return number ? number >= s->low && number <= s->tried : s->zero >= s->low;
}

static int do_check(char **argv)
{
	uint64_t i, bad = 0, kept = 0, words[SECTOR / sizeof(uint64_t)];
	FILE *image = fopen(argv[0], "r"), *state = fopen(argv[1], "r");
	unsigned char *at = (unsigned char *)words;
	struct sector s;
	uint32_t number;

	if (!image || !state)
		die(argv[0]);
	for (i = 0; fread(&s, sizeof(s), 1, state) == 1; i++) {
		if (fread(at, SECTOR, 1, image) != 1)
			die(argv[0]);
		if (!identify(at, i, &number) || !is_right(&s, number, argv[2])) {
			if (!bad++)
				fprintf(stderr, "sector %llu is %u; flushed from %u to %u, zero %u; "
					"latest %u, tried %u, zero %u\n", (unsigned long long)i,
					number, s.low, s.high, s.zero_high, s.latest, s.tried,
					s.zero);
			continue;
		}
		kept += !is_flushed(&s, number);
	}
	printf("%llu\n", (unsigned long long)kept);
	if (bad)
		fprintf(stderr, "%llu sectors are wrong\n", (unsigned long long)bad);
	return bad || !i;
}

int main(int argc, char **argv)
{
	device = "cutmodel";
	if (argc == 9 && !strcmp(argv[1], "run"))
		return do_run(argv + 2);
	if (argc == 5 && !strcmp(argv[1], "check"))
		return do_check(argv + 2);
	fputs("usage: cutmodel run|check ...\n", stderr);
	return 2;
}
