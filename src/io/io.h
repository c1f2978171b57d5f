/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data path: from a request of the block layer to the store and back.
 * It knows no ioctl and no state of the device. The struct is for all files of
 * this room; the functions are queue.c's, the top of it.
 */
#ifndef RELOOP_IO_H
#define RELOOP_IO_H

#include <linux/blk-mq.h>
#include <linux/llist.h>
#include <linux/mempool.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "store/gate.h"
#include "io/faults.h"
#include "io/hint.h"
#include "io/lane.h"
#include "io/parked.h"
#include "io/submit.h"
#include "store/binding.h"

/* Segments of one request; no request has more bio_vecs than segments. */
#define RELOOP_MAX_SEGMENTS	128

/**
 * struct reloop_io_params - what is chosen when a device is made
 * @queue_depth: requests that may be in flight at once, in each queue
 * @poll_queues: queues for those who poll for the end of their requests
 * @submit: who issues requests
 */
struct reloop_io_params {
	unsigned int queue_depth;
	unsigned int poll_queues;
	enum reloop_submit submit;
};

/**
 * struct reloop_io - the data path of one device
 * @tag_set: the requests; lives as long as the disk
 * @binding: where requests go, NULL while nothing is attached. Written only
 *           by reloop_chain_swap(), while no request is in flight that has
 *           found one; so it stays from a request's start to its end.
 * @params: what was chosen when the device was made; lives longer
 * @submit: who issues requests; may change at any time, and is as in @params
 *          again when the device is detached
 * @is_nested: there is a loop device below; written with @binding
 * @gate: keeps buffered writes away from direct ones
 * @hints: whether to ask the store not to block, for reads and for writes
 * @lanes: what waits for workers
 * @cmd_work: runs a command that has a worker of its own
 * @flusher: the task that finishes itself what completes meanwhile; see lane.h.
 *           Compared with, never followed.
 * @polled_lock: guards @polled; taken in interrupts, and no lock of ours under it
 * @polled: the commands that the store may complete only when it is polled
 * @poll_work: polls for those that nobody else polls for; see polled.h
 * @parked: what waits for space
 * @faults: rules by which requests fail
 * @spare_timer: looks after requests that wait for memory; see spare.h
 * @told: of which kinds of requests the log has been told that one has failed since
 *        the file was attached, bits by enum req_op
 * @workqueue: runs requests. One per device: were it shared, a loop device
 *             on a loop device would wait for a worker that waits for it.
 *             Made by the first attach and kept until the device goes, since
 *             a detach runs under locks a worker's file system may want, and
 *             destroying a workqueue waits for its workers.
 * @finisher: finishes direct requests. Not @workqueue: the workers there may
 *            all wait for a file system that is frozen, and that is not
 *            frozen before the writes that had begun are finished. Made for
 *            the first binding with direct I/O and kept as @workqueue is.
 * @bvecs: reserve of bio_vec arrays for requests of several bios
 */
struct reloop_io {
	struct blk_mq_tag_set tag_set;
	struct reloop_binding *binding;
	const struct reloop_io_params *params;
	enum reloop_submit submit;
	bool is_nested;
	struct reloop_gate gate;
	struct reloop_hint hints[2];
	struct reloop_lane lanes[RELOOP_NR_LANES];
	work_func_t cmd_work;
	struct task_struct *flusher;
	spinlock_t polled_lock; /* guards polled */
	struct list_head polled;
	struct delayed_work poll_work;
	struct reloop_parked parked;
	struct reloop_faults faults;
	struct timer_list spare_timer;
	unsigned long told;
	struct workqueue_struct *workqueue;
	struct workqueue_struct *finisher;
	mempool_t bvecs;
};

/**
 * reloop_io_init() - allocate the requests of a new device
 * @io: zeroed
 * @params: what is chosen; stays as long as @io
 * @tell_parked: the work of @parked that tells of it
 *
 * May sleep. Undone by reloop_io_exit().
 *
 * Return: 0, -ENOMEM, or -EINVAL for a depth the block layer cannot have.
 */
int reloop_io_init(struct reloop_io *io, const struct reloop_io_params *params,
		   work_func_t tell_parked);

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
 * @nospace: seconds that a write waits for space, see parked.h
 *
 * May sleep. Undone by reloop_io_stop().
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_io_start(struct reloop_io *io, const char *name,
		    unsigned int nospace);

/**
 * reloop_io_make_finisher() - make ready for direct I/O
 * @io: initialised
 * @name: name of the disk, for the worker threads
 *
 * Before a binding with direct I/O is swapped in. May sleep. What it makes
 * stays until reloop_io_exit().
 *
 * Return: 0 or -ENOMEM.
 */
int reloop_io_make_finisher(struct reloop_io *io, const char *name);

/**
 * reloop_io_stop() - free what only an attached device needs
 * @io: started, with no binding and so no request in flight
 *
 * May sleep.
 */
void reloop_io_stop(struct reloop_io *io);

#endif /* RELOOP_IO_H */
