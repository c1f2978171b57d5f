// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches images to devices and detaches them again, in one process, so that what
 * is timed is the driver and not the start of a program for each device.
 *
 *	attacher DEVICE-PREFIX IMAGE-PREFIX FIRST COUNT
 *
 * Device DEVICE-PREFIX<n> gets image IMAGE-PREFIX<n>; all are attached before the
 * first is detached. Exit status 1 and a message if anything fails.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_numbered(const char *prefix, int number)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s%d", prefix, number);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static void attach(int device, int image)
{
	struct loop_config config = { .fd = image };

	if (ioctl(device, LOOP_CONFIGURE, &config))
		err(1, "LOOP_CONFIGURE");
	close(image);
	close(device);
}

static void detach(int device)
{
	if (ioctl(device, LOOP_CLR_FD))
		err(1, "LOOP_CLR_FD");
	close(device);
}

int main(int argc, char **argv)
{
	int first, end, i;

	if (argc != 5)
		errx(2, "DEVICE-PREFIX IMAGE-PREFIX FIRST COUNT expected");
	first = atoi(argv[3]);
	end = first + atoi(argv[4]);
	for (i = first; i < end; i++)
		attach(open_numbered(argv[1], i), open_numbered(argv[2], i));
	for (i = first; i < end; i++)
		detach(open_numbered(argv[1], i));
	return 0;
}
