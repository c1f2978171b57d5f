// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data path.
 *
 *	io_queue_rq()	hands the request to a worker
 *	cmd_work()	takes on the issuer's cgroups, runs it, drops a reference
 *	cmd_run()	one store function per operation
 *	cmd_complete()	the store is done, in any context
 *	cmd_end()	judges the result: end the request, or run the rest of it
 *
 * A command has two references, the worker's and the completion's. The
 * store may complete a command before the call that issued it returns, and
 * may still look at the kiocb, the iterator and the bio_vecs until then: only
 * when both are dropped may the request end and its command be used again.
 */
#include <linux/blk-cgroup.h>
#include <linux/blk-mq.h>
#include <linux/cgroup.h>
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>

#include "io.h"
#include "limits.h"
#include "store.h"

#define BVECS_RESERVE	2

/**
 * struct reloop_cmd - what a request needs on its way
 * @iocb: for reads and writes
 * @work: runs the command
 * @bvecs: copy of the bio_vecs of a request of several bios, else NULL
 * @blkcg_css: the issuer's block cgroup; the first bio keeps it alive
 * @memcg_css: the issuer's memory cgroup; the command owns a reference
 * @refs: the worker and the completion
 * @result: answer of the store: bytes for reads and writes, 0, or -errno
 * @done: bytes of the request that are read or written already
 * @direct: a read or write that goes past the page cache
 * @writing: kiocb_start_write() is in force
 */
struct reloop_cmd {
	struct kiocb iocb;
	struct work_struct work;
	struct bio_vec *bvecs;
	struct cgroup_subsys_state *blkcg_css;
	struct cgroup_subsys_state *memcg_css;
	atomic_t refs;
	unsigned int done;
	ssize_t result;
	bool direct;
	bool writing;
};

/* What a worker changes of itself to run a command for somebody else. */
struct cmd_context {
	unsigned int noio;
	unsigned int task_flags;
	struct mem_cgroup *memcg;
};

static bool rq_is_rw(struct request *rq)
{
	return req_op(rq) == REQ_OP_READ || req_op(rq) == REQ_OP_WRITE;
}

static struct reloop_io *cmd_io(struct reloop_cmd *cmd)
{
	return blk_mq_rq_from_pdu(cmd)->q->queuedata;
}

/* The issuer's cgroups: pages and I/O below are charged to them. */
static void cmd_get_cgroups(struct reloop_cmd *cmd, struct request *rq)
{
	cmd->blkcg_css = NULL;
	cmd->memcg_css = NULL;
#ifdef CONFIG_BLK_CGROUP
	if (!rq->bio)
		return;
	cmd->blkcg_css = bio_blkcg_css(rq->bio);
#ifdef CONFIG_MEMCG
	if (cmd->blkcg_css)
		cmd->memcg_css = cgroup_get_e_css(cmd->blkcg_css->cgroup,
						  &memory_cgrp_subsys);
#endif
#endif
}

static void cmd_put_cgroups(struct reloop_cmd *cmd)
{
	if (cmd->memcg_css)
		css_put(cmd->memcg_css);
}

/*
 * Reclaim may be waiting for this very command, so no allocation below may
 * start I/O; and a writer that cleans pages must not be throttled for the
 * dirty pages of others, only for those of the device it writes to.
 */
static void cmd_enter(struct reloop_cmd *cmd, struct cmd_context *context)
{
	context->noio = memalloc_noio_save();
	context->task_flags = current->flags;
	current->flags |= PF_LOCAL_THROTTLE;
	if (cmd->blkcg_css)
		kthread_associate_blkcg(cmd->blkcg_css);
	if (cmd->memcg_css)
		context->memcg =
			set_active_memcg(mem_cgroup_from_css(cmd->memcg_css));
}

static void cmd_leave(struct reloop_cmd *cmd, struct cmd_context *context)
{
	if (cmd->memcg_css)
		set_active_memcg(context->memcg);
	if (cmd->blkcg_css)
		kthread_associate_blkcg(NULL);
	current_restore_flags(context->task_flags, PF_LOCAL_THROTTLE);
	memalloc_noio_restore(context->noio);
}

/*
 * The bio_vecs of several bios lie in several arrays, and an iterator wants
 * one. The reserve holds the largest array there can be. What waits for it
 * here waits for commands that are with the store, which give theirs back
 * without needing a worker.
 */
static struct bio_vec *cmd_copy_bvecs(struct reloop_cmd *cmd,
				      struct request *rq)
{
	struct req_iterator rq_iter;
	struct bio_vec bvec;
	unsigned int i = 0;

	cmd->bvecs = mempool_alloc(&cmd_io(cmd)->bvecs, GFP_NOIO);
	rq_for_each_bvec(bvec, rq, rq_iter)
		cmd->bvecs[i++] = bvec;

	return cmd->bvecs;
}

