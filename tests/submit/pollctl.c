// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who submits polled I/O and then does not poll.
 *
 *	pollctl DEVICE COUNT	writes COUNT pages of 'p' to the beginning of DEVICE
 *
 * Says "submitted" and sleeps until it is killed. A write that the kernel could not begin is told
 * with exit status 2.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_BYTES	4096
#define COUNT_MAX	64

/* What of a ring it takes to submit; nobody looks at what has completed. */
struct ring {
	int fd;
	unsigned int *tail;
	unsigned int *mask;
	unsigned int *array;
	struct io_uring_sqe *sqes;
};

static void die(const char *what)
{
	fprintf(stderr, "pollctl: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *map_ring(int fd, size_t bytes, off_t what)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
			    what);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

static void ring_open(struct ring *ring, unsigned int entries)
{
	struct io_uring_params params = { .flags = IORING_SETUP_IOPOLL };
	char *memory;

	ring->fd = syscall(SYS_io_uring_setup, entries, &params);
	if (ring->fd < 0)
		die("io_uring_setup");
	memory = map_ring(ring->fd, params.sq_off.array + params.sq_entries * sizeof(*ring->array),
			  IORING_OFF_SQ_RING);
	ring->tail = (unsigned int *)(memory + params.sq_off.tail);
	ring->mask = (unsigned int *)(memory + params.sq_off.ring_mask);
	ring->array = (unsigned int *)(memory + params.sq_off.array);
	ring->sqes = map_ring(ring->fd, params.sq_entries * sizeof(*ring->sqes),
			      IORING_OFF_SQES);
}

static void ring_add_write(struct ring *ring, int fd, const char *page, off_t start)
{
	unsigned int index = *ring->tail & *ring->mask;

	ring->sqes[index] = (struct io_uring_sqe) {
		.opcode	= IORING_OP_WRITE,
		.fd	= fd,
		.addr	= (unsigned long)page,
		.len	= PAGE_BYTES,
		.off	= start,
	};
	ring->array[index] = index;
	__atomic_store_n(ring->tail, *ring->tail + 1, __ATOMIC_RELEASE);
}

static void ring_submit(struct ring *ring, unsigned int count)
{
	long submitted = syscall(SYS_io_uring_enter, ring->fd, count, 0, 0, NULL, 0);

	if (submitted < 0)
		die("io_uring_enter");
	if (submitted != count) {
		fprintf(stderr, "pollctl: %ld of %u were submitted\n", submitted, count);
		exit(2);
	}
}

static char *make_page(void)
{
	char *page = aligned_alloc(PAGE_BYTES, PAGE_BYTES);

	if (!page)
		die("memory");
	return memset(page, 'p', PAGE_BYTES);
}

int main(int argc, char **argv)
{
	unsigned int count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char *page = make_page();
	struct ring ring;
	unsigned int i;
	int fd;

	if (!count || count > COUNT_MAX) {
		fprintf(stderr, "usage: pollctl DEVICE COUNT, at most %u\n", COUNT_MAX);
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		die(argv[1]);
	ring_open(&ring, count);
	for (i = 0; i < count; i++)
		ring_add_write(&ring, fd, page, (off_t)i * PAGE_BYTES);
	ring_submit(&ring, count);
	puts("submitted");
	fflush(stdout);
	for (;;)
		pause();
}
