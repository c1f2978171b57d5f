// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data path.
 *
 *	io_queue_rq()	takes a request over and chooses who issues it
 *	cmd_issue()	runs it, drops the issuer's reference
 *	cmd_run()	one store function per operation
 *	cmd_complete()	the store is done, in any context
 *	cmd_end()	judges the result: end the request, or run the rest of it
 *
 * A command has two references, the issuer's and the completion's. The
 * store may complete a command before the call that issued it returns, and
 * may still look at the kiocb, the iterator and the bio_vecs until then: only
 * when both are dropped may the request end and its command be used again.
 *
 * Who issues a command:
 *
 *	the submitter	reads and writes that will not block, where submit.c
 *			finds it harmless
 *	the batch lane	the same where it is not harmless: one worker, many
 *			commands under one plug
 *	the write lane	writes that may block, one after the other: they would
 *			wait for each other anyway, for the lock of the file
 *	its own work	all else that may block, so that it holds up nobody
 *
 * What was tried without blocking and would have blocked moves down this list.
 *
 * A request whose submitter polls for it goes the same ways. If the store can be
 * polled too, io_poll() does that, for one command after the other, and now and
 * then poll_work(), so that nobody depends on a task that may not poll.
 */
#include <linux/blk-mq.h>
#include <linux/sched/mm.h>

#include "io/charge.h"
#include "io/cmd.h"
#include "io/hint.h"
#include "io/io.h"
#include "io/lane.h"
#include "io/polled.h"
#include "io/submit.h"
#include "io/transfer.h"
#include "store/store.h"

#define BVECS_RESERVE	2

/* What a worker changes of itself to run commands. */
struct worker_context {
	unsigned int noio;
	unsigned int task_flags;
};

/*
 * Reclaim may be waiting for this very command, so no allocation below may
 * start I/O; and a writer that cleans pages must not be throttled for the
 * dirty pages of others, only for those of the device it writes to.
 */
static void worker_enter(struct worker_context *context)
{
	context->noio = memalloc_noio_save();
	context->task_flags = current->flags;
	current->flags |= PF_LOCAL_THROTTLE;
}

static void worker_leave(struct worker_context *context)
{
	current_restore_flags(context->task_flags, PF_LOCAL_THROTTLE);
	memalloc_noio_restore(context->noio);
}

/* Drop a reference; whoever drops the last ends the request. */
static bool cmd_put_is_last(struct reloop_cmd *cmd)
{
	return xchg(&cmd->half_done, true);
}

/* Of a read or a write: not a sector was transferred, and no error says why. */
static bool cmd_came_to_nothing(const struct reloop_cmd *cmd)
{
	return cmd->result >= 0 && cmd->result < SECTOR_SIZE;
}

/*
 * Whether the command has to run again. A store may transfer less than it
 * was asked to; and direct I/O may find an alignment wrong that no limit of
 * the queue expresses, while the page cache takes any. A failure of what was
 * asked not to block is never the last word, nor is a result of less than a
 * sector: it would block, at once or later, or the task it was issued in is
 * being killed.
 */
static bool cmd_needs_rerun(struct reloop_cmd *cmd, struct request *rq)
{
	if (cmd->nowait) {
		reloop_hint_learn(reloop_cmd_hint(cmd),
				  cmd->result == -EAGAIN ||
				  cmd->result == -EOPNOTSUPP ||
				  cmd_came_to_nothing(cmd));
		if (cmd->result < SECTOR_SIZE)
			return true;
	}
	if (cmd->direct && cmd->result == -EINVAL) {
		cmd->direct = false;
		return true;
	}
	if (cmd->result < SECTOR_SIZE || cmd->result >= blk_rq_bytes(rq))
		return false;

	/* What is there of it leaves the request, which begins at a sector. */
	return blk_update_request(rq, BLK_STS_OK,
				  round_down(cmd->result, SECTOR_SIZE));
}

