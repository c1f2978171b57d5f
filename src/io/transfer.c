// SPDX-License-Identifier: GPL-2.0-only
/* Gives a command to the store: a function of the store for each operation. */
#include <linux/blk-mq.h>
#include <linux/bvec.h>
#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/mempool.h>
#include <linux/uio.h>

#include "io/cmd.h"
#include "io/durable.h"
#include "store/gate.h"
#include "io/io.h"
#include "io/transfer.h"
#include "store/run.h"
#include "store/store.h"

/*
 * The bio_vecs of several bios lie in several arrays, and an iterator needs
 * one. The reserve holds the largest possible array. Whoever waits for it here
 * waits for commands that are with the store, which give theirs back without
 * needing one of the device's workers.
 */
static struct bio_vec *cmd_copy_bvecs(struct reloop_cmd *cmd,
				      struct request *rq)
{
	struct req_iterator rq_iter;
	struct bio_vec bvec;
	unsigned int i = 0;

	cmd->bvecs = mempool_alloc(&reloop_cmd_io(cmd)->bvecs,
				   cmd->nowait ? GFP_NOWAIT : GFP_NOIO);
	if (!cmd->bvecs)
		return NULL;
	rq_for_each_bvec(bvec, rq, rq_iter)
		cmd->bvecs[i++] = bvec;

	return cmd->bvecs;
}

/* Point @iter at the memory of the request. */
static int cmd_get_memory(struct reloop_cmd *cmd, struct request *rq,
			  struct iov_iter *iter)
{
	unsigned int direction = op_is_write(req_op(rq)) ? ITER_SOURCE :
							   ITER_DEST;
	unsigned int nr_bvecs = blk_rq_nr_bvec(rq);
	struct bio *bio = rq->bio;
	const struct bio_vec *bvecs;

	if (WARN_ON_ONCE(nr_bvecs > RELOOP_MAX_SEGMENTS))
		return -EIO;

	if (bio == rq->biotail) {
		/* The bio may start inside its first bio_vec. */
		bvecs = __bvec_iter_bvec(bio->bi_io_vec, bio->bi_iter);
		iov_iter_bvec(iter, direction, bvecs, nr_bvecs,
			      blk_rq_bytes(rq));
		iter->iov_offset = bio->bi_iter.bi_offset;
	} else {
		bvecs = cmd_copy_bvecs(cmd, rq);
		if (!bvecs)
			return -EAGAIN;
		iov_iter_bvec(iter, direction, bvecs, nr_bvecs,
			      blk_rq_bytes(rq));
	}
	return 0;
}

/*
 * Regular files are frozen with their file system, block devices are not.
 * Inlined, like those below, for reloop_transfer_begin(), not for rare cases.
 */
static __always_inline int cmd_start_write(struct reloop_cmd *cmd)
{
	struct inode *inode = file_inode(cmd->iocb.ki_filp);

	if (!S_ISREG(inode->i_mode))
		return 0;

	if (!cmd->nowait) {
		kiocb_start_write(&cmd->iocb);
	} else {
		if (!sb_start_write_trylock(inode->i_sb))
			return -EAGAIN;
		/* As kiocb_start_write(): it may end in another task. */
		__sb_writers_release(inode->i_sb, SB_FREEZE_WRITE);
	}
	cmd->writing = true;

	return 0;
}

static int cmd_pass_gate(struct reloop_cmd *cmd)
{
	struct reloop_gate *gate = &reloop_cmd_io(cmd)->gate;

	if (!cmd->nowait)
		reloop_gate_pass(gate);
	else if (!reloop_gate_try_pass(gate))
		return -EAGAIN;
	cmd->gated = true;

	return 0;
}

static __always_inline void cmd_init_iocb(struct reloop_cmd *cmd,
					  struct request *rq,
					  const struct reloop_run *run,
					  reloop_complete_func complete)
{
	const struct reloop_binding *binding = reloop_cmd_io(cmd)->binding;
	struct kiocb *iocb = &cmd->iocb;

	cmd->pos = run->pos;
	*iocb = (struct kiocb) {
		.ki_filp	= run->file,
		.ki_pos		= run->pos,
		.ki_ioprio	= req_get_ioprio(rq),
	};
	if (cmd->direct) {
		iocb->ki_flags |= IOCB_DIRECT;
		iocb->ki_complete = complete;
		/* A poller must not find in the kiocb what is left to do. */
		if (!cmd->polled)
			compat_dio_ask(iocb);
	}
	if (cmd->polled)
		iocb->ki_flags |= IOCB_HIPRI;
	/* What is not in the page cache is left to a task that may wait. */
	if (cmd->nowait)
		iocb->ki_flags |= cmd->direct ? IOCB_NOWAIT :
						IOCB_NOWAIT | IOCB_NOIO;
	/* Whether the base can do so has not been checked. */
	if (!cmd->direct && binding->cache == RELOOP_CACHE_DONTCACHE &&
	    (!binding->overlay || run->file == binding->file))
		iocb->ki_flags |= COMPAT_IOCB_DONTCACHE;
	/* overlayfs ends a write in the layer below only if told to. */
	if (op_is_write(req_op(rq)))
		iocb->ki_flags |= IOCB_WRITE;
}

