// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a command.
 *
 *	reloop_cmd_issue()	runs it, drops the issuer's reference
 *	cmd_complete()		the store is done, in any context
 *	cmd_end()		judges the result: ends the request, or runs the
 *				rest of it
 *
 * A command has two references, the issuer's and the completion's. The store
 * may complete a command before the call that issued it returns, and may still
 * look at the kiocb, the iterator and the bio_vecs until then. So only when
 * both are dropped may the request end and its command be used again.
 */
#include <linux/blk-mq.h>
#include <linux/llist.h>
#include <linux/preempt.h>
#include <linux/workqueue.h>

#include "io/charge.h"
#include "io/cmd.h"
#include "io/hint.h"
#include "io/io.h"
#include "io/lane.h"
#include "io/life.h"
#include "io/parked.h"
#include "io/polled.h"
#include "io/transfer.h"
#include "store/run.h"

/* Drop a reference; whoever drops the last ends the request. */
static bool cmd_put_is_last(struct reloop_cmd *cmd)
{
	return xchg(&cmd->half_done, true);
}

/* A read or write has transferred less than a sector, and no error says why. */
static bool cmd_came_to_nothing(const struct reloop_cmd *cmd)
{
	return cmd->result >= 0 && cmd->result < SECTOR_SIZE;
}

/*
 * Whether the page cache may do what direct I/O has not done, or say why not.
 * Direct I/O may find an alignment wrong that no limit of the queue expresses,
 * while the page cache takes any. Or there may have been no space for the end
 * of a write. The kiocb may never have had a file.
 */
static bool cmd_may_be_cached(struct reloop_cmd *cmd, struct request *rq)
{
	const struct reloop_binding *binding = reloop_cmd_io(cmd)->binding;

	return cmd->result == -EINVAL ||
	       (cmd->result == -EIO && req_op(rq) == REQ_OP_WRITE &&
		!binding->vol && reloop_run_hides_short(binding->file));
}

/*
 * Whether the command has to run again. A store may transfer less than it was
 * asked to. If it was asked not to block, neither a failure nor a result of less
 * than a sector is final: it would block, at once or later, or the task that
 * issued the command is being killed.
 */
static bool cmd_needs_rerun(struct reloop_cmd *cmd, struct request *rq)
{
	if (cmd->nowait) {
		/* A page that was just dropped says nothing about others. */
		if (!cmd->cached)
			reloop_hint_learn(reloop_cmd_hint(cmd),
					  cmd->result == -EAGAIN ||
					  cmd->result == -EOPNOTSUPP ||
					  cmd_came_to_nothing(cmd));
		if (cmd->result < SECTOR_SIZE)
			return true;
	}
	if (cmd->direct && cmd_may_be_cached(cmd, rq)) {
		cmd->direct = false;
		return true;
	}
	if (cmd->result < SECTOR_SIZE || cmd->result >= blk_rq_bytes(rq))
		return false;

	/* What was transferred leaves @rq; the rest begins at a sector. */
	return blk_update_request(rq, BLK_STS_OK,
				  round_down(cmd->result, SECTOR_SIZE));
}

/*
 * A discard is a hint: a block device takes it only in whole blocks, and
 * freeing space may need some space first.
 */
static bool cmd_is_ignored(const struct reloop_cmd *cmd, struct request *rq)
{
	return req_op(rq) == REQ_OP_DISCARD &&
	       (cmd->result == -EINVAL || cmd->result == -ENOSPC ||
		cmd->result == -EDQUOT);
}

/*
 * If there is not even a sector to read, the file was truncated. A write that
 * began and did not get that far ran out of space, or past the end of its block
 * device.
 */
static int cmd_error_of_nothing(const struct reloop_cmd *cmd,
				struct request *rq)
{
	if (req_op(rq) == REQ_OP_WRITE && cmd->result &&
	    !reloop_run_is_behind_end(cmd->iocb.ki_filp,
				      cmd->pos + cmd->result + 1))
		return -ENOSPC;

	return -EIO;
}

