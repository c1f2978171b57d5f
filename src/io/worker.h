/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the workers of a device do. reloop_io_init() gives these functions to
 * the works and lanes of the device, and nobody calls them but workqueues. They
 * may sleep, but for the last two, which must not.
 */
#ifndef RELOOP_WORKER_H
#define RELOOP_WORKER_H

#include <linux/workqueue.h>

/**
 * reloop_worker_cmd() - issue the command that has this work of its own
 * @work: of a struct reloop_cmd
 */
void reloop_worker_cmd(struct work_struct *work);

/**
 * reloop_worker_damage() - do to the command that has this work what its verdict
 * says
 * @work: of a struct reloop_cmd
 */
void reloop_worker_damage(struct work_struct *work);

/**
 * reloop_worker_issue() - issue all that is in a lane
 * @work: of a struct reloop_lane
 */
void reloop_worker_issue(struct work_struct *work);

/**
 * reloop_worker_finish() - finish all that is in a lane
 * @work: of a struct reloop_lane
 */
void reloop_worker_finish(struct work_struct *work);

/**
 * reloop_worker_poll() - poll each command that is in the list of the polled
 * @work: poll_work of a struct reloop_io
 */
void reloop_worker_poll(struct work_struct *work);

/**
 * reloop_worker_retry() - have tried again what waits for space
 * @work: parked.retry of a struct reloop_io
 */
void reloop_worker_retry(struct work_struct *work);

#endif /* RELOOP_WORKER_H */
