// SPDX-License-Identifier: GPL-2.0-only
/*
 * A window of a file is moved while the device is written to: whatever becomes of those writes, no
 * byte outside all the windows that there were may change, nor may the file grow.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ops.h"

#define ALIGNMENT	4096
#define WRITE_BYTES	(16 * KIB)
#define MOVES		12
/* All windows are in here. No device is so large that others write to it: see PRIVATE_BYTES. */
#define AREA_START	(2 * MIB)
#define AREA_END	(6 * MIB)

/* A thread that writes wherever a window may be, or has been. */
struct writer {
	pthread_t thread;
	struct rng rng;
	int ways[3];
	char *buffer;
	atomic_bool is_stopped;
};

static void *write_anywhere(void *argument)
{
	struct writer *writer = argument;
	uint64_t start;

	while (!writer->is_stopped) {
		start = rng_below(&writer->rng, (AREA_END - AREA_START) / ALIGNMENT) * ALIGNMENT;
		/* Behind the end of the device it is an error, or a part of it. */
		if (pwrite(RNG_PICK(&writer->rng, writer->ways), writer->buffer, WRITE_BYTES,
			   start) < 0)
			usleep(100);
	}
	return NULL;
}

static void move_window(struct worker *worker, int fd)
{
	static const uint64_t sizes[] = { 4096, 64 * KIB, MIB, AREA_END - AREA_START };
	static const unsigned int block_sizes[] = { 512, 1024, 4096 };
	struct geometry geometry = { .limit = RNG_PICK(&worker->rng, sizes) };
	uint64_t room = AREA_END - AREA_START - geometry.limit;
	int ret;

	geometry.offset = AREA_START + rng_below(&worker->rng, room / 512 + 1) * 512;
	if (rng_one_in(&worker->rng, 3))
		geometry.offset = AREA_START + room;
	ret = loop_set_status(fd, &geometry, false);
	expect(worker, ret, "LOOP_SET_STATUS64 of a window", ERRNOS(0));
	if (rng_one_in(&worker->rng, 3))
		expect(worker, loop_call(fd, LOOP_SET_BLOCK_SIZE,
					 RNG_PICK(&worker->rng, block_sizes)),
		       "LOOP_SET_BLOCK_SIZE of a window", ERRNOS(EINVAL));
	if (rng_one_in(&worker->rng, 3))
		expect(worker, loop_call(fd, LOOP_SET_CAPACITY, 0), "LOOP_SET_CAPACITY of a window",
		       ERRNOS(0));
}

static void move_under_writes(struct worker *worker, int fd, unsigned int device)
{
	char path[PATH_BYTES];
	struct writer writer = { .rng.state = rng_next(&worker->rng) };
	unsigned int i;
	int direct;

	device_path(path, device);
	direct = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	writer.buffer = aligned_alloc(ALIGNMENT, WRITE_BYTES);
	if (direct < 0 || !writer.buffer)
		give_up("%s: %s", path, strerror(errno));
	memset(writer.buffer, 0x5a, WRITE_BYTES);
	writer.ways[0] = fd;
	writer.ways[1] = direct;
	writer.ways[2] = misaligned_open(direct);
	if (pthread_create(&writer.thread, NULL, write_anywhere, &writer))
		give_up("no thread");
	for (i = 0; i < MOVES; i++) {
		move_window(worker, fd);
		usleep(rng_below(&worker->rng, 3000));
	}
	writer.is_stopped = true;
	pthread_join(writer.thread, NULL);
	close(writer.ways[2]);
	close(direct);
	free(writer.buffer);
}

static char *read_file(int fd)
{
	char *content = malloc(PRIVATE_BYTES);

	if (!content || pread(fd, content, PRIVATE_BYTES, 0) != (ssize_t)PRIVATE_BYTES)
		give_up("a private file: %s", strerror(errno));
	return content;
}

static void check_outside(struct worker *worker, int private, const char *before)
{
	char *now = read_file(private);
	struct stat stat;
	uint64_t i;

	if (fstat(private, &stat) || stat.st_size != PRIVATE_BYTES)
		complain(worker, "a window: the file has %lld bytes", (long long)stat.st_size);
	/* Whoever comes next does not complain of the same. */
	if (ftruncate(private, PRIVATE_BYTES))
		give_up("ftruncate: %s", strerror(errno));
	for (i = 0; i < PRIVATE_BYTES; i++) {
		if ((i >= AREA_START && i < AREA_END) || now[i] == before[i])
			continue;
		complain(worker, "a window: byte %llu of the file was changed, outside of it",
			 (unsigned long long)i);
		break;
	}
	free(now);
}

static int use_windows(struct worker *worker, unsigned int device)
{
	const struct geometry geometry = {
		.offset = AREA_START,
		.limit = AREA_END - AREA_START,
		.flags = rng_one_in(&worker->rng, 2) ? LO_FLAGS_DIRECT_IO : 0,
	};
	int private = open_private(worker, private_path);
	int fd = open_device(worker, device, O_RDWR | O_EXCL), ret = SKIPPED;
	char *before;

	if (fd >= 0)
		ret = loop_configure(fd, private, &geometry);
	if (!ret) {
		before = read_file(private);
		move_under_writes(worker, fd, device);
		/* What is dirty belongs behind the end of the last window, perhaps. */
		fsync(fd);
		detach_mine(worker, fd);
		check_outside(worker, private, before);
		free(before);
	} else if (fd >= 0) {
		close(fd);
	}
	close(private);
	return ret;
}

int op_windows(struct worker *worker)
{
	unsigned int device = pick_device(worker);
	int ret;

	if (!content_trylock(device))
		return SKIPPED;
	ret = use_windows(worker, device);
	content_unlock(device);
	return ret;
}
