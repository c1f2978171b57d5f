// SPDX-License-Identifier: GPL-2.0-only
/* Requests as drivers in the kernel send them, by tests/kmod/reloop_test.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

int misaligned_open(int device)
{
	int fd = open("/dev/reloop-test", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d", device) < 0)
		give_up("/dev/reloop-test: %s", strerror(errno));
	return fd;
}
