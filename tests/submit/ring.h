/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * To submit polled reads and writes, and no more: nobody looks at what has completed. When the
 * ring is closed the kernel ends what is left of them by itself, some time later.
 */
#ifndef SUBMIT_RING_H
#define SUBMIT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct io_uring_sqe;

struct ring {
	int fd;
	unsigned int *tail;
	unsigned int *mask;
	unsigned int *array;
	struct io_uring_sqe *sqes;
	void *memory;
	size_t ring_bytes;
	size_t sqes_bytes;
};

/* 0, or -errno. */
int ring_open(struct ring *ring, unsigned int entries);
/* To a file opened with O_DIRECT; at most as many as there are entries. */
void ring_add(struct ring *ring, bool is_write, int fd, char *memory, size_t length, off_t start);
/* How many of @count were submitted, or -errno. */
int ring_submit(struct ring *ring, unsigned int count);
void ring_close(struct ring *ring);

#endif /* SUBMIT_RING_H */
