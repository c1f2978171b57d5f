/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching and detaching: the part that changes something in the kernel.
 * Functions return -errno and print nothing. What fails leaves no trace, except that a detach which
 * has to wait for users is not taken back.
 */
#ifndef RELOOP_BIND_H
#define RELOOP_BIND_H

#include <errno.h>
#include <stdbool.h>

#include "lib/dev.h"

/* The device is detached, but nobody has told how the last flush ended. */
#define BIND_UNTOLD (-ENOTRECOVERABLE)

/* udev opens every device it hears of; how long to let it, and others, finish. */
#define BIND_RELEASE_WAIT_MS 5000

/*
 * Returns a file descriptor of the module's control node, which owns what is attached for an owner;
 * or -errno. -ESTALE: the node leads to another driver, as a node can in a container that is older
 * than the loaded module; -ENODEV: the module has no control node.
 */
int bind_open_control(const char *prefix);

/* -ENOSYS: the module is too old for this call; -E2BIG: the module is older than this program. */
int bind_attach(int control, struct reloop_attach *request);

/*
 * Detaches when nobody has it open any more, and waits for that; see RELOOP_CTL_DETACH. -ENXIO: the
 * attachment that @dev describes is gone; -ENOMEDIUM: it is there, and has another file by now;
 * -ETIMEDOUT: it goes later; or as bind_is_lost() says.
 */
int bind_detach(int control, const struct dev *dev, int timeout_ms);

/*
 * What tells an attachment from others, whatever file LOOP_CHANGE_FD gives it, is attach_time and
 * creator_pid. For an attachment of this process, which is in creator_pid, reads the first of them;
 * changes nothing if it is gone.
 */
void bind_identify(struct dev *dev);

/*
 * Is the attachment that @dev describes there? @dev: with the members attach_time and creator_pid.
 * 0: yes; -ENXIO: it is gone, also if something else is attached by now; -ENOMEDIUM: it has another
 * file; or why that is not known.
 */
int bind_check_attached(const struct dev *dev);

/*
 * Like bind_detach(), but for what this process has attached, or the one that it was forked from:
 * whatever file that has by now.
 */
int bind_detach_own(int control, const struct dev *dev, int timeout_ms);

/*
 * Adds a rule by which requests fail, or clears all rules. -ESTALE: another attachment than the one
 * that @dev describes is there; -ENXIO: nothing is attached; -ENOSPC: no more rules fit.
 */
int bind_fault(int control, const struct dev *dev, const struct reloop_fault *fault);

/*
 * Cuts the power of a device: takes keep and argument from @cut and fills in the rest. Returns what
 * bind_fault() returns; -EOPNOTSUPP: no volatile write cache; -EALREADY: it was cut before.
 */
int bind_powercut(int control, const struct dev *dev, struct reloop_powercut *cut);

/* Does a detach write what was not flushed, so that it may be lost? */
bool bind_has_last_flush(const struct dev *dev);

/* Of these: it is detached, but the last flush that was due has failed, or may have. */
bool bind_is_lost(int err);

/* Removes a device that is no longer attached, as far as that is possible. */
void bind_remove(int control, const struct dev *dev);

/*
 * Waits until the module has removed a device that it made for an owner. Asking for the removal as
 * well could remove a device of somebody else that has the number by then.
 */
void bind_wait_removed(const struct dev *dev);

#endif
