// SPDX-License-Identifier: GPL-2.0-only
/*
 * A FUSE file system of one file of zeros, for tests: stopped by a signal, it is a server that does
 * not answer.
 *
 *	fusefile DIR NAME BYTES SOURCE
 *
 * mounts it on DIR, from SOURCE, and serves until it is unmounted. Nothing of it may be cached. The
 * file can be unlinked, and written to, which changes nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define WRITE_MAX 65536
#define FILE_NODE 2

static const char *name;
static unsigned long long bytes;
static char request[WRITE_MAX + 4096], zeros[WRITE_MAX];

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

static void answer(int fd, int error, const void *data, size_t size)
{
	const struct fuse_in_header *header = (void *)request;
	struct fuse_out_header out = {
		.len = sizeof(out) + size,
		.error = -error,
		.unique = header->unique,
	};
	struct iovec parts[] = { { &out, sizeof(out) }, { (void *)data, size } };

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
	};

	answer(fd, 0, &init, sizeof(init));
}

static void answer_lookup(int fd, const char *wanted)
{
	const struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };

	if (strcmp(wanted, name))
		answer(fd, ENOENT, NULL, 0);
	else
		answer(fd, 0, &entry, sizeof(entry));
}

static void answer_attributes(int fd, uint64_t node)
{
	const struct fuse_attr_out out = { .attr = attributes(node) };

	answer(fd, 0, &out, sizeof(out));
}

static void answer_request(int fd)
{
	const struct fuse_in_header *header = (void *)request;
	const struct fuse_read_in *read_in = (void *)(header + 1);
	const struct fuse_open_out opened = { 0 };
	struct fuse_write_out written = { 0 };

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
		return answer(fd, 0, &opened, sizeof(opened));
	case FUSE_READ:
		return answer(fd, 0, zeros, read_in->size < WRITE_MAX ? read_in->size : WRITE_MAX);
	case FUSE_WRITE:
		written.size = ((const struct fuse_write_in *)read_in)->size;
		return answer(fd, 0, &written, sizeof(written));
	case FUSE_UNLINK:
		name = "";
		return answer(fd, 0, NULL, 0);
	case FUSE_READDIR:
	case FUSE_FLUSH:
	case FUSE_FSYNC:
	case FUSE_RELEASE:
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

	if (argc != 5) {
		fputs("usage: fusefile DIR NAME BYTES SOURCE\n", stderr);
		return 2;
	}
	name = argv[2];
	bytes = strtoull(argv[3], NULL, 0);
	fd = mount_on(argv[1], argv[4]);
	while (read(fd, request, sizeof(request)) > 0 || errno == EINTR || errno == ENOENT)
		answer_request(fd);
	return errno == ENODEV ? 0 : 1;
}
