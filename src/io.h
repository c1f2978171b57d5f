/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data path: from a request of the block layer to the store and back.
 * It knows no ioctl and no state of the device.
 */
#ifndef RELOOP_IO_H
#define RELOOP_IO_H

#include <linux/blk-mq.h>
#include <linux/mempool.h>
#include <linux/workqueue.h>

#include "binding.h"

/**
 * struct reloop_io - the data path of one device
 * @tag_set: the requests; lives as long as the disk
 * @binding: where requests go, NULL while nothing is attached. Written only
 *           by reloop_chain_swap(), with the queue frozen, so a request may
 *           read it without a lock from its start to its end.
 * @workqueue: runs requests. One per device: were it shared, a loop device
 *             on a loop device would wait for a worker that waits for it.
 *             Made by the first attach and kept until the device goes, since
 *             a detach runs under locks a worker's file system may want, and
 *             destroying a workqueue waits for its workers.
 * @bvecs: reserve of bio_vec arrays for requests of several bios
 */
struct reloop_io {
	struct blk_mq_tag_set tag_set;
	struct reloop_binding *binding;
	struct workqueue_struct *workqueue;
	mempool_t bvecs;
};

/**
 * reloop_io_init() - allocate the requests of a new device
 * @io: zeroed
 * @queue_depth: requests that may be in flight at once
 *
 * May sleep. Undone by reloop_io_exit().
 *
 * Return: 0, -ENOMEM, or -EINVAL for a depth the block layer cannot have.
 */
int reloop_io_init(struct reloop_io *io, unsigned int queue_depth);

/**
 * reloop_io_exit() - free what a device keeps for its life
 * @io: initialised, its disk deleted or never added
 *
 * May sleep; waits for the workers, so it is called without any lock.
 */
void reloop_io_exit(struct reloop_io *io);

/**
 * reloop_io_start() - make ready for a backing file
 * @io: initialised, stopped
 * @name: name of the disk, for the worker threads
 *
 * May sleep. Undone by reloop_io_stop().
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_io_start(struct reloop_io *io, const char *name);

/**
 * reloop_io_stop() - free what only an attached device needs
 * @io: started, with no binding and so no request in flight
 *
 * May sleep.
 */
void reloop_io_stop(struct reloop_io *io);

#endif /* RELOOP_IO_H */
