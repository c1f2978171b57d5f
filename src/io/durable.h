/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes what was written durable. Called by transfer.c; calls the store. */
#ifndef RELOOP_DURABLE_H
#define RELOOP_DURABLE_H

#include <linux/errseq.h>
#include <linux/fs.h>

struct reloop_cmd;
struct reloop_io;

/**
 * reloop_durable_written() - make what a command has written durable
 * @cmd: a write through the page cache, whose last part this was
 * @len: how many bytes, not 0
 * @since: reloop_run_wb_err() of the file, sampled before the write
 *
 * May sleep. Called with memalloc_noio_save() in force.
 *
 * Return: 0 or a negative errno of the file system, which may be of an earlier
 * write-back anywhere in the file.
 */
int reloop_durable_written(struct reloop_cmd *cmd, size_t len, errseq_t since);

/**
 * reloop_durable_flush() - make all that was written durable
 * @cmd: a flush
 *
 * May sleep. Called with memalloc_noio_save() in force.
 *
 * Return: 0 or a negative errno of the store.
 */
int reloop_durable_flush(struct reloop_cmd *cmd);

/**
 * reloop_durable_reclaim() - free space that the store keeps until a flush
 * @cmd: has found no space, and is about to be tried again
 *
 * If data is lost in this, the next flush reports that. May sleep. Called with
 * memalloc_noio_save() in force.
 */
void reloop_durable_reclaim(struct reloop_cmd *cmd);

/**
 * reloop_durable_follow() - report errors of write-back of a file from now on
 * @io: without requests that have found a binding
 * @file: of the binding that is about to be swapped in, and not of the one
 *        before
 *
 * Any context.
 */
void reloop_durable_follow(struct reloop_io *io, const struct file *file);

#endif /* RELOOP_DURABLE_H */
