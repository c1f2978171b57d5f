// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data path begins here: the queue of a device, as the block layer and the
 * device see it. Takes over a request and chooses, with reloop_cmd_hand_over(),
 * who issues it:
 *
 *	the submitter	reads and writes that will not block, if submit.c finds
 *			that harmless, and spread.c nothing faster
 *	the batch lane	the same if not: one worker, many commands under one
 *			plug
 *	the write lane	writes that may block, one after the other: they would
 *			wait for each other anyway, for the lock of the file
 *	its own work	everything else that may block, so that it holds up
 *			nobody
 *
 * A command that was tried without blocking and would have blocked moves down
 * this list.
 *
 * A request whose submitter polls for it takes the same ways. If the store can
 * be polled too, io_poll() polls it, for one command after the other. So does
 * reloop_worker_poll() from time to time, so that nobody depends on a task that
 * may not poll.
 */
#include <linux/blk-mq.h>
#include <linux/mempool.h>
#include <linux/workqueue.h>

#include "io/charge.h"
#include "io/cmd.h"
#include "io/faults.h"
#include "store/gate.h"
#include "io/hint.h"
#include "io/io.h"
#include "io/lane.h"
#include "io/life.h"
#include "io/parked.h"
#include "io/polled.h"
#include "io/spare.h"
#include "io/spread.h"
#include "io/submit.h"
#include "io/worker.h"
#include "store/run.h"

/*
 * Whether the store can read or write without blocking at all. The page cache
 * cannot write that way, as it has no writes that end later. For a block device
 * it cannot read either: reads wait for the lock of the inode, whatever the
 * flags.
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
 * request. Not if the command may block there: then a worker has it, and
 * polling would not help. Not through a loop device directly below: each level
 * takes some of the poller's stack. Not if the image lies in two files.
 */
static bool cmd_can_poll(struct reloop_cmd *cmd, struct request *rq)
{
	struct reloop_io *io = reloop_cmd_io(cmd);

	return (rq->cmd_flags & REQ_POLLED) && cmd->direct && cmd->nowait &&
	       !io->is_nested && !reloop_binding_second(io->binding) &&
	       reloop_run_can_poll(io->binding->file);
}

/* Whether to ask the store: it may just have shown that it would block. */
static bool cmd_try_nowait(struct reloop_cmd *cmd)
{
	return store_has_nowait(reloop_cmd_io(cmd)->binding, cmd) &&
	       !reloop_hint_skip(reloop_cmd_hint(cmd));
}

/*
 * The block layer has checked the request against the size, but that may have
 * changed since, together with the offset: it would end up somewhere else.
 */
static bool rq_is_inside(struct request *rq)
{
	return !blk_rq_bytes(rq) || blk_rq_pos(rq) + blk_rq_sectors(rq) <=
				    get_capacity(rq->q->disk);
}

