// SPDX-License-Identifier: GPL-2.0-only
/*
 * fua DEVICE OFFSET COUNT: writes with FUA to a place where writes fail, while another process
 * flushes the device all the time. Prints how many of the writes have succeeded.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define BLOCK 4096
#define PLACES 64

static int open_device(const char *path, int flags)
{
	int fd = open(path, O_RDWR | flags);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

static pid_t start_flushing(const char *path)
{
	pid_t child = fork();
	int fd;

	if (child < 0)
		err(2, "fork");
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open_device(path, 0);
	for (;;)
		fsync(fd);
}

int main(int argc, char **argv)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	long count, succeeded = 0;
	pid_t flusher;
	off_t offset;
	int fd;

	if (argc != 4)
		errx(2, "usage: fua DEVICE OFFSET COUNT");
	offset = strtoll(argv[2], NULL, 0);
	count = strtol(argv[3], NULL, 0);
	fd = open_device(argv[1], O_DIRECT | O_DSYNC);
	flusher = start_flushing(argv[1]);
	for (long i = 0; i < count; i++) {
		block[0]++;
		succeeded += pwrite(fd, block, BLOCK, offset + i % PLACES * BLOCK) == BLOCK;
	}
	kill(flusher, SIGKILL);
	printf("%ld\n", succeeded);
	return 0;
}
