// SPDX-License-Identifier: GPL-2.0-only
#include "lib/release.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/attributes.h"
#include "lib/bind.h"
#include "lib/deadline.h"
#include "lib/signals.h"
#include "lib/wait.h"

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

/* Where flushes are ignored, only the last one writes what they would. */
static bool can_flush(const struct dev *dev)
{
	return bind_has_last_flush(dev) && strcmp(dev->flush, "ignore");
}

static bool ends_untold(const struct dev *dev)
{
	return bind_has_last_flush(dev) && !strcmp(dev->flush, "ignore");
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

	if (!can_flush(dev) || dev_read(&now) || !can_flush(&now))
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
int release_flush(int fd)
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

/*
 * Otherwise the close of a device that goes with its last close would be its end; so if this fails.
 * The ioctl asks the file system of the image, which may have shut down; so not without need.
 */
static void have_it_stay(const struct dev *dev, int fd)
{
	struct loop_info64 info;

	if (release_is_kept(dev) || ioctl(fd, LOOP_GET_STATUS64, &info))
		return;
	signals_hold();
	info.lo_flags &= ~LO_FLAGS_AUTOCLEAR;
	ioctl(fd, LOOP_SET_STATUS64, &info);
}

/*
 * For what cannot be flushed: of the last flush, only those learn who wait for the detach, and that
 * waits for @fd, which it closes. Whoever opens it between these two keeps it.
 */
static int end_and_learn(int control, const struct dev *dev, int fd, uint64_t deadline)
{
	int err;

	have_it_stay(dev, fd);
	signals_hold();
	close(fd);
	err = bind_detach(control, dev, deadline_left(deadline));
	return err == -ENXIO ? BIND_UNTOLD : err;
}

int release_unused(int control, const struct dev *dev, int *lost)
{
	int err = 0, told, left, fd = claim(dev, deadline_ms(BIND_RELEASE_WAIT_MS));
	uint64_t deadline = deadline_ms(BIND_RELEASE_WAIT_MS), writes = 0;
	bool is_to_flush, is_last, may_lose;
	char nospace[SYSFS_WORD_MAX] = "";

	*lost = 0;
	if (fd == -ENXIO)
		return wait_drained(control, dev, deadline_left(deadline));
	if (fd == -ENOENT)
		err = bind_check_attached(dev);
	if (fd < 0)
		return err ? err : fd;
	/* From here on nobody can attach anything to it: what is attached now is what was meant. */
	err = bind_check_attached(dev);
	if (!err)
		err = end_rules(control, dev);
	if (!err && ends_untold(dev)) {
		err = end_and_learn(control, dev, fd, deadline);
		return err == -ETIMEDOUT || err == -ENOMEDIUM ? -EINPROGRESS : err;
	}
	is_to_flush = !err && needs_flush(dev, deadline, nospace);
	left = deadline_left(deadline);
	if (is_to_flush) {
		*lost = release_flush(fd);
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

bool release_is_kept(const struct dev *dev)
{
	struct dev now = *dev;

	return !dev_read_members(&now, DEV_MEMBER(autoclear)) &&
	       now.sequence == dev->sequence && !now.autoclear;
}

/* @writes: what it had done when it was flushed, and then closed here. */
static int end_flushed(int control, const struct dev *dev, bool is_last, uint64_t writes,
		       uint64_t deadline)
{
	int err;

	/*
	 * To ask for the end would detach what is to stay, and let go of what rules hold up for
	 * others that have it open.
	 */
	if ((!is_last || release_is_kept(dev)) && bind_check_attached(dev) != -ENXIO)
		return -ETIMEDOUT;
	err = bind_detach(control, dev, deadline_left(deadline));
	if (err != -ENXIO)
		return err;
	return !is_last && (ends_untold(dev) || is_written_since(dev, writes)) ? BIND_UNTOLD : 0;
}

int release_close(int control, const struct dev *dev, int fd, int *lost)
{
	uint64_t deadline = deadline_ms(BIND_RELEASE_WAIT_MS), writes = 0;
	bool is_last = is_alone(dev, deadline);
	int err, told;

	*lost = release_flush(fd);
	if (is_last && ends_untold(dev) && !release_is_kept(dev)) {
		err = end_and_learn(control, dev, fd, deadline);
	} else {
		dev_count_writes(dev, &writes);
		close(fd);
		err = end_flushed(control, dev, is_last, writes, deadline);
	}
	if (err && !bind_is_lost(err))
		return err;
	told = *lost;
	*lost = 0;
	return told ? told : err;
}