/* Point @iter at what is left of the request. */
static int cmd_map(struct reloop_cmd *cmd, struct request *rq,
		   struct iov_iter *iter)
{
	unsigned int direction = op_is_write(req_op(rq)) ? ITER_SOURCE :
							   ITER_DEST;
	unsigned int nr_bvecs = blk_rq_nr_bvec(rq);
	struct bio *bio = rq->bio;

	if (WARN_ON_ONCE(nr_bvecs > RELOOP_MAX_SEGMENTS))
		return -EIO;

	if (bio == rq->biotail) {
		/* The bio may start inside its first bio_vec. */
		iov_iter_bvec(iter, direction,
			      __bvec_iter_bvec(bio->bi_io_vec, bio->bi_iter),
			      nr_bvecs, blk_rq_bytes(rq));
		iter->iov_offset = bio->bi_iter.bi_offset;
	} else {
		iov_iter_bvec(iter, direction, cmd_copy_bvecs(cmd, rq),
			      nr_bvecs, blk_rq_bytes(rq));
	}
	iov_iter_advance(iter, cmd->done);

	return 0;
}

static void cmd_release(struct reloop_cmd *cmd)
{
	if (cmd->writing)
		kiocb_end_write(&cmd->iocb);
	cmd->writing = false;

	if (cmd->bvecs)
		mempool_free(cmd->bvecs, &cmd_io(cmd)->bvecs);
	cmd->bvecs = NULL;
}

/* Drop a reference; whoever drops the last ends the request. */
static bool cmd_put_is_last(struct reloop_cmd *cmd)
{
	return atomic_dec_and_test(&cmd->refs);
}

/* ->ki_complete of direct I/O: process, soft or hard interrupt context. */
static void cmd_complete(struct kiocb *iocb, long result)
{
	struct reloop_cmd *cmd = container_of(iocb, struct reloop_cmd, iocb);

	cmd->result = result;
	if (cmd_put_is_last(cmd))
		blk_mq_complete_request(blk_mq_rq_from_pdu(cmd));
}

static loff_t cmd_pos(struct reloop_cmd *cmd, struct request *rq)
{
	return ((loff_t)blk_rq_pos(rq) << SECTOR_SHIFT) +
	       cmd_io(cmd)->binding->offset;
}

/* Regular files are frozen with their file system, block devices are not. */
static void cmd_start_write(struct reloop_cmd *cmd, struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode))
		return;

	kiocb_start_write(&cmd->iocb);
	cmd->writing = true;
}

static ssize_t cmd_rw(struct reloop_cmd *cmd, struct request *rq)
{
	struct reloop_binding *binding = cmd_io(cmd)->binding;
	struct kiocb *iocb = &cmd->iocb;
	struct iov_iter iter;
	int ret;

	ret = cmd_map(cmd, rq, &iter);
	if (ret)
		return ret;

	iocb->ki_filp = binding->file;
	iocb->ki_pos = cmd_pos(cmd, rq) + cmd->done;
	iocb->ki_ioprio = req_get_ioprio(rq);
	iocb->ki_flags = cmd->direct ? IOCB_DIRECT : 0;
	iocb->ki_complete = cmd->direct ? cmd_complete : NULL;
	if (rq->cmd_flags & REQ_FUA)
		iocb->ki_flags |= IOCB_DSYNC;

	if (op_is_write(req_op(rq))) {
		/* overlayfs ends a write in the layer below only if told. */
		iocb->ki_flags |= IOCB_WRITE;
		cmd_start_write(cmd, binding->file);
	}

	return reloop_store_rw(iocb, &iter, binding);
}

static ssize_t cmd_run(struct reloop_cmd *cmd, struct request *rq)
{
	struct reloop_binding *binding = cmd_io(cmd)->binding;

	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return cmd_rw(cmd, rq);
	case REQ_OP_FLUSH:
		return reloop_store_flush(binding);
	case REQ_OP_DISCARD:
		return reloop_store_punch(binding, cmd_pos(cmd, rq),
					  blk_rq_bytes(rq));
	case REQ_OP_WRITE_ZEROES:
		/* NOUNMAP: the writer of zeroes wants to keep the space. */
		if (rq->cmd_flags & REQ_NOUNMAP)
			return reloop_store_zero(binding, cmd_pos(cmd, rq),
						 blk_rq_bytes(rq));
		return reloop_store_punch(binding, cmd_pos(cmd, rq),
					  blk_rq_bytes(rq));
	default:
		return -EOPNOTSUPP;
	}
}

/*
 * Whether the command has to run again. A store may transfer less than it
 * was asked to, and direct I/O may find an alignment wrong that no limit of
 * the queue expresses; the page cache takes any.
 */
static bool cmd_needs_rerun(struct reloop_cmd *cmd, struct request *rq)
{
	if (cmd->direct && cmd->result == -EINVAL) {
		cmd->direct = false;
		return true;
	}
	if (cmd->result <= 0)
		return false;

	cmd->done += cmd->result;
	return cmd->done < blk_rq_bytes(rq);
}

