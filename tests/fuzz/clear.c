// SPDX-License-Identifier: GPL-2.0-only
/* Lets go of what waits; leaves nothing behind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../../include/uapi/reloop.h"
#include "fuzz.h"

/* What the module makes when it is loaded. */
#define FIRST_DEVICES	8
/* More of them take memory, and time to look at. */
#define MANY_DEVICES	24
#define ROUND_US	500000

#define CONTROL		"/dev/loop-control"

int call(int ret)
{
	return ret < 0 ? -errno : ret;
}

static int control_call(unsigned int cmd, unsigned long argument)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(CONTROL, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		give_up(CONTROL ": %s", strerror(errno));
	return call(ioctl(fd, cmd, argument));
}

uint64_t diskseq_of(int number)
{
	char path[PATH_BYTES], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/block/loop%d/diskseq", number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = '\0';
	close(fd);
	return strtoull(text, NULL, 10);
}

typedef int device_call(struct worker *worker, int number);

/* Of all devices that there are: for how many it has not answered 0. */
static unsigned int each_device(struct worker *worker, device_call *visit)
{
	DIR *dir = opendir("/sys/block");
	unsigned int count = 0;
	struct dirent *entry;
	int number;

	if (!dir)
		give_up("/sys/block: %s", strerror(errno));
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "loop%d", &number) == 1 && visit(worker, number))
			count++;
	closedir(dir);
	return count;
}

/* Requests that hang by a rule, and writes that wait for space. */
static int let_go(struct worker *worker, int number)
{
	struct reloop_fault request = {
		.size = sizeof(request),
		.action = RELOOP_FAULT_CLEAR,
		.number = number,
		.diskseq = diskseq_of(number),
	};
	char path[PATH_BYTES];
	int fd;

	say(worker, "clear the rules of loop%d", number);
	control_call(RELOOP_CTL_FAULT, (unsigned long)&request);
	snprintf(path, sizeof(path), "/sys/block/loop%d/reloop/nospace", number);
	say(worker, "write to %s", path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* Where nothing is attached, it is refused. */
	if (fd >= 0 && write(fd, "error", 5) > 0)
		say(worker, "close %s", path);
	if (fd >= 0)
		close(fd);
	say_done(worker);
	return 1;
}

static int is_attached(struct worker *worker, int number)
{
	char path[PATH_BYTES];

	(void)worker;
	snprintf(path, sizeof(path), "/sys/block/loop%d/loop", number);
	return !access(path, F_OK);
}

static int detach_device(struct worker *worker, int number)
{
	struct reloop_detach request = {
		.size = sizeof(request),
		.number = number,
		.diskseq = diskseq_of(number),
	};

	if (!is_attached(worker, number))
		return 0;
	say(worker, "detach from loop%d", number);
	control_call(RELOOP_CTL_DETACH, (unsigned long)&request);
	say_done(worker);
	return is_attached(worker, number);
}

static int remove_device(struct worker *worker, int number)
{
	int ret;

	if (number < FIRST_DEVICES)
		return 0;
	say(worker, "remove loop%d", number);
	ret = control_call(LOOP_CTL_REMOVE, number);
	say_done(worker);
	return ret == -EBUSY;
}

void clear_check(struct worker *worker)
{
	if (each_device(worker, is_attached))
		give_up("loop devices are in use, and would not be after that");
}

void clear_process(void)
{
	struct worker *worker = &shared->workers[CLEARER];

	worker->tid = getpid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (each_device(worker, let_go) > MANY_DEVICES) {
			each_device(worker, detach_device);
			each_device(worker, remove_device);
		}
		usleep(ROUND_US);
	}
}

static void until_none(struct worker *worker, const char *what, device_call *visit)
{
	unsigned int left, end = milliseconds_now() + settings.stall_seconds * 1000;

	while ((left = each_device(worker, visit)) && milliseconds_now() < end)
		usleep(50000);
	if (left)
		complain(worker, "%u devices are left to %s", left, what);
}

/* All others have ended: as the module was when it was loaded, but for what is set in sysfs. */
void clear_all(struct worker *worker)
{
	int number;

	worker->tid = getpid();
	each_device(worker, let_go);
	until_none(worker, "detach", detach_device);
	until_none(worker, "remove", remove_device);
	for (number = 0; number < FIRST_DEVICES; number++) {
		int ret = control_call(LOOP_CTL_ADD, number);

		if (ret < 0 && ret != -EEXIST)
			complain(worker, "loop%d cannot be made: %s", number, strerror(-ret));
	}
}
