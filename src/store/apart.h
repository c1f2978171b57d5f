/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the end of an attachment has to write. A worker does it: who closes the
 * device, or cuts its power, may be being killed, or have a limit for the size of
 * his files, and that is not to cost what was written.
 */
#ifndef RELOOP_APART_H
#define RELOOP_APART_H

/**
 * reloop_run_apart() - have a worker do something, and wait for it
 * @run: what; with memalloc_noio_save() in force
 * @data: for @run
 *
 * What a file system may answer else would be taken for an answer of ours, so it
 * becomes -EIO. May sleep.
 *
 * Return: what @run returns if that is 0, -ENOSPC or -EDQUOT, and else -EIO.
 */
int reloop_run_apart(int (*run)(void *data), void *data);

#endif /* RELOOP_APART_H */
