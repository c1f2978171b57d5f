// SPDX-License-Identifier: GPL-2.0-only
/* What becomes of a command that a rule has hit. */
#include <linux/blk-mq.h>
#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/mempool.h>
#include <linux/workqueue.h>

#include "io/cmd.h"
#include "io/damage.h"
#include "io/io.h"
#include "io/life.h"
#include "io/transfer.h"

static void damage_hand_over(struct reloop_cmd *cmd)
{
	struct reloop_io *io = reloop_cmd_io(cmd);

	INIT_WORK(&cmd->work, io->faults.damage_work);
	queue_work(io->workqueue, &cmd->work);
}

void reloop_damage_begin(struct reloop_cmd *cmd)
{
	switch (cmd->verdict.action) {
	case RELOOP_FAULT_DELAY:
		reloop_cmd_hand_over(cmd);
		break;
	case RELOOP_FAULT_DROP:
		blk_mq_end_request(reloop_cmd_rq(cmd), BLK_STS_OK);
		break;
	case RELOOP_FAULT_CORRUPT:
	case RELOOP_FAULT_TORN:
		damage_hand_over(cmd);
		break;
	default:
		reloop_cmd_fail(cmd, cmd->verdict.status);
	}
}

/* Flip a bit in byte @at of the rest of a read, whose memory may be changed. */
static void flip_read(struct request *rq, unsigned int at, u8 bit)
{
	struct req_iterator iter;
	struct bio_vec bvec;
	u8 *bytes;

	rq_for_each_segment(bvec, rq, iter) {
		if (at >= bvec.bv_len) {
			at -= bvec.bv_len;
			continue;
		}
		bytes = bvec_kmap_local(&bvec);
		bytes[at] ^= bit;
		flush_dcache_page(bvec.bv_page);
		kunmap_local(bytes);
		return;
	}
}

/* Copy the first sector of the rest of a write. It may lie in several pages. */
static void copy_sector(struct request *rq, u8 *sector)
{
	unsigned int done = 0, length;
	struct req_iterator iter;
	struct bio_vec bvec;

	rq_for_each_segment(bvec, rq, iter) {
		length = min_t(unsigned int, bvec.bv_len, SECTOR_SIZE - done);
		memcpy_from_page(sector + done, bvec.bv_page, bvec.bv_offset,
				 length);
		done += length;
		if (done == SECTOR_SIZE)
			return;
	}
}

/* Write the first sector of the rest of a write, with byte @at changed. */
static ssize_t write_corrupt(struct reloop_cmd *cmd, unsigned int at, u8 bit)
{
	mempool_t *pool = &reloop_cmd_io(cmd)->faults.bounce;
	struct page *page = mempool_alloc(pool, GFP_NOIO);
	ssize_t done;
	u8 *sector;

	sector = kmap_local_page(page);
	copy_sector(reloop_cmd_rq(cmd), sector);
	sector[at] ^= bit;
	kunmap_local(sector);

	done = reloop_transfer_first(cmd, SECTOR_SIZE, page);
	mempool_free(page, pool);
	return done;
}

/* Returns whole sectors in bytes, at least one, or -errno. */
static int part_end(struct reloop_cmd *cmd, ssize_t result)
{
	cmd->result = result;
	reloop_transfer_end(cmd);
	if (cmd->result < 0)
		return cmd->result;

	return round_down(cmd->result, SECTOR_SIZE) ?: -EIO;
}

static void do_torn(struct reloop_cmd *cmd, unsigned int left,
		    blk_status_t status)
{
	struct request *rq = reloop_cmd_rq(cmd);
	int done;

	while (left) {
		done = part_end(cmd, reloop_transfer_first(cmd, left, NULL));
		if (done < 0)
			break;
		left -= done;
		blk_update_request(rq, BLK_STS_OK, done);
	}
	reloop_cmd_fail(cmd, status);
}

/*
 * Do the next part of a request that has one corrupt byte. For a read that is
 * all the rest; for a write it is what comes before the sector of that byte,
 * then that sector, then the rest.
 */
static int do_corrupt_part(struct reloop_cmd *cmd, unsigned int left,
			   unsigned int at, u8 bit)
{
	struct request *rq = reloop_cmd_rq(cmd);
	unsigned int most = left;
	int done;

	if (req_op(rq) == REQ_OP_WRITE && at < SECTOR_SIZE)
		return part_end(cmd, write_corrupt(cmd, at, bit));

	if (req_op(rq) == REQ_OP_WRITE && at < left)
		most = round_down(at, SECTOR_SIZE);
	done = part_end(cmd, reloop_transfer_first(cmd, most, NULL));
	if (req_op(rq) == REQ_OP_READ && done > 0 && at < done)
		flip_read(rq, at, bit);

	return done;
}

static void do_corrupt(struct reloop_cmd *cmd, unsigned int at, u8 bit)
{
	struct request *rq = reloop_cmd_rq(cmd);
	unsigned int left = blk_rq_bytes(rq);
	int done;

	while (left) {
		done = do_corrupt_part(cmd, left, at, bit);
		if (done < 0) {
			reloop_cmd_fail(cmd, errno_to_blk_status(done));
			return;
		}
		/* Once the byte is done, it is as far away as possible. */
		at = at < done ? UINT_MAX : at - done;
		left -= done;
		if (left)
			blk_update_request(rq, BLK_STS_OK, done);
	}
	blk_mq_end_request(rq, BLK_STS_OK);
}

void reloop_damage_do(struct reloop_cmd *cmd)
{
	/* The kiocb will overwrite it. */
	struct reloop_verdict verdict = cmd->verdict;

	cmd->nowait = false;
	cmd->polled = false;
	cmd->direct = false;
	if (verdict.action == RELOOP_FAULT_TORN)
		do_torn(cmd, verdict.at, verdict.status);
	else
		do_corrupt(cmd, verdict.at, verdict.bit);
}
