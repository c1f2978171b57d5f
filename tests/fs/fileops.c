// SPDX-License-Identifier: GPL-2.0-only
/*
 * Works on a file system as programs do, and knows what has to be there.
 *
 *	fileops file FILE SEED OPS
 *		reads, writes, maps, cuts, punches and syncs one file, in every way there is, and
 *		compares it with what it should be; leaves it, and what it should be in FILE.model
 *	fileops names DIR SEED OPS JOBS
 *		processes make, replace, rename, link and remove files, each in its own directory
 *	fileops verify DIR SEED OPS JOBS
 *		looks whether all is there that this has left
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PAGE		4096
#define FILE_MAX	(1024 * 1024)
#define CHUNK_MAX	(128 * 1024)
#define NAMES		64
#define NAMED_MAX	(48 * 1024)

static uint64_t state;

static void fail(const char *format, ...)
{
	int error = errno;
	va_list list;

	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fprintf(stderr, " (%s)\n", strerror(error));
	_exit(1);
}

static uint64_t below(uint64_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % limit;
}

static void seed(uint64_t number)
{
	state = number * 0x9e3779b97f4a7c15ULL + 1;
	below(1);
}

/* Of the content that has the number; no word of it is like another. */
static void fill(unsigned char *at, size_t length, uint64_t number)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		if (!(i % sizeof(word)))
			word = (number << 20 | i) * 0xbf58476d1ce4e5b9ULL;
		at[i] = word >> (i % sizeof(word) * 8);
	}
}

/* --- file ----------------------------------------------------------------------------------- */

static const char *path;
static int fd, direct_fd;
static unsigned char *model;
static size_t size;
static unsigned char *buffer;
static uint64_t op;

static void compare(const unsigned char *found, size_t at, size_t length, const char *how)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (found[i] != model[at + i]) {
			errno = 0;
			fail("%s: %s of %zu bytes at %zu, operation %lu: byte %zu is other than it should be",
			     path, how, length, at, (unsigned long)op, at + i);
		}
	}
}

/* A range of the file, which may have length 0. */
static void draw_inside(size_t *at, size_t *length)
{
	*at = below(size + 1);
	*length = below(CHUNK_MAX);
	if (*length > size - *at)
		*length = size - *at;
}

static void draw_anywhere(size_t *at, size_t *length)
{
	*at = below(FILE_MAX - 1);
	*length = 1 + below(CHUNK_MAX);
	if (*length > FILE_MAX - *at)
		*length = FILE_MAX - *at;
}

static void grow_to(size_t end)
{
	if (end > size)
		size = end;
}

/* From and to whole units: of a byte, or of a page past the page cache. */
static void read_part(int file, size_t unit)
{
	size_t at, length;

	draw_inside(&at, &length);
	at -= at % unit;
	length -= length % unit;
	if (pread(file, buffer, length, at) != (ssize_t)length)
		fail("%s: read of %zu at %zu, by %zu", path, length, at, unit);
	compare(buffer, at, length, unit == 1 ? "read" : "direct read");
}

static void write_part(int file, size_t unit)
{
	size_t at, length;

	draw_anywhere(&at, &length);
	at -= at % unit;
	length = (length + unit - 1) / unit * unit;
	if (length > FILE_MAX - at)
		length = FILE_MAX - at;
	fill(buffer, length, op);
	if (pwrite(file, buffer, length, at) != (ssize_t)length)
		fail("%s: write of %zu at %zu, by %zu", path, length, at, unit);
	memcpy(model + at, buffer, length);
	grow_to(at + length);
}

static void op_read(void)
{
	read_part(fd, 1);
}

static void op_write(void)
{
	write_part(fd, 1);
}

static void op_read_direct(void)
{
	read_part(direct_fd, PAGE);
}

static void op_write_direct(void)
{
	write_part(direct_fd, PAGE);
}

static void op_map(bool writes)
{
	size_t at, length, skip;
	unsigned char *mapped;

	draw_inside(&at, &length);
	if (!length)
		return;
	skip = at % sysconf(_SC_PAGESIZE);
	mapped = mmap(NULL, skip + length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at - skip);
	if (mapped == MAP_FAILED)
		fail("%s: mapping of %zu at %zu", path, length, at);
	if (writes) {
		fill(model + at, length, op);
		memcpy(mapped + skip, model + at, length);
		if (!below(4) && msync(mapped, skip + length, MS_SYNC))
			fail("%s: msync", path);
	} else {
		compare(mapped + skip, at, length, "mapping");
	}
	munmap(mapped, skip + length);
}

static void op_read_mapped(void)
{
	op_map(false);
}

static void op_write_mapped(void)
{
	op_map(true);
}

static void op_truncate(void)
{
	size_t to = below(FILE_MAX);

	if (ftruncate(fd, to))
		fail("%s: truncate to %zu", path, to);
	if (to < size)
		memset(model + to, 0, size - to);
	size = to;
}

