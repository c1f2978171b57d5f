// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is used up, and programs that go on all the same.
 *
 *	memory hold MIB
 *		locks so much, says "held", and keeps it until it is killed
 *	memory hog MIB SECONDS SEED
 *		fills so much, looks at it and changes it at random
 *	memory write PATH MIB SECONDS SEED [direct]
 *		the same with a file or a device, which it writes, syncs and reads
 *
 *	memory guard SECONDS
 *		has the kernel tell who waits for what, and ends the machine, unless it is killed
 *		before that; needs no memory then
 *
 * A hog and a writer go through all of it at least twice, however long that takes, and print how
 * much they have done and the longest that it took until they got any further. They fail when a
 * block is not as they left it, or when they are stuck for too long.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MIB		(1024UL * 1024)
#define BLOCK		4096UL
#define BLOCK_WORDS	(BLOCK / sizeof(uint64_t))
/* Of blocks that are written or looked at one after the other. */
#define LONGEST_RUN	64
#define SYNC_BYTES	(4 * MIB)
/* Who gets no further for so many seconds, in a machine that is no slower than others, is stuck. */
#define STALL_SECONDS	120

/*
 * What is known of the memory, or of the file.
 * @numbers: of the content that each block has; 0 is none
 * @buffer: as large as the longest run, where @memory is none
 */
struct world {
	const char *name;
	unsigned char *memory;
	int fd;
	unsigned char *buffer;
	uint32_t *numbers;
	uint64_t count;
	uint64_t seed;
	uint64_t random;
	uint32_t last_number;
	uint64_t deadline;
	uint64_t since;
	uint64_t longest;
	unsigned long looks;
	unsigned long writes;
	unsigned long syncs;
};

__attribute__((noreturn))
static void die(const struct world *w, const char *what)
{
	fprintf(stderr, "memory: %s: %s: %s\n", w->name, what, strerror(errno));
	exit(1);
}

static uint64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static uint64_t below(struct world *w, uint64_t limit)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (w->random >> 11) % limit;
}

/* It has got further. */
static void went_on(struct world *w)
{
	uint64_t now = milliseconds_now();

	if (now - w->since > w->longest)
		w->longest = now - w->since;
	w->since = now;
}

/* A block says whose it is and which content, and then has what only that content has. */
static void fill(const struct world *w, uint64_t *words, uint64_t block, uint32_t number)
{
	uint64_t x = mix(w->seed + mix(block << 32 | number));
	unsigned int i;

	words[0] = number;
	words[1] = block;
	for (i = 2; i < BLOCK_WORDS; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		words[i] = x;
	}
}

static void look(struct world *w, const void *at, uint64_t block)
{
	uint64_t wanted[BLOCK_WORDS], got[BLOCK_WORDS];
	unsigned int i = 0;

	fill(w, wanted, block, w->numbers[block]);
	if (!memcmp(at, wanted, BLOCK))
		return;

	memcpy(got, at, BLOCK);
	while (i < BLOCK_WORDS - 1 && got[i] == wanted[i])
		i++;
	fprintf(stderr,
		"memory: %s: block %llu is not as it was left, with content %u: it differs from byte %zu on, "
		"and says that it is block %llu with content %llu\n",
		w->name, (unsigned long long)block, w->numbers[block], i * sizeof(uint64_t),
		(unsigned long long)got[1], (unsigned long long)got[0]);
	exit(1);
}

/* Where the blocks of a run are: in memory, or read from the file. */
static unsigned char *see_run(struct world *w, uint64_t first, uint64_t length)
{
	ssize_t bytes = length * BLOCK;

	if (w->memory)
		return w->memory + first * BLOCK;
	if (pread(w->fd, w->buffer, bytes, first * BLOCK) != bytes)
		die(w, "read");
	return w->buffer;
}

static void look_at_run(struct world *w, uint64_t first, uint64_t length)
{
	const unsigned char *at = see_run(w, first, length);
	uint64_t i;

	for (i = 0; i < length; i++)
		look(w, at + i * BLOCK, first + i);
	w->looks += length;
	went_on(w);
}

static void write_run(struct world *w, uint64_t first, uint64_t length)
{
	unsigned char *at = w->memory ? w->memory + first * BLOCK : w->buffer;
	ssize_t bytes = length * BLOCK;
	uint64_t i;

	w->last_number++;
	for (i = first; i < first + length; i++) {
		w->numbers[i] = w->last_number;
		fill(w, (uint64_t *)(at + (i - first) * BLOCK), i, w->last_number);
	}
	if (!w->memory && pwrite(w->fd, at, bytes, first * BLOCK) != bytes)
		die(w, "write");
	w->writes += length;
	went_on(w);
}

static void sync_file(struct world *w)
{
	if (w->memory)
		return;
	if (fsync(w->fd))
		die(w, "fsync");
	w->syncs++;
	went_on(w);
}

/* What is looked at next comes from below. */
static void forget_file(struct world *w)
{
	if (w->memory)
		return;
	sync_file(w);
	posix_fadvise(w->fd, 0, 0, POSIX_FADV_DONTNEED);
}

static uint64_t run_at(const struct world *w, uint64_t first)
{
	uint64_t left = w->count - first;

	return left < LONGEST_RUN ? left : LONGEST_RUN;
}

