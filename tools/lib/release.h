/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a device that nobody else uses: whoever asks for it learns how its last flush ended,
 * which otherwise only those are told who wait for a detach. Functions return -errno and print
 * nothing.
 */
#ifndef RELOOP_RELEASE_H
#define RELOOP_RELEASE_H

#include <stdbool.h>

#include "lib/dev.h"

/*
 * Detaches a device that nobody uses, and waits until it is really detached.
 * -EBUSY: somebody has claimed it (mounted it, say); nothing was changed;
 * -ENXIO: nothing was attached; -ENOMEDIUM: it has another file by now;
 * -ENOENT: its node is missing or leads elsewhere;
 * -EINPROGRESS: somebody has it open; the kernel detaches it when the last user closes it;
 * or an error of bind_is_lost().
 * Holds signals where they must not end the process; they are still held when it returns.
 * @lost: if the device is not detached, 0 or how a flush of it failed, which nobody else is told
 */
int release_unused(int control, const struct dev *dev, int *lost);

/* Has somebody said since @dev was read that it is not to go with its last close? */
bool release_is_kept(const struct dev *dev);

/*
 * Closes @fd, which has kept a device open that goes with its last close, and waits until it has
 * gone. What was written to it is made durable before that, as nobody tells of a last flush by a
 * close. Returns as bind_detach(), with @lost as above, but never -ENXIO; -ETIMEDOUT also if
 * somebody has said meanwhile that it is to stay.
 */
int release_close(int control, const struct dev *dev, int fd, int *lost);

/* Makes durable what was written to a device that is open; what fails, is lost. */
int release_flush(int fd);

#endif
