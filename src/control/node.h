/* SPDX-License-Identifier: GPL-2.0-only */
/* The control node, /dev/loop-control. */
#ifndef RELOOP_NODE_H
#define RELOOP_NODE_H

#include <linux/fs.h>

/*
 * Its ioctls are those of <linux/loop.h> and <uapi/reloop.h>; each open file is
 * an owner, see device/owner.h. Before reloop_index_begin() they return
 * -EAGAIN.
 */
extern const struct file_operations reloop_node_fops;

#endif /* RELOOP_NODE_H */
