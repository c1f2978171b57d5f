/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes what is left at the end of an attachment. A worker does it, because
 * the process that closes the device or cuts its power may have been killed, or
 * may have a file size limit, and neither must cost data. A kernel thread does
 * it itself.
 */
#ifndef RELOOP_APART_H
#define RELOOP_APART_H

/**
 * reloop_run_apart() - run a function where no signal or limit reaches it
 * @run: the function; called with memalloc_noio_save() in force
 * @data: for @run
 *
 * Any other error of a file system would be mistaken for one of this driver, so
 * it becomes -EIO. May sleep.
 *
 * Return: the result of @run if that is 0, -ENOSPC or -EDQUOT; otherwise -EIO.
 */
int reloop_run_apart(int (*run)(void *data), void *data);

#endif /* RELOOP_APART_H */
