/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching and detaching: the part that changes something in the kernel.
 * Returns -errno and prints nothing. What did not succeed leaves no trace, but for a detach that
 * has to wait for users: that is not taken back.
 */
#ifndef RELOOP_BIND_H
#define RELOOP_BIND_H

#include <errno.h>
#include <stdbool.h>

#include "lib/dev.h"

/* It is detached, but how the last flush of an overlay has ended, nobody has told. */
#define BIND_UNTOLD (-ENOTRECOVERABLE)

/*
 * A file descriptor of the module's control node, which owns what is attached for an owner; or
 * -errno. -ESTALE: the node leads to another driver, as one may that has been in a container since
 * the module was loaded before; -ENODEV: the module has none.
 */
int bind_open_control(const char *prefix);

/* -ENOSYS: the module is older than this call; -E2BIG: than this program. */
int bind_attach(int control, struct reloop_attach *request);

/*
 * Detaches when nobody has it open any more, and waits for that; see RELOOP_CTL_DETACH.
 * -ENXIO: the attachment @dev is of is gone; -ETIMEDOUT: it goes later; what bind_is_lost() says.
 */
int bind_detach(int control, const struct dev *dev, int timeout_ms);

/*
 * Adds a rule by which its requests fail, or clears all. -ESTALE: the attachment @dev is of is
 * gone; -ENXIO: and nothing is there; -ENOSPC: it has as many as it can have.
 */
int bind_fault(int control, const struct dev *dev, const struct reloop_fault *fault);

/*
 * Cuts the power of a device: @cut has @keep and @argument, and receives what else is told. What
 * bind_fault() returns; -EOPNOTSUPP: its write cache is not volatile; -EALREADY: it was cut before.
 */
int bind_powercut(int control, const struct dev *dev, struct reloop_powercut *cut);

/*
 * Detaches what nobody uses, and waits until it is really done.
 * -EBUSY: somebody has claimed it (mounted it, say), nothing was changed;
 * -ENXIO: nothing was attached;
 * -ENOENT: its node is missing, or leads elsewhere;
 * -EINPROGRESS: somebody has it open, the kernel detaches it when the last user closes it;
 * what bind_is_lost() says.
 * Holds signals where one may not end it; they are held still when it returns.
 * @lost: where it is not detached, 0, or how a flush of it has failed: nobody else is told of that
 */
int bind_release(int control, const struct dev *dev, int *lost);

/*
 * Closes @fd, which has kept a device open that goes with its last close, and waits until it has
 * gone. What was written to it is made durable before that, as nobody tells of a last flush by a
 * close. Returns as bind_detach(), with @lost as above, but never -ENXIO.
 */
int bind_close(int control, const struct dev *dev, int fd, int *lost);

/* Makes durable what was written to a device that is open; what fails, is lost. */
int bind_flush(int fd);

/* Does a detach write what was not flushed, so that it may be lost? */
bool bind_has_last_flush(const struct dev *dev);

/* Of these: it is detached, but the last flush that was due has failed, or may have. */
bool bind_is_lost(int err);

/* Takes away a device that is not attached any more, as far as that can be done. */
void bind_remove(int control, const struct dev *dev);

/*
 * Waits until the module has removed a device that it had made for an owner. To ask for that as
 * well could remove another's device that has the number by then.
 */
void bind_wait_removed(const struct dev *dev);

#endif
