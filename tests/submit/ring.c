// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring.h"

static void *map_part(int fd, size_t bytes, off_t part)
{
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, part);
}

static int ring_map(struct ring *ring, const struct io_uring_params *params)
{
	char *memory;

	ring->ring_bytes = params->sq_off.array + params->sq_entries * sizeof(*ring->array);
	memory = map_part(ring->fd, ring->ring_bytes, IORING_OFF_SQ_RING);
	if (memory == MAP_FAILED)
		return -errno;
	ring->tail = (unsigned int *)(memory + params->sq_off.tail);
	ring->mask = (unsigned int *)(memory + params->sq_off.ring_mask);
	ring->array = (unsigned int *)(memory + params->sq_off.array);

	ring->sqes_bytes = params->sq_entries * sizeof(*ring->sqes);
	ring->sqes = map_part(ring->fd, ring->sqes_bytes, IORING_OFF_SQES);
	if (ring->sqes == MAP_FAILED) {
		munmap(memory, ring->ring_bytes);
		return -errno;
	}
	ring->memory = memory;
	return 0;
}

int ring_open(struct ring *ring, unsigned int entries)
{
	struct io_uring_params params = { .flags = IORING_SETUP_IOPOLL };
	int ret;

	ring->fd = syscall(SYS_io_uring_setup, entries, &params);
	if (ring->fd < 0)
		return -errno;
	ret = ring_map(ring, &params);
	if (ret)
		close(ring->fd);
	return ret;
}

void ring_add(struct ring *ring, bool is_write, int fd, char *memory, size_t length, off_t start)
{
	unsigned int index = *ring->tail & *ring->mask;

	ring->sqes[index] = (struct io_uring_sqe) {
		.opcode	= is_write ? IORING_OP_WRITE : IORING_OP_READ,
		.fd	= fd,
		.addr	= (unsigned long)memory,
		.len	= length,
		.off	= start,
	};
	ring->array[index] = index;
	__atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
}

int ring_submit(struct ring *ring, unsigned int count)
{
	int ret = syscall(SYS_io_uring_enter, ring->fd, count, 0, 0, NULL, 0);

	return ret < 0 ? -errno : ret;
}

void ring_close(struct ring *ring)
{
	munmap(ring->sqes, ring->sqes_bytes);
	munmap(ring->memory, ring->ring_bytes);
	close(ring->fd);
}