/* The command is run again for what the run leaves of the request. */
static ssize_t cmd_transfer(struct reloop_cmd *cmd, struct request *rq,
			    const struct reloop_run *run)
{
	struct iov_iter iter;
	int ret;

	ret = cmd_get_memory(cmd, rq, &iter);
	if (ret)
		return ret;

	iov_iter_truncate(&iter, run->len);
	if (unlikely(run->kind == RELOOP_RUN_ZEROES))
		return iov_iter_zero(run->len, &iter);

	return reloop_run_rw(&cmd->iocb, &iter);
}

/* Like cmd_transfer(), with a page instead of the request's memory. */
static ssize_t cmd_transfer_page(struct reloop_cmd *cmd, struct page *page,
				 const struct reloop_run *run)
{
	struct bio_vec bvec = { .bv_page = page, .bv_len = run->len };
	struct iov_iter iter;

	iov_iter_bvec(&iter, ITER_SOURCE, &bvec, 1, run->len);

	return reloop_run_rw(&cmd->iocb, &iter);
}

/*
 * The limits ensure that FUA comes with buffered writes only. For the common
 * caller, @page is NULL at compile time.
 */
static __always_inline ssize_t
cmd_write_buffered_from(struct reloop_cmd *cmd, struct request *rq,
			const struct reloop_run *run, struct page *page)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	bool is_mixed = reloop_binding_has_direct(io->binding);
	bool is_fua = rq->cmd_flags & REQ_FUA;
	errseq_t since = 0;
	ssize_t done;
	int ret = 0;

	if (unlikely(is_fua))
		since = errseq_sample(reloop_run_wb_err(io->binding->file));
	if (is_mixed)
		reloop_gate_shut(&io->gate);
	done = page ? cmd_transfer_page(cmd, page, run) :
		      cmd_transfer(cmd, rq, run);
	if (is_mixed)
		reloop_gate_open(&io->gate);

	/* A store that is told would wait for this write to end. */
	if (done > 0 && unlikely(cmd->placed && is_fua))
		return -EIO;
	if (done > 0 && is_fua)
		ret = reloop_durable_written(cmd, done, since);
	return ret ?: done;
}

static ssize_t cmd_write_buffered(struct reloop_cmd *cmd, struct request *rq,
				  const struct reloop_run *run)
{
	return cmd_write_buffered_from(cmd, rq, run, NULL);
}

static bool cmd_reads_cached(struct reloop_cmd *cmd)
{
	return reloop_cmd_io(cmd)->binding->cache == RELOOP_CACHE_AUTO;
}

/*
 * A command that waits for a thaw must not keep others from passing the gate,
 * and one that waits for either must not hold bio_vecs of the reserve.
 */
static ssize_t cmd_write(struct reloop_cmd *cmd, struct request *rq,
			 const struct reloop_run *run)
{
	int ret;

	ret = cmd_start_write(cmd);
	if (ret)
		return ret;
	if (!cmd->direct)
		return cmd_write_buffered(cmd, rq, run);
	/* Where attaching has left them. */
	if (cmd->nowait && cmd_reads_cached(cmd))
		reloop_run_drop_clean(run->file, run->pos, run->len);

	ret = cmd_pass_gate(cmd);
	return ret ?: cmd_transfer(cmd, rq, run);
}

/*
 * Find out where the first @bytes of what the command reads or writes lie, or
 * the first part of them.
 */
static __always_inline int cmd_map(struct reloop_cmd *cmd, struct request *rq,
				   unsigned int bytes, struct reloop_run *run)
{
	const struct reloop_binding *binding = reloop_cmd_io(cmd)->binding;
	unsigned int flags = 0;
	int ret;

	if (op_is_write(req_op(rq)))
		flags |= RELOOP_MAP_WRITE;
	if (cmd->nowait)
		flags |= RELOOP_MAP_NOWAIT;

	ret = reloop_store_map(binding, reloop_cmd_pos(cmd), bytes, flags, run);
	if (ret)
		return ret;

	if (unlikely(run->kind != RELOOP_RUN_FILE)) {
		cmd->aside = cmd->direct;
		cmd->direct = false;
	}
	cmd->placed = (flags & RELOOP_MAP_WRITE) &&
		      reloop_store_is_told(binding);
	cmd->noted = run->noted;
	return 0;
}

