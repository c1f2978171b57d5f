/* SPDX-License-Identifier: GPL-2.0-only */
/* Derives the limits of the request queue from a binding. */
#ifndef RELOOP_LIMITS_H
#define RELOOP_LIMITS_H

#include <linux/blkdev.h>

#include "store/binding.h"

/**
 * reloop_limits_set() - set the queue limits of a binding
 * @lim: receives the limits; other fields are left alone
 * @binding: a prepared binding, or NULL for a device without a backing file
 *
 * Only computes them, and applies nothing. Any context.
 */
void reloop_limits_set(struct queue_limits *lim,
		       const struct reloop_binding *binding);

#endif /* RELOOP_LIMITS_H */
