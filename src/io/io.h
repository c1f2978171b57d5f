/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data path: from a request of the block layer to the store and back. It
 * knows no ioctl and no state of the device. The struct is for all files of
 * this directory; the functions are those of queue.c, the topmost of them.
 */
#ifndef RELOOP_IO_H
#define RELOOP_IO_H

#include <linux/blk-mq.h>
#include <linux/errseq.h>
#include <linux/llist.h>
#include <linux/mempool.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "store/gate.h"
#include "io/faults.h"
#include "io/hint.h"
#include "io/lane.h"
#include "io/parked.h"
#include "io/spread.h"
#include "io/submit.h"
#include "store/binding.h"

/* Segments of one request; no request has more bio_vecs than segments. */
#define RELOOP_MAX_SEGMENTS	128

/**
 * struct reloop_io_params - what is chosen when a device is made
 * @queue_depth: requests that may be in flight at once, in each queue
 * @poll_queues: queues for tasks that poll for the end of their requests
 * @submit: who issues requests
 * @cache: how losetup and mount attach, as far as the file allows
 */
struct reloop_io_params {
	unsigned int queue_depth;
	unsigned int poll_queues;
	enum reloop_submit submit;
	enum reloop_cache cache;
};

/**
 * struct reloop_io - the data path of one device
 * @tag_set: the requests; lives as long as the disk
 * @binding: where requests go, NULL while nothing is attached. Written only by
 *           reloop_chain_swap(), while no request that has found a binding is
 *           in flight; so it stays the same from a request's start to its end.
 * @params: what was chosen when the device was made; lives longer
 * @submit: who issues requests; may change at any time, and is as in @params
 *          again when the device is detached
 * @is_nested: there is a loop device below; written with @binding
 * @gate: keeps buffered writes away from direct ones
 * @hints: whether to ask the store not to block, for reads and for writes
 * @lanes: commands that wait for workers
 * @cmd_work: runs a command that has a worker of its own
 * @flusher: the task that itself finishes what completes meanwhile; see lane.h.
 *           Only compared, never dereferenced.
 * @left: what is left to issuers to finish; see lane.h
 * @spread: whether a worker issues for a busy task; see spread.h
 * @polled_lock: guards @polled; taken in interrupts; no other lock of this
 *               driver is taken under it
 * @polled: the commands that the store may complete only when it is polled
 * @poll_work: polls for commands that nobody else polls for; see polled.h
 * @parked: what waits for space
 * @faults: rules by which requests fail
 * @spare_timer: looks after requests that wait for memory; see spare.h
 * @told: the kinds of requests of which a failure has been logged since the
 *        file was attached, bits by enum req_op
 * @wb_lock: guards @wb_told
 * @wb_told: how far flushes have reported errors of write-back of the file, as
 *           reloop_run_wb_err() counts them
 * @workqueue: runs requests. One per device: if it were shared, a loop device
 *             on a loop device would wait for a worker that waits for it.
 *             Allocated by the first attach and kept until the device goes
 *             away, since a detach runs under locks that a worker's file system
 *             may want, and destroying a workqueue waits for its workers.
 * @finisher: finishes direct requests. Not @workqueue, whose workers may all
 *            wait for a file system that is being frozen, and that waits until
 *            the writes that had begun are finished. Allocated for the first
 *            binding with direct I/O and kept like @workqueue.
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
	struct reloop_left left;
	struct reloop_spread spread;
	spinlock_t polled_lock; /* guards polled */
	struct list_head polled;
	struct delayed_work poll_work;
	struct reloop_parked parked;
	struct reloop_faults faults;
	struct timer_list spare_timer;
	unsigned long told;
	spinlock_t wb_lock; /* guards wb_told */
	errseq_t wb_told;
	struct workqueue_struct *workqueue;
	struct workqueue_struct *finisher;
	mempool_t bvecs;
};

/**
 * reloop_io_init() - allocate the requests of a new device
 * @io: zeroed
 * @params: what is chosen; outlives @io
 * @tell_parked: the work of @parked that tells of it
 *
 * May sleep. Undone by reloop_io_exit().
 *
 * Return: 0, -ENOMEM, or -EINVAL for a depth that the block layer does not
 * support.
 */
int reloop_io_init(struct reloop_io *io, const struct reloop_io_params *params,
		   work_func_t tell_parked);

/**
 * reloop_io_exit() - free what a device keeps for its whole life
 * @io: initialized, its disk deleted or never added
 *
 * May sleep; waits for the workers, so it is called without any lock.
 */
void reloop_io_exit(struct reloop_io *io);

/**
 * reloop_io_start() - get ready for a backing file
 * @io: initialized, stopped
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
 * reloop_io_make_finisher() - get ready for direct I/O
 * @io: initialized
 * @name: name of the disk, for the worker threads
 *
 * Called before a binding with direct I/O is swapped in. May sleep. What it
 * allocates stays until reloop_io_exit().
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
