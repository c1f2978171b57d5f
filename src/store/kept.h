/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is kept of a binding that is destroyed: by who ends the attachment, for the
 * last flush of a store that has one, and by who waits for that, so that the last
 * reference of this module to the file is his, and to learn how the flush went.
 */
#ifndef RELOOP_KEPT_H
#define RELOOP_KEPT_H

#include <linux/fs.h>

struct reloop_binding;
struct reloop_overlay;
struct reloop_volatile;

/**
 * struct reloop_kept - references
 * @file: the backing file
 * @overlay: of an overlay, else NULL
 * @vol: of an image with a volatile write cache, else NULL
 */
struct reloop_kept {
	struct file *file;
	struct reloop_overlay *overlay;
	struct reloop_volatile *vol;
};

/**
 * reloop_kept_get() - keep what a binding is about
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
 * reloop_kept_flush() - the last flush of a store that keeps something back
 * @kept: of an attachment that ends; no request that has data comes any more
 * @sync: false where nobody wants anything durable of an overlay
 *
 * How it went, reloop_kept_lost() says. May sleep.
 */
void reloop_kept_flush(const struct reloop_kept *kept, bool sync);

/**
 * reloop_kept_close() - the attachment has ended
 * @kept: of it, after reloop_kept_flush(); no request comes any more
 *
 * Until then nobody else can attach an overlay or its base. May sleep.
 */
void reloop_kept_close(const struct reloop_kept *kept);

/**
 * reloop_kept_lost() - whether the last flush has failed
 * @kept: of an attachment that has ended
 *
 * Any context.
 *
 * Return: 0; or -EIO, -ENOSPC or -EDQUOT, as what was written since the flush
 * before is lost.
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
