/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Issuing a request in the context of its submitter: when that is harmless, and
 * what of the task is put aside meanwhile.
 */
#ifndef RELOOP_SUBMIT_H
#define RELOOP_SUBMIT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>

/**
 * enum reloop_submit - who issues the requests of a device
 * @RELOOP_SUBMIT_AUTO: the submitter if that is harmless, else a worker
 * @RELOOP_SUBMIT_WORKER: always a worker
 */
enum reloop_submit {
	RELOOP_SUBMIT_AUTO,
	RELOOP_SUBMIT_WORKER,
};

/* Their names in the module parameter and in the sysfs attribute. */
extern const char * const reloop_submit_names[2];

/**
 * struct reloop_here - what a task puts aside while it issues a request
 * @queue: the request's queue
 * @plug: collects what is submitted below
 * @outer_plug: the task's own plug, or NULL
 * @outer_bios: the bios that the task is submitting, or NULL
 * @noio: the task's allocation scope
 */
struct reloop_here {
	struct request_queue *queue;
	struct blk_plug plug;
	struct blk_plug *outer_plug;
	struct bio_list *outer_bios;
	unsigned int noio;
};

/**
 * reloop_submit_in_hand() - whether the task may hold a request that is on its
 *         way into a plug and in no list
 * @rqs: from ->queue_rqs(); NULL for the request of ->queue_rq()
 *
 * The store may wait for that request: for its tag, or together with a task
 * that freezes its queue. So if there may be one, nothing must be issued here.
 * May be called where ->queue_rq() is.
 */
bool reloop_submit_in_hand(compat_rq_list *rqs);

/**
 * reloop_submit_is_urgent() - whether the task must not wait for others
 *
 * It is of a real-time class, or has a deadline. Any context.
 */
static inline bool reloop_submit_is_urgent(void)
{
	return current->prio < MAX_RT_PRIO;
}

/**
 * reloop_submit_can_here() - whether a request may be issued right here
 * @rq: a read or a write, from ->queue_rq() or ->queue_rqs()
 *
 * Looks only at the request and the calling task, for which the caller has
 * asked reloop_submit_in_hand() before. What is issued here must be issued with
 * IOCB_NOWAIT. May be called where ->queue_rq() is.
 */
bool reloop_submit_can_here(struct request *rq);

/**
 * reloop_submit_enter() - put the state of the task aside
 * @here: keeps the state, on the stack
 * @q: the request's queue
 * @many: collect what is submitted until reloop_submit_flush()
 *
 * Until reloop_submit_leave(), allocations start no I/O, and nothing that is
 * submitted touches what the task had begun. May be called where ->queue_rq()
 * of a queue with BLK_MQ_F_BLOCKING is.
 */
void reloop_submit_enter(struct reloop_here *here, struct request_queue *q,
			 bool many);

/**
 * reloop_submit_flush() - submit what was collected
 * @here: filled by reloop_submit_enter() with @many
 *
 * May sleep.
 */
void reloop_submit_flush(struct reloop_here *here);

/**
 * reloop_submit_leave() - restore the state of the task
 * @here: after reloop_submit_flush() if there was something to collect
 */
void reloop_submit_leave(struct reloop_here *here);

#endif /* RELOOP_SUBMIT_H */