/* Not every file system can do each of them. */
static bool allocate(int mode, size_t at, size_t length)
{
	if (!fallocate(fd, mode, at, length))
		return true;
	if (errno != EOPNOTSUPP)
		fail("%s: fallocate mode %d of %zu at %zu", path, mode, length, at);
	return false;
}

static void op_punch(void)
{
	size_t at, length;

	draw_inside(&at, &length);
	if (length && allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, length))
		memset(model + at, 0, length);
}

static void op_zero(void)
{
	size_t at, length;

	draw_anywhere(&at, &length);
	if (allocate(FALLOC_FL_ZERO_RANGE, at, length)) {
		memset(model + at, 0, length);
		grow_to(at + length);
	}
}

static void op_preallocate(void)
{
	size_t at, length;

	draw_anywhere(&at, &length);
	if (allocate(0, at, length))
		grow_to(at + length);
}

static void op_collapse(void)
{
	size_t at, length;

	draw_inside(&at, &length);
	at -= at % PAGE;
	length -= length % PAGE;
	if (!length || at + length >= size)
		return;
	if (allocate(FALLOC_FL_COLLAPSE_RANGE, at, length)) {
		memmove(model + at, model + at + length, size - at - length);
		memset(model + size - length, 0, length);
		size -= length;
	}
}

static void op_insert(void)
{
	size_t at, length;

	draw_inside(&at, &length);
	at -= at % PAGE;
	length -= length % PAGE;
	if (!length || at >= size || size + length > FILE_MAX)
		return;
	if (allocate(FALLOC_FL_INSERT_RANGE, at, length)) {
		memmove(model + at + length, model + at, size - at);
		memset(model + at, 0, length);
		size += length;
	}
}

static void op_copy(void)
{
	size_t at, length, to;
	loff_t in, out;
	ssize_t done;

	draw_inside(&at, &length);
	to = below(FILE_MAX - length);
	if (!length || (to < at + length && at < to + length))
		return;
	in = at;
	out = to;
	done = copy_file_range(fd, &in, fd, &out, length, 0);
	if (done < 0)
		fail("%s: copy of %zu from %zu to %zu", path, length, at, to);
	memcpy(model + to, model + at, done);
	if (done)
		grow_to(to + done);
}

static void op_sync(void)
{
	if (below(2) ? fsync(fd) : fdatasync(fd))
		fail("%s: fsync", path);
}

/* What is read next comes from the device. */
static void op_forget(void)
{
	if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		fail("%s: fadvise", path);
}

static void open_file(int flags)
{
	fd = open(path, O_RDWR | flags, 0644);
	direct_fd = open(path, O_RDWR | O_DIRECT);
	if (fd < 0 || direct_fd < 0)
		fail("%s: open", path);
}

static void op_reopen(void)
{
	struct stat st;

	if (close(fd) || close(direct_fd))
		fail("%s: close", path);
	open_file(0);
	if (fstat(fd, &st) || (size_t)st.st_size != size)
		fail("%s: %zu bytes, operation %lu: it has another size", path, size,
		     (unsigned long)op);
}

static void (*const file_ops[])(void) = {
	op_read, op_read, op_write, op_write, op_write, op_read_direct, op_write_direct,
	op_write_direct, op_read_mapped, op_write_mapped, op_truncate, op_punch, op_zero,
	op_preallocate, op_collapse, op_insert, op_copy, op_sync, op_forget, op_reopen,
};

static void leave_model(void)
{
	FILE *file;
	char *name;

	if (asprintf(&name, "%s.model", path) < 0)
		fail("out of memory");
	file = fopen(name, "w");
	if (!file || fwrite(model, 1, size, file) != size || fclose(file))
		fail("%s", name);
	free(name);
}

static void run_file(const char *name, uint64_t number, uint64_t ops)
{
	path = name;
	seed(number);
	model = calloc(1, FILE_MAX);
	buffer = aligned_alloc(PAGE, CHUNK_MAX + PAGE);
	if (!model || !buffer)
		fail("out of memory");
	open_file(O_CREAT | O_TRUNC);
	for (op = 1; op <= ops; op++)
		file_ops[below(sizeof(file_ops) / sizeof(*file_ops))]();
	if (close(fd) || close(direct_fd))
		fail("%s: close", path);
	leave_model();
}

/* --- names and verify ----------------------------------------------------------------------- */

/* What a name stands for: the content of a number, which may have several names; 0 is none. */
static uint64_t names[NAMES];
static bool only_think;

static const char *name_of(unsigned int slot, char *text, size_t space)
{
	snprintf(text, space, "d%u/a-name-of-%u", slot % 4, slot);
	return text;
}

static size_t length_of(uint64_t number)
{
	return number * 7919 % NAMED_MAX;
}

/* Whether to do it, too. */
static bool succeeds(int result, const char *what, const char *name)
{
	if (result)
		fail("%s: %s", name, what);
	return true;
}

