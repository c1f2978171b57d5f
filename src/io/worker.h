/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the workers of a device do. reloop_io_init() gives these functions to
 * the works and lanes of the device, and only workqueues call them. They may
 * sleep, except for the last two, which must not.
 */
#ifndef RELOOP_WORKER_H
#define RELOOP_WORKER_H

#include <linux/workqueue.h>

/**
 * reloop_worker_cmd() - issue the command that has its own work
 * @work: of a struct reloop_cmd
 */
void reloop_worker_cmd(struct work_struct *work);

/**
 * reloop_worker_damage() - carry out the verdict on the command that has this
 *         work
 * @work: of a struct reloop_cmd
 */
void reloop_worker_damage(struct work_struct *work);

/**
 * reloop_worker_issue() - issue everything that is in a lane
 * @work: of a struct reloop_lane
 */
void reloop_worker_issue(struct work_struct *work);

/**
 * reloop_worker_finish() - finish everything that is in a lane
 * @work: of a struct reloop_lane
 */
void reloop_worker_finish(struct work_struct *work);

/**
 * reloop_worker_poll() - poll each command in the list of polled commands
 * @work: poll_work of a struct reloop_io
 */
void reloop_worker_poll(struct work_struct *work);

/**
 * reloop_worker_retry() - retry the commands that wait for space
 * @work: parked.retry of a struct reloop_io
 */
void reloop_worker_retry(struct work_struct *work);

#endif /* RELOOP_WORKER_H */
