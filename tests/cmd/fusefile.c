// SPDX-License-Identifier: GPL-2.0-only
/*
 * A FUSE file system of one file, for tests: stopped by a signal, it is a server that does not
 * answer.
 *
 *	fusefile DIR NAME BYTES SOURCE [STORAGE [writeback|locks|flocks]]
 *
 * mounts it on DIR, from SOURCE, and serves until it is unmounted. The file can be unlinked.
 * Without STORAGE it has zeros, may not be cached, and writing to it changes nothing. STORAGE is a
 * file that has what this one has; then the kernel keeps what it has cached, direct I/O ends later,
 * and with writeback so do other writes. With locks it has locks of bytes of its own, and ends
 * those of the owner that a close tells it of. With flocks it has those of flock(2) as well, as
 * locks of every byte, and ends all of an open file with its last close. Looking up a name in DIR
 * tells the server what to do:
 *
 *	hold		does not do the next write
 *	held		is there once the server has such a write
 *	let-go		does it
 *	fill		does half of the next write, and then has no space for others
 *	free		has space
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WRITE_MAX 65536
/* As much as the kernel asks for at once. */
#define READ_MAX 131072
#define FILE_NODE 2
#define LOCKS_MAX 64

static const char *name;
static unsigned long long bytes;
static int storage = -1;
static bool is_writeback, has_locks, has_flocks, holds_next, has_held, fills_next, is_full;
static struct fuse_lk_in locks[LOCKS_MAX];
static size_t lock_count;
static char request[WRITE_MAX + 4096], held[sizeof(request)], data[READ_MAX];

static void die(const char *what)
{
	fprintf(stderr, "fusefile: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int mount_on(const char *dir, const char *source)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	if (fd < 0)
		die("/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount(source, dir, "fuse", MS_NOSUID | MS_NODEV, options))
		die(dir);
	return fd;
}

static void answer(int fd, int error, const void *what, size_t size)
{
	const struct fuse_in_header *header = (void *)request;
	struct fuse_out_header out = {
		.len = sizeof(out) + size,
		.error = -error,
		.unique = header->unique,
	};
	struct iovec parts[] = { { &out, sizeof(out) }, { (void *)what, size } };

	/* Whoever asked may have been killed. */
	if (writev(fd, parts, 2) < 0 && errno != ENOENT)
		die("answer");
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr) {
		.ino = node,
		.mode = node == FILE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755,
		.size = node == FILE_NODE ? bytes : 0,
		.nlink = 1,
		.blksize = 4096,
	};
}

static void answer_init(int fd)
{
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 31,
		.max_write = WRITE_MAX,
		.flags = (storage < 0 ? 0 : FUSE_ASYNC_DIO | FUSE_BIG_WRITES) |
			 (is_writeback ? FUSE_WRITEBACK_CACHE : 0) |
			 (has_locks ? FUSE_POSIX_LOCKS : 0) |
			 (has_flocks ? FUSE_FLOCK_LOCKS : 0),
	};

	answer(fd, 0, &init, sizeof(init));
}

static void answer_read(int fd, const struct fuse_read_in *in)
{
	ssize_t size = in->size < READ_MAX ? in->size : READ_MAX;

	if (storage >= 0)
		size = pread(storage, data, size, in->offset);
	if (size < 0)
		answer(fd, errno, NULL, 0);
	else
		answer(fd, 0, data, size);
}

static void answer_write(int fd)
{
	const struct fuse_write_in *in = (void *)(request + sizeof(struct fuse_in_header));
	struct fuse_write_out written = { .size = fills_next ? in->size / 2 : in->size };

	if (is_full)
		return answer(fd, ENOSPC, NULL, 0);
	is_full = fills_next;
	fills_next = false;
	if (storage >= 0 && pwrite(storage, in + 1, written.size, in->offset) != written.size)
		answer(fd, EIO, NULL, 0);
	else
		answer(fd, 0, &written, sizeof(written));
}

static void write_or_hold(int fd)
{
	if (!holds_next)
		return answer_write(fd);
	memcpy(held, request, sizeof(held));
	holds_next = false;
	has_held = true;
}

static void answer_lookup(int fd, const char *wanted)
{
	const struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };
	bool lets_go = has_held && !strcmp(wanted, "let-go");

	holds_next |= !strcmp(wanted, "hold");
	fills_next |= !strcmp(wanted, "fill");
	is_full &= strcmp(wanted, "free") != 0;
	if (strcmp(wanted, name) && (!has_held || strcmp(wanted, "held")))
		answer(fd, ENOENT, NULL, 0);
	else
		answer(fd, 0, &entry, sizeof(entry));
	if (!lets_go)
		return;
	memcpy(request, held, sizeof(request));
	has_held = false;
	answer_write(fd);
}

static void answer_attributes(int fd, uint64_t node)
{
	const struct fuse_attr_out out = { .attr = attributes(node) };

	answer(fd, 0, &out, sizeof(out));
}

static bool conflicts(const struct fuse_lk_in *a, const struct fuse_lk_in *b)
{
	return a->owner != b->owner && a->lk.start <= b->lk.end && b->lk.start <= a->lk.end &&
	       (a->lk.type == F_WRLCK || b->lk.type == F_WRLCK);
}

