// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches images to devices and detaches them again, in one process, so that what
 * is timed is the driver and not the start of a program for each device.
 *
 *	attacher DEVICE-PREFIX IMAGE-PREFIX FIRST COUNT [BASE]
 *
 * Device DEVICE-PREFIX<n> gets image IMAGE-PREFIX<n>, which is an overlay over BASE if
 * there is one; all are attached before the first is detached. Exit status 1 and a
 * message if anything fails.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../include/uapi/reloop.h"

static int open_well(const char *path, int mode)
{
	int fd = open(path, mode | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static int open_numbered(const char *prefix, int number)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%d", prefix, number);
	return open_well(path, O_RDWR);
}

static int open_control(const char *prefix)
{
	char path[256];

	snprintf(path, sizeof(path), "%s" RELOOP_NAMES_CONTROL, prefix);
	return open_well(path, O_RDWR);
}

static void attach(int device, int image)
{
	struct loop_config config = { .fd = image };

	if (ioctl(device, LOOP_CONFIGURE, &config))
		err(1, "LOOP_CONFIGURE");
	close(image);
	close(device);
}

static void attach_overlay(int control, int number, int image, int base)
{
	struct reloop_attach request = {
		.size = sizeof(request),
		.fd = image,
		.number = number,
		.format = RELOOP_FORMAT_OVERLAY,
		.base_fd = base,
	};

	if (ioctl(control, RELOOP_CTL_ATTACH, &request))
		err(1, "RELOOP_CTL_ATTACH");
	close(base);
	close(image);
	close(control);
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

	if (argc != 5 && argc != 6)
		errx(2, "DEVICE-PREFIX IMAGE-PREFIX FIRST COUNT [BASE] expected");
	first = atoi(argv[3]);
	end = first + atoi(argv[4]);
	for (i = first; i < end; i++) {
		if (argc == 6)
			attach_overlay(open_control(argv[1]), i, open_numbered(argv[2], i),
				       open_well(argv[5], O_RDONLY));
		else
			attach(open_numbered(argv[1], i), open_numbered(argv[2], i));
	}
	for (i = first; i < end; i++)
		detach(open_numbered(argv[1], i));
	return 0;
}