static int cmd_error(struct reloop_cmd *cmd, struct request *rq)
{
	/* Not a sector is there to read: the file was cut short. */
	if (reloop_cmd_is_rw(cmd) && cmd_came_to_nothing(cmd))
		return -EIO;
	/* A discard is a hint; a block device takes it only in whole blocks. */
	if (req_op(rq) == REQ_OP_DISCARD && cmd->result == -EINVAL)
		return 0;
	/* A quota is as full as a disk. */
	if (cmd->result == -EDQUOT)
		return -ENOSPC;

	return cmd->result < 0 ? cmd->result : 0;
}

/*
 * The store turned out not to know how: callers ask the limits before they
 * try again, and need no line in the kernel log to fall back.
 */
static void rq_disable_op(struct request *rq)
{
	if (req_op(rq) == REQ_OP_WRITE_ZEROES)
		blk_queue_disable_write_zeroes(rq->q);
	else if (req_op(rq) == REQ_OP_DISCARD)
		blk_queue_disable_discard(rq->q);
	else
		return;
	rq->rq_flags |= RQF_QUIET;
}

/* End a request, or what is left of it. */
static void rq_fail(struct request *rq, int error)
{
	struct bio *bio;

	if (error == -EOPNOTSUPP)
		rq_disable_op(rq);

	/* Whoever looks at the memory all the same sees nothing of others. */
	if (req_op(rq) == REQ_OP_READ)
		__rq_for_each_bio(bio, rq)
			zero_fill_bio(bio);

	blk_mq_end_request(rq, errno_to_blk_status(error));
}

/* Hand over. */

static void cmd_work(struct work_struct *work);

/* Give the command to a worker that may block. Any context. */
static void cmd_hand_over(struct reloop_cmd *cmd, struct request *rq)
{
	struct reloop_io *io = reloop_cmd_io(cmd);

	cmd->nowait = false;
	cmd->polled = false;
	if (req_op(rq) == REQ_OP_WRITE && !reloop_charge_is_due(rq)) {
		reloop_lane_add(io, RELOOP_LANE_WRITE, &cmd->node);
		return;
	}
	INIT_WORK(&cmd->work, cmd_work);
	queue_work(io->workqueue, &cmd->work);
}

/* The end. */

/* Both references are dropped: any context. */
static void cmd_end(struct reloop_cmd *cmd)
{
	struct request *rq = reloop_cmd_rq(cmd);
	int error;

	reloop_transfer_end(cmd);
	if (cmd_needs_rerun(cmd, rq)) {
		cmd_hand_over(cmd, rq);
		return;
	}

	error = cmd_error(cmd, rq);
	if (unlikely(error))
		rq_fail(rq, error);
	else
		blk_mq_end_request(rq, BLK_STS_OK);
}

/* Whether the store may have old pages of what the command has written. */
static bool cmd_must_forget(struct reloop_cmd *cmd)
{
	return cmd->gated && reloop_store_has_old(reloop_cmd_io(cmd)->binding);
}

/* In a task, where a write may be left to be finished. */
static void cmd_finish(struct reloop_cmd *cmd)
{
	struct request *rq = reloop_cmd_rq(cmd);

	if (cmd->direct && compat_dio_is_left(&cmd->iocb))
		cmd->result = compat_dio_finish(&cmd->iocb);
	if (cmd_must_forget(cmd))
		reloop_store_forget(reloop_cmd_io(cmd)->binding, reloop_cmd_pos(cmd),
				    blk_rq_bytes(rq));
	cmd_end(cmd);
}

/*
 * Whether to leave the end to a worker. A loop device below may be ending a
 * request of its own right now, and so on: each level takes a bit of the
 * stack of an interrupt. And who polls expects to be told by no interrupt: on
 * 6.1 his bio goes back to a cache that only tasks may use.
 */
static bool cmd_needs_worker(struct reloop_cmd *cmd)
{
	return compat_dio_is_left(&cmd->iocb) || reloop_cmd_io(cmd)->is_nested ||
	       cmd_must_forget(cmd) ||
	       (reloop_cmd_rq(cmd)->cmd_flags & REQ_POLLED && in_interrupt());
}

/* As cmd_finish(), in any context. */
static void cmd_finish_anywhere(struct reloop_cmd *cmd)
{
	if (cmd_needs_worker(cmd))
		reloop_lane_add(reloop_cmd_io(cmd), RELOOP_LANE_FINISH, &cmd->node);
	else
		cmd_end(cmd);
}

