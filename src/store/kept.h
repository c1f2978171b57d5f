/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What outlives a binding. The task that ends the attachment keeps it for the
 * last flush of a store that has one. A task that waits for that flush keeps it
 * to learn how the flush went, and to drop this module's last reference to the
 * file itself.
 */
#ifndef RELOOP_KEPT_H
#define RELOOP_KEPT_H

#include <linux/errseq.h>
#include <linux/fs.h>

struct reloop_binding;
struct reloop_overlay;
struct reloop_volatile;

/**
 * struct reloop_kept - references
 * @file: the backing file
 * @overlay: if it is an overlay, else NULL
 * @vol: if the image has a volatile write cache, else NULL
 */
struct reloop_kept {
	struct file *file;
	struct reloop_overlay *overlay;
	struct reloop_volatile *vol;
};

/**
 * reloop_kept_get() - take references to what a binding refers to
 * @kept: receives references, for reloop_kept_put()
 * @binding: kept alive by the caller
 *
 * Any context.
 */
void reloop_kept_get(struct reloop_kept *kept,
		     const struct reloop_binding *binding);

/**
 * reloop_kept_has_flush() - whether there is a last flush
 * @kept: of an attachment that ends
 *
 * Any context.
 */
bool reloop_kept_has_flush(const struct reloop_kept *kept);

/**
 * reloop_kept_flush() - do the last flush of a store that has one
 * @kept: of an attachment that ends; no more requests with data will come
 * @sync: false if nobody wants the data of an overlay to be durable
 * @wb_told: how far flushes have reported errors of write-back of the file
 *
 * reloop_kept_lost() tells how it went. May sleep.
 */
void reloop_kept_flush(const struct reloop_kept *kept, bool sync,
		       errseq_t wb_told);

/**
 * reloop_kept_close() - end the attachment
 * @kept: after reloop_kept_flush(); no more requests will come
 *
 * Until then nobody else can attach an overlay or its base. May sleep.
 */
void reloop_kept_close(const struct reloop_kept *kept);

/**
 * reloop_kept_lost() - whether the last flush failed
 * @kept: of an attachment that has ended
 *
 * Any context.
 *
 * Return: 0; -EIO, -ENOSPC or -EDQUOT if what was written since the previous
 * flush is lost.
 */
int reloop_kept_lost(const struct reloop_kept *kept);

/**
 * reloop_kept_put() - drop the references
 * @kept: from reloop_kept_get()
 *
 * May sleep.
 */
void reloop_kept_put(const struct reloop_kept *kept);

#endif /* RELOOP_KEPT_H */
