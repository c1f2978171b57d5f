/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nodes in /dev of a device and its partitions. A devtmpfs on /dev has them at once; where
 * there is none, as in many containers, these functions make and remove them.
 * They return -errno and print nothing. @node receives the name of the node that failed.
 */
#ifndef RELOOP_NODES_H
#define RELOOP_NODES_H

#include "lib/dev.h"

/* -ETIMEDOUT: the node did not appear in time; -EINTR: a held signal came. */
int nodes_wait_for(const struct dev *dev, unsigned int partition, uint64_t deadline);
int nodes_wait_for_all(const struct dev *dev, uint64_t deadline, char node[DEV_NODE_MAX]);

/*
 * Makes the nodes that are missing or lead elsewhere. Only one process at a time makes or removes
 * nodes in this /dev: for that it locks @control, a file descriptor of the control node.
 * @made: set to true as soon as a node is made; nobody else removes these nodes
 * -EWOULDBLOCK: somebody has kept it locked for too long.
 */
int nodes_make(int control, const struct dev *dev, bool *made, char node[DEV_NODE_MAX]);

/*
 * Removes nodes of partitions that do not lead there (any more) and, if @whole, the node of a
 * device that is gone, unless it was there before dev->attach_time. There are none where the kernel
 * removes them. If there are nodes that it cannot remove, it returns what nodes_make() returns.
 */
int nodes_remove_stale(int control, const struct dev *dev, bool whole);

/* Is /dev a devtmpfs, so that the kernel removes what it has made there? */
bool nodes_are_of_kernel(void);

/* Does any device have a node of a partition in /dev? If not, there is none to be removed. */
bool nodes_have_partitions(const char *prefix);

#endif
