// SPDX-License-Identifier: GPL-2.0-only
#include "lib/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/attributes.h"
#include "lib/deadline.h"
#include "lib/signals.h"
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

static int left_until(uint64_t deadline)
{
	uint64_t now = deadline_ms(0);

	return deadline > now ? deadline - now : 0;
}

/* After a power cut there is none, nor where flushes are ignored. */
bool bind_has_last_flush(const struct dev *dev)
{
	return (!strcmp(dev->format, "overlay") || !strcmp(dev->format, "volatile")) &&
	       !dev->powercut && strcmp(dev->flush, "ignore");
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
			request.timeout_ms = left_until(deadline);
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

/*
 * O_EXCL fails while anybody has claimed the device or a partition of it (a mount in any namespace,
 * swap, device-mapper, md), and prevents new claims while it is held.
 */
static int claim(const struct dev *dev, uint64_t deadline)
{
	int fd;

	do {
		fd = dev_open(dev, O_RDONLY | O_EXCL);
	} while (fd == -EBUSY && wait_more(deadline));
	return fd;
}

/* Waits until nobody else has it open, as udev may for a moment, or until nothing is attached. */
static bool is_alone(const struct dev *dev, uint64_t deadline)
{
	struct dev now = *dev;

	while (!dev_read_members(&now, DEV_MEMBER(openers)) && now.openers > 1)
		if (!wait_more(deadline))
			return false;
	return true;
}

/*
 * The data of an overlay or a volatile write cache is not all on disk before a flush, and if the
 * flush that LOOP_CLR_FD triggers fails, nobody is told. This flush must not wait for space, just
 * as that of a detach does not; but while others have the device open, whose writes may wait on,
 * the last flush is not this one.
 * @nospace: receives the attribute's old value if it was changed, to restore if the device stays
 */
static bool needs_flush(const struct dev *dev, uint64_t deadline, char nospace[SYSFS_WORD_MAX])
{
	struct dev now = *dev;

	if (!bind_has_last_flush(dev) || dev_read(&now) || !bind_has_last_flush(&now))
		return false;
	if (!strcmp(now.nospace, "error"))
		return true;
	if (!is_alone(dev, deadline))
		return false;
	/* Nothing may end the process before that is undone and the flush reported. */
	signals_hold();
	if (dev_write_own(dev, "nospace", "error"))
		return false;
	strcpy(nospace, now.nospace);
	return true;
}

/* Whatever it is, it means the same. */
int bind_flush(int fd)
{
	if (!fsync(fd))
		return 0;
	return bind_is_lost(-errno) ? -errno : -EIO;
}

/* Was it written to after it had done @writes? If that cannot be known, it may have been. */
static bool is_written_since(const struct dev *dev, uint64_t writes)
{
	uint64_t now;

	return dev_count_writes(dev, &now) || now != writes;
}

/*
 * Because of fault rules, this flush might never return, nor the writes that the close waits for:
 * once the device has been asked to go, rules hold nothing up. It stays while it is open here.
 */
static int end_rules(int control, const struct dev *dev)
{
	struct dev now = *dev;
	int err;

	if (!bind_has_last_flush(dev) || dev_read(&now) || !now.faults ||
	    !bind_has_last_flush(&now))
		return 0;
	err = bind_detach(control, dev, 0);
	return err == -ETIMEDOUT ? 0 : err;
}

/*
 * Of a device that somebody has detached, but not closed yet: nobody can open it any more. -ENXIO:
 * it has gone.
 */
static int wait_drained(int control, const struct dev *dev, int timeout_ms)
{
	int err = bind_check_attached(dev);

	if (!err)
		err = bind_detach(control, dev, timeout_ms);
	return err == -ETIMEDOUT ? -EINPROGRESS : err;
}

int bind_release(int control, const struct dev *dev, int *lost)
{
	int err = 0, told, left, fd = claim(dev, deadline_ms(BIND_RELEASE_WAIT_MS));
	uint64_t deadline = deadline_ms(BIND_RELEASE_WAIT_MS), writes = 0;
	bool is_to_flush, is_last, may_lose;
	char nospace[SYSFS_WORD_MAX] = "";

	*lost = 0;
	if (fd == -ENXIO)
		return wait_drained(control, dev, left_until(deadline));
	if (fd == -ENOENT)
		err = bind_check_attached(dev);
	if (fd < 0)
		return err ? err : fd;
	/* From here on nobody can attach anything to it: what is attached now is what was meant. */
	err = bind_check_attached(dev);
	if (!err)
		err = end_rules(control, dev);
	is_to_flush = !err && needs_flush(dev, deadline, nospace);
	left = left_until(deadline);
	if (is_to_flush) {
		*lost = bind_flush(fd);
		dev_count_writes(dev, &writes);
	}
	if (!err && ioctl(fd, LOOP_CLR_FD))
		err = -errno;
	/* While it is open it is there to be asked; if we alone have it, nobody else opens it. */
	is_last = bind_has_last_flush(dev) && is_alone(dev, deadline_ms(0));
	may_lose = !is_to_flush || is_written_since(dev, writes);
	if (*nospace && (err || !is_last))
		dev_write_own(dev, "nospace", nospace);
	close(fd);
	/* Before 6.11, LOOP_CLR_FD has already detached it and returns this error. */
	if (bind_is_lost(err))
		*lost = 0;
	if (err)
		return err;

	/* Only the last close detaches, and that need not have been the one above. */
	err = bind_detach(control, dev, left);
	/* The last close was too early for us to be told, or our own; there may be more to lose. */
	if (err == -ENXIO && bind_has_last_flush(dev) &&
	    (may_lose || (!is_last && is_written_since(dev, writes))))
		err = BIND_UNTOLD;
	if (err == -ETIMEDOUT || err == -ENOMEDIUM) {
		/* Somebody was in time to keep it. */
		if (*nospace)
			dev_write_own(dev, "nospace", nospace);
		return -EINPROGRESS;
	}
	if (err && err != -ENXIO && !bind_is_lost(err))
		return err;
	/* It is detached: one error covers both flushes. */
	told = *lost;
	*lost = 0;
	return told ? told : err == -ENXIO ? 0 : err;
}

bool bind_is_kept(const struct dev *dev)
{
	struct dev now = *dev;

	return !dev_read_members(&now, DEV_MEMBER(autoclear)) &&
	       now.sequence == dev->sequence && !now.autoclear;
}

int bind_close(int control, const struct dev *dev, int fd, int *lost)
{
	uint64_t deadline = deadline_ms(BIND_RELEASE_WAIT_MS), writes = 0;
	bool is_last = is_alone(dev, deadline);
	int err, told;

	*lost = bind_flush(fd);
	dev_count_writes(dev, &writes);
	close(fd);
	/*
	 * To ask for the end would detach what is to stay, and let go of what rules hold up for
	 * others that have it open.
	 */
	if ((!is_last || bind_is_kept(dev)) && bind_check_attached(dev) != -ENXIO)
		return -ETIMEDOUT;
	err = bind_detach(control, dev, left_until(deadline));
	if (err == -ENXIO)
		err = !is_last && is_written_since(dev, writes) ? BIND_UNTOLD : 0;
	if (err && !bind_is_lost(err))
		return err;
	told = *lost;
	*lost = 0;
	return told ? told : err;
}
