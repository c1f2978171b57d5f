// SPDX-License-Identifier: GPL-2.0-only
/* Data: all ways to read and write a device. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ops.h"

static size_t draw_count(struct worker *worker)
{
	if (one_in(worker, 12))
		return below(worker, IO_BYTES);
	return (1 + below(worker, 16)) * (one_in(worker, 2) ? 4096 : 512);
}

static int transfer(struct worker *worker, bool writes)
{
	static const int flags[] = { 0, 0, 0, RWF_NOWAIT, RWF_HIPRI, RWF_DSYNC, RWF_SYNC };
	struct iovec iov = { .iov_base = draw_buffer(worker), .iov_len = draw_count(worker) };
	uint64_t start = draw_start(worker);
	int fd = table_fd(worker, DEVICES), flag = PICK(worker, flags);

	say(worker, "%s of fd %d: %zu bytes at %#llx, flags %#x", writes ? "write" : "read", fd,
	    iov.iov_len, (unsigned long long)start, flag);
	return call(writes ? pwritev2(fd, &iov, 1, start, flag) :
			     preadv2(fd, &iov, 1, start, flag));
}

int op_read(struct worker *worker)
{
	return transfer(worker, false);
}

int op_write(struct worker *worker)
{
	return transfer(worker, true);
}

int op_sync(struct worker *worker)
{
	int fd = table_fd(worker, DEVICES);

	say(worker, "sync fd %d", fd);
	switch (below(worker, 4)) {
	case 0:
		return call(fdatasync(fd));
	case 1:
		return call(sync_file_range(fd, draw_start(worker), draw_length(worker),
					    below(worker, 8)));
	case 2:
		return -posix_fadvise(fd, draw_start(worker), draw_length(worker),
				      POSIX_FADV_WILLNEED + below(worker, 2));
	default:
		return call(fsync(fd));
	}
}

int op_fallocate(struct worker *worker)
{
	static const int modes[] = {
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE,
		FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_COLLAPSE_RANGE,
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE | 4, INT_MAX,
	};
	uint64_t start = draw_start(worker), length = draw_length(worker);
	int fd = table_fd(worker, one_in(worker, 8) ? FILES : DEVICES), mode = PICK(worker, modes);

	say(worker, "fallocate fd %d: mode %#x, %#llx bytes at %#llx", fd, mode,
	    (unsigned long long)length, (unsigned long long)start);
	return call(fallocate(fd, mode, start, length));
}

int op_seek(struct worker *worker)
{
	int fd = table_fd(worker, DEVICES), whence = below(worker, 6);
	uint64_t where = draw_border(worker);

	say(worker, "lseek fd %d: %#llx from %d", fd, (unsigned long long)where, whence);
	return call(lseek(fd, where, whence) < 0 ? -1 : 0);
}

/*
 * A mapping stays for a while, whatever becomes of the device. madvise() touches its pages where
 * the program itself would get a signal.
 */
int op_map(struct worker *worker)
{
	static __thread void *mapped = MAP_FAILED;
	static const int advices[] = {
		MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_POPULATE_WRITE, MADV_DONTNEED,
	};
	int fd = table_fd(worker, DEVICES);

	if (mapped != MAP_FAILED && one_in(worker, 3)) {
		say(worker, "unmap");
		if (one_in(worker, 2))
			msync(mapped, IO_BYTES, MS_SYNC);
		munmap(mapped, IO_BYTES);
		mapped = MAP_FAILED;
	}
	if (mapped == MAP_FAILED) {
		say(worker, "map fd %d", fd);
		mapped = mmap(NULL, IO_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			      draw_start(worker) & ~4095ULL & INT64_MAX);
		if (mapped == MAP_FAILED)
			return -errno;
	}
	say(worker, "touch what is mapped");
	return call(madvise(mapped, IO_BYTES, PICK(worker, advices)));
}

/* From a file to a device or back, within the kernel. */
int op_copy(struct worker *worker)
{
	bool writes = one_in(worker, 2);
	int from = table_fd(worker, writes ? FILES : DEVICES);
	int to = table_fd(worker, writes ? DEVICES : FILES);
	off_t offset = draw_start(worker) & INT64_MAX;
	int fd = one_in(worker, 2) ? from : to;

	say(worker, "copy from fd %d at %#llx to fd %d", from, (unsigned long long)offset, to);
	/* Neither may be a pipe that nobody fills. */
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
		return -errno;
	return call(sendfile(to, from, &offset, draw_count(worker)));
}

/* How large a file of this process may get; a device is none. */
int op_limit(struct worker *worker)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (one_in(worker, 3))
		limit.rlim_cur = draw_start(worker);
	say(worker, "limit the size of files");
	return call(setrlimit(RLIMIT_FSIZE, &limit));
}