static int cmd_error(struct reloop_cmd *cmd, struct request *rq)
{
	if (cmd_is_ignored(cmd, rq))
		return 0;
	if (reloop_cmd_is_rw(cmd) && cmd_came_to_nothing(cmd))
		return cmd_error_of_nothing(cmd, rq);
	/* An exhausted quota is like a full disk. */
	if (cmd->result == -EDQUOT)
		return -ENOSPC;

	return cmd->result < 0 ? cmd->result : 0;
}

/*
 * The store turned out not to support it. Callers check the limits before they
 * try again, and fall back without needing a line in the kernel log.
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

void reloop_cmd_fail(struct reloop_cmd *cmd, blk_status_t status)
{
	struct request *rq = reloop_cmd_rq(cmd);
	struct bio *bio;

	/* Whoever looks at the memory anyway sees nothing of others. */
	if (req_op(rq) == REQ_OP_READ)
		__rq_for_each_bio(bio, rq)
			zero_fill_bio(bio);

	blk_mq_end_request(rq, status);
}

static const char *rq_name(struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		return "a read";
	case REQ_OP_WRITE:
		return "a write";
	case REQ_OP_FLUSH:
		return "a flush";
	default:
		return "zeroing or a discard";
	}
}

/*
 * The block layer logs requests, but not the file. Logs each kind once, since
 * there may be very many of them.
 */
static void cmd_tell_failure(struct reloop_cmd *cmd, int error)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	struct request *rq = reloop_cmd_rq(cmd);
	char name[RELOOP_RUN_NAME_MAX];
	int len;

	if (test_and_set_bit((__force unsigned int)req_op(rq), &io->told))
		return;
	len = reloop_run_name(io->binding->file, name);
	pr_err("%s: %*pE: %s has failed for the first time: error %d\n",
	       rq->q->disk->disk_name, len, name, rq_name(rq), error);
}

static void cmd_fail_by(struct reloop_cmd *cmd, int error)
{
	if (error == -EOPNOTSUPP)
		rq_disable_op(reloop_cmd_rq(cmd));
	else
		cmd_tell_failure(cmd, error);
	reloop_cmd_fail(cmd, errno_to_blk_status(error));
}

/* Wait for space. */

/*
 * Whether a command that has found no space waits for some. Not if a sync
 * failed: it tells only once that data is lost, so waiting would not bring the
 * data back, and the next sync would report nothing. Any other flush has found
 * no space to say where data lies. Not swap: if it fails, its page stays in
 * memory, and if it waits, so does reclaim. Not a discard, which is a hint.
 */
static bool cmd_may_wait(const struct reloop_cmd *cmd, struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_WRITE:
		return !cmd->sync_failed && !reloop_charge_is_swap(rq);
	case REQ_OP_FLUSH:
		return !cmd->sync_failed;
	case REQ_OP_WRITE_ZEROES:
		return true;
	default:
		return false;
	}
}

/* Hand over. */

void reloop_cmd_hand_over(struct reloop_cmd *cmd)
{
	struct reloop_io *io = reloop_cmd_io(cmd);
	struct request *rq = reloop_cmd_rq(cmd);

	cmd->nowait = false;
	cmd->polled = false;
	if (req_op(rq) == REQ_OP_WRITE && !reloop_charge_is_due(rq)) {
		reloop_lane_add(io, RELOOP_LANE_WRITE, &cmd->node);
		return;
	}
	INIT_WORK(&cmd->work, io->cmd_work);
	queue_work(io->workqueue, &cmd->work);
}

/* The end. */

/* End a command that has failed or has waited for space. */
static void cmd_end_rarely(struct reloop_cmd *cmd, struct request *rq,
			   int error)
{
	if (error == -ENOSPC && cmd_may_wait(cmd, rq) && reloop_parked_add(cmd))
		return;

	if (cmd->parked)
		reloop_parked_remove(cmd, !error);
	if (error)
		cmd_fail_by(cmd, error);
	else
		blk_mq_end_request(rq, BLK_STS_OK);
}

/* Both references are dropped. Any context. */
static void cmd_end(struct reloop_cmd *cmd)
{
	struct request *rq = reloop_cmd_rq(cmd);
	int error;

	reloop_transfer_end(cmd);
	if (cmd_needs_rerun(cmd, rq)) {
		reloop_cmd_hand_over(cmd);
		return;
	}

	error = cmd_error(cmd, rq);
	if (unlikely(error || cmd->parked))
		cmd_end_rarely(cmd, rq, error);
	else
		blk_mq_end_request(rq, BLK_STS_OK);
}