static const struct fuse_lk_in *find_conflict(const struct fuse_lk_in *wanted)
{
	for (size_t i = 0; i < lock_count; i++)
		if (conflicts(&locks[i], wanted))
			return &locks[i];
	return NULL;
}

/* @range: NULL for all; its start tells it from others. */
static void unlock(uint64_t owner, const struct fuse_file_lock *range)
{
	size_t kept = 0;

	for (size_t i = 0; i < lock_count; i++)
		if (locks[i].owner != owner || (range && locks[i].lk.start != range->start))
			locks[kept++] = locks[i];
	lock_count = kept;
}

static void answer_lock(int fd, const struct fuse_lk_in *in)
{
	if (in->lk.type != F_UNLCK && find_conflict(in))
		return answer(fd, EAGAIN, NULL, 0);
	unlock(in->owner, &in->lk);
	if (in->lk.type != F_UNLCK && lock_count == LOCKS_MAX)
		return answer(fd, ENOLCK, NULL, 0);
	if (in->lk.type != F_UNLCK)
		locks[lock_count++] = *in;
	answer(fd, 0, NULL, 0);
}

static void answer_who_locks(int fd, const struct fuse_lk_in *in)
{
	const struct fuse_lk_in *conflict = find_conflict(in);
	struct fuse_lk_out out = { .lk = conflict ? conflict->lk : in->lk };

	if (!conflict)
		out.lk.type = F_UNLCK;
	answer(fd, 0, &out, sizeof(out));
}

static void answer_flush(int fd, const struct fuse_flush_in *in)
{
	unlock(in->lock_owner, NULL);
	answer(fd, 0, NULL, 0);
}

static void answer_open(int fd)
{
	static uint64_t opens;
	const struct fuse_open_out opened = {
		.fh = ++opens, .open_flags = storage < 0 ? 0 : FOPEN_KEEP_CACHE,
	};

	answer(fd, 0, &opened, sizeof(opened));
}

static void answer_release(int fd, const struct fuse_release_in *in)
{
	size_t kept = 0;

	for (size_t i = 0; i < lock_count; i++)
		if (!has_flocks || locks[i].fh != in->fh)
			locks[kept++] = locks[i];
	lock_count = kept;
	answer(fd, 0, NULL, 0);
}

/* Without locks, the server does not know. */
static void answer_space(int fd)
{
	const struct fuse_statfs_out out = {
		.st = { .blocks = 1024, .bfree = 1024, .bavail = 1024, .bsize = 4096,
			.frsize = 4096, .namelen = 255 },
	};

	if (has_locks)
		answer(fd, 0, &out, sizeof(out));
	else
		answer(fd, ENOSYS, NULL, 0);
}

static void answer_request(int fd)
{
	const struct fuse_in_header *header = (void *)request;

	switch (header->opcode) {
	case FUSE_INIT:
		return answer_init(fd);
	case FUSE_LOOKUP:
		return answer_lookup(fd, (const char *)(header + 1));
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		return answer_attributes(fd, header->nodeid);
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		return answer_open(fd);
	case FUSE_READ:
		return answer_read(fd, (const struct fuse_read_in *)(header + 1));
	case FUSE_WRITE:
		return write_or_hold(fd);
	case FUSE_UNLINK:
		name = "";
		return answer(fd, 0, NULL, 0);
	case FUSE_SETLK:
	case FUSE_SETLKW:	/* flock(2) that unlocks; no test waits here */
		return answer_lock(fd, (const struct fuse_lk_in *)(header + 1));
	case FUSE_GETLK:
		return answer_who_locks(fd, (const struct fuse_lk_in *)(header + 1));
	case FUSE_STATFS:
		return answer_space(fd);
	case FUSE_FLUSH:
		return answer_flush(fd, (const struct fuse_flush_in *)(header + 1));
	case FUSE_RELEASE:
		return answer_release(fd, (const struct fuse_release_in *)(header + 1));
	case FUSE_READDIR:
	case FUSE_FSYNC:
	case FUSE_RELEASEDIR:
		return answer(fd, 0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		return answer(fd, ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	int fd;

	is_writeback = argc == 7 && !strcmp(argv[6], "writeback");
	has_flocks = argc == 7 && !strcmp(argv[6], "flocks");
	has_locks = has_flocks || (argc == 7 && !strcmp(argv[6], "locks"));
	if (argc < 5 || argc > 7 || (argc == 7 && !is_writeback && !has_locks)) {
		fputs("usage: fusefile DIR NAME BYTES SOURCE [STORAGE [writeback|locks|flocks]]\n",
		      stderr);
		return 2;
	}
	name = argv[2];
	bytes = strtoull(argv[3], NULL, 0);
	if (argc > 5) {
		storage = open(argv[5], O_RDWR | O_CLOEXEC);
		if (storage < 0)
			die(argv[5]);
	}
	fd = mount_on(argv[1], argv[4]);
	while (read(fd, request, sizeof(request)) > 0 || errno == EINTR || errno == ENOENT)
		answer_request(fd);
	return errno == ENODEV ? 0 : 1;
}