/* Whether this was the last reference, and nobody polls the command. */
static bool cmd_put_is_free(struct reloop_cmd *cmd)
{
	return cmd_put_is_last(cmd) && (!cmd->polled || reloop_polled_remove(cmd));
}

/* ->ki_complete of direct I/O: process, soft or hard interrupt context. */
static void cmd_complete(struct kiocb *iocb, long result)
{
	struct reloop_cmd *cmd = container_of(iocb, struct reloop_cmd, iocb);

	cmd->result = result;
	if (cmd_put_is_free(cmd))
		cmd_finish_anywhere(cmd);
}

/*
 * Give the command to the store. The context is prepared. Returns whether the
 * store has queued it, and cmd_settle() is to follow; else it has ended.
 */
static bool cmd_issue(struct reloop_cmd *cmd)
{
	ssize_t result;

	cmd->half_done = false;
	result = reloop_transfer_begin(cmd, cmd_complete);
	if (result == -EIOCBQUEUED) {
		if (cmd->polled)
			reloop_polled_add(cmd);
		return true;
	}

	/* Nobody else completes it: both references are ours. */
	cmd->result = result;
	cmd_end(cmd);
	return false;
}

/* Drop the issuer's reference. */
static void cmd_settle(struct reloop_cmd *cmd)
{
	if (!cmd_put_is_free(cmd))
		return;
	/* To drop pages may take the end of somebody's read of them. */
	if (cmd_must_forget(cmd))
		cmd_finish_anywhere(cmd);
	else
		cmd_finish(cmd);
}

/*
 * Issue many. Each is settled before the next is issued, which may wait for
 * its end: for bios of it, when memory is short, or for the direct I/O of the
 * file.
 */
static void cmds_issue(struct llist_node *cmds)
{
	struct reloop_cmd *cmd, *next;

	llist_for_each_entry_safe(cmd, next, cmds, node)
		if (cmd_issue(cmd))
			cmd_settle(cmd);
}

static void cmds_finish(struct llist_node *cmds)
{
	struct reloop_cmd *cmd, *next;

	llist_for_each_entry_safe(cmd, next, cmds, node)
		cmd_finish(cmd);
}

/* Poll a command that was taken off the list; returns whether it has ended. */
static bool cmd_poll(struct reloop_cmd *cmd)
{
	reloop_store_poll(&cmd->iocb);
	if (reloop_polled_put(cmd))
		return false;

	cmd_finish_anywhere(cmd);
	return true;
}

/* Workers. */

static void cmd_work(struct work_struct *work)
{
	struct reloop_cmd *cmd = container_of(work, struct reloop_cmd, work);
	struct worker_context context;
	struct reloop_charge charge;

	worker_enter(&context);
	reloop_charge_begin(&charge, reloop_cmd_rq(cmd));
	if (cmd_issue(cmd))
		cmd_settle(cmd);
	reloop_charge_end(&charge);
	worker_leave(&context);
}

static struct reloop_lane *lane_of(struct work_struct *work)
{
	return container_of(work, struct reloop_lane, work);
}

/*
 * Under a plug, neighbours become one request below. A single command is better
 * off without: a store that answers at once then also finishes it at once. And
 * where the store sleeps over a command, as over writes of half a block, another
 * thread has to send off what is in the plug.
 */
static void lane_issue(struct reloop_lane *lane, struct llist_node *cmds)
{
	unsigned long sleeps = current->nvcsw;
	struct reloop_io *io;
	struct blk_plug plug;

	if (!cmds->next || reloop_hint_skip(&lane->plug)) {
		cmds_issue(cmds);
		return;
	}
	io = reloop_cmd_io(llist_entry(cmds, struct reloop_cmd, node));
	blk_start_plug(&plug);
	cmds_issue(cmds);
	reloop_hint_learn(&lane->plug, current->nvcsw != sleeps);
	reloop_lane_flush_begin(io);
	blk_finish_plug(&plug);
	cmds_finish(reloop_lane_flush_end(io));
}

