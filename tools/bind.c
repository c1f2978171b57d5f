// SPDX-License-Identifier: GPL-2.0-only
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wait.h"

/* How long to run after free devices that others take first. */
#define FREE_WAIT_MS 10000
#define REMOVE_WAIT_MS 1000
/* udev opens every device it hears of; how long to let it, and others, finish. */
#define RELEASE_WAIT_MS 5000

static int open_node(const char *path, int mode)
{
	int fd = open(path, mode | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_control(const char *prefix)
{
	char path[DEV_PATH_MAX + 8];

	snprintf(path, sizeof(path), "/dev/%s" RELOOP_NAMES_CONTROL, prefix);
	return open_node(path, O_RDWR);
}

int bind_given(const struct dev *dev, const struct loop_config *config, enum bind_step *step)
{
	bool read_only = config->info.lo_flags & LO_FLAGS_READ_ONLY;
	int fd, err;

	*step = BIND_OPEN_DEVICE;
	fd = open_node(dev->path, read_only ? O_RDONLY : O_RDWR);
	if (fd < 0)
		return fd;

	*step = BIND_CONFIGURE;
	if (!ioctl(fd, LOOP_CONFIGURE, config))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static bool has_number(const unsigned int *numbers, size_t count, unsigned int number)
{
	for (size_t i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Did somebody take, or remove, the free device before we could have it? */
static bool was_lost(const struct dev *dev, enum bind_step step, int err)
{
	if (step == BIND_OPEN_DEVICE)
		return err == -ENXIO || err == -ENODEV || (err == -ENOENT && !dev_exists(dev));
	return step == BIND_CONFIGURE && (err == -EBUSY || err == -EAGAIN);
}

/*
 * What was made only to be used goes again when it is not used. udev may be looking at it: wait
 * for that, but not for somebody who has attached something.
 */
static void remove_unused(int control, const struct dev *dev)
{
	uint64_t deadline = wait_deadline_ms(REMOVE_WAIT_MS);
	struct dev now = *dev;

	while (ioctl(control, LOOP_CTL_REMOVE, dev->number) && errno == EBUSY)
		if (!dev_read(&now) || !wait_more(deadline))
			return;
}

static int bind_first_free(int control, const char *prefix, const struct loop_config *config,
			   struct dev *dev, enum bind_step *step)
{
	uint64_t deadline = wait_deadline_ms(FREE_WAIT_MS);
	int number, result;

	do {
		*step = BIND_GET_FREE;
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			return -errno;
		dev_name(dev, prefix, number);
		result = bind_given(dev, config, step);
	} while (result < 0 && was_lost(dev, *step, result) && wait_more(deadline));
	return result;
}

int bind_free(const char *prefix, const struct loop_config *config, struct dev *dev,
	      enum bind_step *step)
{
	unsigned int *before;
	size_t count;
	int control, result;

	*step = BIND_OPEN_CONTROL;
	control = open_control(prefix);
	if (control < 0)
		return control;

	result = dev_numbers(prefix, &before, &count);
	if (!result) {
		result = bind_first_free(control, prefix, config, dev, step);
		if (result < 0 && *step > BIND_GET_FREE && !has_number(before, count, dev->number))
			remove_unused(control, dev);
		free(before);
	}
	close(control);
	return result;
}

int bind_new(const char *prefix, const struct loop_config *config, const struct dev *dev,
	     enum bind_step *step)
{
	int control, result = 0;

	*step = BIND_OPEN_CONTROL;
	control = open_control(prefix);
	if (control < 0)
		return control;

	*step = BIND_ADD;
	if (ioctl(control, LOOP_CTL_ADD, dev->number) < 0)
		result = -errno;
	/* EEXIST: all it lacks is a node; let its opening say so. */
	if (!result || result == -EEXIST) {
		bool is_ours = !result;

		result = bind_given(dev, config, step);
		if (result < 0 && is_ours)
			remove_unused(control, dev);
	}
	close(control);
	return result;
}

/* Something else attached in the meantime counts as gone: it is another attachment. */
static bool is_gone(const struct dev *dev)
{
	struct dev now = *dev;

	return dev_read(&now) || now.sequence != dev->sequence;
}

/*
 * O_EXCL fails while anybody has claimed the device or a partition of it (a mount in whatever
 * namespace, swap, device-mapper, md), and keeps new claims away while we have it.
 */
static int claim(const struct dev *dev, uint64_t deadline)
{
	int fd;

	do {
		fd = open_node(dev->path, O_RDONLY | O_EXCL);
	} while (fd == -EBUSY && wait_more(deadline));
	return fd;
}

int bind_release(const struct dev *dev)
{
	uint64_t deadline = wait_deadline_ms(RELEASE_WAIT_MS);
	int err = 0, fd = claim(dev, deadline);

	if (fd < 0)
		return fd;
	/* From here on nobody can attach anything to it: what is attached now is what was meant. */
	if (is_gone(dev))
		err = -ENXIO;
	else if (ioctl(fd, LOOP_CLR_FD))
		err = -errno;
	close(fd);
	if (err)
		return err;

	/* The kernel says yes at once and detaches at the last close, which need not be ours. */
	while (!is_gone(dev))
		if (!wait_more(deadline))
			return -EINPROGRESS;
	return 0;
}
