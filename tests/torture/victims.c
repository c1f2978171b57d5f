// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that are killed in the middle of a call. They are made by a process of their own, that
 * has none of the files which the threads open: a copy of those would keep devices open.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "torture.h"

struct order {
	unsigned int device;
	unsigned int file;
	unsigned int delay_us;
};

static int orders_fd;
static pthread_mutex_t orders_lock = PTHREAD_MUTEX_INITIALIZER;

static void attach_and_detach(const struct order *order)
{
	const struct geometry geometry = { .flags = LO_FLAGS_PARTSCAN };
	char device[PATH_BYTES], file[PATH_BYTES];
	int fd, backing;

	device_path(device, order->device);
	shared_path(file, order->file);
	for (;;) {
		fd = open(device, O_RDWR | O_CLOEXEC);
		backing = open(file, O_RDWR | O_CLOEXEC);
		/* The status of what another has attached is not his to set. */
		if (!loop_configure(fd, backing, &geometry))
			loop_set_status(fd, &geometry, false);
		loop_call(fd, LOOP_CLR_FD, 0);
		close(backing);
		close(fd);
	}
}

static void kill_one(const struct order *order)
{
	pid_t child = fork();

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		attach_and_detach(order);
	}
	if (child < 0)
		return;
	usleep(order->delay_us);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void take_orders(int fd)
{
	struct order order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(fd, &order, sizeof(order)) == sizeof(order)) {
		kill_one(&order);
		if (write(fd, "", 1) != 1)
			break;
	}
	_exit(0);
}

void victims_start(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends))
		give_up("socketpair: %s", strerror(errno));
	switch (fork()) {
	case -1:
		give_up("fork: %s", strerror(errno));
	case 0:
		if (dup2(ends[1], 3) < 0 || close_range(4, ~0U, 0))
			give_up("victims: %s", strerror(errno));
		take_orders(3);
	}
	close(ends[1]);
	orders_fd = ends[0];
}

/* False when another thread is at it. */
bool victims_kill_one(unsigned int device, unsigned int file, unsigned int delay_us)
{
	const struct order order = { device, file, delay_us };
	char answer;

	if (pthread_mutex_trylock(&orders_lock))
		return false;
	if (write(orders_fd, &order, sizeof(order)) != sizeof(order) ||
	    read(orders_fd, &answer, 1) != 1)
		give_up("nobody left to kill");
	pthread_mutex_unlock(&orders_lock);
	return true;
}