/* What comes meanwhile is taken as well: to be woken again costs more. */
static void issue_work(struct work_struct *work)
{
	struct reloop_lane *lane = lane_of(work);
	struct worker_context context;
	struct llist_node *cmds;

	worker_enter(&context);
	while ((cmds = reloop_lane_take(lane))) {
		lane_issue(lane, cmds);
		cond_resched();
	}
	worker_leave(&context);
}

static void finish_work(struct work_struct *work)
{
	struct worker_context context;

	worker_enter(&context);
	cmds_finish(reloop_lane_take(lane_of(work)));
	worker_leave(&context);
}

/*
 * A task that should poll may be waiting for the end of what it has not polled
 * for: for tags of the disk below, a frozen queue, the direct I/O of the file.
 * Or it never comes back. So each command is polled once here, which may
 * neither sleep nor wait for anybody.
 */
static void poll_work(struct work_struct *work)
{
	struct reloop_io *io = container_of(to_delayed_work(work),
					    struct reloop_io, poll_work);
	unsigned int n = reloop_polled_count(io);
	struct reloop_cmd *cmd;

	while (n-- && (cmd = reloop_polled_take(io)))
		cmd_poll(cmd);
}

/* From the block layer. */

/*
 * Whether the store can read or write without blocking at all. Not so the
 * page cache: it has no writes that end later, and of a block device no reads
 * either, since they wait for the lock of its inode whatever they are told.
 */
static bool store_has_nowait(const struct reloop_binding *binding,
			     struct reloop_cmd *cmd)
{
	if (!reloop_cmd_is_rw(cmd) || !(binding->file->f_mode & FMODE_NOWAIT))
		return false;
	if (cmd->direct)
		return true;

	return req_op(reloop_cmd_rq(cmd)) == REQ_OP_READ &&
	       S_ISREG(file_inode(binding->file)->i_mode);
}

/*
 * Whether to poll the store for the command, as its submitter polls for the
 * request. Not for what may block there: a worker has it then, and nobody polls
 * the sooner. And not through a loop device directly below: each level takes a
 * bit of the poller's stack.
 */
static bool cmd_can_poll(struct reloop_cmd *cmd, struct request *rq)
{
	struct reloop_io *io = reloop_cmd_io(cmd);

	return (rq->cmd_flags & REQ_POLLED) && cmd->direct && cmd->nowait &&
	       !io->is_nested && reloop_store_can_poll(io->binding);
}

/* Whether to ask it: it may just have shown that it would block. */
static bool cmd_try_nowait(struct reloop_cmd *cmd)
{
	return store_has_nowait(reloop_cmd_io(cmd)->binding, cmd) &&
	       !reloop_hint_skip(reloop_cmd_hint(cmd));
}

/*
 * The block layer has compared it with a size that another one may have come
 * after, together with another offset: it would end up somewhere else.
 */
static bool rq_is_inside(struct request *rq)
{
	return !blk_rq_bytes(rq) || blk_rq_pos(rq) + blk_rq_sectors(rq) <=
				    get_capacity(rq->q->disk);
}

static bool io_may_take(struct reloop_io *io, struct request *rq)
{
	const struct reloop_binding *binding;

	/* From reloop_chain_swap(), whose callers need not freeze the queue. */
	binding = smp_load_acquire(&io->binding);
	if (!binding)
		return false;
	if (!rq_is_inside(rq)) {
		/* Nothing is broken: the log has the new size already. */
		rq->rq_flags |= RQF_QUIET;
		return false;
	}
	/* The block layer asks the disk, which BLKROSET can make writable. */
	return !op_is_write(req_op(rq)) ||
	       !reloop_binding_is_read_only(binding);
}

static void cmd_init(struct reloop_cmd *cmd, struct request *rq,
		     struct reloop_io *io)
{
	cmd->bvecs = NULL;
	cmd->writing = false;
	cmd->gated = false;
	cmd->direct = reloop_cmd_is_rw(cmd) &&
		      reloop_binding_goes_direct(io->binding, reloop_cmd_pos(cmd),
						 blk_rq_bytes(rq));
	cmd->nowait = cmd_try_nowait(cmd);
	cmd->polled = cmd_can_poll(cmd, rq);
}

