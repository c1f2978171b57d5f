/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_LEFTOVERS_H
#define RELOOP_LEFTOVERS_H

#include "lib/dev.h"

/* Like nodes_remove_stale() for a device that has been detached; warns of nodes that remain. */
void leftovers_remove(int control, const struct dev *dev, bool whole);

/* Warns of nodes that will remain because the device is detached later than anybody waits for. */
void leftovers_report_nodes(const struct dev *dev);

/* Reports what a failed flush loses, whatever becomes of the device; returns a status. */
int leftovers_report_flush(const char *path, int err);

/* Reports a detach whose last flush failed, see bind_is_lost(); returns a status. */
int leftovers_report_lost(const char *path, int err);

#endif
