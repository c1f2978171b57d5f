/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RELOOP_LEFTOVERS_H
#define RELOOP_LEFTOVERS_H

#include "lib/dev.h"

/* As nodes_remove_stale() of what has been detached; warns of nodes that stay. */
void leftovers_remove(int control, const struct dev *dev, bool whole);

/* Warns of those that will stay, as it is detached later than anybody waits for. */
void leftovers_report_nodes(const struct dev *dev);

/* What is lost by a flush that has failed, whatever has become of the device; returns a status. */
int leftovers_report_flush(const char *path, int err);

/* The end of a detach whose last flush has failed, as bind_is_lost() tells; returns a status. */
int leftovers_report_lost(const char *path, int err);

#endif
