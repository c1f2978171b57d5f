// SPDX-License-Identifier: GPL-2.0-only
/* Data, and the files below it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../submit/ring.h"
#include "ops.h"

#define ALIGNMENT	4096
#define IO_BYTES	(64 * KIB)
/* Most devices are larger; those that are not are written to past their end. */
#define REACH_BYTES	(32 * MIB)

/* A range that may be written to: see PRIVATE_BYTES. */
static void pick_range(struct worker *worker, uint64_t *start, uint64_t *length)
{
	*start = PRIVATE_BYTES +
		 rng_below(&worker->rng, (REACH_BYTES - PRIVATE_BYTES) / ALIGNMENT) * ALIGNMENT;
	*length = (1 + rng_below(&worker->rng, IO_BYTES / ALIGNMENT)) * ALIGNMENT;
}

static char *aligned_buffer(struct worker *worker)
{
	char *buffer = aligned_alloc(ALIGNMENT, IO_BYTES);

	if (!buffer)
		give_up("no memory");
	memset(buffer, (int)worker->round, IO_BYTES);
	return buffer;
}

/* A device that can be written to, if a few tries find one. */
static int open_large(struct worker *worker, int mode)
{
	unsigned int tries = 4;
	uint64_t bytes;
	int fd;

	for (;;) {
		fd = open_device(worker, pick_device(worker), mode);
		if (fd >= 0 && !ioctl(fd, BLKGETSIZE64, &bytes) && bytes > PRIVATE_BYTES)
			return fd;
		if (!--tries)
			return fd;
		if (fd >= 0)
			close(fd);
	}
}

/* CALL on a range of a device; @mode is that of open(), to which O_DIRECT may come. */
static int with_range(struct worker *worker, int mode,
		      int (*call)(struct worker *worker, int fd, uint64_t start, uint64_t length))
{
	uint64_t start, length;
	int fd, ret;

	if (rng_one_in(&worker->rng, 2))
		mode |= O_DIRECT;
	fd = open_large(worker, mode);
	if (fd < 0)
		return SKIPPED;
	pick_range(worker, &start, &length);
	ret = call(worker, fd, start, length);
	close(fd);
	return ret;
}

static int call_read(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	char *buffer = aligned_buffer(worker);
	int ret = 0;

	if (rng_one_in(&worker->rng, 2))
		start -= PRIVATE_BYTES;
	if (pread(fd, buffer, length, start) < 0)
		ret = -errno;
	free(buffer);
	return ret;
}

int op_read(struct worker *worker)
{
	return with_range(worker, O_RDONLY, call_read);
}

static int call_write(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	char *buffer = aligned_buffer(worker);
	int ret = 0;

	if (pwrite(fd, buffer, length, start) < 0)
		ret = -errno;
	free(buffer);
	return ret;
}

int op_write(struct worker *worker)
{
	return with_range(worker, O_RDWR, call_write);
}

/*
 * Polled, but nobody polls. The ring is closed at once or later, and the kernel ends what is left
 * of the writes, and closes the device, some time after that. Where there is nothing to poll with
 * they fail, which is told to nobody.
 */
#define POLLED_WRITES	16

static int call_write_polled(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	unsigned int i, count = 1 + rng_below(&worker->rng, POLLED_WRITES);
	char *buffer = aligned_buffer(worker);
	struct ring ring;
	int ret;

	ret = ring_open(&ring, POLLED_WRITES);
	if (!ret) {
		for (i = 0; i < count; i++)
			ring_add(&ring, true, fd, buffer, length, start + i * IO_BYTES);
		ret = ring_submit(&ring, count);
		if (rng_one_in(&worker->rng, 2))
			usleep(rng_below(&worker->rng, 20000));
		ring_close(&ring);
	}
	free(buffer);
	return ret < 0 ? ret : 0;
}

int op_write_polled(struct worker *worker)
{
	return with_range(worker, O_RDWR | O_DIRECT, call_write_polled);
}

static int call_fsync(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	(void)worker;
	(void)start;
	(void)length;
	return fsync(fd) ? -errno : 0;
}

int op_fsync(struct worker *worker)
{
	return with_range(worker, O_RDWR, call_fsync);
}

static int call_range_ioctl(int fd, unsigned long cmd, uint64_t start, uint64_t length)
{
	uint64_t range[2] = { start, length };

	return ioctl(fd, cmd, range) ? -errno : 0;
}

static int call_discard(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	(void)worker;
	return call_range_ioctl(fd, BLKDISCARD, start, length);
}

int op_discard(struct worker *worker)
{
	return with_range(worker, O_RDWR, call_discard);
}

static int call_zero_out(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	(void)worker;
	return call_range_ioctl(fd, BLKZEROOUT, start, length);
}

int op_zero_out(struct worker *worker)
{
	return with_range(worker, O_RDWR, call_zero_out);
}

/* mmap: a page that cannot be read is a signal, which is caught here. */

static __thread sigjmp_buf fault_return;
static __thread volatile sig_atomic_t fault_expected;

static void on_fault(int signal)
{
	(void)signal;
	if (!fault_expected)
		abort();
	siglongjmp(fault_return, 1);
}

void ops_io_start(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
}

static int touch_pages(volatile char *memory, uint64_t length)
{
	uint64_t i;

	if (sigsetjmp(fault_return, 1)) {
		fault_expected = 0;
		return -EIO;
	}
	fault_expected = 1;
	for (i = 0; i < length; i += ALIGNMENT)
		memory[i]++;
	fault_expected = 0;
	return 0;
}

static int call_mmap(struct worker *worker, int fd, uint64_t start, uint64_t length)
{
	void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, start);
	int ret;

	if (memory == MAP_FAILED)
		return -errno;
	ret = touch_pages(memory, length);
	if (rng_one_in(&worker->rng, 2))
		msync(memory, length, MS_SYNC);
	munmap(memory, length);
	return ret;
}

int op_mmap(struct worker *worker)
{
	return with_range(worker, O_RDWR, call_mmap);
}

int op_read_partition(struct worker *worker)
{
	char path[PATH_BYTES], buffer[4096];
	int fd, ret = 0;

	snprintf(path, sizeof(path), "/dev/loop%up%u", pick_device(worker),
		 1 + rng_below(&worker->rng, 4));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (read(fd, buffer, sizeof(buffer)) < 0)
		ret = -errno;
	usleep(rng_below(&worker->rng, 1000));
	close(fd);
	return ret;
}

/* The files below. */

static int open_shared_file(unsigned int number)
{
	char path[PATH_BYTES];
	int fd;

	shared_path(path, number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		give_up("%s: %s", path, strerror(errno));
	return fd;
}

int op_truncate(struct worker *worker)
{
	int fd = open_shared_file(rng_below(&worker->rng, SHARED_FILES));
	uint64_t least = rng_one_in(&worker->rng, 4) ? 0 : REACH_BYTES;
	uint64_t bytes = least + rng_below(&worker->rng, REACH_BYTES / 512) * 512;
	int ret = ftruncate(fd, bytes) ? -errno : 0;

	close(fd);
	return ret;
}

int op_restore(struct worker *worker)
{
	world_restore_shared(rng_below(&worker->rng, SHARED_FILES));
	return 0;
}

int op_punch(struct worker *worker)
{
	int fd = open_shared_file(rng_below(&worker->rng, SHARED_FILES));
	uint64_t start, length;
	int ret = 0;

	pick_range(worker, &start, &length);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, length))
		ret = -errno;
	close(fd);
	return ret;
}