/*
 * What the page cache has is read from there: without I/O, and without writing
 * back what is dirty. If some of it has just been dropped, the rest bypasses the
 * page cache, for nothing is to be copied into it.
 */
static void cmd_choose_cached(struct reloop_cmd *cmd, struct request *rq,
			      const struct reloop_run *run)
{
	if (!cmd_reads_cached(cmd) || req_op(rq) != REQ_OP_READ ||
	    !cmd->direct || !cmd->nowait || cmd->polled)
		return;

	cmd->cached = reloop_run_is_cached(run->file, run->pos, run->len);
	cmd->aside = cmd->cached;
	cmd->direct = !cmd->cached;
}

/*
 * Before the command is tried again, or the rest of it. One whose alignment
 * direct I/O has refused goes through the page cache to its end.
 */
static void cmd_unset_aside(struct reloop_cmd *cmd, struct request *rq)
{
	if (!cmd->aside)
		return;

	cmd->aside = false;
	cmd->cached = false;
	cmd->direct = reloop_binding_goes_direct(reloop_cmd_io(cmd)->binding,
						 reloop_cmd_pos(cmd),
						 blk_rq_bytes(rq));
}

static ssize_t cmd_rw(struct reloop_cmd *cmd, struct request *rq,
		      reloop_complete_func complete)
{
	struct reloop_run run;
	ssize_t done;
	int ret;

	cmd_unset_aside(cmd, rq);
	ret = cmd_map(cmd, rq, blk_rq_bytes(rq), &run);
	if (ret)
		return ret;

	cmd_choose_cached(cmd, rq, &run);
	cmd_init_iocb(cmd, rq, &run, complete);

	if (req_op(rq) == REQ_OP_WRITE)
		return cmd_write(cmd, rq, &run);

	done = cmd_transfer(cmd, rq, &run);
	/* The next read of the same finds what this one has missed. */
	if (unlikely(cmd->cached && done < (ssize_t)run.len))
		reloop_run_unmark(run.file, run.pos, run.len);
	return done;
}

ssize_t reloop_transfer_begin(struct reloop_cmd *cmd,
			      reloop_complete_func complete)
{
	const struct reloop_binding *binding = reloop_cmd_io(cmd)->binding;
	struct request *rq = reloop_cmd_rq(cmd);

	if (unlikely(cmd->parked) && req_op(rq) != REQ_OP_FLUSH)
		reloop_durable_reclaim(cmd);

	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return cmd_rw(cmd, rq, complete);
	case REQ_OP_FLUSH:
		return reloop_durable_flush(cmd);
	case REQ_OP_DISCARD:
		return reloop_store_punch(binding, reloop_cmd_pos(cmd),
					  blk_rq_bytes(rq));
	case REQ_OP_WRITE_ZEROES:
		/* NOUNMAP: the writer of zeroes wants to keep the space. */
		if (rq->cmd_flags & REQ_NOUNMAP)
			return reloop_store_zero(binding, reloop_cmd_pos(cmd),
						 blk_rq_bytes(rq));
		return reloop_store_punch(binding, reloop_cmd_pos(cmd),
					  blk_rq_bytes(rq));
	default:
		return -EOPNOTSUPP;
	}
}

ssize_t reloop_transfer_first(struct reloop_cmd *cmd, unsigned int bytes,
			      struct page *page)
{
	struct request *rq = reloop_cmd_rq(cmd);
	struct reloop_run run;
	int ret;

	ret = cmd_map(cmd, rq, bytes, &run);
	if (ret)
		return ret;

	cmd_init_iocb(cmd, rq, &run, NULL);
	if (req_op(rq) == REQ_OP_READ)
		return cmd_transfer(cmd, rq, &run);

	ret = cmd_start_write(cmd);
	return ret ?: cmd_write_buffered_from(cmd, rq, &run, page);
}

void reloop_transfer_end(struct reloop_cmd *cmd)
{
	if (cmd->gated)
		reloop_gate_leave(&reloop_cmd_io(cmd)->gate);
	cmd->gated = false;

	if (cmd->writing)
		kiocb_end_write(&cmd->iocb);
	cmd->writing = false;

	if (unlikely(cmd->placed))
		cmd->result = reloop_store_written(reloop_cmd_io(cmd)->binding,
						   reloop_cmd_pos(cmd),
						   cmd->result, cmd->noted);
	cmd->placed = false;

	if (cmd->bvecs)
		mempool_free(cmd->bvecs, &reloop_cmd_io(cmd)->bvecs);
	cmd->bvecs = NULL;
}