/* Whether the page cache may have old pages of what the command has written. */
static bool cmd_must_forget(struct reloop_cmd *cmd)
{
	return cmd->gated && unlikely(reloop_cmd_io(cmd)->binding->keeps_old) &&
	       reloop_run_has_old(cmd->iocb.ki_filp);
}

/* In a task, where a write whose end was left to its issuer can be finished. */
static void cmd_finish(struct reloop_cmd *cmd)
{
	if (cmd->direct && compat_dio_is_left(&cmd->iocb))
		cmd->result = compat_dio_finish(&cmd->iocb);
	if (cmd_must_forget(cmd))
		reloop_run_forget(cmd->iocb.ki_filp, cmd->pos,
				  blk_rq_bytes(reloop_cmd_rq(cmd)));
	cmd_end(cmd);
}

/*
 * Whether to leave the end to a worker. A loop device below may just be ending
 * a request of its own, and so on: each level takes some of an interrupt's
 * stack. And a task that polls expects no interrupt to end its request: on 6.1,
 * its bio goes back to a cache that only tasks may use.
 */
static bool cmd_needs_worker(struct reloop_cmd *cmd)
{
	return compat_dio_is_left(&cmd->iocb) ||
	       reloop_cmd_io(cmd)->is_nested || cmd_must_forget(cmd) ||
	       (reloop_cmd_rq(cmd)->cmd_flags & REQ_POLLED && in_interrupt());
}

/* Like cmd_finish(), in any context. */
static void cmd_finish_anywhere(struct reloop_cmd *cmd)
{
	if (cmd_needs_worker(cmd))
		reloop_lane_add(reloop_cmd_io(cmd), RELOOP_LANE_FINISH,
				&cmd->node);
	else
		cmd_end(cmd);
}

/* Whether this was the last reference, and nobody polls the command. */
static bool cmd_put_is_free(struct reloop_cmd *cmd)
{
	return cmd_put_is_last(cmd) &&
	       (!cmd->polled || reloop_polled_remove(cmd));
}

/* ->ki_complete of direct I/O: process, soft or hard interrupt context. */
static void cmd_complete(struct kiocb *iocb, long result)
{
	struct reloop_cmd *cmd = container_of(iocb, struct reloop_cmd, iocb);

	cmd->result = result;
	if (cmd_put_is_free(cmd))
		cmd_finish_anywhere(cmd);
}

/* Drop the issuer's reference. */
static void cmd_settle(struct reloop_cmd *cmd)
{
	if (!cmd_put_is_free(cmd))
		return;
	/* Dropping pages may have to wait for a read of them to end. */
	if (cmd_must_forget(cmd))
		cmd_finish_anywhere(cmd);
	else
		cmd_finish(cmd);
}

void reloop_cmd_issue(struct reloop_cmd *cmd)
{
	ssize_t result;

	cmd->half_done = false;
	result = reloop_transfer_begin(cmd, cmd_complete);
	if (result == -EIOCBQUEUED) {
		if (cmd->polled)
			reloop_polled_add(cmd);
		cmd_settle(cmd);
		return;
	}

	/* Nobody else completes it, so both references end here. */
	cmd->result = result;
	cmd_end(cmd);
}

/*
 * Each command is settled before the next one is issued, since issuing may wait
 * for the end of the one before: for its bios, when memory is short, or for the
 * direct I/O of the file.
 */
void reloop_cmds_issue(struct llist_node *cmds)
{
	struct reloop_cmd *cmd, *next;

	llist_for_each_entry_safe(cmd, next, cmds, node)
		reloop_cmd_issue(cmd);
}

void reloop_cmds_finish(struct llist_node *cmds)
{
	struct reloop_cmd *cmd, *next;

	llist_for_each_entry_safe(cmd, next, cmds, node)
		cmd_finish(cmd);
}

bool reloop_cmd_poll(struct reloop_cmd *cmd)
{
	reloop_run_poll(&cmd->iocb);
	if (reloop_polled_put(cmd))
		return false;

	cmd_finish_anywhere(cmd);
	return true;
}