static int cmd_error(struct reloop_cmd *cmd, struct request *rq)
{
	/* Nothing is there to read: the file was cut short. */
	if (rq_is_rw(rq) && cmd->result == 0)
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

/* End a request of which only the first @done bytes are good. */
static void rq_fail(struct request *rq, unsigned int done, int error)
{
	struct bio *bio;

	if (error == -EOPNOTSUPP)
		rq_disable_op(rq);
	if (done)
		blk_update_request(rq, BLK_STS_OK, done);

	/* Whoever looks at the memory all the same sees nothing of others. */
	if (req_op(rq) == REQ_OP_READ)
		__rq_for_each_bio(bio, rq)
			zero_fill_bio(bio);

	blk_mq_end_request(rq, errno_to_blk_status(error));
}

static void cmd_end(struct request *rq)
{
	struct reloop_cmd *cmd = blk_mq_rq_to_pdu(rq);
	int error;

	cmd_release(cmd);
	if (cmd_needs_rerun(cmd, rq)) {
		queue_work(cmd_io(cmd)->workqueue, &cmd->work);
		return;
	}

	cmd_put_cgroups(cmd);
	error = cmd_error(cmd, rq);
	if (unlikely(error))
		rq_fail(rq, cmd->done, error);
	else
		blk_mq_end_request(rq, BLK_STS_OK);
}

static void cmd_work(struct work_struct *work)
{
	struct reloop_cmd *cmd = container_of(work, struct reloop_cmd, work);
	struct request *rq = blk_mq_rq_from_pdu(cmd);
	struct cmd_context context;
	ssize_t result;

	atomic_set(&cmd->refs, 2);

	cmd_enter(cmd, &context);
	result = cmd_run(cmd, rq);
	cmd_leave(cmd, &context);

	/* Nobody else completes it: both references are the worker's. */
	if (result != -EIOCBQUEUED) {
		cmd->result = result;
		cmd_end(rq);
	} else if (cmd_put_is_last(cmd)) {
		cmd_end(rq);
	}
}

static blk_status_t io_queue_rq(struct blk_mq_hw_ctx *hctx,
				const struct blk_mq_queue_data *bd)
{
	struct request *rq = bd->rq;
	struct reloop_cmd *cmd = blk_mq_rq_to_pdu(rq);
	struct reloop_io *io = rq->q->queuedata;

	blk_mq_start_request(rq);

	if (!io->binding)
		return BLK_STS_IOERR;
	/* The block layer asks the disk, which BLKROSET can make writable. */
	if (op_is_write(req_op(rq)) &&
	    reloop_binding_is_read_only(io->binding))
		return BLK_STS_IOERR;

	INIT_WORK(&cmd->work, cmd_work);
	cmd->bvecs = NULL;
	cmd->done = 0;
	cmd->writing = false;
	cmd->direct = rq_is_rw(rq) && reloop_binding_is_direct(io->binding);
	cmd_get_cgroups(cmd, rq);
	queue_work(io->workqueue, &cmd->work);

	return BLK_STS_OK;
}

static const struct blk_mq_ops io_mq_ops = {
	.queue_rq	= io_queue_rq,
	.complete	= cmd_end,
};

int reloop_io_init(struct reloop_io *io, unsigned int queue_depth)
{
	struct blk_mq_tag_set *set = &io->tag_set;

	set->ops = &io_mq_ops;
	set->nr_hw_queues = 1;
	set->queue_depth = queue_depth;
	set->numa_node = NUMA_NO_NODE;
	set->cmd_size = sizeof(struct reloop_cmd);
	set->flags = BLK_MQ_F_STACKING | BLK_MQ_F_NO_SCHED_BY_DEFAULT;

	return blk_mq_alloc_tag_set(set);
}

void reloop_io_exit(struct reloop_io *io)
{
	if (io->workqueue)
		destroy_workqueue(io->workqueue);
	blk_mq_free_tag_set(&io->tag_set);
}

int reloop_io_start(struct reloop_io *io, const char *name)
{
	/*
	 * Not WQ_MEM_RECLAIM: the workers run file systems, which flush
	 * workqueues that are not either (XFS does when it runs full), and
	 * the kernel warns of that.
	 */
	if (!io->workqueue)
		io->workqueue = alloc_workqueue("%s", WQ_UNBOUND | WQ_FREEZABLE,
						0, name);
	if (!io->workqueue)
		return -ENOMEM;

	return mempool_init_kmalloc_pool(&io->bvecs, BVECS_RESERVE,
					 RELOOP_MAX_SEGMENTS *
					 sizeof(struct bio_vec));
}

void reloop_io_stop(struct reloop_io *io)
{
	mempool_exit(&io->bvecs);
}
