// SPDX-License-Identifier: GPL-2.0-only
#include "lib/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/deadline.h"
#include "lib/wait.h"

/*
 * Of a device: when and by whom its file was attached. One process may do that twice within a
 * second; so this is enough to tell what has happened, and to detach what one has attached oneself.
 */
#define IDENTITY (DEV_MEMBER(attach_time) | DEV_MEMBER(creator_pid))

static int control_number(const char *prefix, dev_t *number)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/sys/class/misc/%s" RELOOP_NAMES_CONTROL "/dev", prefix);
	err = sysfs_read_device(path, number);
	return err == -ENOENT ? -ENODEV : err;
}

static bool is_control(const struct stat *st, dev_t number)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == number;
}

/* Checks before the open, since some drivers act when they are opened, and after it, to be sure. */
int bind_open_control(const char *prefix)
{
	char path[DEV_PATH_MAX + 8];
	struct stat st;
	dev_t number;
	int fd, err = control_number(prefix, &number);

	if (err)
		return err;
	snprintf(path, sizeof(path), "/dev/%s" RELOOP_NAMES_CONTROL, prefix);
	if (stat(path, &st))
		return -errno;
	if (!is_control(&st, number))
		return -ESTALE;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && is_control(&st, number))
		return fd;
	close(fd);
	return -ESTALE;
}

int bind_attach(int control, struct reloop_attach *request)
{
	request->size = sizeof(*request);
	/* Has an older module return E2BIG, not EINVAL. */
	request->user = -1;
	return ioctl(control, RELOOP_CTL_ATTACH, request) ? -errno : 0;
}

bool bind_has_last_flush(const struct dev *dev)
{
	return (!strcmp(dev->format, "overlay") || !strcmp(dev->format, "volatile")) &&
	       !dev->powercut;
}

void bind_identify(struct dev *dev)
{
	struct dev now = *dev;

	if (!dev_read_members(&now, IDENTITY) && now.sequence == dev->sequence &&
	    now.creator_pid == dev->creator_pid)
		dev->attach_time = now.attach_time;
}

/*
 * Is the attachment that @dev describes there, but another medium because of LOOP_CHANGE_FD? A
 * process that cannot be seen from here could be any. @now: that medium
 */
static bool is_replaced(const struct dev *dev, struct dev *now)
{
	*now = *dev;
	return dev->creator_pid && !dev_read_members(now, IDENTITY) &&
	       now->attach_time == dev->attach_time && now->creator_pid == dev->creator_pid &&
	       now->sequence != dev->sequence;
}

int bind_check_attached(const struct dev *dev)
{
	struct dev now = *dev;
	int err = dev_read_members(&now, 0);

	if (!err && now.sequence != dev->sequence)
		err = -ENXIO;
	return err == -ENXIO && is_replaced(dev, &now) ? -ENOMEDIUM : err;
}

/* What is not what was meant any more: whether it has gone, or is to go, or has another file. */
static int gone(const struct dev *dev, bool is_begun)
{
	struct dev now;

	if (is_replaced(dev, &now))
		return is_begun ? -ETIMEDOUT : -ENOMEDIUM;
	return !is_begun ? -ENXIO : bind_has_last_flush(dev) ? BIND_UNTOLD : 0;
}

/*
 * No signal has a handler here, so whatever interrupted the wait, a stop for example, is over. By
 * then it may be detached, and the result of the last flush told to those who were waiting.
 */
int bind_detach(int control, const struct dev *dev, int timeout_ms)
{
	uint64_t deadline = deadline_ms(timeout_ms < 0 ? 0 : timeout_ms);
	bool is_begun = false;
	struct reloop_detach request = {
		.size = sizeof(request),
		.number = dev->number,
		.timeout_ms = timeout_ms,
		.diskseq = dev->sequence,
	};

	while (ioctl(control, RELOOP_CTL_DETACH, &request)) {
		if (errno == ESTALE || errno == ENODEV || errno == ENXIO)
			return gone(dev, is_begun);
		if (errno != EINTR)
			return -errno;
		is_begun = true;
		if (timeout_ms >= 0)
			request.timeout_ms = deadline_left(deadline);
	}
	return 0;
}

int bind_detach_own(int control, const struct dev *dev, int timeout_ms)
{
	struct dev own = *dev, now;
	int err;

	for (;;) {
		err = bind_detach(control, &own, timeout_ms);
		if (err != -ENOMEDIUM || !is_replaced(&own, &now))
			return err;
		own.sequence = now.sequence;
	}
}

bool bind_is_lost(int err)
{
	return err == -EIO || err == -ENOSPC || err == -EDQUOT || err == BIND_UNTOLD;
}

int bind_fault(int control, const struct dev *dev, const struct reloop_fault *fault)
{
	struct reloop_fault request = *fault;

	request.size = sizeof(request);
	request.number = dev->number;
	request.diskseq = dev->sequence;
	return ioctl(control, RELOOP_CTL_FAULT, &request) ? -errno : 0;
}

int bind_powercut(int control, const struct dev *dev, struct reloop_powercut *cut)
{
	cut->size = sizeof(*cut);
	cut->number = dev->number;
	cut->diskseq = dev->sequence;
	return ioctl(control, RELOOP_CTL_POWERCUT, cut) ? -errno : 0;
}

/* udev may be looking at it: wait for that, but not for somebody who has attached something. */
void bind_remove(int control, const struct dev *dev)
{
	uint64_t deadline = deadline_ms(BIND_RELEASE_WAIT_MS);
	struct dev now = *dev;

	while (ioctl(control, LOOP_CTL_REMOVE, dev->number) && errno == EBUSY)
		if (dev_read(&now) != -ENXIO || !wait_more(deadline))
			return;
}

void bind_wait_removed(const struct dev *dev)
{
	uint64_t deadline = deadline_ms(BIND_RELEASE_WAIT_MS);
	struct dev now = *dev;
	dev_t number;

	while (!dev_node_number(dev, 0, &number) && dev_read(&now) == -ENXIO &&
	       wait_more(deadline))
		;
}