static bool io_may_take(struct reloop_io *io, struct request *rq)
{
	const struct reloop_binding *binding;

	/*
	 * Pairs with smp_store_release() in reloop_chain_swap(), whose callers
	 * need not freeze the queue.
	 */
	binding = smp_load_acquire(&io->binding);
	if (!binding)
		return false;
	if (!rq_is_inside(rq)) {
		/* Nothing is broken: the log already has the new size. */
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
	cmd->cached = false;
	cmd->aside = false;
	cmd->writing = false;
	cmd->gated = false;
	cmd->placed = false;
	cmd->parked = false;
	cmd->sync_failed = false;
	cmd->direct = reloop_cmd_is_rw(cmd) &&
		      reloop_binding_goes_direct(io->binding,
						 reloop_cmd_pos(cmd),
						 blk_rq_bytes(rq));
	cmd->nowait = cmd_try_nowait(cmd);
	cmd->polled = cmd_can_poll(cmd, rq);
}

/*
 * Give a request to a worker, or to the rules by which it fails. Returns true
 * if it is to be issued @here.
 */
static bool io_dispatch(struct reloop_io *io, struct request *rq, bool here)
{
	struct reloop_cmd *cmd = blk_mq_rq_to_pdu(rq);

	cmd_init(cmd, rq, io);
	if (reloop_faults_take(cmd))
		return false;
	if (!cmd->nowait) {
		reloop_cmd_hand_over(cmd);
		return false;
	}
	if (here && reloop_submit_can_here(rq))
		return true;

	if (reloop_charge_is_due(rq))
		reloop_cmd_hand_over(cmd);
	else
		reloop_lane_add(io, RELOOP_LANE_BATCH, &cmd->node);
	return false;
}

/* @rqs: from ->queue_rqs(); NULL for the request of ->queue_rq(). */
static bool may_issue_here(struct reloop_io *io, compat_rq_list *rqs)
{
	return READ_ONCE(io->submit) == RELOOP_SUBMIT_AUTO &&
	       !reloop_submit_in_hand(rqs) && !reloop_spread_is_on(io);
}

/* Issue commands in the context of their submitter. */
static void issue_here(struct request_queue *q, struct llist_node *cmds)
{
	struct reloop_io *io = q->queuedata;
	bool many = cmds->next;
	struct reloop_here here;

	reloop_submit_enter(&here, q, many);
	reloop_left_expect(io);
	reloop_cmds_issue(cmds);
	if (many) {
		reloop_lane_flush_begin(io);
		reloop_submit_flush(&here);
		reloop_cmds_finish(reloop_lane_flush_end(io));
	} else {
		reloop_cmds_finish(reloop_left_take(io));
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
	reloop_spare_watch(&io->spare_timer);
	reloop_spread_count(io, 1);

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
	unsigned int count = 0;
	struct request *rq;

	while ((rq = rq_list_pop(rqs))) {
		count++;
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
	reloop_spare_watch(&io->spare_timer);
	reloop_spread_count(io, count);
	if (first)
		issue_here(q, first);
}

/*
 * Must not sleep. If no request has ended, the answer keeps the caller from
 * asking again at once: 7.3 would, although its request may have ended
 * elsewhere.
 */
static int io_poll(struct blk_mq_hw_ctx *hctx, struct io_comp_batch *batch)
{
	struct reloop_io *io = hctx->queue->queuedata;
	struct reloop_cmd *cmd = reloop_polled_take(io);

	return cmd && reloop_cmd_poll(cmd) ? 1 : -1;
}

/* Reads have no queue of their own. The queues for polling come last. */
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

int reloop_io_init(struct reloop_io *io, const struct reloop_io_params *params,
		   work_func_t tell_parked)
{
	struct blk_mq_tag_set *set = &io->tag_set;

	io->params = params;
	io->submit = params->submit;
	reloop_gate_init(&io->gate);
	spin_lock_init(&io->wb_lock);
	io->cmd_work = reloop_worker_cmd;
	reloop_polled_init(io, reloop_worker_poll);
	reloop_parked_init(io, reloop_worker_retry, tell_parked);
	reloop_faults_init(io, reloop_worker_damage);
	reloop_spare_init(io);
	reloop_lane_init(&io->lanes[RELOOP_LANE_BATCH], reloop_worker_issue);
	reloop_lane_init(&io->lanes[RELOOP_LANE_WRITE], reloop_worker_issue);
	reloop_lane_init(&io->lanes[RELOOP_LANE_FINISH], reloop_worker_finish);
	reloop_left_init(&io->left);

	set->ops = &io_mq_ops;
	/*
	 * One for all CPUs. More gain nothing if submitters issue, and each has
	 * @queue_depth requests of its own, which are most of a device's
	 * memory.
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
	/* Wait for tasks that leave ->queue_rq() or reloop_lane_add(). */
	blk_mq_wait_quiesce_done(&io->tag_set);
	synchronize_rcu();
	/* No command is left to poll, so nobody starts it again. */
	cancel_delayed_work_sync(&io->poll_work);
	reloop_parked_exit(io);
	reloop_faults_exit(io);
	reloop_spare_exit(io);
	reloop_left_exit(&io->left);
	if (io->finisher)
		destroy_workqueue(io->finisher);
	if (io->workqueue)
		destroy_workqueue(io->workqueue);
	blk_mq_free_tag_set(&io->tag_set);
}

/*
 * Each request may have its own work that blocks. The lanes go on even then, if
 * the kernel allows that many.
 */
static int io_max_active(struct reloop_io *io)
{
	const struct blk_mq_tag_set *set = &io->tag_set;

	return min_t(int, set->queue_depth * set->nr_hw_queues + RELOOP_NR_LANES,
		     WQ_MAX_ACTIVE);
}

int reloop_io_start(struct reloop_io *io, const char *name,
		    unsigned int nospace)
{
	unsigned int i;
	int ret;

	/*
	 * Not WQ_MEM_RECLAIM: the workers run file systems, which flush
	 * workqueues without it (XFS does when it runs full), and the kernel
	 * warns of that.
	 */
	if (!io->workqueue)
		io->workqueue = alloc_workqueue("%s", WQ_UNBOUND | WQ_FREEZABLE,
						io_max_active(io), name);
	if (!io->workqueue)
		return -ENOMEM;

	/* These were about another file. */
	io->told = 0;
	memset(io->hints, 0, sizeof(io->hints));
	memset(&io->spread, 0, sizeof(io->spread));
	io->left.hint = (struct reloop_hint){ };
	for (i = 0; i < RELOOP_NR_LANES; i++)
		io->lanes[i].plug = (struct reloop_hint){ };

	/* One array is enough for requests to go on, one after the other. */
	ret = mempool_init_kmalloc_pool(&io->bvecs, 1, RELOOP_MAX_SEGMENTS *
					sizeof(struct bio_vec));
	if (ret)
		return ret;

	reloop_parked_start(io, nospace);
	reloop_faults_start(io);
	return 0;
}

/*
 * When memory is short, the only guaranteed worker may have to wait for the
 * disk below, and so for the worker of a loop device there. So each device has
 * its own.
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
	reloop_faults_stop(io);
	reloop_parked_stop(io);
	mempool_exit(&io->bvecs);
}
