// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who submits polled I/O and then does not poll.
 *
 *	pollctl read|write DEVICE START COUNT
 *
 * COUNT pages, every other one from byte START on; what it writes is 'p'. Says "submitted" and
 * sleeps until it is killed. Exit status 2 if it does not come to that.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ring.h"

#define PAGE_BYTES	4096
#define COUNT_MAX	64

static void die(const char *what, int error)
{
	fprintf(stderr, "pollctl: %s: %s\n", what, strerror(error));
	exit(2);
}

static char *make_page(void)
{
	char *page = aligned_alloc(PAGE_BYTES, PAGE_BYTES);

	if (!page)
		die("memory", ENOMEM);
	return memset(page, 'p', PAGE_BYTES);
}

static void submit(int fd, bool is_write, off_t start, unsigned int count)
{
	char *page = make_page();
	struct ring ring;
	unsigned int i;
	int ret;

	ret = ring_open(&ring, count);
	if (ret)
		die("io_uring_setup", -ret);
	for (i = 0; i < count; i++)
		ring_add(&ring, is_write, fd, page, PAGE_BYTES,
			 start + (off_t)i * 2 * PAGE_BYTES);
	ret = ring_submit(&ring, count);
	if (ret != (int)count)
		die("io_uring_enter", ret < 0 ? -ret : EAGAIN);
}

int main(int argc, char **argv)
{
	unsigned int count = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	int fd;

	if (!count || count > COUNT_MAX) {
		fprintf(stderr, "usage: pollctl read|write DEVICE START COUNT, at most %u\n",
			COUNT_MAX);
		return 2;
	}
	fd = open(argv[2], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		die(argv[2], errno);
	submit(fd, !strcmp(argv[1], "write"), strtoll(argv[3], NULL, 10), count);
	puts("submitted");
	fflush(stdout);
	for (;;)
		pause();
}