/* Give a request to a worker, or say that it is to be issued @here. */
static bool io_dispatch(struct reloop_io *io, struct request *rq, bool here)
{
	struct reloop_cmd *cmd = blk_mq_rq_to_pdu(rq);

	cmd_init(cmd, rq, io);
	if (!cmd->nowait) {
		cmd_hand_over(cmd, rq);
		return false;
	}
	if (here && reloop_submit_can_here(rq))
		return true;

	if (reloop_charge_is_due(rq))
		cmd_hand_over(cmd, rq);
	else
		reloop_lane_add(io, RELOOP_LANE_BATCH, &cmd->node);
	return false;
}

/* @rqs: what ->queue_rqs() got; NULL for the request of ->queue_rq(). */
static bool may_issue_here(struct reloop_io *io, compat_rq_list *rqs)
{
	return READ_ONCE(io->submit) == RELOOP_SUBMIT_AUTO &&
	       !reloop_submit_in_hand(rqs);
}

/* Issue commands in the context of their submitter. */
static void issue_here(struct request_queue *q, struct llist_node *cmds)
{
	struct reloop_io *io = q->queuedata;
	bool many = cmds->next;
	struct reloop_here here;

	reloop_submit_enter(&here, q, many);
	cmds_issue(cmds);
	if (many) {
		reloop_lane_flush_begin(io);
		reloop_submit_flush(&here);
		cmds_finish(reloop_lane_flush_end(io));
	}
	reloop_submit_leave(&here);
}

static blk_status_t io_queue_rq(struct blk_mq_hw_ctx *hctx,
				const struct blk_mq_queue_data *bd)
{
	struct request *rq = bd->rq;
	struct reloop_cmd *cmd = blk_mq_rq_to_pdu(rq);
	struct reloop_io *io = rq->q->queuedata;

	blk_mq_start_request(rq);
	if (!io_may_take(io, rq))
		return BLK_STS_IOERR;

	if (io_dispatch(io, rq, may_issue_here(io, NULL))) {
		cmd->node.next = NULL;
		issue_here(rq->q, &cmd->node);
	}
	return BLK_STS_OK;
}

/* A whole plug at once; all requests are of this queue. */
static void io_queue_rqs(compat_rq_list *rqs)
{
	struct llist_node *first = NULL, **last = &first;
	struct request_queue *q = rq_list_peek(rqs)->q;
	struct reloop_io *io = q->queuedata;
	bool here = may_issue_here(io, rqs);
	struct reloop_cmd *cmd;
	struct request *rq;

	while ((rq = rq_list_pop(rqs))) {
		cmd = blk_mq_rq_to_pdu(rq);
		blk_mq_start_request(rq);
		if (!io_may_take(io, rq)) {
			blk_mq_end_request(rq, BLK_STS_IOERR);
		} else if (io_dispatch(io, rq, here)) {
			*last = &cmd->node;
			last = &cmd->node.next;
		}
	}
	*last = NULL;
	if (first)
		issue_here(q, first);
}

/*
 * Not to sleep. Where no request has ended, the answer is not to ask again at
 * once: 7.3 would, though the caller's may have ended elsewhere.
 */
static int io_poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *batch)
{
	struct reloop_io *io = hctx->queue->queuedata;
	struct reloop_cmd *cmd = reloop_polled_take(io);

	return cmd && cmd_poll(cmd) ? 1 : -1;
}

/* No queue for reads of their own. The queues for polling come last. */
static void io_map_queues(struct blk_mq_tag_set *set)
{
	struct blk_mq_queue_map *ordinary = &set->map[HCTX_TYPE_DEFAULT];
	struct blk_mq_queue_map *polled = &set->map[HCTX_TYPE_POLL];

	ordinary->nr_queues = 1;
	blk_mq_map_queues(ordinary);
	if (set->nr_hw_queues == 1)
		return;

	set->map[HCTX_TYPE_READ].nr_queues = 0;
	polled->nr_queues = set->nr_hw_queues - 1;
	polled->queue_offset = 1;
	blk_mq_map_queues(polled);
}