static void name_remove(unsigned int slot)
{
	char name[64];

	if (names[slot] && !only_think)
		succeeds(unlink(name_of(slot, name, sizeof(name))), "unlink", name);
	names[slot] = 0;
}

static void name_write(unsigned int slot, uint64_t number, bool syncs)
{
	static unsigned char content[NAMED_MAX];
	size_t length = length_of(number);
	char name[64];
	int file;

	name_remove(slot);
	names[slot] = number;
	if (only_think)
		return;
	fill(content, length, number);
	file = open(name_of(slot, name, sizeof(name)), O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (file < 0 || write(file, content, length) != (ssize_t)length ||
	    fsetxattr(file, "user.number", &number, sizeof(number), 0) ||
	    (syncs && fsync(file)) || close(file))
		fail("%s: write", name);
}

static void name_move(unsigned int from, unsigned int to)
{
	char old[64], new[64];

	/* Names of one file stay both, says rename(2). */
	if (!names[from] || names[from] == names[to])
		return;
	if (!only_think)
		succeeds(rename(name_of(from, old, sizeof(old)), name_of(to, new, sizeof(new))),
			 "rename", old);
	names[to] = names[from];
	names[from] = 0;
}

static void name_link(unsigned int from, unsigned int to)
{
	char old[64], new[64];

	if (!names[from] || from == to)
		return;
	name_remove(to);
	if (!only_think)
		succeeds(link(name_of(from, old, sizeof(old)), name_of(to, new, sizeof(new))),
			 "link", old);
	names[to] = names[from];
}

static void name_exchange(unsigned int from, unsigned int to)
{
	char old[64], new[64];
	uint64_t kept = names[to];

	if (!names[from] || !names[to] || from == to)
		return;
	if (!only_think)
		succeeds(renameat2(AT_FDCWD, name_of(from, old, sizeof(old)), AT_FDCWD,
				   name_of(to, new, sizeof(new)), RENAME_EXCHANGE),
			 "exchange", old);
	names[to] = names[from];
	names[from] = kept;
}

static void names_work(uint64_t ops)
{
	uint64_t number;

	for (number = 1; number <= ops; number++) {
		unsigned int kind = below(10), slot = below(NAMES), other = below(NAMES);

		if (kind < 4)
			name_write(slot, number, !kind);
		else if (kind < 6)
			name_move(slot, other);
		else if (kind < 7)
			name_link(slot, other);
		else if (kind < 8)
			name_exchange(slot, other);
		else
			name_remove(slot);
	}
}

static void name_verify(unsigned int slot)
{
	static unsigned char content[NAMED_MAX], found[NAMED_MAX + 1];
	uint64_t number = 0;
	size_t length;
	char name[64];
	int file;

	file = open(name_of(slot, name, sizeof(name)), O_RDONLY);
	if (!names[slot]) {
		if (file >= 0 || errno != ENOENT)
			fail("%s: is there", name);
		return;
	}
	length = length_of(names[slot]);
	fill(content, length, names[slot]);
	if (file < 0 || read(file, found, sizeof(found)) != (ssize_t)length ||
	    memcmp(found, content, length))
		fail("%s: is not as it was left", name);
	if (fgetxattr(file, "user.number", &number, sizeof(number)) != sizeof(number) ||
	    number != names[slot])
		fail("%s: has lost its attribute", name);
	close(file);
}

static void names_job(const char *dir, uint64_t job, uint64_t number, uint64_t ops)
{
	unsigned int i;
	char name[64];

	snprintf(name, sizeof(name), "job%u", (unsigned int)job);
	if (chdir(dir) || (!only_think && mkdir(name, 0700)) || chdir(name))
		fail("%s/%s", dir, name);
	for (i = 0; i < 4 && !only_think; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		succeeds(mkdir(name, 0700), "mkdir", name);
	}
	seed(number * 1000 + job);
	names_work(ops);
	for (i = 0; i < NAMES; i++)
		name_verify(i);
	_exit(0);
}

static void run_names(const char *dir, uint64_t number, uint64_t ops, uint64_t jobs)
{
	bool is_well = true;
	uint64_t job;
	int status;

	for (job = 0; job < jobs; job++) {
		if (!fork())
			names_job(dir, job, number, ops);
	}
	while (wait(&status) > 0)
		is_well = is_well && !status;
	exit(is_well ? 0 : 1);
}

int main(int argc, char **argv)
{
	uint64_t number, ops;

	if (argc < 5)
		return 2;
	number = strtoull(argv[3], NULL, 0);
	ops = strtoull(argv[4], NULL, 0);
	only_think = !strcmp(argv[1], "verify");
	if (!strcmp(argv[1], "file") && argc == 5)
		run_file(argv[2], number, ops);
	else if ((only_think || !strcmp(argv[1], "names")) && argc == 6)
		run_names(argv[2], number, ops, strtoull(argv[5], NULL, 0));
	else
		return 2;
	return 0;
}
