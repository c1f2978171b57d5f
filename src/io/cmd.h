/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a request needs on its way through the data path. All files there that
 * handle commands look into it; what they do with commands is elsewhere.
 */
#ifndef RELOOP_CMD_H
#define RELOOP_CMD_H

#include <linux/blk-mq.h>
#include <linux/fs.h>
#include <linux/llist.h>
#include <linux/workqueue.h>

#include "io/io.h"
#include "io/rules.h"

/**
 * struct reloop_cmd - what a request needs on its way
 * @iocb: for reads and writes, from the call of the store to its completion
 * @work: runs the command, while that waits for a worker of its own
 * @verdict: what becomes of the command if a rule has hit it, until that is
 *           done
 * @pos: where in the file of the kiocb a read or a write begins, in bytes; the
 *       file system advances the position in the kiocb
 * @node: entry in one of the device's lanes
 * @bvecs: copy of the bio_vecs of a request of several bios, else NULL
 * @result: answer of the store: bytes for reads and writes, 0, or -errno
 * @half_done: the issuer's or the completion's reference has been dropped; an
 *             int for xchg(), which not every machine has for a bool
 * @direct: a read or write that bypasses the page cache
 * @cached: a read of what is in the page cache, in place of one that bypasses it
 * @aside: not @direct for one run only; what is left of the request may be
 * @nowait: the store has been asked not to block
 * @writing: kiocb_start_write() is in force
 * @gated: a direct write that has passed the gate
 * @placed: a write whose end the store must be told of
 * @noted: if @placed: as in the run
 * @parked: has found no space, and waits for some or is being tried again; see
 *          parked.h
 * @sync_failed: a sync has reported that something is lost, which it does once
 * @polled: the store may complete it only when it is polled
 * @trying: if @parked: a worker has it
 * @parked_left: if @parked: bytes that were left when it found no space
 *
 * Each device has as many of these as its queue is deep, attached or not.
 */
struct reloop_cmd {
	union {
		struct kiocb iocb;
		struct {
			struct work_struct work;
			struct reloop_verdict verdict;
		};
	};
	loff_t pos;
	struct llist_node node;
	struct bio_vec *bvecs;
	int result;
	int half_done;
	bool direct;
	bool cached;
	bool aside;
	bool nowait;
	bool writing;
	bool gated;
	bool placed;
	bool noted;
	bool parked;
	bool sync_failed;
	bool polled;
	bool trying;
	unsigned int parked_left;
};

/**
 * reloop_cmd_rq() - the request of a command
 * @cmd: of a request that has not ended
 *
 * Any context.
 */
static inline struct request *reloop_cmd_rq(struct reloop_cmd *cmd)
{
	return blk_mq_rq_from_pdu(cmd);
}

/**
 * reloop_cmd_io() - the data path that a command is on
 * @cmd: of a request that has not ended
 *
 * Any context.
 */
static inline struct reloop_io *reloop_cmd_io(struct reloop_cmd *cmd)
{
	return reloop_cmd_rq(cmd)->q->queuedata;
}

/**
 * reloop_cmd_pos() - where in the image a command begins
 * @cmd: of a request that has not ended and has found a binding
 *
 * Any context.
 *
 * Return: the position in bytes, the binding's offset included.
 */
static inline loff_t reloop_cmd_pos(struct reloop_cmd *cmd)
{
	return ((loff_t)blk_rq_pos(reloop_cmd_rq(cmd)) << SECTOR_SHIFT) +
	       reloop_cmd_io(cmd)->binding->offset;
}

/**
 * reloop_cmd_is_rw() - whether a command reads or writes
 * @cmd: of a request that has not ended
 *
 * Any context.
 */
static inline bool reloop_cmd_is_rw(struct reloop_cmd *cmd)
{
	enum req_op op = req_op(reloop_cmd_rq(cmd));

	return op == REQ_OP_READ || op == REQ_OP_WRITE;
}

/**
 * reloop_cmd_hint() - the hint whether to ask the store not to block
 * @cmd: of a request that has not ended
 *
 * Any context.
 *
 * Return: the device's hint for reads or for writes.
 */
static inline struct reloop_hint *reloop_cmd_hint(struct reloop_cmd *cmd)
{
	enum req_op op = req_op(reloop_cmd_rq(cmd));

	return &reloop_cmd_io(cmd)->hints[op_is_write(op)];
}

#endif /* RELOOP_CMD_H */
