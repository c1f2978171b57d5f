/* SPDX-License-Identifier: GPL-2.0-only */
/* From a binding to the limits of the request queue. */
#ifndef RELOOP_LIMITS_H
#define RELOOP_LIMITS_H

#include <linux/blkdev.h>

#include "store/binding.h"

/**
 * reloop_limits_set() - the queue limits of a binding
 * @lim: limits to change; fields that nothing here depends on are left
 * @binding: a prepared binding, or NULL for a device without a backing file
 *
 * Computes only: nothing is applied. Any context.
 */
void reloop_limits_set(struct queue_limits *lim,
		       const struct reloop_binding *binding);

#endif /* RELOOP_LIMITS_H */