static const struct blk_mq_ops io_mq_ops = {
	.queue_rq	= io_queue_rq,
	.queue_rqs	= io_queue_rqs,
	.poll		= io_poll,
	.map_queues	= io_map_queues,
};

int reloop_io_init(struct reloop_io *io, const struct reloop_io_params *params)
{
	struct blk_mq_tag_set *set = &io->tag_set;

	io->params = params;
	io->submit = params->submit;
	reloop_gate_init(&io->gate);
	reloop_polled_init(io, poll_work);
	reloop_lane_init(&io->lanes[RELOOP_LANE_BATCH], issue_work);
	reloop_lane_init(&io->lanes[RELOOP_LANE_WRITE], issue_work);
	reloop_lane_init(&io->lanes[RELOOP_LANE_FINISH], finish_work);

	set->ops = &io_mq_ops;
	/*
	 * One for all processors, since more gain nothing where submitters
	 * issue: each has @queue_depth requests of its own, most of the memory
	 * of a device.
	 */
	set->nr_hw_queues = 1 + params->poll_queues;
	set->nr_maps = params->poll_queues ? HCTX_MAX_TYPES : 1;
	set->queue_depth = params->queue_depth;
	set->numa_node = NUMA_NO_NODE;
	set->cmd_size = sizeof(struct reloop_cmd);
	/* BLOCKING: a store may sleep for memory, even if asked not to block. */
	set->flags = BLK_MQ_F_STACKING | BLK_MQ_F_NO_SCHED_BY_DEFAULT |
		     BLK_MQ_F_BLOCKING;

	return blk_mq_alloc_tag_set(set);
}

void reloop_io_exit(struct reloop_io *io)
{
	/* For those who are on their way out of ->queue_rq() or reloop_lane_add(). */
	blk_mq_wait_quiesce_done(&io->tag_set);
	synchronize_rcu();
	/* No command is left to poll, so nobody starts it again. */
	cancel_delayed_work_sync(&io->poll_work);
	if (io->finisher)
		destroy_workqueue(io->finisher);
	if (io->workqueue)
		destroy_workqueue(io->workqueue);
	blk_mq_free_tag_set(&io->tag_set);
}

/*
 * Each request may have work of its own that blocks; the lanes go on, if the
 * kernel allows for so many.
 */
static int io_max_active(struct reloop_io *io)
{
	const struct blk_mq_tag_set *set = &io->tag_set;

	return min_t(int, set->queue_depth * set->nr_hw_queues + RELOOP_NR_LANES,
		     WQ_MAX_ACTIVE);
}

int reloop_io_start(struct reloop_io *io, const char *name)
{
	unsigned int i;

	/*
	 * Not WQ_MEM_RECLAIM: the workers run file systems, which flush
	 * workqueues that are not either (XFS does when it runs full), and
	 * the kernel warns of that.
	 */
	if (!io->workqueue)
		io->workqueue = alloc_workqueue("%s", WQ_UNBOUND | WQ_FREEZABLE,
						io_max_active(io), name);
	if (!io->workqueue)
		return -ENOMEM;

	/* They were about another file. */
	memset(io->hints, 0, sizeof(io->hints));
	for (i = 0; i < RELOOP_NR_LANES; i++)
		io->lanes[i].plug = (struct reloop_hint){ };

	return mempool_init_kmalloc_pool(&io->bvecs, BVECS_RESERVE,
					 RELOOP_MAX_SEGMENTS *
					 sizeof(struct bio_vec));
}

/*
 * Where memory is short, the one worker there is for sure may have to wait for
 * the disk below, and so for the one of a device there: each has its own.
 */
int reloop_io_make_finisher(struct reloop_io *io, const char *name)
{
	if (!io->finisher)
		io->finisher = alloc_workqueue("%s_finish", WQ_UNBOUND |
					       WQ_MEM_RECLAIM, 0, name);

	return io->finisher ? 0 : -ENOMEM;
}

void reloop_io_stop(struct reloop_io *io)
{
	mempool_exit(&io->bvecs);
}