static void write_all(struct world *w)
{
	uint64_t first;

	for (first = 0; first < w->count; first += LONGEST_RUN) {
		write_run(w, first, run_at(w, first));
		if ((first + LONGEST_RUN) * BLOCK % SYNC_BYTES == 0)
			sync_file(w);
	}
}

static void look_at_all(struct world *w)
{
	uint64_t first;

	forget_file(w);
	for (first = 0; first < w->count; first += LONGEST_RUN)
		look_at_run(w, first, run_at(w, first));
}

static void do_something(struct world *w)
{
	uint64_t first = below(w, w->count);
	uint64_t length = 1 + below(w, run_at(w, first));

	switch (below(w, 16)) {
	case 0:
		forget_file(w);
		break;
	case 1 ... 3:
		sync_file(w);
		break;
	case 4 ... 8:
		look_at_run(w, first, length);
		write_run(w, first, length);
		break;
	case 9 ... 12:
		write_run(w, first, length);
		break;
	default:
		look_at_run(w, first, length);
	}
}

static int work(struct world *w)
{
	const char *patience = getenv("PATIENCE");
	uint64_t stall = STALL_SECONDS * 1000ULL * (patience ? strtoul(patience, NULL, 10) : 1);

	w->since = milliseconds_now();
	w->deadline += w->since;
	write_all(w);
	look_at_all(w);
	while (milliseconds_now() < w->deadline)
		do_something(w);
	look_at_all(w);

	printf("%s: %lu blocks written and %lu looked at, %lu syncs; longest %llu.%03llu s\n",
	       w->name, w->writes, w->looks, w->syncs, (unsigned long long)w->longest / 1000,
	       (unsigned long long)w->longest % 1000);
	if (w->longest < stall)
		return 0;
	fprintf(stderr, "memory: %s: was stuck\n", w->name);
	return 1;
}

/* Memory of one's own. */
static void *map(const struct world *w, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		die(w, "mmap");
	return at;
}

static void init(struct world *w, const char *mib, const char *seconds, const char *seed)
{
	w->count = strtoull(mib, NULL, 10) * (MIB / BLOCK);
	w->deadline = strtoull(seconds, NULL, 10) * 1000;
	w->seed = strtoull(seed, NULL, 10);
	w->random = mix(w->seed + 1) | 1;
	w->numbers = map(w, w->count * sizeof(*w->numbers));
	/* What is wrong is to be the blocks, and not what is known of them. */
	if (mlock(w->numbers, w->count * sizeof(*w->numbers)))
		die(w, "mlock");
}

static int hog(char **args)
{
	struct world w = { .name = "hog" };

	init(&w, args[0], args[1], args[2]);
	w.memory = map(&w, w.count * BLOCK);
	/* One half goes in pages of the smallest size, the other as the system likes. */
	madvise(w.memory, w.count / 2 * BLOCK, MADV_NOHUGEPAGE);
	return work(&w);
}

static int write_file(char **args)
{
	struct world w = { .name = args[0] };
	int flags = O_RDWR | O_CREAT | O_CLOEXEC;

	if (args[4])
		flags |= O_DIRECT;
	init(&w, args[1], args[2], args[3]);
	w.buffer = map(&w, LONGEST_RUN * BLOCK);
	w.fd = open(args[0], flags, 0600);
	if (w.fd < 0)
		die(&w, "open");
	return work(&w);
}

static void write_text(const struct world *w, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(w, path);
	close(fd);
}

/* Nobody gets it by killing this, which is not what has used up all the rest. */
static int hold(char **args)
{
	struct world w = { .name = "hold" };
	size_t bytes = strtoull(args[0], NULL, 10) * MIB;
	void *at = map(&w, bytes);

	write_text(&w, "/proc/self/oom_score_adj", "-1000");
	/* In as few faults as there can be. */
	madvise(at, bytes, MADV_HUGEPAGE);
	if (mlock(at, bytes))
		die(&w, "mlock");
	puts("held");
	fflush(stdout);
	pause();
	return 0;
}

static int guard(char **args)
{
	struct world w = { .name = "guard" };
	unsigned int seconds = strtoul(args[0], NULL, 10);
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	write_text(&w, "/proc/self/oom_score_adj", "-1000");
	if (fd < 0 || mlockall(MCL_CURRENT | MCL_FUTURE))
		die(&w, "sysrq-trigger");
	while (seconds)
		seconds = sleep(seconds);
	if (write(fd, "m", 1) < 0 || write(fd, "w", 1) < 0 || write(fd, "b", 1) < 0)
		die(&w, "sysrq");
	return 1;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "hold") && argc == 3)
		return hold(argv + 2);
	if (!strcmp(verb, "guard") && argc == 3)
		return guard(argv + 2);
	if (!strcmp(verb, "hog") && argc == 5)
		return hog(argv + 2);
	if (!strcmp(verb, "write") && (argc == 6 || argc == 7))
		return write_file(argv + 2);
	fputs("memory: hold MIB | hog MIB SECONDS SEED | write PATH MIB SECONDS SEED [direct] | "
	      "guard SECONDS\n", stderr);
	return 2;
}
